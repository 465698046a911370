"""What the laboratory does when a batch gives a sample, and when it is given up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId
from vein2vein.journal import EntryView
from vein2vein.laboratory.actions import cancel_tests, plan_tests


@journal.follow("laboratory.plan_tests", "manufacturing.SampleTaken")
def follow_samples(entry: EntryView, *, by: Actor) -> None:
    """Plan the tests of a sample that was taken; a sample known already is left as it is."""
    data = entry.data
    until = data["culture_until"]
    plan_tests(
        batch_id=BatchId(UUID(data["batch_id"])),
        sample_code=data["sample_code"],
        container_ids=[UUID(one) for one in data["container_ids"]],
        condition=data["condition"],
        taken_at=datetime.fromisoformat(data["taken_at"]),
        culture_until=None if until is None else datetime.fromisoformat(until),
        by=by,
    )


@journal.follow("laboratory.cancel_tests", "manufacturing.BatchTerminated")
def follow_terminations(entry: EntryView, *, by: Actor) -> None:
    """Take what is still planned for a terminated batch off the analysts' list, with the batch's own reason."""
    data = entry.data
    told = f"batch terminated: {data['reason']}"
    cancel_tests(batch_id=BatchId(UUID(data["batch_id"])), reason=told, by=by)
