"""What shipments want of people now: the work list's items."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import N_
from vein2vein.doors.work import WorkItem, work
from vein2vein.logistics import reads, rules
from vein2vein.logistics.actions.planning import PLANNERS
from vein2vein.logistics.actions.reviewing import QA
from vein2vein.logistics.models import Shipment
from vein2vein.logistics.states import ShipmentKind, ShipmentState
from vein2vein.orders.reads import list_orders
from vein2vein.orders.states import OrderState

_S = ShipmentState
TITLES: Mapping[ShipmentState, str] = {
    _S.PLANNED: N_("Pack the shipment"),
    _S.PACKED: N_("Hand the shipment over"),
    _S.IN_TRANSIT: N_("Deliver the shipment"),
    _S.DELIVERED: N_("Receive the shipment"),
    _S.QUARANTINED: N_("Review the excursion"),
    _S.RECEIVED: N_("Count and accept the starting material"),
}
ACCEPTERS = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.QC_ANALYST, Role.WAREHOUSE})
PLACE_ROLES = frozenset(
    {
        Role.CARRIER,
        Role.WAREHOUSE,
        Role.PLANNER,
        Role.COORDINATOR,
        Role.APHERESIS_NURSE,
        Role.CELL_LAB,
        Role.OPERATOR,
        Role.SUPERVISOR,
        Role.QA_REVIEWER,
        Role.QUALIFIED_PERSON,
    }
)
LISTED = 200
ORDERS_OVER = ("cancelled", "closed", "stopped")


def _roles(shipment: Shipment) -> frozenset[Role]:
    kind = ShipmentKind(shipment.kind)
    return {
        _S.PLANNED: rules.PACKERS[kind],
        _S.PACKED: frozenset({Role.CARRIER}),
        _S.IN_TRANSIT: frozenset({Role.CARRIER}),
        _S.DELIVERED: rules.RECEIVERS[kind],
        _S.QUARANTINED: QA,
        _S.RECEIVED: ACCEPTERS,
    }.get(ShipmentState(shipment.state), frozenset())


@work("logistics.shipments")
def shipments_to_move(by: Actor) -> list[WorkItem]:
    """List the shipments whose next act is this actor's."""
    now, found = clock.now(), []
    for state in TITLES:
        for one in reads.list_shipments(state=state, limit=LISTED, by=by):
            if not by.has_any(_roles(one)) or (state is _S.RECEIVED and not _uncounted(one)):
                continue
            late = one.arrive_by is not None and one.arrive_by < now
            found.append(
                WorkItem(
                    gettext(TITLES[state]),
                    f"{one.code} · {one.coi.code}",
                    reverse("logistics:shipment", args=[one.pk]),
                    due_at=one.arrive_by,
                    urgent=late or state is _S.QUARANTINED,
                )
            )
    return found


def _uncounted(shipment: Shipment) -> bool:
    return bool(reads.uncounted(shipment)) and reads.order_state(shipment.order_id) not in ORDERS_OVER


@work("logistics.referrals")
def referrals_to_judge(by: Actor) -> list[WorkItem]:
    """List the starting material that misses its limits and waits for this actor's word."""
    sides = {"medical": by.has_any(frozenset({Role.PHYSICIAN})), "quality": by.has_any(QA)}
    return [
        WorkItem(
            gettext("Judge the starting material"),
            f"{one.container.code} · {one.shipment.coi.code}",
            reverse("logistics:shipment", args=[one.shipment_id]),
            due_at=one.container.expires_at,
            urgent=True,
        )
        for one in (reads.open_referrals(by) if any(sides.values()) else [])
        if any(mine and not getattr(one, side) for side, mine in sides.items())
    ]


@work("logistics.incidents")
def incidents_to_know(by: Actor) -> list[WorkItem]:
    """List the shipments under way that will come too late, to those who can do something about it."""
    if not by.has_any(PLANNERS | QA | {Role.PHYSICIAN}):
        return []
    found = []
    for one in reads.list_shipments(state=ShipmentState.IN_TRANSIT, limit=LISTED, by=by):
        if one.incidents.filter(too_late=True).exists():
            url = reverse("logistics:shipment", args=[one.pk])
            found.append(WorkItem(gettext("Shipment comes too late"), f"{one.code} · {one.coi.code}", url, urgent=True))
    return found


@work("logistics.to_plan")
def shipments_to_plan(by: Actor) -> list[WorkItem]:
    """List the orders that wait for a shipment to be planned."""
    if not by.has_any(PLANNERS):
        return []
    found = []
    for state, kind in (
        (OrderState.ACCEPTED, ShipmentKind.STARTING_MATERIAL),
        (OrderState.COLLECTED, ShipmentKind.STARTING_MATERIAL),
        (OrderState.RELEASED, ShipmentKind.PRODUCT),
        *((OrderState(state), ShipmentKind.RETURN) for state in sorted(rules.PLANNABLE[ShipmentKind.RETURN])),
    ):
        for order in list_orders(state=state, limit=LISTED, by=by):
            if kind is ShipmentKind.RETURN and not reads.expected_contents(order.pk, kind):
                continue
            if reads.find_shipment_of(order.pk, kind) is None:
                url = reverse("logistics:plan", args=[order.pk]) + (
                    "?kind=return" if kind is ShipmentKind.RETURN else ""
                )
                found.append(WorkItem(gettext("Plan the shipment"), order.code, url))
    return found
