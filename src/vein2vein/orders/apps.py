"""The context as a Django app."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.orders"
    label = "orders"

    def ready(self) -> None:
        """Register what the doors offer."""
        from vein2vein.core.refusals import N_
        from vein2vein.doors.composed import register_composed
        from vein2vein.doors.labels import LABELS
        from vein2vein.orders import actions, conflicts, courses, hospital, reads, working  # noqa: F401 - importing registers them
        from vein2vein.orders.states import EndCause

        LABELS.update(
            document=N_("File (PDF, PNG or JPEG; no name of the patient in it)"), wished_at=N_("Wished date and time")
        )
        register_composed(
            {"planned again": N_("planned again"), "{cause}: {rest}": N_("%(cause)s: %(rest)s")},
            cause="|".join(one.value.replace("_", " ") for one in EndCause),
        )
