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
from vein2vein.orders.actions.beds import plan_infusion, take_slot
from vein2vein.orders.actions.bedside import match_at_bedside, record_infusion, start_infusion, thaw_product
from vein2vein.orders.actions.clearing import clear_for_lymphodepletion, confirm_dose, report_lymphodepletion
from vein2vein.orders.actions.collecting import (
    activate_kit_label,
    print_collection_kit,
    record_collection,
    start_collection,
)
from vein2vein.orders.actions.dates import agree_date, decline_date, request_date, withdraw_date_request
from vein2vein.orders.actions.disposing import decide_unused, destroy_unused
from vein2vein.orders.actions.documents import share_document, withdraw_document
from vein2vein.orders.actions.ending import cancel_order, end_course, report_death, withdraw_consent
from vein2vein.orders.actions.following_up import close_order, record_visit
from vein2vein.orders.actions.interrupting import interrupt_infusion, refuse_infusion, resume_infusion
from vein2vein.orders.actions.keeping import accept_single_copy
from vein2vein.orders.actions.preparing import (
    give_slot_back,
    lift_obstacle,
    renew_eligibility,
    report_obstacle,
    reschedule_collection,
)
from vein2vein.orders.actions.prescribing import (
    PriorTherapyGiven,
    VirologyGiven,
    accept_order,
    confirm_weight,
    draft_order,
    submit_order,
)
from vein2vein.orders.actions.stopping import decide_course, fail_collection, stop_course

__all__ = [
    "PriorTherapyGiven",
    "VirologyGiven",
    "accept_material",
    "accept_order",
    "accept_single_copy",
    "activate_kit_label",
    "agree_date",
    "cancel_order",
    "clear_for_lymphodepletion",
    "close_order",
    "confirm_dose",
    "confirm_weight",
    "decide_course",
    "decide_unused",
    "decline_date",
    "destroy_unused",
    "draft_order",
    "end_course",
    "fail_collection",
    "finish_manufacture",
    "give_slot_back",
    "interrupt_infusion",
    "lift_obstacle",
    "mark_at_site",
    "mark_dispatched",
    "mark_in_transit",
    "mark_received",
    "match_at_bedside",
    "plan_infusion",
    "print_collection_kit",
    "reconfirm_site",
    "record_collection",
    "record_infusion",
    "record_release",
    "record_visit",
    "refuse_infusion",
    "renew_eligibility",
    "report_death",
    "report_lymphodepletion",
    "report_obstacle",
    "request_date",
    "reschedule_collection",
    "resume_infusion",
    "share_document",
    "start_collection",
    "start_infusion",
    "start_manufacture",
    "stop_course",
    "submit_order",
    "take_slot",
    "thaw_product",
    "withdraw_consent",
    "withdraw_date_request",
    "withdraw_document",
]
