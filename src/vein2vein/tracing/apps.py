"""The context as a Django app."""

from django.apps import AppConfig


class TracingConfig(AppConfig):
    """Registers the context's actions, reads, followers and labels at start-up."""

    name = "vein2vein.tracing"
    label = "tracing"

    def ready(self) -> None:
        """Register what the doors offer."""
        from vein2vein.doors.naming import register_known
        from vein2vein.tracing import actions, facts, followers, reads  # noqa: F401 - importing registers them
        from vein2vein.tracing.reads.known import known

        register_known(known)
