"""Times that are kept for a course: the infusion's bed, and the slot that planning chose (N11)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import OrderId, ReservationId, SiteId
from vein2vein.core.refusals import refuse_any
from vein2vein.materials import actions as materials
from vein2vein.network import actions as network
from vein2vein.network.reads import ReservationRow, get_reservation, list_reservations_of
from vein2vein.orders import facts, queues, reads
from vein2vein.orders.actions.prescribing import reserve_material
from vein2vein.orders.models import Order
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


@journal.action("orders.take_slot")
def take_slot(
    *, order_id: OrderId, reservation_id: ReservationId, collection_planned_at: datetime, reason: str, by: Actor
) -> Order:
    """Plan an order on a slot that is reserved for it, its collection at a time; another slot of it is given back.

    Before the acceptance the slot is kept and taken then; afterwards the order has it at once, with its lots.
    """
    order, slot = reads.load_order(order_id), get_reservation(reservation_id)
    refuse_any(ways_out.state_blockers(order.state, SLOTTED))
    for one in list_reservations_of(f"order:{order.pk}"):
        if one.state == "held" and one.resource.kind == queues.SLOT and one.pk != slot.pk:
            network.release_reservation(reservation_id=ReservationId(one.pk), reason=reason, by=by)
    was = order.collection_planned_at
    accepted = order.state not in (OrderState.DRAFTED, OrderState.SUBMITTED)
    if accepted:
        materials.release_reservations(holder=f"order:{order.pk}", by=by)
        reserve_material(order, until=slot.during.upper, by=by)
    columns: dict[str, Any] = {"slot": slot} if accepted else {}
    if collection_planned_at != was:
        columns |= {"collection_planned_at": collection_planned_at}
    journal.record(
        facts.SlotTaken(
            order_id=order.id,
            order_code=order.code,
            was_at=was,
            became_at=collection_planned_at,
            resource_code=slot.resource.code,
            slot_from_at=slot.during.lower,
            slot_to_at=slot.during.upper,
            reason=reason,
        ),
        stream=order.stream,
        refs=[*order.refs, f"reservation:{slot.pk}"],
        changes=[(order, columns)] if columns else [],
    )
    return order


SLOTTED = (
    OrderState.DRAFTED,
    OrderState.SUBMITTED,
    OrderState.ACCEPTED,
    OrderState.COLLECTING,
    OrderState.COLLECTED,
    OrderState.IN_TRANSIT,
    OrderState.RECEIVED,
    OrderState.MATERIAL_ACCEPTED,
)
"""States in which an order's slot is still to come."""
