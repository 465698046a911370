"""At the bedside: clearance, lymphodepletion, dose, and each bag thawed, matched and infused, or not."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vein2vein.driver import figures
from vein2vein.driver.agenda import Pause, Play
from vein2vein.orders import reads as orders
from vein2vein.orders.states import EndCause, InfusionEnd, Moment, OrderState, RefusalCause

if TYPE_CHECKING:
    from vein2vein.driver.course import Course
    from vein2vein.orders.models import DoseBag

DEPLETED_FOR = timedelta(days=7)
"""How long after the lymphodepletion a product is infused at the latest; the definitions say the same."""
REFUSALS = {
    RefusalCause.PATIENT_REFUSED: "the patient does not want it any more",
    RefusalCause.PATIENT_UNFIT: "fever since the morning",
    RefusalCause.BAG_DAMAGED: "a port of the bag leaks",
    RefusalCause.TOO_LATE: "no bed was free in time",
}


IN_TIME = timedelta(minutes=25)
"""What matching and infusing a thawed bag take at the most."""


def infuse(course: Course) -> Play:
    """Clear the patient, lymphodeplete, confirm the dose, then give each bag: on one day, or in two parts.

    At a bed where something was begun already, it goes on from there.
    """
    if course.order.state != OrderState.THAWED and not (yield from _prepared(course)):
        return
    yield from _give_all(course)
    course.refresh()
    if course.infused:
        course.failure = ""
        course.over("infused")


def _prepared(course: Course) -> Generator[Pause, Any, bool]:
    """Clear, lymphodeplete and confirm the dose; return whether it may be given."""
    crew, physician = course.crew, course.staff("physician")
    order: dict[str, Any] = {"order_id": course.order_id}
    if not (yield from course.ready()):
        return False
    if course.order.cleared_at is None:
        crew.act("orders.reconfirm_site", physician, **order, moment=Moment.LYMPHODEPLETION)
        crew.act("orders.clear_for_lymphodepletion", physician, **order)
    depleted = course.order.lymphodepletion_started_at
    if depleted is None:
        yield timedelta(hours=12)
        if not (yield from course.ready()):
            return False
        depleted = crew.clock.at
        crew.act("orders.report_lymphodepletion", physician, **order, started_at=depleted)
    yield depleted + timedelta(days=4)
    if not (yield from course.ready()):
        return False
    if crew.clock.at - depleted > DEPLETED_FOR:
        crew.act("orders.end_course", physician, "", **order, cause=EndCause.TOO_ILL, reason="cleared too long ago")
        course.failure = "held for too long after the lymphodepletion"
        return False
    declared = orders.get_dose(order_id=course.order_id, by=crew.who(physician))
    crew.act(
        "orders.confirm_dose",
        physician,
        **order,
        weight_kg=course.order.weight_kg,
        weight_measured_at=crew.clock.at - timedelta(hours=1),
        dose_amount=declared.declared_amount,
        dose_unit=declared.unit,
    )
    yield timedelta(minutes=30)
    return True


def _give_all(course: Course) -> Play:
    """End what was begun, then give one bag after the other, on one day or on two, as long as another may follow."""
    given = len(orders.list_infusions(order_id=course.order_id, by=course.crew.who("planner")))
    if course.order.state == OrderState.THAWED and not (yield from _ended(course)):
        return
    bags = course.dose()
    two_days = len(bags) + given > 1 and course.draws.happens("dose in two parts", figures.SPLIT_DOSE)
    for place, bag in enumerate(bags, start=given):
        if place and two_days:
            if place == 1:
                course.happened["dose given on two days"] += 1
            yield course.draws.span("between the parts", figures.BETWEEN_PARTS) / (len(bags) + given - 1)
        if not (yield from course.ready()) or _recalled(course):
            return
        if not ((yield from _give(course, bag)) or _another(course)):
            return


def _another(course: Course) -> bool:
    """Say whether another bag may be given after one that was not: only that bag was at fault."""
    course.refresh()
    if course.order.state != OrderState.THAWED:
        return False
    course.failure = ""
    return True


def _ended(course: Course) -> Generator[Pause, Any, bool]:
    """End the infusion that runs, or give or refuse the bag that is thawed; return whether the next may follow."""
    crew, at = course.crew, course.crew.clock.at
    limit = course.plant.definition.supply.bedside.thaw_to_infusion_end
    for running in orders.list_infusions(order_id=course.order_id, by=crew.who("planner")):
        if running.ended_at is None and running.bag is not None:
            thawed = running.bag.thawed_at
            in_time = thawed is not None and at < thawed + limit
            if running.interrupted_at is not None and in_time:
                crew.act("orders.resume_infusion", course.staff("infusion"), "", **_scanned(course, running.bag))
            return (yield from _recorded(course, running.bag, whole=in_time))
    for bag in course.thawed():
        if bag.thawed_at is not None and at + IN_TIME < bag.thawed_at + limit and not course.held:
            return (yield from _run(course, bag)) or _another(course)
        _refuse(course, RefusalCause.TOO_LATE)
        return _another(course)
    return True


def _recorded(course: Course, bag: DoseBag, *, whole: bool) -> Generator[Pause, Any, bool]:
    """Write down the end of an infusion that was under way; without the `whole` bag it counts as stopped."""
    nurse, given = course.staff("infusion"), _scanned(course, bag)
    if whole:
        yield timedelta(minutes=5)
        course.crew.act("orders.record_infusion", nurse, "", **given, volume_ml=bag.volume_ml)
        course.refresh()
        return not course.infused
    _stop(course, bag, "nobody was there to go on in time")
    return False


def _recalled(course: Course) -> bool:
    """Say whether what was left of a dose, of which a part was given, was recalled meanwhile."""
    course.refresh()
    if course.infused:
        course.partial = True
    return course.infused


def _give(course: Course, bag: DoseBag) -> Generator[Pause, Any, bool]:
    """Thaw, match and infuse one bag; return whether the next one may follow."""
    draws = course.draws
    course.crew.act("orders.thaw_product", course.staff("celllab"), "", **_scanned(course, bag))
    yield timedelta(minutes=10)
    if course.held or draws.happens("infusion refused", figures.INFUSION_REFUSED):
        _refuse(course, draws.choose("cause of the refusal", tuple(REFUSALS)))
        return False
    return (yield from _run(course, bag))


def _scanned(course: Course, bag: DoseBag) -> dict[str, Any]:
    return {"order_id": course.order_id, "scanned_bag": course.scan(bag.container.code)}


def _refuse(course: Course, cause: RefusalCause) -> None:
    told = {"order_id": course.order_id, "cause": cause, "reason": REFUSALS[cause]}
    course.crew.act("orders.refuse_infusion", course.staff("physician"), "", **told)
    course.happened[f"infusion refused: {cause.value.replace('_', ' ')}"] += 1
    course.failure, course.partial = "infusion refused", True


def _stop(course: Course, bag: DoseBag, remark: str) -> None:
    """End an infusion after a part of the bag."""
    volume = (bag.volume_ml / 2).quantize(Decimal("0.1"))
    told = {"volume_ml": volume, "end": InfusionEnd.STOPPED, "remark": remark}
    course.crew.act("orders.record_infusion", course.staff("infusion"), "", **_scanned(course, bag), **told)
    course.happened["infusion stopped after a part of the dose"] += 1
    course.partial = True


def _run(course: Course, bag: DoseBag) -> Generator[Pause, Any, bool]:
    """Match a thawed bag and infuse it; return whether the next one may follow."""
    crew, nurse, draws, given = course.crew, course.staff("infusion"), course.draws, _scanned(course, bag)
    wristband = {"scanned_wristband": course.wristband}
    crew.act("orders.match_at_bedside", nurse, course.staff("infusion", "2"), **given, **wristband)
    crew.act("orders.start_infusion", nurse, "", **given)
    if draws.happens("infusion interrupted", figures.INFUSION_INTERRUPTED):
        yield timedelta(minutes=5)
        crew.act("orders.interrupt_infusion", nurse, "", **given, reason="rigors")
        if draws.happens("infusion stopped", figures.INFUSION_STOPPED):
            yield timedelta(minutes=40)
            _stop(course, bag, "rigors, not resumed")
            return False
        yield timedelta(minutes=8)
        crew.act("orders.resume_infusion", nurse, "", **given)
        course.happened["infusion interrupted and resumed"] += 1
    yield timedelta(minutes=12)
    crew.act("orders.record_infusion", nurse, "", **given, volume_ml=bag.volume_ml)
    return True
