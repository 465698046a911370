"""The context as a Django app."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """Registers the context's actions and reads at start-up."""

    name = "vein2vein.network"
    label = "network"

    def ready(self) -> None:
        """Register what the doors are made from."""
        from vein2vein.core.actor import HOSPITAL_ROLES, Role
        from vein2vein.core.refusals import N_
        from vein2vein.doors.labels import LABELS
        from vein2vein.doors.work import Menu, place
        from vein2vein.network import actions, reads

        self.doors = (actions, reads)
        LABELS.update(
            {
                "certificate": N_("Certificate"),
                "calibration_due_on": N_("Calibration due on"),
                "requalification_due_on": N_("Requalification due on"),
                "hold_time_h": N_("Hold time (h)"),
                "market_code": N_("Market"),
                "holder_code": N_("Holder (code of the site)"),
                "indication_code": N_("Indication (its id in the definition)"),
                "therapy_code": N_("Therapy"),
                "valid_from_on": N_("First good day"),
                "valid_to_on": N_("Last good day"),
            }
        )
        place("network:network", N_("Network"), Menu.BASE)
        place("network:routes", N_("Markets and routes"), Menu.BASE)
        place("network:equipment", N_("Equipment"), Menu.PLANT, roles=frozenset(Role) - HOSPITAL_ROLES - {Role.CARRIER})
