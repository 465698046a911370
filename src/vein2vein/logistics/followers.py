"""What logistics does when a treatment course stops or ends."""

from __future__ import annotations

from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import OrderId
from vein2vein.journal import EntryView
from vein2vein.logistics.actions.planning import NOT_LEFT, call_off_shipments
from vein2vein.logistics.reads import list_shipments_under_way
from vein2vein.logistics.states import ShipmentKind
from vein2vein.orders.facts import ENDING


@journal.follow("logistics.call_off_shipments_of_courses", "orders.CourseStopped", "orders.InfusionRefused", *ENDING)
def follow_ends(entry: EntryView, *, by: Actor) -> None:
    """Call off what is planned or packed for a course that is over or stands still; what is under way arrives."""
    data = entry.data
    order_id = UUID(data["order_id"])
    waiting = [one for one in list_shipments_under_way(order_id) if one.state in NOT_LEFT]
    if any(one.kind != ShipmentKind.RETURN and one.planned_at <= entry.performed_at for one in waiting):
        reason = f"{data['cause'].replace('_', ' ')}: {data['reason']}"
        call_off_shipments(order_id=OrderId(order_id), planned_before=entry.performed_at, reason=reason, by=by)
