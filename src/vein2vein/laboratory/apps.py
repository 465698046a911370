"""The context as a Django app."""

from django.apps import AppConfig


class LaboratoryConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.laboratory"
    label = "laboratory"

    def ready(self) -> None:
        """Register what the doors offer, and what this context follows."""
        from vein2vein.core.refusals import N_
        from vein2vein.doors.composed import register_composed
        from vein2vein.laboratory import actions, followers, reads  # noqa: F401 - importing registers them

        register_composed(
            {
                "batch terminated: {rest}": N_("batch terminated: %(rest)s"),
                "{code} invalidated": N_("%(code)s invalidated"),
                "computed again": N_("computed again"),
                "computed by the system": N_("computed by the system"),
            }
        )
