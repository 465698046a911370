"""What is left of a course: quality decides about each container, which goes back or is destroyed before two people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vein2vein.driver import figures
from vein2vein.driver.agenda import Play
from vein2vein.driver.transport import Way, carry
from vein2vein.logistics.states import ShipmentKind
from vein2vein.orders.states import ENDED, OrderState, UnusedDecision

if TYPE_CHECKING:
    from vein2vein.driver.course import Course
    from vein2vein.identity.models import Container

QUALITY = "qareviewer2"


def clear_away(course: Course) -> Play:
    """Destroy what is rejected; where the course is over, decide about the rest: some product is returned first."""
    if course.order.coi_id is None:
        return
    yield timedelta(days=2)
    course.refresh()
    over = course.order.state in (*ENDED, OrderState.INFUSED)
    if over:
        yield from _returned(course)
    for left in _there(course):
        if left.disposition != "rejected":
            if not over:
                continue
            _decide(course, left, UnusedDecision.DESTROY)
        at_site = course.is_at_site(left)
        one = course.staff("celllab") if at_site else "warehouse"
        two = course.staff("celllab", "2") if at_site else "warehouse2"
        given = {
            "order_id": course.order_id,
            "scanned_container": course.scan(left.code),
            "reason": "not used any more",
        }
        course.crew.act("orders.destroy_unused", one, two, **given)
        course.happened["unused container destroyed"] += 1


def _there(course: Course) -> list[Container]:
    return [one for one in course.cells() if one.code not in course.lost]


def _decide(course: Course, left: Container, decision: UnusedDecision) -> None:
    given: dict[str, Any] = {"order_id": course.order_id, "scanned_container": course.scan(left.code)}
    course.crew.act("orders.decide_unused", QUALITY, "", **given, decision=decision, reason="the course is over")


def _returned(course: Course) -> Play:
    """Send frozen product that lies at the hospital back to the base, where its owner decides so."""
    frozen = [
        one
        for one in _there(course)
        if one.kind == "final_product" and one.disposition != "rejected" and course.is_at_site(one)
    ]
    if not frozen or not course.draws.happens("unused returned", figures.UNUSED_RETURNED):
        return
    for one in frozen:
        _decide(course, one, UnusedDecision.RETURN)
    abroad = course.person.abroad
    spread = figures.PRODUCT_TRANSIT_CROSS_BORDER if abroad else figures.PRODUCT_TRANSIT_DOMESTIC
    way = Way(
        kind=ShipmentKind.RETURN,
        planner=course.staff("coordinator"),
        packer=course.staff("celllab"),
        receiver="warehouse",
        second="warehouse2",
        chilled=False,
        transit=course.draws.span("transit of what is returned", spread),
    )
    codes = [one.code for one in frozen]
    yield from carry(course.crew, course.floor, course.order_id, way, [course.scan(one) for one in codes])
    course.at_site -= set(codes)
    course.happened["unused product returned"] += 1
    yield timedelta(days=1)
