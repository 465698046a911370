"""What shipments want of people now: the work list's items."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import N_
from vein2vein.doors.naming import named
from vein2vein.doors.work import WorkItem, work
from vein2vein.logistics import queues, rules
from vein2vein.logistics.actions.planning import PLANNERS
from vein2vein.logistics.actions.reviewing import QA
from vein2vein.logistics.models import Shipment
from vein2vein.logistics.states import ShipmentKind, ShipmentState
from vein2vein.orders.courses import dues_of
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
LISTED = 50
"""Of each kind of work the oldest are shown; what is done makes room for the next."""


def _roles(shipment: Shipment) -> frozenset[Role]:
    return _concerned(ShipmentState(shipment.state), ShipmentKind(shipment.kind))


def _concerned(state: ShipmentState, kind: ShipmentKind) -> frozenset[Role]:
    return {
        _S.PLANNED: rules.PACKERS[kind],
        _S.PACKED: frozenset({Role.CARRIER}),
        _S.IN_TRANSIT: frozenset({Role.CARRIER}),
        _S.DELIVERED: rules.RECEIVERS[kind],
        _S.QUARANTINED: QA,
        _S.RECEIVED: ACCEPTERS,
    }.get(state, frozenset())


@work("logistics.shipments")
def shipments_to_move(by: Actor) -> list[WorkItem]:
    """List the shipments whose next act is this actor's."""
    now, found = clock.now(), []
    for state in TITLES:
        for one in _in(state, by):
            if not by.has_any(_roles(one)):
                continue
            late = one.arrive_by is not None and one.arrive_by < now
            found.append(
                WorkItem(
                    gettext(TITLES[state]),
                    f"{one.code} · {one.coi.code}",
                    reverse("logistics:shipment", args=[one.pk]),
                    due_at=one.arrive_by,
                    urgent=late or state is _S.QUARANTINED,
                    about=f"{one.lane.origin.code} → {one.lane.destination.code}",
                )
            )
    return found


def _in(state: ShipmentState, by: Actor) -> list[Shipment]:
    """Return the oldest shipments in a state that someone with this actor's roles has to do with."""
    if state is _S.RECEIVED:
        return queues.list_uncounted(by, limit=LISTED) if by.has_any(ACCEPTERS) else []
    kinds = frozenset(kind for kind in ShipmentKind if by.has_any(_concerned(state, kind)))
    return queues.list_in_state(by, state, kinds, limit=LISTED) if kinds else []


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
        for one in (queues.open_referrals(by) if any(sides.values()) else [])
        if any(mine and not getattr(one, side) for side, mine in sides.items())
    ]


@work("logistics.incidents")
def incidents_to_know(by: Actor) -> list[WorkItem]:
    """List the shipments under way that will come too late, to those who can do something about it."""
    if not by.has_any(PLANNERS | QA | {Role.PHYSICIAN}):
        return []
    return [
        WorkItem(
            gettext("Shipment comes too late"),
            f"{one.code} · {one.coi.code}",
            reverse("logistics:shipment", args=[one.pk]),
            urgent=True,
        )
        for one in queues.list_too_late(by, limit=LISTED)
    ]


@work("logistics.to_plan")
def shipments_to_plan(by: Actor) -> list[WorkItem]:
    """List the orders that wait for a shipment to be planned."""
    if not by.has_any(PLANNERS):
        return []
    found = []
    for kind, states in (
        (ShipmentKind.STARTING_MATERIAL, (OrderState.ACCEPTED, OrderState.COLLECTED)),
        (ShipmentKind.PRODUCT, (OrderState.RELEASED,)),
        (ShipmentKind.RETURN, sorted(rules.PLANNABLE[ShipmentKind.RETURN])),
    ):
        asked = "?kind=return" if kind is ShipmentKind.RETURN else ""
        waiting = queues.list_to_plan(states, kind, by, limit=LISTED)
        dues = dues_of(one.pk for one in waiting)
        for one in waiting:
            url = reverse("logistics:plan", args=[one.pk]) + asked
            about = f"{one.hospital.code} · {named(one.therapy_code)}"
            found.append(WorkItem(gettext("Plan the shipment"), one.code, url, dues.get(one.pk), about=about))
    return found
