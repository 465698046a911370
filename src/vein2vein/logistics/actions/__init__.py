"""The only writers of shipments."""

from vein2vein.logistics.actions.accepting import accept_material, permit_aged_material, refer_material
from vein2vein.logistics.actions.judging import judge_material, reject_material
from vein2vein.logistics.actions.mishaps import report_found, report_incident, report_lost
from vein2vein.logistics.actions.packing import pack_shipment
from vein2vein.logistics.actions.planning import call_off_shipments, cancel_shipment, plan_shipment
from vein2vein.logistics.actions.receiving import receive_shipment
from vein2vein.logistics.actions.relabelling import reprint_shipping_label
from vein2vein.logistics.actions.reviewing import review_excursion
from vein2vein.logistics.actions.travelling import deliver_shipment, hand_over_shipment

__all__ = [
    "accept_material",
    "call_off_shipments",
    "cancel_shipment",
    "deliver_shipment",
    "hand_over_shipment",
    "judge_material",
    "pack_shipment",
    "permit_aged_material",
    "plan_shipment",
    "receive_shipment",
    "refer_material",
    "reject_material",
    "report_found",
    "report_incident",
    "report_lost",
    "reprint_shipping_label",
    "review_excursion",
]
