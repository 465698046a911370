"""On the way: the sealed shipment changes hands, and arrives."""

from __future__ import annotations

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ContainerId, OrderId, ShipmentId, SiteId
from vein2vein.core.refusals import N_, Blocker, refuse_any
from vein2vein.engines.codes import Kind
from vein2vein.identity import actions as identity
from vein2vein.identity.rules import Custodian
from vein2vein.identity.states import CustodianKind
from vein2vein.logistics import facts, reads, rules
from vein2vein.logistics.actions.packing import require_place, require_scan
from vein2vein.logistics.actions.planning import free_courier
from vein2vein.logistics.models import Milestone, Shipment
from vein2vein.logistics.states import MilestoneKind, ShipmentKind, ShipmentState
from vein2vein.network.reads import get_site
from vein2vein.orders import actions as orders

CARRIERS = frozenset({Role.CARRIER})


@journal.action(
    "logistics.hand_over_shipment", roles={Role.CARRIER, Role.WAREHOUSE, Role.APHERESIS_NURSE, Role.CELL_LAB}
)
def hand_over_shipment(*, shipment_id: ShipmentId, scanned_shipment: str, to_carrier: str = "", by: Actor) -> Shipment:
    """Hand the sealed shipment over to a carrier ("": the lane's); the first time it leaves its origin.

    Who packed it gives it, or the carrier takes it; afterwards only carriers pass it on. Product that is no
    longer released does not leave (N6).
    """
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    kind, at = ShipmentKind(shipment.kind), journal.current().at
    leaving = shipment.state == ShipmentState.PACKED
    if by.has_any(CARRIERS):
        require_place(by, CARRIERS, SiteId(shipment.lane.carrier_id))
    else:
        require_place(by, rules.PACKERS[kind] if leaving else CARRIERS, SiteId(shipment.lane.origin_id))
    require_scan(scanned_shipment, Kind.SHIPMENT, shipment.code, "scanned_shipment")
    refuse_any(rules.state_blockers(shipment.state, [ShipmentState.PACKED, ShipmentState.IN_TRANSIT]))
    if leaving:
        refuse_any(reads.dispatch_blockers(shipment, at=at))
    carrier = get_site(to_carrier.strip().upper() or shipment.lane.carrier.code)
    refuse_any([] if carrier.kind == "carrier" else [_not_a_carrier(carrier.code)])
    giver = reads.custodian_of(shipment)
    _give(shipment, Custodian(CustodianKind.ORGANISATION, f"site:{carrier.pk}", carrier.printed_name), by=by)
    place = shipment.lane.origin.code if leaving else carrier.code
    journal.transition(
        shipment,
        "hand_over",
        facts.ShipmentHandedOver(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            sscc=shipment.sscc,
            coi_id=shipment.coi_id,
            kind=shipment.kind,
            from_custodian=giver,
            to_custodian=carrier.printed_name,
            place=place,
            departed=leaving,
        ),
        stream=shipment.stream,
        refs=[*shipment.refs, f"site:{carrier.pk}"],
        inserts=[
            Milestone(
                shipment=shipment,
                kind=MilestoneKind.HANDED_OVER.value,
                from_custodian=giver,
                to_custodian=carrier.printed_name,
                place=place,
                at=at,
                recorded_by=by.account_id,
            )
        ],
        departed_at=at if leaving else shipment.departed_at,
    )
    if leaving:
        _leave(shipment, by=by)
    return shipment


def _not_a_carrier(code: str) -> Blocker:
    return Blocker(
        "logistics.not_a_carrier",
        N_("%(code)s is not a carrier"),
        field="to_carrier",
        value=code,
        mend=N_("Give a carrier's code, or leave it empty for the lane's carrier"),
        params={"code": code},
    )


def _give(shipment: Shipment, to: Custodian, *, by: Actor) -> None:
    containers = [ContainerId(one.container_id) for one in shipment.items.all()]
    identity.hand_over(container_ids=containers, to=to, by=by)


def _leave(shipment: Shipment, *, by: Actor) -> None:
    order_id = OrderId(shipment.order_id)
    if shipment.kind == ShipmentKind.PRODUCT:
        orders.mark_dispatched(order_id=order_id, by=by)
    if shipment.kind == ShipmentKind.STARTING_MATERIAL:
        orders.mark_in_transit(order_id=order_id, by=by)


@journal.action("logistics.deliver_shipment", roles=CARRIERS)
def deliver_shipment(*, shipment_id: ShipmentId, scanned_shipment: str, by: Actor) -> Shipment:
    """Record the arrival at the destination; the shipment stays in the carrier's custody until it is received."""
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    at = journal.current().at
    require_place(by, CARRIERS, SiteId(shipment.lane.carrier_id))
    require_scan(scanned_shipment, Kind.SHIPMENT, shipment.code, "scanned_shipment")
    refuse_any(rules.state_blockers(shipment.state, [ShipmentState.IN_TRANSIT]))
    custodian, place = reads.custodian_of(shipment), shipment.lane.destination.code
    journal.transition(
        shipment,
        "deliver",
        facts.ShipmentDelivered(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            sscc=shipment.sscc,
            coi_id=shipment.coi_id,
            kind=shipment.kind,
            place=place,
            delivered_at=at,
            on_time=shipment.arrive_by is not None and at <= shipment.arrive_by,
        ),
        stream=shipment.stream,
        refs=shipment.refs,
        inserts=[
            Milestone(
                shipment=shipment,
                kind=MilestoneKind.DELIVERED.value,
                from_custodian=custodian,
                to_custodian=custodian,
                place=place,
                at=at,
                recorded_by=by.account_id,
            )
        ],
        delivered_at=at,
    )
    free_courier(shipment, "delivered", by)
    return shipment
