"""Dates that invented hospitals ask the base for, before their order is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vein2vein.core.refusals import Refused
from vein2vein.planning import reads as planning

if TYPE_CHECKING:
    from vein2vein.driver.course import Course

ASKED_FOR = 3


def ask_for_a_date(course: Course) -> None:
    """Let the coordinator take the first date that is free and suits; where there is none, the base finds a slot."""
    coordinator = course.staff("coordinator")
    try:
        found = planning.list_promises(order_id=course.order_id, count=ASKED_FOR, by=course.crew.who(coordinator))
    except Refused:
        course.happened["no date could be promised"] += 1
        return
    one = next((each for each in found if not each.blockers), None)
    if one is not None:
        dates: dict[str, Any] = {"collection_at": one.collection_at, "infusion_at": one.infusion_at}
        course.crew.act("planning.promise_date", coordinator, order_id=course.order_id, **dates)
        course.happened["date promised"] += 1
