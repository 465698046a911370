"""The second stage of a two-stage release: what had been left open has ended, and conforms."""

from __future__ import annotations

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker, refuse_any
from vein2vein.engines.definitions.vocabulary import Trigger
from vein2vein.manufacturing.reads import get_batch
from vein2vein.quality import facts, reads, rules
from vein2vein.quality.actions.assessing import assess_batch
from vein2vein.quality.actions.obliging import fulfil
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.models import Disposition
from vein2vein.quality.states import Decision


@journal.action(
    "quality.complete_second_stage", roles=[Role.QUALIFIED_PERSON], signed=N_("second stage of the release completed")
)
def complete_second_stage(*, batch_id: BatchId, reason: str, by: Actor) -> Disposition:
    """Sign that the tests left open by a two-stage release have ended and conform; the whole batch is assessed anew."""
    batch = get_batch(batch_id, by=by)
    journal.caught_up(f"coi:{batch.coi_id}")
    first = reads.final_disposition(batch.pk)
    if first is None:
        raise reads.missing("batch_id", batch_id)
    at = journal.current().at
    dossier = Dossier(batch, by=by, at=at)
    refuse_any(rules.reason_blockers(reason, "reason"))
    refuse_any(second_stage(dossier, first))
    refuse_any(rules.signer_blockers(dossier.signer(by)))
    assessment = assess_batch(batch_id=batch_id, by=by)
    row = Disposition(
        batch=batch,
        order_id=first.order_id,
        decision=Decision.COMPLETE_SECOND_STAGE.value,
        final=False,
        market=batch.market,
        route=batch.route,
        release_rule=first.release_rule,
        release_type=first.release_type,
        authorisation_reference=first.authorisation_reference,
        assessment=assessment,
        dose=first.dose,
        reason=reason,
        decided_at=at,
        decided_by_id=by.account_id,
        decided_by_name=by.name,
        delegated_from=dossier.signer(by).delegated_from,
    )
    journal.record(
        facts.SecondStageCompleted(
            disposition_id=row.pk,
            batch_id=batch.pk,
            batch_number=batch.number,
            order_id=first.order_id,
            tests=list(first.open_tests),
            reason=reason,
            decided_by=by.name,
        ),
        stream=f"coi:{batch.coi_id}",
        refs=[f"batch:{batch.pk}", f"order:{first.order_id}", f"site:{batch.site_id}"],
        inserts=[row],
    )
    for one in reads.open_obligations_of(batch.pk, Trigger.LATE_RESULT):
        fulfil(one, f"{batch.number}: {reason}", by)
    return row


def second_stage(dossier: Dossier, first: Disposition) -> list[Blocker]:
    """Return why the second stage of a release cannot be completed now."""
    lines = {line.test: line.name_en for line in dossier.verdict.lines}
    return rules.second_stage_blockers(
        release_type=first.release_type,
        open_tests=first.open_tests,
        completed=Decision.COMPLETE_SECOND_STAGE in reads.decisions_of(dossier.batch.pk),
        failed=[lines[one] for one in dossier.verdict.failed],
        lacking=[lines[one] for one in dossier.verdict.lacking],
        deviations=[one.code for one in reads.blocking_deviations(dossier.batch.pk, dossier.batch.coi_id)],
    )
