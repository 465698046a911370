"""How a batch stands: its rows, values, clocks, and what keeps it from going on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, CoiId, OrderId, SiteId
from vein2vein.core.numbers import written
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.doors.preparing import Prepared
from vein2vein.doors.reading import page, read
from vein2vein.engines.definitions import Definition, Quantity
from vein2vein.engines.definitions.model.process import Clear, Consume, Sign, StepBase
from vein2vein.engines.definitions.vocabulary import Meaning, Verify
from vein2vein.identity.reads import labelled_containers
from vein2vein.manufacturing import rules
from vein2vein.manufacturing.models import (
    Batch,
    BatchOperation,
    BatchStep,
    ClockRuling,
    Hold,
    Occupancy,
    OfflinePack,
    Recording,
)
from vein2vein.manufacturing.states import UNDER_WAY, BatchState, HoldState, OperationState, PackState
from vein2vein.therapies.reads import OpenWork, get_definition

PLANT_ROLES = (
    Role.OPERATOR,
    Role.SUPERVISOR,
    Role.PLANNER,
    Role.WAREHOUSE,
    Role.QC_ANALYST,
    Role.QC_REVIEWER,
    Role.QA_REVIEWER,
    Role.QUALIFIED_PERSON,
    Role.ADMINISTRATOR,
)

ACTION_OF_MEANING: Mapping[Meaning | None, str] = {
    None: "manufacturing.record_step",
    Meaning.PERFORMED: "manufacturing.sign_step",
    Meaning.CLEARED: "manufacturing.clear_line",
    Meaning.REVIEWED: "manufacturing.review_step",
    Meaning.APPROVED: "manufacturing.approve_step",
    Meaning.VERIFIED: "manufacturing.attest_step",
}
"""By which act a step is recorded, given the meaning of the signature that the definition asks for."""


def definition_of(batch: Batch) -> Definition:
    """Return the definition's version that the batch began with; later versions do not touch it."""
    return get_definition(batch.definition_id)


def action_for(step: StepBase) -> str:
    """Return the name of the act by which a step is recorded."""
    meaning = step.signature
    if meaning is None and isinstance(step, Clear):
        meaning = Meaning.CLEARED
    if meaning is None and isinstance(step, Sign):
        meaning = Meaning.PERFORMED
    return ACTION_OF_MEANING[meaning]


def _batches() -> QuerySet[Batch]:
    """Return batches with what they hang on, without the definition's long texts."""
    rows = Batch.objects.select_related("coi", "order", "definition", "site")
    return rows.defer("definition__files", "definition__canonical", "coi__label_sets")


_BATCH = Prepared(lambda batch_id: _batches().filter(pk=batch_id), UUID)
_LOCKED = Prepared(lambda batch_id: Batch.objects.select_for_update().filter(pk=batch_id), UUID)


@read("manufacturing.get_batch", roles=PLANT_ROLES)
def get_batch(batch_id: BatchId, *, by: Actor) -> Batch:
    """Return a batch that the actor may see, or raise `NotFound`."""
    return _seen(_BATCH.first(batch_id), batch_id, by)


def get_locked_batch(batch_id: BatchId, *, by: Actor) -> Batch:
    """Return a batch that the actor may see, locked until the deed is done, or raise `NotFound`."""
    return _seen(_LOCKED.first(batch_id), batch_id, by)


def _seen(batch: Batch | None, batch_id: BatchId, by: Actor) -> Batch:
    if batch is None or not by.sees(SiteId(batch.site_id)):
        raise NotFound(
            Blocker(
                code="manufacturing.no_batch",
                message=N_("There is no such batch"),
                field="batch_id",
                value=str(batch_id),
                mend=N_("Scan the batch record's code, or choose it from the list"),
            )
        )
    return batch


def batches_seen(by: Actor) -> QuerySet[Batch]:
    """Return the batches that the actor may see, oldest first, to be narrowed by the contexts above."""
    rows = _batches().order_by("id")
    return rows if by.sites is None else rows.filter(site_id__in=by.sites)


@read("manufacturing.list_batches", roles=PLANT_ROLES)
def list_batches(
    *, by: Actor, state: BatchState | None = None, limit: int = 50, after: UUID | None = None, newest: bool = False
) -> list[Batch]:
    """Return batches, oldest or newest first, in a state where one is given."""
    rows = batches_seen(by)
    if state is not None:
        rows = rows.filter(state=state)
    return page(rows, limit, after, newest=newest)


def find_batch_of_order(order_id: OrderId) -> Batch | None:
    """Return the batch made for an order (the latest, not a terminated one), or None."""
    return _batches().filter(order_id=order_id).exclude(state=BatchState.TERMINATED).order_by("-id").first()


def list_batches_under_way(order_id: UUID) -> list[Batch]:
    """Return the batches of an order that may still become a product; there is at most one."""
    return list(_batches().filter(order_id=order_id, state__in=UNDER_WAY).order_by("id"))


