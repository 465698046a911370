"""Packing: every container scanned into the shipping container, the logger within, the seal on it."""

from __future__ import annotations

from datetime import timedelta

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ContainerId, ShipmentId, SiteId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, refuse_any
from vein2vein.engines.codes import Kind
from vein2vein.identity import actions as identity
from vein2vein.identity.actions.custody import person
from vein2vein.identity.scans import read_code
from vein2vein.logistics import facts, reads, rules
from vein2vein.logistics.models import Milestone, Shipment, ShipmentItem
from vein2vein.logistics.states import MilestoneKind, ShipmentKind

journal.explain(
    "logistics_seal_once",
    Blocker(
        "logistics.seal_used",
        N_("This seal was used before"),
        field="scanned_seal",
        mend=N_("Take a new seal"),
    ),
)
for _constraint in ("logistics_item_gate", "logistics_product_released"):
    journal.explain(
        _constraint,
        Blocker(
            "logistics.not_released",
            N_("Only what was released for this order leaves"),
            field="scanned_containers",
            mend=N_("Leave it in its store and call QA"),
        ),
    )


def require_place(by: Actor, roles: frozenset[Role], site_id: SiteId) -> None:
    """Raise `NotAllowed` unless the actor holds one of `roles` and works at the site where this is done."""
    if by.has_any(roles) and by.sees(site_id):
        return
    raise NotAllowed(
        Blocker(
            "logistics.done_elsewhere",
            N_("This is done at the other end of the way, by %(roles)s"),
            field="roles",
            value=", ".join(sorted(by.roles)),
            mend=N_("Ask the colleagues there"),
            params={"roles": " / ".join(sorted(roles))},
        )
    )


def require_scan(scanned: str, kind: Kind, expected: str, field: str) -> None:
    """Raise `Refused` unless the scan is good and names exactly what belongs to this shipment."""
    refuse_any(rules.scan_blockers(read_code(scanned, (kind,), field).value, expected, field))


@journal.action("logistics.pack_shipment", roles={Role.APHERESIS_NURSE, Role.CELL_LAB, Role.WAREHOUSE})
def pack_shipment(
    *,
    shipment_id: ShipmentId,
    scanned_containers: list[str],
    scanned_shipper: str,
    scanned_logger: str,
    scanned_seal: str,
    by: Actor,
) -> Shipment:
    """Pack and seal: every container that belongs in it is scanned, and nothing else; then shipper, logger, seal.

    Product is packed only when it is released, has its release for infusion, and the site reconfirmed (N6).
    """
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    kind, at = ShipmentKind(shipment.kind), journal.current().at
    require_place(by, rules.PACKERS[kind], SiteId(shipment.lane.origin_id))
    require_scan(scanned_shipper, Kind.SHIPPER, shipment.shipper_code, "scanned_shipper")
    require_scan(scanned_logger, Kind.LOGGER, shipment.logger_code, "scanned_logger")
    seal = read_code(scanned_seal, (Kind.SEAL,), "scanned_seal").value
    contents = reads.scanned_contents(scanned_containers)
    refuse_any(reads.pack_blockers(shipment, contents, at=at))
    identity.hand_over(container_ids=[ContainerId(one.container_id) for one in contents], to=person(by), by=by)
    arrive_by = at + timedelta(hours=float(shipment.lane.longest_hours))
    hold_ends_at = at + timedelta(hours=float(shipment.shipper.hold_time_h or 0))
    journal.transition(
        shipment,
        "pack",
        facts.ShipmentPacked(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            sscc=shipment.sscc,
            coi_id=shipment.coi_id,
            order_id=shipment.order_id,
            kind=shipment.kind,
            containers=tuple(facts.PackedContainer(one.container_id, one.code) for one in contents),
            shipper=shipment.shipper.code,
            logger_serial=shipment.logger_serial,
            seal=seal,
            site=shipment.lane.origin.code,
            packed_at=at,
            arrive_by=arrive_by,
            hold_ends_at=hold_ends_at,
        ),
        stream=shipment.stream,
        refs=[*shipment.refs, *(f"container:{one.container_id}" for one in contents)],
        inserts=[
            *(
                ShipmentItem(shipment=shipment, coi_id=shipment.coi_id, container_id=one.container_id)
                for one in contents
            ),
            Milestone(
                shipment=shipment,
                kind=MilestoneKind.PACKED.value,
                to_custodian=by.name,
                place=shipment.lane.origin.code,
                at=at,
                recorded_by=by.account_id,
            ),
        ],
        seal=seal,
        packed_at=at,
        arrive_by=arrive_by,
        hold_ends_at=hold_ends_at,
    )
    return shipment
