"""The context as a Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the context's actions and reads, and the two gates, at start-up."""

    name = "vein2vein.people"
    label = "people"

    def ready(self) -> None:
        """Register what the doors are made from, and install the gates that every act passes."""
        from vein2vein.core.refusals import N_
        from vein2vein.doors.labels import LABELS
        from vein2vein.doors.work import Menu, place
        from vein2vein.network.reads import register_people
        from vein2vein.people import actions, gates, overseeing, reads

        self.doors = (actions, overseeing, reads)
        register_people(reads.name_of)
        gates.register()
        LABELS.update(
            {
                "username": N_("User name"),
                "name": N_("Name"),
                "name_zh": N_("Name in Chinese"),
                "employer": N_("Employer (site code)"),
                "password": N_("Password"),
                "pin": N_("PIN"),
                "new_password": N_("New password"),
                "new_pin": N_("New PIN"),
                "role": N_("Role"),
                "valid_until_at": N_("Until"),
                "passed_on": N_("Passed on"),
                "valid_until_on": N_("Good until"),
                "cover": N_("Cover"),
                "starts_at": N_("From"),
                "ends_at": N_("Until"),
                "days": N_("Days"),
                "label": N_("Name"),
            }
        )
        place("people:people", N_("People"), Menu.BASE)
        place("people:me", N_("My account"))
