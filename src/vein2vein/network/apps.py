"""The context as a Django app."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """Registers the context's actions and reads at start-up."""

    name = "vein2vein.network"
    label = "network"

    def ready(self) -> None:
        """Register what the doors are made from."""
        from vein2vein.network import actions, reads

        self.doors = (actions, reads)
