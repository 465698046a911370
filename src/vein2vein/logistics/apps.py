"""The context as a Django app."""

from django.apps import AppConfig


class LogisticsConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.logistics"
    label = "logistics"

    def ready(self) -> None:
        """Register what the doors offer."""
        from vein2vein.logistics import actions, reads  # noqa: F401 - importing registers them
