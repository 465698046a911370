"""Obligations of a release: opened by what sets them off, fulfilled by who owes them, late or not."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ObligationId, ResultId
from vein2vein.core.refusals import N_, NotAllowed, refuse_any
from vein2vein.engines.definitions.vocabulary import Trigger
from vein2vein.quality import facts, reads, rules
from vein2vein.quality.models import Obligation

if TYPE_CHECKING:
    from vein2vein.quality.models import Disposition


def open_obligations(final: Disposition, trigger: Trigger, source: str) -> list[Obligation]:
    """Open what the rule of a release obliges to when `trigger` happens; once for each source."""
    at, batch = journal.current().at, final.batch
    rule = reads.release_rule_of(final)
    found = []
    for one in () if rule is None else rule.obligations:
        key = f"{one.id}:{source}"
        if one.trigger is not trigger or Obligation.objects.filter(source=key).exists():
            continue
        row = Obligation(
            source=key,
            batch=batch,
            order_id=final.order_id,
            code=one.id,
            trigger=trigger.value,
            text_en=one.text.en,
            text_zh=one.text.zh,
            role=one.role.value,
            opened_at=at,
            due_at=at + one.within,
        )
        journal.record(
            facts.ObligationOpened(
                obligation_id=row.pk,
                batch_id=batch.pk,
                order_id=final.order_id,
                code=row.code,
                trigger=row.trigger,
                text_en=row.text_en,
                text_zh=row.text_zh,
                role=row.role,
                due_at=row.due_at,
            ),
            stream=f"coi:{batch.coi_id}",
            refs=[f"batch:{batch.pk}", f"order:{final.order_id}"],
            inserts=[row],
        )
        found.append(row)
    return found


def fulfil(row: Obligation, reference: str, by: Actor) -> None:
    """Write that an obligation was fulfilled now."""
    at = journal.current().at
    journal.transition(
        row,
        "fulfil",
        facts.ObligationFulfilled(
            obligation_id=row.pk,
            batch_id=row.batch_id,
            order_id=row.order_id,
            code=row.code,
            text_en=row.text_en,
            reference=reference,
            late=at > row.due_at,
        ),
        stream=f"coi:{row.batch.coi_id}",
        refs=[f"batch:{row.batch_id}", f"order:{row.order_id}"],
        fulfilled_at=at,
        fulfilled_by_id=by.account_id,
        fulfilled_by_name=by.name,
        reference=reference,
    )


@journal.action("quality.oblige_after_result")
def oblige_after_result(*, result_id: ResultId, batch_id: UUID, by: Actor) -> list[Obligation]:
    """Open what a two-stage release obliges to when a test that it left open has its result; once for a release."""
    final = reads.final_disposition(batch_id)
    return [] if final is None else open_obligations(final, Trigger.LATE_RESULT, str(final.pk))


@journal.action(
    "quality.fulfil_obligation",
    roles=[Role.QUALIFIED_PERSON, Role.QA_REVIEWER, Role.PHYSICIAN],
    signed=N_("obligation fulfilled"),
)
def fulfil_obligation(*, obligation_id: ObligationId, reference: str, by: Actor) -> Obligation:
    """Sign that what a release obliged to was done, with its reference; by who holds the role that owes it."""
    row = reads.get_obligation(obligation_id=obligation_id, by=by)
    found = rules.fulfil_blockers(role=row.role, roles=by.roles, name=by.name, reference=reference)
    if people := [one for one in found if one.field == "by"]:
        raise NotAllowed(people)
    refuse_any(found)
    fulfil(row, reference, by)
    return row
