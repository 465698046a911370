"""The context as a Django app."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Registers the context's actions, reads and constraint texts at start-up."""

    name = "vein2vein.identity"
    label = "identity"

    def ready(self) -> None:
        """Import what registers itself, and say what the constraints mean."""
        from vein2vein.identity import actions, conflicts, reads

        conflicts.explain_all()
        del actions, reads
