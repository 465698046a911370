"""What the doors share, as a Django app."""

from django.apps import AppConfig


class DoorsConfig(AppConfig):
    """Holds the idempotency keys."""

    name = "vein2vein.doors"
    label = "doors"
