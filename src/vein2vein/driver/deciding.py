"""A course that stands still: what its treating physician decides, as far as material, product and patient allow."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from vein2vein.core.ids import DefinitionId
from vein2vein.driver import figures
from vein2vein.driver.agenda import Pause
from vein2vein.driver.leftovers import clear_away
from vein2vein.driver.reserve import await_reserve, may_be_asked_for
from vein2vein.orders import reads as orders
from vein2vein.orders.states import ENDED, CourseDecision, EndCause, OrderState
from vein2vein.therapies.reads import get_definition

if TYPE_CHECKING:
    from vein2vein.driver.course import Course

AGAIN_AFTER = timedelta(days=9)
"""From the decision for another apheresis to its day [assumed]."""
TO_BEGIN = timedelta(hours=24)
"""From the decision for another batch until its cells are at a workstation, at the most [assumed]."""


def decide(course: Course, *, last: bool) -> Generator[Pause, Any, str]:
    """Decide about a stopped course; return the stage from which it goes on, or nothing where it has ended.

    The good bags of a dose come first, then its reserve, then another batch from what is left, then, unless it was the
    `last` attempt, another apheresis.
    """
    draws = course.draws
    course.happened[course.failure] += 1
    yield draws.span("physician's decision", figures.DECISION)
    course.refresh()
    if course.order.state != OrderState.STOPPED:
        if course.order.state not in ENDED:
            _end(course, EndCause.BATCH_FAILED)
        return ""
    if course.dose() and draws.happens("reduced dose", figures.CONTINUED_REDUCED):
        return _continue(course)
    if may_be_asked_for(course) and draws.happens("reserve asked for", figures.RESERVE_ASKED_FOR):
        _say(course, CourseDecision.RESERVE, "the reserve is whole")
        if stage := (yield from await_reserve(course)):
            return stage
    if not last and _material_left(course) and draws.happens("made again", figures.MADE_AGAIN):
        _say(course, CourseDecision.REMANUFACTURE, "enough material is left")
        course.happened["made again from what is left"] += 1
        return "manufacture"
    if last or not draws.happens("collected again", figures.COLLECTED_AGAIN):
        _say(course, CourseDecision.CLOSE, "too ill for another apheresis")
        return ""
    yield from clear_away(course)
    _collect_again(course)
    return "collection"


def _say(course: Course, decision: CourseDecision, reason: str, at: datetime | None = None) -> None:
    given = {"order_id": course.order_id, "decision": decision, "reason": reason}
    physician = course.staff("physician")
    course.crew.act("orders.decide_course", physician, "", **given, collection_planned_at=at)
    course.refresh()


def _end(course: Course, cause: EndCause) -> None:
    given = {"order_id": course.order_id, "cause": cause, "reason": course.failure}
    course.crew.act("orders.end_course", course.staff("physician"), "", **given)


def _continue(course: Course) -> str:
    """Go on with the good bags; a dose below the least that the definition names is not given."""
    _say(course, CourseDecision.CONTINUE, "the bags that are left are good")
    definition = get_definition(DefinitionId(course.order.definition_id))
    physician = course.crew.who(course.staff("physician"))
    left = orders.get_dose(order_id=course.order_id, by=physician).declared_amount
    if left is None or left < orders.least_of(course.order, definition):
        _end(course, EndCause.PRODUCT_LOST)
        return ""
    course.happened["continued with a reduced dose"] += 1
    return "infusion" if course.order.state in (OrderState.AT_SITE, OrderState.CLEARED) else "product on its way"


def _material_left(course: Course) -> bool:
    """Say whether there is accepted material that another batch can be begun with in time."""
    begun = course.crew.clock.at + TO_BEGIN
    return any(
        one.kind == "starting_material"
        and one.disposition == "accepted"
        and (one.expires_at is None or begun < one.expires_at)
        for one in course.cells()
    )


def _collect_again(course: Course) -> None:
    """Renew the eligibility, weigh the patient, and decide for another apheresis."""
    renew_eligibility(course)
    at = morning(course.crew.clock.at + AGAIN_AFTER)
    _say(course, CourseDecision.RECOLLECT, "another apheresis is possible", at)
    course.happened["collected again"] += 1


def renew_eligibility(course: Course) -> None:
    """Test the patient's virology anew, and weigh the patient."""
    crew, physician = course.crew, course.staff("physician")
    today = crew.clock.at.date().isoformat()
    markers = get_definition(DefinitionId(course.order.definition_id)).therapy.eligibility.virology
    lines = [f"{one.id} = negative, {today}" for one in markers]
    crew.act("orders.renew_eligibility", physician, "", order_id=course.order_id, virology=lines)
    course.weigh(course.staff("nurse"), course.staff("nurse", "2"))


def morning(at: datetime) -> datetime:
    """Return 01:00 UTC of that day: nine in the morning where the demonstration's hospitals are."""
    return at.replace(hour=1, minute=0, second=0, microsecond=0)
