"""What happens to the plan: put in the planner's inbox, dealt with by name; who is off, and what is closed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import DisruptionId
from vein2vein.core.refusals import refuse_any
from vein2vein.orders.reads import find_order
from vein2vein.planning import facts, reads, rules
from vein2vein.planning.actions.drafting import PLANNER, stream_of
from vein2vein.planning.bookable import unit_codes
from vein2vein.planning.courses import PLANT
from vein2vein.planning.models import Absence, Disruption
from vein2vein.planning.states import DisruptionKind


@journal.action("planning.open_disruption")
def open_disruption(
    *,
    kind: DisruptionKind,
    subject: str,
    told: str,
    source: str,
    happened_at: datetime,
    order_id: UUID | None = None,
    by: Actor,
) -> Disruption:
    """Put what happened in the planner's inbox; `source` names it, so that it is told once."""
    order = None if order_id is None else find_order(order_id)
    row = Disruption(kind=kind.value, subject=subject, told=told, order=order, source=source, happened_at=happened_at)
    journal.record(
        facts.DisruptionOpened(
            disruption_id=row.pk,
            kind=kind.value,
            subject=subject,
            told=told,
            order_id=None if order is None else order.pk,
        ),
        stream=stream_of(PLANT),
        refs=[] if order is None else order.refs,
        inserts=[row],
    )
    return row


@journal.action("planning.settle_disruption", roles=PLANNER)
def settle_disruption(*, disruption_id: DisruptionId, reason: str, by: Actor) -> Disruption:
    """Close what happened without a new plan, saying why none is needed."""
    row = reads.get_disruption(disruption_id)
    refuse_any([*rules.reason_blockers(reason), *rules.gone_blockers(row.settled_at is not None)])
    journal.transition(
        row,
        "settle",
        facts.DisruptionSettled(
            disruption_id=row.pk, kind=row.kind, subject=row.subject, plan_number=None, reason=reason
        ),
        stream=stream_of(PLANT),
        settled_at=journal.current().at,
        settled_by=by.account_id,
        settled_reason=reason,
    )
    return row


@journal.action("planning.record_absence", roles=PLANNER | {Role.SUPERVISOR})
def record_absence(
    *, unit_code: str, starts_at: datetime, ends_at: datetime, reason: str, plant: str = PLANT, by: Actor
) -> Absence:
    """Record that a person (by user name) is off, or a unit closed, for a time; the inbox tells what it touches."""
    unit = unit_code.strip()
    people, units = unit_codes(plant)
    refuse_any([*rules.reason_blockers(reason), *rules.absence_blockers(unit, people | units, starts_at, ends_at)])
    row = Absence(unit=unit, starts_at=starts_at, ends_at=ends_at, reason=reason, recorded_by=by.account_id)
    journal.record(
        facts.AbsenceRecorded(absence_id=row.pk, unit_code=unit, starts_at=starts_at, ends_at=ends_at, reason=reason),
        stream=stream_of(plant),
        inserts=[row],
    )
    touched = reads.touched_by(unit, starts_at, ends_at, plant)
    if touched:
        open_disruption(
            kind=DisruptionKind.PERSON_OFF if unit in people else DisruptionKind.UNIT_CLOSED,
            subject=unit,
            told=f"{reason}: {', '.join(touched)}",
            source=f"absence:{row.pk}",
            happened_at=journal.current().at,
            by=by,
        )
    return row


@journal.action("planning.withdraw_absence", roles=PLANNER | {Role.SUPERVISOR})
def withdraw_absence(*, absence_id: UUID, reason: str, plant: str = PLANT, by: Actor) -> Absence:
    """Say that a person or unit is there after all."""
    row = reads.get_absence(absence_id)
    refuse_any(rules.reason_blockers(reason))
    journal.record(
        facts.AbsenceWithdrawn(absence_id=row.pk, unit_code=row.unit, reason=reason),
        stream=stream_of(plant),
        changes=[(row, {"withdrawn_at": journal.current().at})],
    )
    return row
