"""What the thread's constraints say, in words, when the database itself refuses."""

from __future__ import annotations

from vein2vein.core.refusals import N_, Blocker
from vein2vein.journal import explain

_TWO_CHAINS = (N_("Two treatment courses would be tied together: never"), N_("Stop and call the supervisor"))
_KEPT = (N_("This never changes once it is written"), N_("Void it and make another, with a second person"))
_SAID: dict[str, tuple[str, str]] = {
    "identity_container_coi_id_kept": _TWO_CHAINS,
    "identity_label_coi_id_kept": _TWO_CHAINS,
    "identity_parentage_child_on_chain": _TWO_CHAINS,
    "identity_parentage_parent_on_chain": _TWO_CHAINS,
    "identity_label_container_on_chain": _TWO_CHAINS,
    "identity_label_kit_on_chain": _TWO_CHAINS,
    "identity_check_container_on_chain": _TWO_CHAINS,
    "identity_donation_one_chain": (
        N_("This donation number is on another treatment course already"),
        N_("Stop. Scan the donation number on the bag in your hands"),
    ),
    "identity_one_custodian": (
        N_("The container is in somebody's custody at that time"),
        N_("Load the page again: somebody may have been quicker"),
    ),
    "identity_one_container_a_position": (
        N_("There is a container in this position"),
        N_("Scan an empty position"),
    ),
    "identity_one_label_in_force": (
        N_("The container has a label in force"),
        N_("Print it again with a second person: that voids the present one"),
    ),
    "identity_label_container_id_once": (N_("This label was used already"), N_("Take a fresh label of the kit")),
    "identity_number_one_patient": (
        N_("This hospital number belongs to a patient who is registered already"),
        N_("Choose that patient instead; if it is somebody else, the number is wrong"),
    ),
    "identity_number_one_current": (
        N_("Somebody else linked a number to this patient first"),
        N_("Load the page again and look before you act"),
    ),
    "identity_chain_order_ref_key": (
        N_("This order has a chain of identity already"),
        N_("Use the chain that was issued"),
    ),
    "identity_chain_open": (
        N_("This chain of identity is closed: nothing more is tied to it"),
        N_("A new treatment course has a chain of its own"),
    ),
    "identity_product_released": (
        N_("A product that is not released is neither thawed nor infused"),
        N_("Stop. Keep it where it is and call the manufacturer"),
    ),
    "identity_infused_after_check": (
        N_("Two people have not matched wristband, bag and order for this bag"),
        N_("Match at the bedside first"),
    ),
    "identity_container_has_parent": (
        N_("A container comes from at least one other"),
        N_("Scan the container that it is made from"),
    ),
    "identity_label_stays": (
        N_("A container keeps exactly one label in force"),
        N_("Print it again with a second person: that voids the present one"),
    ),
    "identity_label_transition": _KEPT,
}


def explain_all() -> None:
    """Register the words of each constraint with the journal."""
    for constraint, (message, mend) in _SAID.items():
        explain(constraint, Blocker(f"identity.{constraint.removeprefix('identity_')}", message, mend=mend))
