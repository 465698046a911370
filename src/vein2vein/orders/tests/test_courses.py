"""Courses at a glance: each where it is, since when, what it must keep, and to nobody who may not see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.static_files import plain_static_files
from vein2vein.orders.courses import Due, Stage, list_courses
from vein2vein.orders.tests.conftest import Course
from vein2vein.orders.tests.test_doors import page

__all__ = ["plain_static_files"]


def coi_of(course: Course) -> str:
    """Return the code of the chain of identity that the acceptance issued."""
    assert course.order.coi is not None
    return course.order.coi.code


@pytest.mark.parametrize(
    ("state", "stage", "due"),
    [
        ("submitted", Stage.ORDER, Due.COLLECTION),
        ("in_transit", Stage.TO_THE_BASE, Due.MATERIAL),
        ("in_manufacture", Stage.MANUFACTURE, Due.SLOT),
        ("manufactured", Stage.TESTING, None),
        ("released", Stage.DELIVERY, Due.PRODUCT),
        ("infused", Stage.FOLLOW_UP, None),
    ],
)
def test_a_course_stands_where_its_order_is(course: Course, state: str, stage: Stage, due: Due | None) -> None:
    course.to(state)
    shown = next(one for one in list_courses(stage=stage, by=course.find("planner")) if one.order_id == course.order.pk)
    assert (shown.stage, shown.due) == (stage, due)
    assert list(shown.began) == list(Stage)[: list(Stage).index(stage) + 1]
    assert sorted(shown.began.values()) == list(shown.began.values())
    assert not shown.late
    elsewhere = next(one for one in Stage if one is not stage)
    assert course.order.pk not in {one.order_id for one in list_courses(stage=elsewhere, by=course.find("planner"))}


def test_what_is_not_kept_is_late_and_comes_first(course: Course) -> None:
    course.to("accepted")
    course.clock.advance(timedelta(days=9))
    shown = page("planner").get("/control-room").text
    assert shown.index('<tr class="late">') < shown.index(coi_of(course))
    assert "Planned collection" in shown
    assert "计划采集" in page("planner", "zh-hans").get("/control-room").text


def test_a_hospital_sees_its_own_courses_and_no_room(course: Course) -> None:
    course.to("accepted")
    code = coi_of(course)
    assert code in page("physician.rj").get("/control-room").text
    assert code not in page("physician.bj").get("/control-room").text
    assert "The plant" in page("planner").get("/control-room").text
    assert "The plant" not in page("physician.rj").get("/control-room").text
