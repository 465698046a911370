"""The context as a Django app."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.orders"
    label = "orders"

    def ready(self) -> None:
        """Register what the doors offer."""
        from vein2vein.orders import actions, conflicts, courses, reads, working  # noqa: F401 - importing registers them
