"""The context as a Django app."""

from django.apps import AppConfig


class LogisticsConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.logistics"
    label = "logistics"
