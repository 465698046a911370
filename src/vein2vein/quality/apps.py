"""The context as a Django app."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.quality"
    label = "quality"

    def ready(self) -> None:
        """Register what the doors offer, and what this context follows."""
        from vein2vein.quality import actions, followers, reads  # noqa: F401 - importing registers them
