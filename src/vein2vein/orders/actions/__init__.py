"""The only writers of orders."""

from vein2vein.orders.actions.advancing import (
    accept_material,
    finish_manufacture,
    mark_at_site,
    mark_dispatched,
    mark_in_transit,
    mark_received,
    reconfirm_site,
    record_release,
    start_manufacture,
)
from vein2vein.orders.actions.bedside import match_at_bedside, record_infusion, start_infusion, thaw_product
from vein2vein.orders.actions.clearing import clear_for_lymphodepletion, confirm_dose, report_lymphodepletion
from vein2vein.orders.actions.collecting import (
    activate_kit_label,
    print_collection_kit,
    record_collection,
    start_collection,
)
from vein2vein.orders.actions.following_up import close_order, record_visit
from vein2vein.orders.actions.prescribing import (
    PriorTherapyGiven,
    VirologyGiven,
    accept_order,
    cancel_order,
    confirm_weight,
    draft_order,
    submit_order,
)

__all__ = [
    "PriorTherapyGiven",
    "VirologyGiven",
    "accept_material",
    "accept_order",
    "activate_kit_label",
    "cancel_order",
    "clear_for_lymphodepletion",
    "close_order",
    "confirm_dose",
    "confirm_weight",
    "draft_order",
    "finish_manufacture",
    "mark_at_site",
    "mark_dispatched",
    "mark_in_transit",
    "mark_received",
    "match_at_bedside",
    "print_collection_kit",
    "reconfirm_site",
    "record_collection",
    "record_infusion",
    "record_release",
    "record_visit",
    "report_lymphodepletion",
    "start_collection",
    "start_infusion",
    "start_manufacture",
    "submit_order",
    "thaw_product",
]
