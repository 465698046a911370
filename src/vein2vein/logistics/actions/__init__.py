"""The only writers of shipments."""

from vein2vein.logistics.actions.accepting import accept_material, permit_aged_material
from vein2vein.logistics.actions.packing import pack_shipment
from vein2vein.logistics.actions.planning import cancel_shipment, plan_shipment
from vein2vein.logistics.actions.receiving import receive_shipment
from vein2vein.logistics.actions.reviewing import review_excursion
from vein2vein.logistics.actions.travelling import deliver_shipment, hand_over_shipment

__all__ = [
    "accept_material",
    "cancel_shipment",
    "deliver_shipment",
    "hand_over_shipment",
    "pack_shipment",
    "permit_aged_material",
    "plan_shipment",
    "receive_shipment",
    "review_excursion",
]
