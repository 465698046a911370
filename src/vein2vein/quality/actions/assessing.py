"""Conformity assessment: the results of a batch against its specification, kept with all that it was computed from."""

from __future__ import annotations

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId
from vein2vein.engines.assays import assess, case_hash, case_to_json, verdict_to_json
from vein2vein.laboratory.cases import build_case
from vein2vein.manufacturing.reads import definition_of, get_batch
from vein2vein.quality import facts
from vein2vein.quality.models import Assessment


@journal.action("quality.assess_batch", roles=[Role.QC_REVIEWER, Role.QA_REVIEWER, Role.QUALIFIED_PERSON])
def assess_batch(*, batch_id: BatchId, by: Actor) -> Assessment:
    """Hold a batch's results against its specification for its market and route today, and keep case and verdict."""
    batch = get_batch(batch_id, by=by)
    at = journal.current().at
    case = build_case(batch, definition_of(batch), at.date())
    verdict = assess(case)
    row = Assessment(
        batch=batch,
        case=case_to_json(case),
        case_hash=case_hash(case),
        verdict=verdict_to_json(verdict),
        overall=verdict.overall.value,
        assessed_on=case.on,
        assessed_at=at,
        assessed_by_id=by.account_id,
        assessed_by_name=by.name,
    )
    journal.record(
        facts.BatchAssessed(
            assessment_id=row.pk,
            batch_id=batch.pk,
            batch_number=batch.number,
            order_id=batch.order_id,
            market=case.market,
            route=case.route,
            phase=case.phase,
            on=case.on,
            overall=verdict.overall.value,
            failed=list(verdict.failed),
            missing=list(verdict.lacking),
            case_hash=row.case_hash,
        ),
        stream=f"coi:{batch.coi_id}",
        refs=[f"batch:{batch.pk}", f"order:{batch.order_id}", f"definition:{batch.definition_id}"],
        inserts=[row],
    )
    return row
