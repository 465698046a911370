"""The infusion planned: a bed of the hospital kept for the patient, and for nobody else meanwhile (N11)."""

from __future__ import annotations

from datetime import datetime, timedelta

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import OrderId, ReservationId, SiteId
from vein2vein.core.refusals import refuse_any
from vein2vein.network import actions as network
from vein2vein.network.reads import ReservationRow
from vein2vein.orders import facts, queues, reads
from vein2vein.orders.rules import ways_out
from vein2vein.orders.states import OrderState

STAY = timedelta(hours=8)
"""How long a bed is kept for an infusion: preparation, infusion, and the first hours after it."""
PLANNABLE = (OrderState.RELEASED, OrderState.DISPATCHED, OrderState.AT_SITE, OrderState.CLEARED, OrderState.THAWED)


@journal.action("orders.plan_infusion", roles={Role.COORDINATOR, Role.PHYSICIAN, Role.INFUSION_NURSE})
def plan_infusion(*, order_id: OrderId, infusion_planned_at: datetime, bed: str = "", by: Actor) -> ReservationRow:
    """Keep a bed of the hospital ("": the first that is free) for eight hours; planned again, the former is free.

    Raises `Conflict` that names for whom the bed is kept, and until when.
    """
    order = reads.get_order(order_id=order_id, by=by)
    refuse_any(
        [
            *ways_out.state_blockers(order.state, PLANNABLE),
            *ways_out.future_blockers(infusion_planned_at, journal.current().at),
        ]
    )
    for one in queues.list_beds(order):
        network.release_reservation(reservation_id=ReservationId(one.pk), reason="planned again", by=by)
    kept = network.reserve_unit(
        kind=queues.BED,
        site_id=SiteId(order.hospital_id),
        code=bed.strip().upper(),
        starts_at=infusion_planned_at,
        ends_at=infusion_planned_at + STAY,
        holder=f"order:{order.pk}",
        held_for=order.code,
        by=by,
    )
    journal.record(
        facts.InfusionPlanned(
            order_id=order.id, order_code=order.code, bed=kept.resource.code, planned_at=infusion_planned_at
        ),
        stream=order.stream,
        refs=[*order.refs, f"reservation:{kept.pk}"],
    )
    return kept
