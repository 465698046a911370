"""The context as a Django app."""

from django.apps import AppConfig

from vein2vein.core.refusals import N_


class IdentityConfig(AppConfig):
    """Registers the context's actions, reads and constraint texts at start-up."""

    name = "vein2vein.identity"
    label = "identity"

    def ready(self) -> None:
        """Import what registers itself, say what the constraints mean, and name the arguments."""
        from vein2vein.doors.labels import LABELS
        from vein2vein.identity import actions, conflicts, printing, reads

        conflicts.explain_all()
        LABELS.update(
            {
                "coi_id": N_("Chain of identity"),
                "scanned_label": N_("Scan the label"),
                "scanned_position": N_("Scan the position"),
                "scanned_wristband": N_("Scan the wristband"),
                "donation_number": N_("Donation number"),
                "manual": N_("Typed, not scanned"),
                "entered_again": N_("Each code entered a second time"),
                "hospital_number": N_("Hospital number"),
                "former_number": N_("Former hospital number"),
                "new_number": N_("New hospital number"),
                "birth_date": N_("Born on"),
                "occasion": N_("Occasion"),
                "counted_used": N_("Used labels counted"),
                "counted_voided": N_("Voided labels counted"),
                "kit_id": N_("Kit"),
                "label_id": N_("Label"),
                "labels": N_("Labels of the kit"),
            }
        )
        del actions, printing, reads
