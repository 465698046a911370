"""Tests planned on the samples that a batch gives, and samples received by scan."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker, NotFound, refuse_any
from vein2vein.doors.preparing import Prepared
from vein2vein.engines.definitions.model.specification import Specification
from vein2vein.engines.definitions.model.specification import Test as TestDefinition
from vein2vein.engines.definitions.vocabulary import Phase, Route, Stage
from vein2vein.identity.reads import container_scanned
from vein2vein.laboratory import facts, reads, rules
from vein2vein.laboratory.models import Sample, Test
from vein2vein.laboratory.states import TestState
from vein2vein.manufacturing.reads import definition_of, get_batch
from vein2vein.manufacturing.states import BatchState

if TYPE_CHECKING:
    from vein2vein.manufacturing.models import Batch


def stream(batch: Batch) -> str:
    """Return the journal stream of everything that is tested for a batch: its chain of identity."""
    return f"coi:{batch.coi_id}"


def refs(batch: Batch, *more: str) -> list[str]:
    """Return what every entry about a batch's tests refers to, and `more`."""
    return [f"batch:{batch.pk}", f"order:{batch.order_id}", f"site:{batch.site_id}", *more]


@journal.action("laboratory.plan_tests", roles=[Role.SYSTEM])
def plan_tests(
    *,
    batch_id: BatchId,
    sample_code: str,
    container_ids: list[UUID],
    condition: str,
    taken_at: datetime,
    culture_until: datetime | None,
    by: Actor,
) -> list[Test]:
    """Plan the specification's tests on a sample, for the batch's market and route; done once for each sample."""
    batch = get_batch(batch_id, by=by)
    definition = definition_of(batch)
    known = set(Sample.objects.filter(container_id__in=container_ids).values_list("container_id", flat=True))
    samples = [
        Sample(
            container_id=container_id,
            coi_id=batch.coi_id,
            batch=batch,
            sample_code=sample_code,
            condition=condition,
            taken_at=taken_at,
            culture_until=culture_until,
        )
        for container_id in container_ids
        if container_id not in known
    ]
    planned = set(Test.objects.filter(batch=batch).values_list("code", flat=True))
    tests = [
        planned_test(batch, definition.specification, rule, attempt=1)
        for rule in definition.specification.tests
        if rule.sample == sample_code
        and rule.stage is not Stage.IN_PROCESS
        and rule.id not in planned
        and asked_for(definition.specification, rule.id, batch)
        and batch.state != BatchState.TERMINATED
    ]
    if samples or tests:
        containers = [one.container for one in samples]
        journal.record(
            facts.TestsPlanned(
                batch_id=batch.pk,
                batch_number=batch.number,
                coi_id=batch.coi_id,
                sample_code=sample_code,
                container_codes=[one.code for one in containers],
                tests=[one.code for one in tests],
            ),
            stream=stream(batch),
            refs=refs(batch, *(f"container:{one.pk}" for one in containers)),
            inserts=[*samples, *tests],
        )
    return tests


@journal.action("laboratory.cancel_tests", roles=[Role.SYSTEM])
def cancel_tests(*, batch_id: BatchId, reason: str, by: Actor) -> list[Test]:
    """Cancel what is still planned for a batch that was given up; a result that stands is reviewed all the same."""
    batch = get_batch(batch_id, by=by)
    tests = list(Test.objects.filter(batch=batch, state=TestState.PLANNED).order_by("id"))
    for test in tests:
        journal.transition(
            test,
            "cancel",
            facts.TestCancelled(
                batch_id=batch.pk,
                batch_number=batch.number,
                coi_id=batch.coi_id,
                test_id=test.pk,
                test_code=test.code,
                attempt=test.attempt,
                reason=reason,
            ),
            stream=stream(batch),
            refs=refs(batch),
            cancel_reason=reason,
        )
    return tests


def asked_for(specification: Specification, code: str, batch: Batch) -> bool:
    """Say whether the batch's market asks, in the phase of its route, for a test (today, before or later)."""
    market = specification.market(batch.market)
    phase = None if market is None else market.phase_for(Route(batch.route))
    return any(
        one.test == code and batch.market in one.markets and phase in one.phases for one in specification.criteria
    )


def phase_of(specification: Specification, batch: Batch) -> Phase | None:
    """Return the phase whose criteria the batch's market and route follow, or None."""
    market = specification.market(batch.market)
    return None if market is None else market.phase_for(Route(batch.route))


def planned_test(batch: Batch, specification: Specification, rule: TestDefinition, *, attempt: int) -> Test:
    """Return a planned test with what the definition says of it now."""
    method = specification.method(rule.method)
    at = journal.current().at
    phase = phase_of(specification, batch)
    criterion = None if phase is None else specification.criterion(rule.id, batch.market, phase, at.date())
    limit = ""
    if criterion is not None:
        limit = str(criterion.range) if criterion.range is not None else " / ".join(criterion.accepted)
    return Test(
        batch=batch,
        coi_id=batch.coi_id,
        definition_id=batch.definition_id,
        code=rule.id,
        attempt=attempt,
        name_en=rule.name.en,
        name_zh=rule.name.zh,
        stage=rule.stage.value,
        sample_code=rule.sample,
        method_code=rule.method,
        method_version="" if method is None else method.version,
        equipment_class=(method.equipment_class or "") if method is not None else "",
        result_type=rule.result.value,
        unit=rule.unit or "",
        replicates=rule.replicates,
        computed=rule.formula is not None,
        criterion=limit,
        planned_at=at,
    )


_SAMPLE = Prepared(
    lambda container_id, batch_id: Sample.objects.select_related("container", "batch").filter(
        container_id=container_id, batch_id=batch_id
    ),
    UUID,
    UUID,
)


def find_sample(scanned_sample: str, batch: Batch) -> Sample:
    """Return the batch's sample whose label was scanned; refuses another chain's container, and what is no sample."""
    container = container_scanned(scanned_sample, "scanned_sample")
    refuse_any(rules.chain_blockers(scanned=container.code, coi=str(container.coi_id), wanted=str(batch.coi_id)))
    sample = _SAMPLE.first(container.pk, batch.pk)
    if sample is None:
        raise NotFound(
            Blocker(
                code="laboratory.no_sample",
                message=N_("%(scanned)s is no sample that tests are planned on"),
                field="scanned_sample",
                value=container.code,
                mend=N_("Scan the sample's own label; a sample taken just now is planned within moments"),
                params={"scanned": container.code},
            )
        )
    return sample


@journal.action("laboratory.receive_sample", roles=[Role.QC_ANALYST, Role.QC_REVIEWER])
def receive_sample(*, batch_id: BatchId, scanned_sample: str, by: Actor) -> Sample:
    """Receive a sample of a batch in the laboratory by scanning its label; one of another patient is refused."""
    batch = get_batch(batch_id, by=by)
    sample = find_sample(scanned_sample, batch)
    refuse_any(rules.receipt_blockers(reads.view_sample(sample)))
    journal.transition(
        sample,
        "receive",
        facts.SampleReceived(
            batch_id=batch.pk,
            batch_number=batch.number,
            coi_id=batch.coi_id,
            sample_id=sample.pk,
            sample_code=sample.sample_code,
            container_code=sample.container.code,
        ),
        stream=stream(batch),
        refs=refs(batch, f"container:{sample.container_id}"),
        received_at=journal.current().at,
        received_by_id=by.account_id,
    )
    return sample
