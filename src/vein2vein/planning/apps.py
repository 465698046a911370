"""The context as a Django app."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.planning"
    label = "planning"

    def ready(self) -> None:
        """Register what the doors offer."""
        from vein2vein.core.refusals import N_
        from vein2vein.doors.labels import LABELS
        from vein2vein.doors.work import Menu, place
        from vein2vein.planning import actions, followers, reads, working  # noqa: F401 - importing registers them

        place("planning:board", N_("Planner's board"), Menu.PLANT, roles=reads.READERS)
        place("planning:disruptions", N_("Disruptions"), Menu.PLANT, roles=reads.READERS)
        LABELS.update(
            {
                "plant": N_("Plant"),
                "collection_at": N_("Collection at"),
                "order_code": N_("Order"),
                "operation": N_("Operation"),
                "unit_code": N_("Unit or person (code; empty: as it is)"),
                "not_before": N_("Not before"),
            }
        )
