"""The reserve of a released batch: asked for by the physician, released for use or rejected by the qualified person."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from vein2vein.driver import figures
from vein2vein.driver.agenda import Pause
from vein2vein.driver.settling import settle
from vein2vein.orders.queues import awaits_reserve, reserve_codes
from vein2vein.orders.states import OrderState
from vein2vein.quality import rules
from vein2vein.quality.actions.reserving import reserve_gates
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.states import ReserveDecision

if TYPE_CHECKING:
    from vein2vein.driver.course import Course


def may_be_asked_for(course: Course) -> bool:
    """Say whether the released batch of a stopped course has a reserve that is good."""
    return course.order.state == OrderState.STOPPED and bool(reserve_codes(course.order, course.crew.clock.at))


def await_reserve(course: Course) -> Generator[Pause, Any, str]:
    """Let the qualified person decide about the reserve; return the stage that follows, or nothing if it stays."""
    crew = course.crew
    yield course.draws.span("decision about the reserve", figures.DECISION)
    yield from settle(course, course.batch_id)
    course.refresh()
    if not awaits_reserve(course.order):
        return ""
    course.weigh(course.staff("nurse"), course.staff("nurse", "2"))
    gates = reserve_gates(Dossier(course.plant.batch, by=crew.who("qp"), at=crew.clock.at))
    closed = bool(rules.blockers_of(gates))
    decision = ReserveDecision.REJECT if closed else ReserveDecision.RELEASE
    reason = "a gate of its release is shut" if closed else "whole, and of the batch that was released"
    crew.act("quality.decide_reserve", "qp", "", batch_id=course.batch_id, decision=decision, reason=reason)
    course.refresh()
    course.happened["reserve rejected" if closed else "reserve released"] += 1
    if closed:
        return ""
    course.over("released")
    return "product on its way"
