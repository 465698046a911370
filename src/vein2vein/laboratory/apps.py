"""The context as a Django app."""

from django.apps import AppConfig


class LaboratoryConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.laboratory"
    label = "laboratory"

    def ready(self) -> None:
        """Register what the doors offer, and what this context follows."""
        from vein2vein.laboratory import actions, followers, reads  # noqa: F401 - importing registers them
