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


def infuse(course: Course) -> Play:
    """Clear the patient, lymphodeplete, confirm the dose, then give each bag: on one day, or in two parts."""
    crew, physician = course.crew, course.staff("physician")
    order: dict[str, Any] = {"order_id": course.order_id}
    if not (yield from course.ready()):
        return
    if course.order.cleared_at is None:
        crew.act("orders.reconfirm_site", physician, **order, moment=Moment.LYMPHODEPLETION)
        crew.act("orders.clear_for_lymphodepletion", physician, **order)
    depleted = course.order.lymphodepletion_started_at
    if depleted is None:
        yield timedelta(hours=12)
        if not (yield from course.ready()):
            return
        depleted = crew.clock.at
        crew.act("orders.report_lymphodepletion", physician, **order, started_at=depleted)
    yield depleted + timedelta(days=4)
    if not (yield from course.ready()):
        return
    if crew.clock.at - depleted > DEPLETED_FOR:
        crew.act("orders.end_course", physician, "", **order, cause=EndCause.TOO_ILL, reason="cleared too long ago")
        course.failure = "held for too long after the lymphodepletion"
        return
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
    yield from _give_all(course)
    course.refresh()
    if course.infused:
        course.failure = ""
        course.over("infused")


def _give_all(course: Course) -> Play:
    """Give one bag after the other, on one day or on two, as long as another one may follow."""
    bags = course.dose()
    two_days = len(bags) > 1 and course.draws.happens("dose in two parts", figures.SPLIT_DOSE)
    for place, bag in enumerate(bags):
        if place and two_days:
            if place == 1:
                course.happened["dose given on two days"] += 1
            yield course.draws.span("between the parts", figures.BETWEEN_PARTS) / (len(bags) - 1)
        if not (yield from course.ready()) or _recalled(course):
            break
        whole = yield from _give(course, bag)
        course.refresh()
        if whole:
            continue
        if course.order.state != OrderState.THAWED:
            break
        course.failure = ""  # only that bag was at fault


def _recalled(course: Course) -> bool:
    """Say whether what was left of a dose, of which a part was given, was recalled meanwhile."""
    course.refresh()
    if course.infused:
        course.partial = True
    return course.infused


def _give(course: Course, bag: DoseBag) -> Generator[Pause, Any, bool]:
    """Thaw, match and infuse one bag; return whether the next one may follow."""
    crew, nurse, draws = course.crew, course.staff("infusion"), course.draws
    given: dict[str, Any] = {"order_id": course.order_id, "scanned_bag": course.scan(bag.container.code)}
    crew.act("orders.thaw_product", course.staff("celllab"), "", **given)
    yield timedelta(minutes=10)
    if course.held or draws.happens("infusion refused", figures.INFUSION_REFUSED):
        cause = draws.choose("cause of the refusal", tuple(REFUSALS))
        told = {"order_id": course.order_id, "cause": cause, "reason": REFUSALS[cause]}
        crew.act("orders.refuse_infusion", course.staff("physician"), "", **told)
        course.happened[f"infusion refused: {cause.value.replace('_', ' ')}"] += 1
        course.failure, course.partial = "infusion refused", True
        return False
    wristband = {"scanned_wristband": course.wristband}
    crew.act("orders.match_at_bedside", nurse, course.staff("infusion", "2"), **given, **wristband)
    crew.act("orders.start_infusion", nurse, "", **given)
    if draws.happens("infusion interrupted", figures.INFUSION_INTERRUPTED):
        yield timedelta(minutes=5)
        crew.act("orders.interrupt_infusion", nurse, "", **given, reason="rigors")
        if draws.happens("infusion stopped", figures.INFUSION_STOPPED):
            yield timedelta(minutes=40)
            stopped = {"end": InfusionEnd.STOPPED, "remark": "rigors, not resumed"}
            volume = (bag.volume_ml / 2).quantize(Decimal("0.1"))
            crew.act("orders.record_infusion", nurse, "", **given, volume_ml=volume, **stopped)
            course.happened["infusion stopped after a part of the dose"] += 1
            course.partial = True
            return False
        yield timedelta(minutes=8)
        crew.act("orders.resume_infusion", nurse, "", **given)
        course.happened["infusion interrupted and resumed"] += 1
    yield timedelta(minutes=12)
    crew.act("orders.record_infusion", nurse, "", **given, volume_ml=bag.volume_ml)
    return True
