"""What manufacturing does when a treatment course ends."""

from __future__ import annotations

from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId
from vein2vein.journal import EntryView
from vein2vein.manufacturing.actions.batches import end_batch
from vein2vein.manufacturing.reads import list_batches_under_way
from vein2vein.orders.facts import ENDING


@journal.follow("manufacturing.end_batches_of_courses", *ENDING)
def follow_ends(entry: EntryView, *, by: Actor) -> None:
    """Give up the batch of a course that is over."""
    data = entry.data
    reason = f"{data['cause'].replace('_', ' ')}: {data['reason']}"
    for batch in list_batches_under_way(UUID(data["order_id"])):
        end_batch(batch_id=BatchId(batch.pk), reason=reason, by=by)
