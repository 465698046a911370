"""The context as a Django app."""

from django.apps import AppConfig


class ManufacturingConfig(AppConfig):
    """Registers the context's actions and reads at start-up."""

    name = "vein2vein.manufacturing"
    label = "manufacturing"

    def ready(self) -> None:
        """Import what registers itself."""
        from vein2vein.core.refusals import N_
        from vein2vein.doors.composed import register_composed
        from vein2vein.doors.naming import register_scope
        from vein2vein.manufacturing import actions, facts, followers, naming, reads  # noqa: F401 - registering
        from vein2vein.therapies.reads import register_open_work

        register_open_work(reads.open_work)
        register_scope(naming.names_in)
        register_composed(
            {
                "action {range}": N_("action limit %(range)s"),
                "alert {range}": N_("alert limit %(range)s"),
                "computed again: {what} was corrected": N_("computed again: %(what)s was corrected"),
            }
        )
