"""The context as a Django app."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.quality"
    label = "quality"

    def ready(self) -> None:
        """Register what the doors offer, and what this context follows."""
        from vein2vein.core.refusals import N_
        from vein2vein.doors.composed import register_composed
        from vein2vein.doors.labels import LABELS
        from vein2vein.quality import actions, followers, reads  # noqa: F401 - importing registers them

        LABELS.update(since_at=N_("From"), until_at=N_("Until"), entries=N_("Entries"), digest=N_("Digest"))
        register_composed(
            {
                "Step {what}": N_("Step “%(what)s”"),
                "Hold time at {what}": N_("Hold time at “%(what)s”"),
                "Result of {what}": N_("Result of %(what)s"),
                "Infusion of {code}": N_("Infusion of %(code)s"),
                "Recalled lot {number} of {material}": N_("Recalled lot %(number)s of %(material)s"),
                "Room {room} beyond its action limit": N_("Room %(room)s beyond its action limit"),
                "Lymphodepletion before its clearance": N_("Lymphodepletion before its clearance"),
                "Begun at {at} while the order was {state}": N_("Begun at %(at)s while the order was %(state)s"),
                "{shown} out of limits ({limits})": N_("%(shown)s out of limits (%(limits)s)"),
                "answered: {shown}": N_("answered: %(shown)s"),
                "after the hold time had run out": N_("after the hold time had run out"),
                "beyond the time limit": N_("beyond the time limit"),
                "{elapsed} where {limit} is the limit": N_("%(elapsed)s where %(limit)s is the limit"),
                "{found}: {why} ({limit})": N_("%(found)s: %(why)s (%(limit)s)"),
                "stopped, {amount} mL": N_("stopped, %(amount)s mL"),
                "completed, {amount} mL": N_("completed, %(amount)s mL"),
                "{test} ({limit})": N_("%(test)s (%(limit)s)"),
                "{word}: {rest}": N_("%(word)s: %(rest)s"),
                "{document}: {rest}": N_("%(document)s: %(rest)s"),
            },
            why="below the limit|above the limit|not an accepted outcome",
            test=r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*",
            word=r"[a-z]+(?:_[a-z]+)+",
            document=r"DOC-[A-Z0-9-]+",
            at=r"\d{4}-\d\d-\d\dT\S+",
        )
