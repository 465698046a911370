"""What the constraints of orders say, in words, when the database itself refuses."""

from __future__ import annotations

from vein2vein import journal
from vein2vein.core.refusals import N_, Blocker

_STOP = N_("Stop, and identify patient, bag and order again")
_AGAIN = N_("Load the page again and look before you act")
_SAID: dict[str, tuple[str, str, str]] = {
    "orders_virology_marker_once": (
        N_("A virology marker is there twice"),
        "virology",
        N_("Give the newest result of each marker"),
    ),
    "orders_order_fixed": (
        N_("Patient, hospital, definition and chain of identity of an order never change"),
        "order",
        N_("Cancel the order and draft another"),
    ),
    "orders_order_thread": (N_("The chain of identity is another patient's"), "coi", _STOP),
    "orders_bag_thread": (N_("The container is not released product of this order's chain of identity"), "bag", _STOP),
    "orders_bag_fixed": (N_("A bag of the released dose never changes"), "bag", _STOP),
    "orders_infusion_gate": (
        N_("The bag is not of this order's released dose, or was not matched at the bedside"),
        "bag",
        _STOP,
    ),
    "orders_infusion_fixed": (N_("Bag and start of an infusion never change"), "infusion", _AGAIN),
    "orders_infusion_bag_id_key": (N_("The infusion of this bag was started already"), "scanned_bag", _AGAIN),
    "orders_dosebag_container_id_key": (N_("This container belongs to a released dose already"), "bags", _STOP),
    "orders_dose_bag_matched_by_two": (
        N_("A bedside match needs a thawed bag and two people"),
        "witness",
        N_("Ask a second person to check and sign"),
    ),
    "orders_order_release_recorded": (N_("There is no release for infusion"), "rfi_number", _STOP),
    "orders_order_infusion_gated": (
        N_("Nothing is thawed without clearance and a confirmed dose"),
        "state",
        N_("Clear the patient and confirm the dose first"),
    ),
    "orders_order_cleared_when_secured": (
        N_("Nobody is cleared to lymphodeplete before the released product is secured on site"),
        "state",
        N_("Wait until it has arrived and been received; do not start lymphodepletion"),
    ),
    "orders_order_trial_named": (
        N_("An order in a clinical trial names protocol and subject number"),
        "protocol",
        N_("Enter it as in the trial's papers"),
    ),
    "orders_order_coi_id_key": (N_("This chain of identity belongs to another order"), "coi", _STOP),
    "orders_collection_one_running": (N_("The collection was started already"), "order", _AGAIN),
    "orders_collection_in_line": (N_("The collection was started already"), "order", _AGAIN),
    "orders_one_open_interruption": (N_("The course stands still already"), "order", _AGAIN),
    "orders_obstacle_once_a_kind": (N_("This obstacle is reported already"), "kind", _AGAIN),
    "orders_one_open_date_request": (N_("A request for another date waits already"), "order", _AGAIN),
    "orders_document_once": (N_("This very file was handed in for the order already"), "document", _AGAIN),
    "orders_document_fixed": (N_("A document never changes after it was handed in"), "document_id", _AGAIN),
}

for _name, (_message, _field, _mend) in _SAID.items():
    journal.explain(_name, Blocker(f"orders.{_name.removeprefix('orders_')}", _message, field=_field, mend=_mend))
