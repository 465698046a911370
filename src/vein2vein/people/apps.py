"""The context as a Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the context's actions and reads, and the two gates, at start-up."""

    name = "vein2vein.people"
    label = "people"

    def ready(self) -> None:
        """Register what the doors are made from, and install the gates that every act passes."""
        from vein2vein.people import actions, gates, reads

        self.doors = (actions, reads)
        gates.register()
