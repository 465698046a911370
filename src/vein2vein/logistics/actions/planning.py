"""Planning a journey: lane, shipping container, logger and permits, before anything is packed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import OrderId, ReservationId, ShipmentId, SiteId, new_id
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.codes import BadCode, Kind, gs1_check_digit, issue, scan
from vein2vein.logistics import facts, reads, rules
from vein2vein.logistics.models import Permit, Shipment
from vein2vein.logistics.states import ShipmentKind, ShipmentState
from vein2vein.network import actions as network
from vein2vein.network.reads import find_lane, get_equipment, get_lane, get_site, has_units, list_reservations_of
from vein2vein.network.states import TemperatureClass
from vein2vein.orders import reads as orders

PLANNERS = frozenset({Role.PLANNER, Role.COORDINATOR, Role.WAREHOUSE})
COURIER = "courier"
NOT_LEFT = (ShipmentState.PLANNED, ShipmentState.PACKED)
EXAMPLE_PREFIX = "9521234"
"""The GS1 company prefix that GS1 keeps for examples; a real site has its own."""

_TAKEN = N_("Choose another one, or wait until that shipment is received")
for _constraint, _field, _message in (
    ("logistics_shipper_taken", "shipper", N_("This shipping container is on its way with another shipment")),
    ("logistics_logger_taken", "logger", N_("This logger is on its way with another shipment")),
    ("logistics_one_shipment_of_a_kind", "order", N_("This order has a shipment of this kind already")),
):
    journal.explain(_constraint, Blocker(f"logistics.{_field}_taken", _message, field=_field, mend=_TAKEN))


@journal.action("logistics.plan_shipment", roles=PLANNERS)
def plan_shipment(
    *,
    order_id: OrderId,
    kind: ShipmentKind,
    shipper: str,
    logger: str,
    lane: str = "",
    permits: list[str] | None = None,
    collect_at: datetime | None = None,
    courier: str = "",
    by: Actor,
) -> Shipment:
    """Plan a journey with a shipping container and a logger, by their codes; `lane` "" takes the quickest that fits.

    `permits` are lines "name = number": all that the lane asks for where it crosses a border. The shipping
    container must be qualified and hold half as long again as the longest way (N10), the logger be in calibration.
    One of the carrier's couriers ("": the first that is free) is booked from `collect_at` (None: now) for the longest
    way that the lane takes, and for nothing else meanwhile (N11).
    """
    order = orders.get_order(order_id=order_id, by=by)
    refuse_any(rules.order_blockers(order.state, rules.PLANNABLE[kind]))
    wanted, at = reads.wanted_of(order.pk, kind), journal.current().at
    way = get_lane(lane.strip().upper() or _quickest(wanted.journey))
    box, recorder = get_equipment(_code(shipper, "shipper")), get_equipment(_code(logger, "logger"))
    given, faults = rules.permits_given(permits or [])
    view = reads.view_lane(way.code)
    refuse_any(
        [
            *rules.lane_blockers(view, wanted.journey),
            *faults,
            *rules.permit_blockers(view, given),
            *reads.equipment_found(box.code, recorder.code, view, wanted, at),
        ]
    )
    shipment = Shipment(
        code=issue(Kind.SHIPMENT),
        sscc=_sscc(),
        kind=kind.value,
        state=ShipmentState.PLANNED.value,
        order=order,
        coi_id=orders.coi_of(order),
        lane=way,
        shipper=box,
        logger=recorder,
        logger_serial=recorder.serial,
        condition=wanted.condition,
        planned_at=at,
        planned_by=by.account_id,
    )
    _write(shipment, given)
    _book_courier(shipment, collect_at or at, courier, by)
    return shipment


def _write(shipment: Shipment, given: Sequence[rules.PermitGiven]) -> None:
    """Write that a journey is planned, with the permits that it has."""
    journal.record(
        facts.ShipmentPlanned(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            coi_id=shipment.coi_id,
            order_id=shipment.order_id,
            kind=shipment.kind,
            lane=shipment.lane.code,
            origin=shipment.lane.origin.code,
            destination=shipment.lane.destination.code,
            carrier=shipment.lane.carrier.code,
            shipper=shipment.shipper.code,
            logger=shipment.logger.code,
            logger_serial=shipment.logger_serial,
            permits=tuple(f"{one.name} = {one.number}" for one in given),
        ),
        stream=shipment.stream,
        refs=shipment.refs,
        inserts=[shipment, *(Permit(shipment=shipment, name=one.name, number=one.number) for one in given)],
    )


def _book_courier(shipment: Shipment, collect_at: datetime, courier: str, by: Actor) -> None:
    """Book a courier for the journey; a carrier that entered none sees to its couriers itself."""
    carrier = SiteId(shipment.lane.carrier_id)
    if not courier and not has_units(COURIER, carrier):
        return
    network.reserve_unit(
        kind=COURIER,
        site_id=carrier,
        code=courier.strip().upper(),
        starts_at=collect_at,
        ends_at=collect_at + timedelta(hours=float(shipment.lane.longest_hours)),
        holder=holder_of(shipment),
        held_for=shipment.code,
        by=by,
    )


def holder_of(shipment: Shipment) -> str:
    """Return the name under which a shipment books."""
    return f"shipment:{shipment.pk}"


def free_courier(shipment: Shipment, reason: str, by: Actor) -> None:
    """Give back what is booked for a journey that is over, or does not begin."""
    for one in list_reservations_of(holder_of(shipment)):
        if one.state == "held":
            network.release_reservation(reservation_id=ReservationId(one.pk), reason=reason, by=by)


def _quickest(journey: rules.Journey) -> str:
    found = find_lane(
        origin_id=SiteId(get_site(journey.origin).pk),
        destination_id=SiteId(get_site(journey.destination).pk),
        temperature_class=TemperatureClass(journey.temperature_class),
    )
    if found is None:
        raise Refused(
            Blocker(
                "logistics.no_lane",
                N_("The network has no %(temperature)s lane from %(origin)s to %(destination)s"),
                field="lane",
                mend=N_("Have a lane qualified between these two sites"),
                params={
                    "temperature": journey.temperature_class,
                    "origin": journey.origin,
                    "destination": journey.destination,
                },
            )
        )
    return found.code


def _code(text: str, field: str) -> str:
    """Return the code of equipment, typed plainly or scanned from its label."""
    code = text.strip().upper()
    try:
        found = scan(code, field)
    except BadCode:
        return code
    if found.kind in (Kind.SHIPPER, Kind.LOGGER, Kind.EQUIPMENT):
        return found.value.partition("-")[2].rpartition("-")[0]
    return code


def _sscc() -> str:
    body = f"3{EXAMPLE_PREFIX}{new_id().int % 10**9:09d}"
    return body + gs1_check_digit(body)


@journal.action("logistics.cancel_shipment", roles=PLANNERS)
def cancel_shipment(*, shipment_id: ShipmentId, reason: str, by: Actor) -> Shipment:
    """Call off a shipment that has not left: shipping container and logger are free again."""
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    refuse_any(
        [
            *rules.state_blockers(shipment.state, [ShipmentState.PLANNED, ShipmentState.PACKED]),
            *rules.reason_blockers(reason, "reason"),
        ]
    )
    call_off(shipment, reason, by)
    return shipment


def call_off(shipment: Shipment, reason: str, by: Actor) -> None:
    """Write that a shipment that has not left is called off."""
    free_courier(shipment, reason, by)
    journal.transition(
        shipment,
        "cancel",
        facts.ShipmentCancelled(shipment_id=shipment.pk, shipment=shipment.code, coi_id=shipment.coi_id, reason=reason),
        stream=shipment.stream,
        refs=shipment.refs,
    )


@journal.action("logistics.call_off_shipments")
def call_off_shipments(*, order_id: OrderId, planned_before: datetime, reason: str, by: Actor) -> int:
    """Call off what was planned for an order before it stopped or ended, and has not left; return how many shipments.

    What is under way arrives, and is quarantined at its receipt, for nobody waits for it.
    """
    waiting = [one for one in reads.list_shipments_under_way(order_id) if one.state in NOT_LEFT]
    found = [one for one in waiting if one.kind != ShipmentKind.RETURN and one.planned_at <= planned_before]
    for shipment in found:
        call_off(shipment, reason, by)
    return len(found)
