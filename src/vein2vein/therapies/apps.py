"""The context as a Django app."""

from django.apps import AppConfig


class TherapiesConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.therapies"
    label = "therapies"

    def ready(self) -> None:
        """Register what the doors offer."""
        from vein2vein.doors.naming import register_names
        from vein2vein.therapies import actions, naming, reads  # noqa: F401 - importing registers them

        register_names(naming.names)
