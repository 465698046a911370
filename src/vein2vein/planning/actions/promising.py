"""Dates that patients are told: reserved in one deed, kept until the order is accepted, ended when they are over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import OrderId, ReservationId, ResourceId
from vein2vein.core.refusals import Blocker, Conflict, Refused, refuse_any
from vein2vein.network import actions as network
from vein2vein.network.reads import ReservationRow, get_reservation
from vein2vein.orders import actions as orders
from vein2vein.orders.reads import OrderRow, get_order
from vein2vein.orders.states import OrderState
from vein2vein.planning import facts, reads, rules
from vein2vein.planning.models import Promise
from vein2vein.planning.offers import Desk, Offered, offer_gone

PROMISERS = frozenset({Role.PLANNER, Role.COORDINATOR, Role.PHYSICIAN})
_VERBS = {"moved": "move", "expired": "expire", "released": "release", "kept": "keep"}


@journal.action("planning.promise_date", roles=PROMISERS)
def promise_date(*, order_id: OrderId, collection_at: datetime, infusion_at: datetime, by: Actor) -> Promise:
    """Promise the two dates that `list_promises` offered together, with slot and bed, in one deed.

    Raises `Conflict` when somebody was quicker. Before the acceptance it is kept for 72 hours; another promise of the
    same order gives way.
    """
    order = get_order(order_id=order_id, by=by)
    refuse_any(rules.promise_blockers(order.state, planner=Role.PLANNER in by.roles))
    desk = Desk(order, journal.current().at)
    offered = desk.offer_at(collection_at, infusion_at)
    refuse_any(offered.blockers)
    _give_back(order, by)
    try:
        slot, bed = _reserve_both(order, desk, offered, by)
    except Conflict as conflict:
        raise Conflict([*conflict.blockers, *_next(order)]) from conflict
    orders.take_slot(
        order_id=order_id,
        reservation_id=ReservationId(slot.pk),
        collection_planned_at=offered.collection_at,
        reason="promised",
        by=by,
    )
    return _write(order, offered, slot, bed, by)


def _give_back(order: OrderRow, by: Actor) -> None:
    """Give back what the order has so far, which the new date replaces."""
    standing = reads.find_promise(order.pk)
    if standing is not None:
        _end(standing, "moved", "another date", by)
    if order.slot is not None and order.slot.state == "held":
        network.release_reservation(reservation_id=ReservationId(order.slot.pk), reason="another date", by=by)


def _reserve_both(
    order: OrderRow, desk: Desk, offered: Offered, by: Actor
) -> tuple[ReservationRow, ReservationRow | None]:
    slot = _reserve(order, desk, offered.slot, (offered.slot_from_at, offered.slot_to_at), by)
    if not offered.bed or offered.bed_to_at is None:
        return slot, None
    return slot, _reserve(order, desk, offered.bed, (offered.infusion_at, offered.bed_to_at), by)


def _next(order: OrderRow) -> list[Blocker]:
    """Return what is free now, for whom somebody else was quicker."""
    try:
        best = Desk(order, journal.current().at).offers(not_before=None, count=1)[0]
    except Refused as refused:
        return list(refused.blockers)
    return [offer_gone(best.collection_at, best)]


def _reserve(order: OrderRow, desk: Desk, code: str, span: tuple[datetime, datetime], by: Actor) -> ReservationRow:
    return network.reserve_units(
        resource_ids=[ResourceId(desk.found.units[code].booked_as)],
        starts_at=span[0],
        ends_at=span[1],
        holder=f"order:{order.pk}",
        held_for=order.code,
        by=by,
    )[0]


def _write(order: OrderRow, offered: Offered, slot: ReservationRow, bed: ReservationRow | None, by: Actor) -> Promise:
    at = journal.current().at
    early = order.state != OrderState.ACCEPTED
    row = Promise(
        order=order,
        collection_at=offered.collection_at,
        infusion_at=offered.infusion_at,
        promised_at=at,
        promised_by=by.account_id,
        expires_at=at + rules.HELD_FOR if early else offered.infusion_at,
        slot=slot,
        bed=bed,
        chain=offered.chain,
    )
    journal.record(
        facts.DatePromised(
            promise_id=row.pk,
            order_id=order.pk,
            order_code=order.code,
            collection_at=row.collection_at,
            infusion_at=row.infusion_at,
            slot=offered.slot,
            bed=offered.bed,
            expires_at=row.expires_at,
        ),
        stream=order.stream,
        refs=[*order.refs, f"reservation:{slot.pk}", *([] if bed is None else [f"reservation:{bed.pk}"])],
        inserts=[row],
    )
    return row


@journal.action("planning.release_promise", roles=PROMISERS)
def release_promise(*, order_id: OrderId, reason: str, by: Actor) -> Promise:
    """Give a promised date of an order back that is not accepted yet: slot and bed are free again."""
    order = get_order(order_id=order_id, by=by)
    promise = reads.get_promise(order)
    refuse_any([*rules.reason_blockers(reason), *rules.release_blockers(order.state, planner=Role.PLANNER in by.roles)])
    _end(promise, "released", reason, by)
    return promise


@journal.action("planning.end_promise")
def end_promise(*, order_id: OrderId, how: str, reason: str, by: Actor) -> Promise | None:
    """End an order's standing promise as kept or released: its course was infused, or is over."""
    promise = reads.find_promise(order_id)
    if promise is not None:
        _end(promise, how, reason, by)
    return promise


@journal.action("planning.expire_promises", roles={Role.SYSTEM})
def expire_promises(*, by: Actor) -> int:
    """Give back what was promised for orders that nobody accepted in time; return how many they were."""
    found = reads.list_expired(journal.current().at)
    for one in found:
        _end(one, "expired", "not accepted in time", by)
    return len(found)


def _end(promise: Promise, how: str, reason: str, by: Actor) -> None:
    order = promise.order
    free_slot = order.state in (OrderState.DRAFTED, OrderState.SUBMITTED)
    kept: list[Any] = [promise.bed_id if how != "kept" else None, promise.slot_id if free_slot else None]
    for reservation_id in kept:
        held = None if reservation_id is None else get_reservation(ReservationId(reservation_id))
        if held is not None and held.state == "held":
            network.release_reservation(reservation_id=ReservationId(held.pk), reason=reason, by=by)
    journal.transition(
        promise,
        _VERBS[how],
        facts.PromiseEnded(
            promise_id=promise.pk,
            order_id=order.pk,
            order_code=order.code,
            infusion_at=promise.infusion_at,
            how=how,
            reason=reason,
        ),
        stream=order.stream,
        refs=order.refs,
        ended_at=journal.current().at,
        ended_reason=reason,
    )
