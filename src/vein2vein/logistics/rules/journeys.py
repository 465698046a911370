"""What stands in the way of planning a journey: lane, permits, shipping container, where the course stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from vein2vein.core.actor import Role
from vein2vein.core.refusals import N_, Blocker
from vein2vein.logistics.states import ShipmentKind, ShipmentState

CRYOGENIC_C = Decimal(-130)
"""A condition whose warmest allowed temperature is at or below this travels cryogenic (the glass transition of ice)."""


PACKERS: Mapping[ShipmentKind, frozenset[Role]] = {
    ShipmentKind.STARTING_MATERIAL: frozenset({Role.APHERESIS_NURSE, Role.CELL_LAB}),
    ShipmentKind.PRODUCT: frozenset({Role.WAREHOUSE}),
    ShipmentKind.RETURN: frozenset({Role.CELL_LAB}),
}


RECEIVERS: Mapping[ShipmentKind, frozenset[Role]] = {
    ShipmentKind.STARTING_MATERIAL: frozenset({Role.WAREHOUSE}),
    ShipmentKind.PRODUCT: frozenset({Role.CELL_LAB}),
    ShipmentKind.RETURN: frozenset({Role.WAREHOUSE}),
}

RETURNABLE = frozenset({"at_site", "cleared", "thawed", "infused", "closed", "stopped", "cancelled"})


PLANNABLE: Mapping[ShipmentKind, frozenset[str]] = {
    ShipmentKind.STARTING_MATERIAL: frozenset({"accepted", "collecting", "collected"}),
    ShipmentKind.PRODUCT: frozenset({"in_manufacture", "manufactured", "released"}),
    ShipmentKind.RETURN: RETURNABLE,
}


PACKABLE: Mapping[ShipmentKind, frozenset[str]] = {
    ShipmentKind.STARTING_MATERIAL: frozenset({"collected"}),
    ShipmentKind.PRODUCT: frozenset({"released"}),
    ShipmentKind.RETURN: RETURNABLE,
}

AWAITED: Mapping[ShipmentKind, frozenset[str]] = {
    ShipmentKind.STARTING_MATERIAL: frozenset({"in_transit"}),
    ShipmentKind.PRODUCT: frozenset({"dispatched"}),
    ShipmentKind.RETURN: RETURNABLE,
}
"""States of an order that waits for a shipment of a kind; what nobody waits for is quarantined at its receipt."""


@dataclass(frozen=True, slots=True)
class LaneView:
    """What the rules need to know of a lane; hours."""

    code: str
    origin: str
    destination: str
    temperature_class: str
    longest_hours: Decimal
    borders: tuple[str, ...] = ()
    permits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Journey:
    """What the order and its definition ask of a journey: ends, temperature, container class, longest time."""

    origin: str
    destination: str
    temperature_class: str
    equipment_class: str
    maximum: timedelta


@dataclass(frozen=True, slots=True)
class PermitGiven:
    """A permit by its name, and its number."""

    name: str
    number: str


def hours(span: timedelta) -> Decimal:
    """Return a span in hours, to a hundredth."""
    return (Decimal(int(span.total_seconds())) / 3600).quantize(Decimal("0.01"), ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """Return a number as people write it: no exponent, no idle zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def temperature_class_of(warmest_c: Decimal | None) -> str:
    """Return the temperature class in which a condition with this warmest allowed temperature (°C) travels."""
    return "cryogenic" if warmest_c is not None and warmest_c <= CRYOGENIC_C else "chilled"


