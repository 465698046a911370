"""The context as a Django app."""

from django.apps import AppConfig


class ForecastingConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.forecasting"
    label = "forecasting"

    def ready(self) -> None:
        """Register what the doors offer."""
