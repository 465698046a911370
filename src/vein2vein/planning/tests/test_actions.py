"""Promises, plans and disruptions through the actions: who may, what is written, and that a refusal leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.orders.tests.conftest import Course, Find, Sign


@pytest.fixture
def course(clock_at: SimulatedClock, actor: Find, sign: Sign) -> Course:
    return Course(clock_at, actor, sign)


def test_flow(course: Course) -> None:
    from vein2vein.planning import actions, reads

    course.to("submitted")
    by = course.who("coordinator")
    offers = reads.list_promises(order_id=course.order_id, by=by)
    for one in offers:
        print(
            one.collection_at,
            one.infusion_at,
            one.slot,
            one.slot_from_at,
            one.bed,
            one.cost,
            one.later_h,
            one.waits_h,
            [str(x) for x in one.blockers],
        )
    promise = actions.promise_date(order_id=course.order_id, collection_at=offers[0].collection_at, by=by)
    course.again()
    course.to("accepted")
    assert course.order.slot_id == promise.slot_id
    planner = course.find("planner")
    plan = actions.make_plan(by=planner)
    print(plan.courses, plan.objective, plan.bound, plan.changes)
    adopted = course.signed(planner, "planning.adopt_plan", plan_id=plan.pk)
    assert adopted.state == "adopted"
