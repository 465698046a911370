"""The context as a Django app."""

from django.apps import AppConfig


class ForecastingConfig(AppConfig):
    """Registers the context's actions, reads, followers and pages at start-up."""

    name = "vein2vein.forecasting"
    label = "forecasting"

    def ready(self) -> None:
        """Register what the doors offer."""
        from vein2vein.forecasting import actions, facts, followers, reads  # noqa: F401 - importing registers them