def lane_blockers(lane: LaneView, journey: Journey) -> list[Blocker]:
    """Return why a lane does not fit a journey: its ends, its temperature, its longest time."""
    found = []
    if (lane.origin, lane.destination) != (journey.origin, journey.destination):
        found.append(
            Blocker(
                "logistics.lane_elsewhere",
                N_("Lane %(lane)s does not lead from %(origin)s to %(destination)s"),
                field="lane",
                value=lane.code,
                mend=N_("Choose a lane between these two sites"),
                params={"lane": lane.code, "origin": journey.origin, "destination": journey.destination},
            )
        )
    if lane.temperature_class != journey.temperature_class:
        found.append(
            Blocker(
                "logistics.lane_temperature",
                N_("Lane %(lane)s is %(found)s, and this material travels %(needed)s"),
                field="lane",
                value=lane.code,
                mend=N_("Choose a lane of the right temperature"),
                params={"lane": lane.code, "found": lane.temperature_class, "needed": journey.temperature_class},
            )
        )
    limit = hours(journey.maximum)
    if lane.longest_hours > limit:
        found.append(
            Blocker(
                "logistics.lane_too_long",
                N_("Lane %(lane)s may take %(longest)s h, and the definition allows %(limit)s h"),
                field="lane",
                value=lane.code,
                mend=N_("Choose a quicker lane"),
                params={"lane": lane.code, "longest": plain(lane.longest_hours), "limit": plain(limit)},
            )
        )
    return found


def permits_given(lines: Iterable[str]) -> tuple[list[PermitGiven], list[Blocker]]:
    """Read "name = number", one permit a line; return them, and what cannot be read."""
    found: list[PermitGiven] = []
    faults: list[Blocker] = []
    for line in (one.strip() for one in lines):
        if not line:
            continue
        name, _, number = (part.strip() for part in line.rpartition("="))
        if name and number and name not in {one.name for one in found}:
            found.append(PermitGiven(name, number))
            continue
        faults.append(
            Blocker(
                "logistics.permit_unreadable",
                N_("This line is not a permit and its number, or repeats one"),
                field="permits",
                value=line[:80],
                mend=N_("Write each permit once, as: name = number"),
            )
        )
    return found, faults


def permit_blockers(lane: LaneView, permits: Collection[PermitGiven]) -> list[Blocker]:
    """Return which permits are missing for a lane that crosses a border (N18)."""
    if not lane.borders:
        return []
    names = {one.name for one in permits}
    return [
        Blocker(
            "logistics.permit_missing",
            N_("Crossing %(border)s needs: %(permit)s"),
            field="permits",
            value=permit,
            mend=N_("Have the permit issued before anything is packed, and give its number"),
            params={"border": ", ".join(lane.borders), "permit": permit},
        )
        for permit in lane.permits
        if permit not in names
    ]


def requalification_blockers(code: str, *, asked: bool, qualified: bool) -> list[Blocker]:
    """Return why a shipping container that must be requalified after each use may not go: nobody qualified it (N10)."""
    if not asked or qualified:
        return []
    return [
        Blocker(
            "logistics.shipper_never_qualified",
            N_("%(code)s must be requalified after each use, and no requalification is recorded"),
            field="shipper",
            value=code,
            mend=N_("Record the requalification first"),
            params={"code": code},
        )
    ]


def order_blockers(order_state: str, allowed: Collection[str]) -> list[Blocker]:
    """Return why the treatment course is not where this shipment belongs."""
    if order_state in allowed:
        return []
    return [
        Blocker(
            "logistics.order_not_there",
            N_("The treatment course is %(state)s; this is done when it is %(allowed)s"),
            field="order",
            value=order_state,
            mend=N_("Look at the order's page to see what comes first"),
            params={"state": order_state, "allowed": " / ".join(sorted(allowed))},
        )
    ]


def state_blockers(state: str, allowed: Collection[ShipmentState]) -> list[Blocker]:
    """Return why the shipment is not where this is done."""
    if state in allowed:
        return []
    return [
        Blocker(
            "logistics.shipment_not_there",
            N_("The shipment is %(state)s; this is done when it is %(allowed)s"),
            field="shipment",
            value=state,
            mend=N_("Load the page again: it shows what comes next"),
            params={"state": state, "allowed": " / ".join(sorted(allowed))},
        )
    ]
