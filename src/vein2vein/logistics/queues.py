"""Which shipments wait for somebody: to be planned, to be counted, or known to come too late."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from vein2vein.core.actor import Actor
from vein2vein.logistics.models import Incident, MaterialReferral, Shipment, ShipmentItem
from vein2vein.logistics.reads import may_see, sent, shipments_seen
from vein2vein.logistics.states import UNDER_WAY, ShipmentKind, ShipmentState
from vein2vein.orders.queues import bags_returned
from vein2vein.orders.reads import OrderRow, orders_seen


def list_uncounted(by: Actor, *, limit: int) -> list[Shipment]:
    """Return the received shipments of orders that go on, some of whose starting material nobody has judged yet."""
    referred = MaterialReferral.objects.filter(shipment=OuterRef("shipment"), container=OuterRef("container"))
    items = ShipmentItem.objects.filter(shipment=OuterRef("pk"), container__disposition="quarantined")
    rows = shipments_seen(by).filter(state=ShipmentState.RECEIVED, kind=ShipmentKind.STARTING_MATERIAL)
    rows = rows.exclude(order__state__in=("cancelled", "closed", "stopped"))
    return list(rows.filter(Exists(items.exclude(Exists(referred))))[:limit])


def list_too_late(by: Actor, *, limit: int) -> list[Shipment]:
    """Return the shipments under way of which it is known that they come too late."""
    known = Incident.objects.filter(shipment=OuterRef("pk"), too_late=True)
    return list(shipments_seen(by).filter(Exists(known), state=ShipmentState.IN_TRANSIT)[:limit])


def list_to_plan(states: Iterable[str], kind: ShipmentKind, by: Actor, *, limit: int) -> list[OrderRow]:
    """Return the orders in some states that have something to be sent and no shipment of the kind under way."""
    planned = Shipment.objects.filter(kind=kind, state__in=UNDER_WAY).values("order_id")
    rows = orders_seen(by).filter(state__in=list(states)).exclude(pk__in=planned)
    if kind is ShipmentKind.RETURN:
        rows = rows.filter(pk__in=bags_returned().exclude(container__in=sent(kind)).values("order_id"))
    return list(rows[:limit])


def open_referrals(by: Actor) -> list[MaterialReferral]:
    """Return the referrals that an actor may see and that are not decided, oldest first."""
    rows = MaterialReferral.objects.select_related("container", "shipment__lane", "shipment__coi").order_by("id")
    return [one for one in rows.filter(container__disposition="quarantined")[:200] if may_see(one.shipment, by)]