def is_batch(text: str) -> bool:
    """Say whether a text is the id of a batch."""
    try:
        return Batch.objects.filter(pk=UUID(text)).exists()
    except ValueError:
        return False


def open_work(therapy_code: str, by: Actor) -> list[OpenWork]:
    """Return the batches of a therapy that are not closed, with their versions, to those who may see batches."""
    if not by.has_any(frozenset({*PLANT_ROLES, Role.SYSTEM})):
        return []
    over = (BatchState.CLOSED, BatchState.TERMINATED)
    rows = _batches().filter(definition__therapy_code=therapy_code).exclude(state__in=over).order_by("opened_at")
    if by.sites is not None:
        rows = rows.filter(site_id__in=by.sites)
    return [OpenWork("batch", one.pk, one.number, one.state, str(one.definition), one.opened_at) for one in rows]


_OPEN_HOLDS = Prepared(
    lambda batch_id: Hold.objects.filter(batch_id=batch_id, state=HoldState.OPEN).order_by("id"), UUID
)


def open_hold_reasons(batch: Batch) -> list[str]:
    """Return the reasons for which a batch is on hold now."""
    return [one.reason for one in _OPEN_HOLDS.all(batch.pk)]


def list_holds(batch: Batch) -> list[Hold]:
    """Return all holds of a batch, lifted ones too, oldest first."""
    return list(Hold.objects.filter(batch=batch).order_by("id"))


def applicable(batch: Batch, definition: Definition) -> Iterator[tuple[str, StepBase]]:
    """Yield operation code and step for every step that applies to the batch's starting material, in order."""
    for operation, steps in definition.process.for_alternative(batch.alternative):
        for step in steps:
            yield operation.id, step


_STEPS = Prepared(lambda batch_id: BatchStep.objects.filter(batch_id=batch_id), UUID)


def step_views(batch: Batch, definition: Definition) -> list[rules.StepView]:
    """Return the batch's steps as the rules see them, in order."""
    states = {one.code: one.state for one in _STEPS.all(batch.pk)}
    return [
        rules.StepView(
            code=step.id,
            operation=operation,
            ordinal=ordinal,
            state=states[step.id],
            needs_second=step.verify is Verify.SECOND_PERSON,
        )
        for ordinal, (operation, step) in enumerate(applicable(batch, definition), start=1)
    ]


def _latest(batch_id: UUID) -> QuerySet[Recording]:
    rows = Recording.objects.filter(step__batch_id=batch_id)
    return rows.order_by("step__ordinal", "-revision").distinct("step__ordinal")


_LATEST = Prepared(
    lambda batch_id: _latest(batch_id).select_related("step", "container", "equipment", "lot", "attachment"), UUID
)
_VALUES = Prepared(lambda batch_id: _latest(batch_id).only("named_values"), UUID)


def latest_recordings(batch: Batch) -> list[Recording]:
    """Return what stands now at every recorded step: the last revision of each, in the order of the steps."""
    return _LATEST.all(batch.pk)


def scanned_at(batch: Batch, step_codes: Collection[str]) -> list[str]:
    """Return the codes of the containers that were scanned at these steps of a batch."""
    found = Recording.objects.filter(step__batch=batch, step__code__in=step_codes, container__isnull=False)
    return list(found.values_list("container__code", flat=True).distinct())


def given_values(batch: Batch) -> dict[str, Quantity]:
    """Return what formulas may use from the beginning: the ordered dose and the patient's weight."""
    return {
        "ordered_dose": Quantity(batch.ordered_dose_cells, "cell"),
        "patient_weight": Quantity(batch.patient_weight_kg, "kg"),
    }


def values_of(batch: Batch) -> dict[str, Quantity]:
    """Return every process value of a batch, by the name that formulas and specifications use."""
    found = given_values(batch)
    for row in _VALUES.all(batch.pk):
        for name, value in row.named_values.items():
            found[name] = Quantity(Decimal(value["value"]), value["unit"])
    return found


def list_clocks(
    batch: Batch, definition: Definition, operation_code: str, standing: Standing | None = None
) -> list[rules.Clock]:
    """Return the hold clocks that bound the start of an operation: from earlier operations, and the material's age."""
    return _clocks(batch, definition, operation_code, standing or standing_of(batch))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a batch stands as a whole: what the start of any of its operations hangs on."""

    holds: list[str]
    states: dict[str, str]
    ended: dict[str, datetime | None]
    rulings: dict[str, str]


def standing_of(batch: Batch) -> Standing:
    """Return how a batch stands: its open holds, its operations' states and ends, the rulings on its clocks."""
    operations = list(BatchOperation.objects.filter(batch=batch).values_list("code", "state", "ended_at"))
    return Standing(
        open_hold_reasons(batch),
        {code: state for code, state, _ in operations},
        {code: ended_at for code, _, ended_at in operations},
        dict(ClockRuling.objects.filter(batch=batch).values_list("subject", "decision")),
    )


