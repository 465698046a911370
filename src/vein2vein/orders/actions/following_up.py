"""After the infusion: visits, and the end of the course."""

from __future__ import annotations

from datetime import date

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import OrderId
from vein2vein.core.refusals import N_, Blocker, NotFound, refuse_any
from vein2vein.orders import facts, reads, rules
from vein2vein.orders.models import FollowUpVisit, Order
from vein2vein.orders.states import VisitOutcome, VisitState


@journal.action("orders.record_visit", roles={Role.PHYSICIAN, Role.COORDINATOR})
def record_visit(
    *,
    order_id: OrderId,
    visit: str,
    on: date,
    outcome: VisitOutcome = VisitOutcome.HELD,
    remark: str = "",
    by: Actor,
) -> FollowUpVisit:
    """Write down that a follow-up visit was held on a day, or missed; a missed one may still be held late."""
    order = reads.get_order(order_id=order_id, by=by)
    row = FollowUpVisit.objects.filter(order=order, code=visit).first()
    if row is None:
        raise NotFound(
            Blocker(
                code="orders.no_visit",
                message=N_("The course has no such visit"),
                field="visit",
                value=visit,
                mend=N_("Choose one of the visits that the infusion opened"),
            )
        )
    infused = order.infusions.order_by("started_at").first()
    refuse_any(
        rules.visit_blockers(
            held_on=on,
            today=reads.local_day(order, journal.current().at),
            infused_on=row.due_on if infused is None else reads.local_day(order, infused.started_at),
        )
    )
    held = outcome is VisitOutcome.HELD
    journal.transition(
        row,
        "hold" if held else "miss",
        facts.VisitRecorded(
            order_id=order.id,
            visit=row.code,
            outcome=outcome,
            on=on,
            within_window=row.window_from_on <= on <= row.window_to_on,
        ),
        stream=order.stream,
        refs=order.refs,
        held_on=on if held else None,
        remark=remark,
    )
    return row


@journal.action("orders.close_order", roles={Role.PHYSICIAN})
def close_order(*, order_id: OrderId, by: Actor) -> Order:
    """Close the treatment course when no follow-up visit is due any more."""
    order = reads.get_order(order_id=order_id, by=by)
    refuse_any(rules.closing_blockers(order.visits.filter(state=VisitState.DUE).count()))
    journal.transition(
        order,
        "close",
        facts.CourseClosed(order_id=order.id, order_code=order.code),
        stream=order.stream,
        refs=order.refs,
    )
    return order
