"""The context as a Django app."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.exchange"
    label = "exchange"

    def ready(self) -> None:
        """Register what the doors offer."""
        from vein2vein.exchange import actions, reads  # noqa: F401 - importing registers them
