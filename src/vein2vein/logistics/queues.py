"""Which shipments wait for somebody: to be planned, to be counted, or known to come too late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from vein2vein.core.actor import Actor
from vein2vein.doors.preparing import Scoped
from vein2vein.logistics import reads
from vein2vein.logistics.models import Incident, MaterialReferral, Shipment, ShipmentItem
from vein2vein.logistics.reads import may_see, sent, shipments_seen
from vein2vein.logistics.states import UNDER_WAY, ShipmentKind, ShipmentState
from vein2vein.orders.queues import bags_returned
from vein2vein.orders.reads import OrderRow, definition_of, load_order, orders_seen


def list_in_state(by: Actor, state: ShipmentState, kinds: frozenset[ShipmentKind], *, limit: int) -> list[Shipment]:
    """Return the oldest shipments of some kinds that are in a state."""
    return _IN_STATE.of(by, state, kinds, limit)


def _in_state(by: Actor, state: ShipmentState, kinds: frozenset[ShipmentKind], limit: int) -> QuerySet[Shipment]:
    return shipments_seen(by).filter(state=state, kind__in=sorted(kinds))[:limit]


_IN_STATE = Scoped(_in_state)


def list_uncounted(by: Actor, *, limit: int) -> list[Shipment]:
    """Return the received shipments of orders that go on, some of whose starting material nobody has judged yet."""
    return _UNCOUNTED.of(by, limit)


def _uncounted(by: Actor, limit: int) -> QuerySet[Shipment]:
    referred = MaterialReferral.objects.filter(shipment=OuterRef("shipment"), container=OuterRef("container"))
    items = ShipmentItem.objects.filter(shipment=OuterRef("pk"), container__disposition="quarantined")
    rows = shipments_seen(by).filter(state=ShipmentState.RECEIVED, kind=ShipmentKind.STARTING_MATERIAL)
    rows = rows.exclude(order__state__in=("cancelled", "closed", "stopped"))
    return rows.filter(Exists(items.exclude(Exists(referred))))[:limit]


_UNCOUNTED = Scoped(_uncounted)


def list_too_late(by: Actor, *, limit: int) -> list[Shipment]:
    """Return the shipments under way of which it is known that they come too late."""
    return _TOO_LATE.of(by, limit)


def _too_late(by: Actor, limit: int) -> QuerySet[Shipment]:
    known = Incident.objects.filter(shipment=OuterRef("pk"), too_late=True)
    return shipments_seen(by).filter(Exists(known), state=ShipmentState.IN_TRANSIT)[:limit]


_TOO_LATE = Scoped(_too_late)


def list_to_plan(states: Iterable[str], kind: ShipmentKind, by: Actor, *, limit: int) -> list[OrderRow]:
    """Return the orders in some states that have something to be sent and no shipment of the kind under way."""
    return _TO_PLAN.of(by, tuple(states), kind, limit)


def _to_plan(by: Actor, states: tuple[str, ...], kind: ShipmentKind, limit: int) -> QuerySet[OrderRow]:
    planned = Shipment.objects.filter(kind=kind, state__in=UNDER_WAY).values("order_id")
    rows = orders_seen(by).filter(state__in=states).exclude(pk__in=planned)
    if kind is ShipmentKind.RETURN:
        rows = rows.filter(pk__in=bags_returned().exclude(container__in=sent(kind)).values("order_id"))
    return rows[:limit]


_TO_PLAN = Scoped(_to_plan)


def open_referrals(by: Actor) -> list[MaterialReferral]:
    """Return the referrals that an actor may see and that are not decided, oldest first."""
    rows = MaterialReferral.objects.select_related("container", "shipment__lane", "shipment__coi").order_by("id")
    return [one for one in rows.filter(container__disposition="quarantined")[:200] if may_see(one.shipment, by)]


@dataclass(frozen=True, slots=True)
class MaterialStanding:
    """How the bags of a shipment of starting material stand: their codes, and whether its definition pools them."""

    accepted: tuple[str, ...]
    waiting: tuple[str, ...]
    pools: bool


def material_standing(shipment: Shipment) -> MaterialStanding:
    """Return which bags of a received shipment are accepted, and which still wait for a count or a word about it."""
    packed = reads.packed_in(shipment)
    return MaterialStanding(
        accepted=tuple(one.code for one in packed if one.disposition == "accepted"),
        waiting=tuple(one.code for one in packed if one.disposition == "quarantined"),
        pools=definition_of(load_order(shipment.order_id)).process.pools_material,
    )
