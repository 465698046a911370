"""The only writers of the thread."""

from vein2vein.identity.actions.chains import close_chain, issue_chain, link_patient_number, register_patient
from vein2vein.identity.actions.checks import check_identity, issue_wristband, record_identity_check
from vein2vein.identity.actions.containers import (
    consume_container,
    derive_container,
    destroy_container,
    destroy_expected,
    fill_container,
    mark_infused,
    measure_container,
    quarantine_contents,
    set_disposition,
    set_statement,
    thaw_container,
)
from vein2vein.identity.actions.custody import add_position, hand_over, store_container, take_container
from vein2vein.identity.actions.labels import (
    activate_label,
    print_kit,
    reconcile_labels,
    reprint_label,
    void_label,
    void_spare_labels,
    void_unused_labels,
)

__all__ = [
    "activate_label",
    "add_position",
    "check_identity",
    "close_chain",
    "consume_container",
    "derive_container",
    "destroy_container",
    "destroy_expected",
    "fill_container",
    "hand_over",
    "issue_chain",
    "issue_wristband",
    "link_patient_number",
    "mark_infused",
    "measure_container",
    "print_kit",
    "quarantine_contents",
    "reconcile_labels",
    "record_identity_check",
    "register_patient",
    "reprint_label",
    "set_disposition",
    "set_statement",
    "store_container",
    "take_container",
    "thaw_container",
    "void_label",
    "void_spare_labels",
    "void_unused_labels",
]
