"""The context as a Django app."""

from django.apps import AppConfig


class MaterialsConfig(AppConfig):
    """Registers the context's actions and reads at start-up."""

    name = "vein2vein.materials"
    label = "materials"

    def ready(self) -> None:
        """Import what registers itself."""
        from vein2vein.core.refusals import N_
        from vein2vein.doors.composed import register_composed
        from vein2vein.materials import actions, facts, reads  # noqa: F401

        register_composed(
            {"Demonstration certificate, no real material": N_("Demonstration certificate, no real material")}
        )