def _clocks(batch: Batch, definition: Definition, operation_code: str, standing: Standing) -> list[rules.Clock]:
    rulings, ended = standing.rulings, standing.ended
    operation = definition.process.operation(operation_code)
    found = []
    for after in operation.after if operation is not None else ():
        since = ended.get(after.operation)
        if since is not None:
            found.append(rules.Clock(operation_code, since, after.within, rulings.get(operation_code, "")))
    first = next(iter(applicable(batch, definition)))[0]
    rule = definition.supply.starting_material(batch.alternative)
    if operation_code == first and rule is not None:
        age = "starting_material"
        found.append(rules.Clock(age, batch.collection_ended_at, rule.maximum_age, rulings.get(age, "")))
    return found


def wait_clock(batch: Batch, definition: Definition, step_code: str) -> rules.Clock | None:
    """Return the hold clock of a wait step whose start is known, or None."""
    step = definition.process.step(step_code)
    since_code, maximum = getattr(step, "since", None), getattr(step, "maximum", None)
    if since_code is None or maximum is None:
        return None
    since = BatchStep.objects.filter(batch=batch, code=since_code).values_list("done_at", flat=True).first()
    if since is None:
        return None
    ruling = ClockRuling.objects.filter(batch=batch, subject=step_code).values_list("decision", flat=True).first()
    return rules.Clock(step_code, since, maximum, ruling or "")


def start_blockers(
    batch: Batch, definition: Definition, operation_code: str, at: datetime, standing: Standing | None = None
) -> list[Blocker]:
    """Return what keeps an operation from starting: the batch, the operations before it, a hold clock."""
    operation = definition.process.operation(operation_code)
    standing = standing or standing_of(batch)
    after = [one.operation for one in operation.after] if operation is not None else []
    return (
        rules.batch_blockers(batch.number, batch.state, standing.holds)
        or rules.start_blockers(operation_code, after, standing.states)
        or rules.clock_blockers(_clocks(batch, definition, operation_code, standing), at)
    )


def open_occupancies(batch: Batch) -> QuerySet[Occupancy]:
    """Return the batch's workstations that are not cleared out."""
    return Occupancy.objects.select_related("workstation").filter(batch=batch, during__endswith__isnull=True)


def equipment_at_work(batch: Batch) -> list[UUID]:
    """Return the equipment that was scanned at operations of a batch that are still open."""
    scanned = Recording.objects.filter(
        step__batch=batch, step__kind="scan", step__operation__state=OperationState.OPEN, equipment__isnull=False
    )
    return list(scanned.values_list("equipment_id", flat=True))


def completion_blockers(batch: Batch, definition: Definition) -> list[Blocker]:
    """Return what keeps a batch from being completed."""
    operations = BatchOperation.objects.filter(batch=batch).order_by("ordinal")
    made = [code for recording in latest_recordings(batch) for code in recording.made]
    return [
        *rules.unfinished_blockers(step_views(batch, definition)),
        *rules.operations_blockers(dict(operations.values_list("code", "state"))),
        *rules.occupancy_blockers([one.workstation.code for one in open_occupancies(batch)]),
        *rules.label_blockers(labels_in_force(batch), made),
        *rules.open_pack_blockers(_open_pack(batch)),
    ]


def _open_pack(batch: Batch) -> str | None:
    return OfflinePack.objects.filter(batch=batch, state=PackState.ISSUED).values_list("code", flat=True).first()


def labels_in_force(batch: Batch) -> dict[str, bool]:
    """Return, for each container of the batch's chain, whether exactly one label is in force on it."""
    return labelled_containers(CoiId(batch.coi_id))


def list_executors(batch: Batch) -> list[str]:
    """Return the accounts of everybody who recorded, witnessed or checked a step of a batch."""
    found = set()
    for people in Recording.objects.filter(step__batch=batch).values_list("recorded_by_id", "witnessed_by_id"):
        found |= set(people)
    found |= set(BatchStep.objects.filter(batch=batch).values_list("verified_by_id", flat=True))
    return sorted(str(one) for one in found if one is not None)


def together(step: StepBase) -> bool:
    """Say whether two people must stand at a step at once: identity checks, and line clearance checked by a second."""
    second = step.verify is Verify.SECOND_PERSON
    return bool(getattr(step, "identity", False)) or (second and isinstance(step, Clear))


def thaws_first(step: Consume) -> bool:
    """Say whether a step's material must be recorded as thawed before it is used."""
    return step.thaw_to_use is not None or step.single_thaw


def show(recording: Recording) -> str:
    """Write what was recorded as a reader sees it."""
    if recording.value is not None:
        return written(recording.value, recording.unit)
    parts = [recording.answer, recording.scanned, *recording.made]
    if recording.attachment is not None:
        parts.append(recording.attachment.filename)
    return ", ".join(part for part in parts if part) or "✓"
