"""The label of a shipping container printed again: the spoilt one destroyed, the new one compared, by two people."""

from __future__ import annotations

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ShipmentId, SiteId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.identity.actions.chains import require_witness
from vein2vein.logistics import facts, reads, rules
from vein2vein.logistics.actions.packing import require_place
from vein2vein.logistics.actions.travelling import CARRIERS
from vein2vein.logistics.models import Shipment
from vein2vein.logistics.states import ShipmentKind, ShipmentState


@journal.action(
    "logistics.reprint_shipping_label",
    roles={Role.CARRIER, Role.WAREHOUSE, Role.APHERESIS_NURSE, Role.CELL_LAB},
    witnessed=N_("old label destroyed, new label compared"),
)
def reprint_shipping_label(*, shipment_id: ShipmentId, reason: str, by: Actor, witness: Actor | None) -> Shipment:
    """Record that the label of a packed shipping container is printed again, by two people of whoever has it now (N3).

    Its codes are the shipment's and stay; the spoilt label is destroyed before the new one is stuck on.
    """
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    refuse_any(
        [
            *rules.state_blockers(shipment.state, [ShipmentState.PACKED, ShipmentState.IN_TRANSIT]),
            *rules.reason_blockers(reason, "reason"),
        ]
    )
    packed = shipment.state == ShipmentState.PACKED
    site_id = SiteId(shipment.lane.origin_id if packed else shipment.lane.carrier_id)
    roles = rules.PACKERS[ShipmentKind(shipment.kind)] if packed else CARRIERS
    require_place(by, roles, site_id)
    require_witness(witness, by=by, site_id=site_id, roles=roles | {Role.QA_REVIEWER})
    journal.record(
        facts.ShippingLabelReprinted(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            coi_id=shipment.coi_id,
            order_id=shipment.order_id,
            kind=shipment.kind,
            reason=reason,
        ),
        stream=shipment.stream,
        refs=shipment.refs,
    )
    return shipment
