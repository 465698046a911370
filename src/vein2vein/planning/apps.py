"""The context as a Django app."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.planning"
    label = "planning"

    def ready(self) -> None:
        """Register what the doors offer."""
