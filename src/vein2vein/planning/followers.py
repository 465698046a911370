"""What planning does when something below touches the plan: it is in the planner's inbox, and promises end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import OrderId
from vein2vein.journal import EntryView
from vein2vein.orders.facts import ENDING
from vein2vein.planning import reads
from vein2vein.planning.actions import end_promise, open_disruption
from vein2vein.planning.courses import PLANT
from vein2vein.planning.states import DisruptionKind as Kind

_NEVER = datetime.max.replace(tzinfo=UTC)

KINDS: dict[str, Kind] = {
    "manufacturing.BatchTerminated": Kind.BATCH_TERMINATED,
    "network.EquipmentTakenOutOfService": Kind.EQUIPMENT_OUT,
    "logistics.IncidentReported": Kind.SHIPMENT_LATE,
    "quality.BatchAssessed": Kind.OUT_OF_SPECIFICATION,
    "orders.CourseStopped": Kind.COURSE_STOPPED,
    "orders.CollectionRescheduled": Kind.COLLECTION_MOVED,
    "orders.SlotGivenBack": Kind.COLLECTION_MOVED,
    **dict.fromkeys(ENDING, Kind.ORDER_ENDED),
}
"""What is told of which fact."""


@journal.follow("planning.tell_disruptions", *KINDS, tells=True)
def follow_disruptions(entry: EntryView, *, by: Actor) -> None:
    """Put what happened in the planner's inbox, where it concerns the plan."""
    source = f"{entry.stream}:{entry.seq}"
    told = _told(entry)
    if told is None or reads.is_told(source):
        return
    subject, text, order_id = told
    open_disruption(
        kind=KINDS[entry.fact],
        subject=subject,
        told=text,
        source=source,
        happened_at=entry.performed_at,
        order_id=order_id,
        by=by,
    )


def _told(entry: EntryView) -> tuple[str, str, UUID | None] | None:
    """Return of whom or what is told, in which words, and of which order; None where nothing planned is touched."""
    data, kind = entry.data, KINDS[entry.fact]
    if kind is Kind.EQUIPMENT_OUT:
        touched = reads.touched_by(str(data["code"]), entry.performed_at, _NEVER, PLANT)
        return (str(data["code"]), f"{data['reason']}: {', '.join(touched)}", None) if touched else None
    if kind is Kind.OUT_OF_SPECIFICATION and not data["failed"]:
        return None
    if kind is Kind.SHIPMENT_LATE and not (data["expected_at"] or data["too_late"]):
        return None
    order_id = _order_of(entry)
    if order_id is None or not reads.is_planned(order_id, PLANT):
        return None
    subject = str(data.get("order_code") or data.get("shipment") or data.get("batch_number") or "")
    words = ", ".join(data["failed"]) if kind is Kind.OUT_OF_SPECIFICATION else ""
    return subject, words or str(data.get("reason") or data.get("description") or data.get("cause") or ""), order_id


def _order_of(entry: EntryView) -> UUID | None:
    given: Any = entry.data.get("order_id")
    if given:
        return UUID(str(given))
    refs = [one for one in entry.payload["refs"] if one.startswith("order:")]
    return UUID(refs[0].partition(":")[2]) if refs else None


@journal.follow("planning.end_promises", "orders.InfusionRecorded", *ENDING, tells=True)
def follow_ends(entry: EntryView, *, by: Actor) -> None:
    """End the promise of a course that was infused, or is over."""
    order_id = _order_of(entry)
    if order_id is not None and reads.find_promise(order_id) is not None:
        kept = entry.fact == "orders.InfusionRecorded"
        reason = "infused" if kept else str(entry.data.get("reason") or entry.data.get("cause") or "ended")
        end_promise(order_id=OrderId(order_id), how="kept" if kept else "released", reason=reason, by=by)
