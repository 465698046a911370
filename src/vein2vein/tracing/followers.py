"""What tracing does when a lot is called back: the hospital of every course that it touched is told."""

from __future__ import annotations

from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import LotId, OrderId
from vein2vein.journal import EntryView
from vein2vein.tracing import reads
from vein2vein.tracing.actions import open_recall_notice
from vein2vein.tracing.reads.notices import is_noticed


@journal.follow("tracing.tell_hospitals_of_recalls", "materials.LotRecalled")
def follow_recalls(entry: EntryView, *, by: Actor) -> None:
    """Open a notice for each course that the lot, or anything made from it, touched or is reserved for."""
    lot_id = UUID(entry.data["lot_id"])
    for course in reads.touched_by_lots(lot_id):
        if not is_noticed(lot_id, course.coi_id):
            open_recall_notice(
                lot_id=LotId(lot_id),
                order_id=OrderId(course.order_id),
                batch_number=", ".join(one.number for one in course.batches if one.touched),
                standing=course.standing,
                reason=str(entry.data["reason"]),
                by=by,
            )
