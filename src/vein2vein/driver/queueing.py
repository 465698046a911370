"""Between the acceptance of an order and its collection: lost in the queue, not fit for now, eligibility lapsed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vein2vein.core.refusals import Conflict
from vein2vein.driver import figures
from vein2vein.driver.agenda import Play
from vein2vein.driver.deciding import morning, renew_eligibility
from vein2vein.orders.states import EndCause, ObstacleKind

if TYPE_CHECKING:
    from vein2vein.driver.course import Course

CAUSES = ("died", "too ill", "consent withdrawn")
AHEAD = timedelta(days=3)
"""How long after their recovery a patient is collected at the earliest [assumed]."""
TRIES = 10


def lose(course: Course, *, queue: bool) -> str:
    """Let the patient die, withdraw consent, or be too ill to go on; return which."""
    crew, physician = course.crew, course.staff("physician")
    order: dict[str, Any] = {"order_id": course.order_id}
    today, cause = crew.clock.at.date(), course.draws.choose("cause of the loss", CAUSES)
    if cause == "died":
        crew.act("orders.report_death", physician, "", **order, died_on=today)
    elif cause == "consent withdrawn":
        crew.act("orders.withdraw_consent", course.staff("coordinator"), "", **order, withdrawn_on=today)
    else:
        action = "orders.cancel_order" if queue else "orders.end_course"
        crew.act(action, physician, "", **order, cause=EndCause.TOO_ILL, reason="the disease progressed")
    return cause


def postpone(course: Course) -> Play:
    """Put the collection off until the patient is fit; who is not eligible any more then is not collected."""
    crew, draws, physician = course.crew, course.draws, course.staff("physician")
    order: dict[str, Any] = {"order_id": course.order_id}
    unfit: dict[str, Any] = {**order, "kind": ObstacleKind.PATIENT_UNFIT}
    crew.act("orders.report_obstacle", physician, "", **unfit, reason="an infection has to heal first")
    course.happened["collection put off: patient unfit"] += 1
    crew.act("orders.give_slot_back", "planner", "", **order, reason="others wait for it")
    yield draws.span("put off for", figures.POSTPONED_FOR)
    if draws.happens("lapsed for good", figures.LAPSED_FOR_GOOD):
        reason = "not eligible any more when tested again"
        crew.act("orders.cancel_order", physician, "", **order, cause=EndCause.ELIGIBILITY_LAPSED, reason=reason)
        course.failure = "eligibility lapsed"
        return
    crew.act("orders.lift_obstacle", physician, "", **unfit, reason="recovered")
    renew_eligibility(course)
    for attempt in range(TRIES):
        at = morning(crew.clock.at + AHEAD + timedelta(days=2 * attempt))
        told: dict[str, Any] = {"collection_planned_at": at, "reason": "recovered"}
        try:
            crew.act("orders.reschedule_collection", "planner", "", **order, **told)
        except Conflict:
            course.happened["no slot free, asked again"] += 1
            continue
        course.refresh()
        return
    crew.act("orders.cancel_order", physician, "", **order, reason="no slot is free in time")
    course.failure = "no slot found"
