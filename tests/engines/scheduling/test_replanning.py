"""After a disruption: a plan that holds, few moves, each explained, and no promised date lost in silence."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from vein2vein.core.refusals import Refused
from vein2vein.engines.scheduling import Batch, Plan, SchedulingProblem, Took, check
from vein2vein.engines.scheduling.invented import invented_base
from vein2vein.engines.scheduling.replanning import Breach, Replan, replan
from vein2vein.engines.scheduling.solving import solve

DAY, HOUR = 24 * 60, 60
NOW = 25 * DAY


@cache
def base() -> tuple[SchedulingProblem, Plan]:
    problem = invented_base(150, seed=4, span_min=60 * DAY, promised=True)
    return problem, solve(problem, rounds=20_000)


def closed(problem: SchedulingProblem, kind: str, first: int, last: int) -> SchedulingProblem:
    """Return the problem with a calendar of its own for a kind, closed for a time."""
    calendars = {one.code: one for one in problem.calendars}
    old = next(one for one in problem.resources if one.kind == kind)
    shut = replace(calendars[old.calendar], code="shut", closed=((first, last),))
    resources = tuple(replace(one, calendar="shut") if one.kind == kind else one for one in problem.resources)
    return replace(problem, calendars=(*problem.calendars, shut), resources=resources)


def dead_workstations(problem: SchedulingProblem, plan: Plan) -> SchedulingProblem:
    return closed(problem, "workstation", NOW + HOUR, NOW + 2 * DAY)


def dead_instrument(problem: SchedulingProblem, plan: Plan) -> SchedulingProblem:
    return closed(problem, "cytometer", NOW + DAY, NOW + 2 * DAY)


def late_courier(problem: SchedulingProblem, plan: Plan) -> SchedulingProblem:
    late = next(one for one in plan.placed if one.operation == "ship-in" and one.start_min > NOW - 12 * HOUR)
    took = (Took(operation="ship-in", duration_min=40 * HOUR),)
    batches = tuple(replace(one, took=took) if one.code == late.batch else one for one in problem.batches)
    return replace(problem, batches=batches)


def urgent_patient(problem: SchedulingProblem, plan: Plan) -> SchedulingProblem:
    new = Batch(code="URGENT", recipe="rapid-1", ready_min=NOW, weight=50, due_min=NOW + 14 * DAY, late_weight=100)
    return replace(problem, batches=(*problem.batches, new))


def failed_batch(problem: SchedulingProblem, plan: Plan) -> SchedulingProblem:
    gone = next(one.batch for one in plan.placed if one.operation == "harvest" and one.start_min > NOW)
    return replace(problem, batches=tuple(one for one in problem.batches if one.code != gone))


def lost_lot(problem: SchedulingProblem, plan: Plan) -> SchedulingProblem:
    fresh = replace(problem.lots[0], code="FRESH", quantity=200, usable_from_min=NOW + 3 * DAY)
    lots = tuple(replace(one, expires_min=NOW + HOUR) for one in problem.lots)
    return replace(problem, lots=(*lots, fresh))


def positive_culture(problem: SchedulingProblem, plan: Plan) -> SchedulingProblem:
    begun = next(one for one in plan.placed if one.operation == "test" and NOW - 5 * DAY < one.start_min < NOW)
    took = (Took(operation="test", duration_min=16 * DAY),)
    batches = tuple(replace(one, took=took) if one.code == begun.batch else one for one in problem.batches)
    return replace(problem, batches=batches)


DISRUPTIONS: tuple[Callable[[SchedulingProblem, Plan], SchedulingProblem], ...] = (
    dead_workstations,
    dead_instrument,
    late_courier,
    urgent_patient,
    failed_batch,
    lost_lot,
    positive_culture,
)


def after(disrupt: Callable[[SchedulingProblem, Plan], SchedulingProblem]) -> tuple[SchedulingProblem, Plan, Replan]:
    problem, plan = base()
    now = replace(disrupt(problem, plan), now_min=NOW)
    return now, plan, replan(now, plan.placed, freeze_min=2 * DAY, rounds=500)


@pytest.mark.parametrize("disrupt", DISRUPTIONS)
def test_the_new_plan_holds_and_nothing_begun_has_moved(
    disrupt: Callable[[SchedulingProblem, Plan], SchedulingProblem],
) -> None:
    now, plan, new = after(disrupt)
    assert check(new.problem, new.plan) == []
    assert {one.code for one in new.problem.batches} == {one.code for one in now.batches}
    there = set(new.plan.placed)
    known = {one.code for one in now.batches}
    assert all(one in there for one in plan.placed if one.start_min < NOW and one.batch in known)


@pytest.mark.parametrize("disrupt", DISRUPTIONS)
def test_every_move_is_told_and_explained(disrupt: Callable[[SchedulingProblem, Plan], SchedulingProblem]) -> None:
    _now, plan, new = after(disrupt)
    was = {(one.batch, one.operation): one for one in plan.placed}
    moved = {
        (one.batch, one.operation)
        for one in new.plan.placed
        if (one.batch, one.operation) in was
        and (one.start_min, one.resources)
        != (was[one.batch, one.operation].start_min, was[one.batch, one.operation].resources)
    }
    assert {(one.batch, one.operation) for one in new.moves} == moved
    assert all(str(one.why) and one.why.code.startswith("moved.") for one in new.moves)
    # Stability: what has nothing to do with it stays where it was.
    assert len(new.moves) < len(was) / 5


@pytest.mark.parametrize("disrupt", DISRUPTIONS)
def test_nobody_loses_a_promised_date_in_silence(
    disrupt: Callable[[SchedulingProblem, Plan], SchedulingProblem],
) -> None:
    now, plan, new = after(disrupt)
    last = now.recipes[0].operations[-1]
    old = {one.batch: one.start_min for one in plan.placed if one.operation == last.code}
    dues = {one.code: one.due_min for one in now.batches}
    lost = {
        one.batch
        for one in new.plan.placed
        if one.operation == last.code
        and one.start_min + last.duration_min > (dues[one.batch] or 0)
        and one.start_min > old.get(one.batch, -1)
    }
    assert {one.batch for one in new.broken if one.what is Breach.PROMISE} == lost
    assert lost <= set(new.told)
    assert all(one.why is not None for one in new.broken if one.was_end_min is not None)


def test_without_a_disruption_nothing_moves() -> None:
    problem, plan = base()
    new = replan(replace(problem, now_min=NOW), plan.placed, freeze_min=2 * DAY, rounds=0)
    assert new.moves == ()
    assert new.told == ()
    assert {(one.batch, one.operation, one.start_min) for one in new.plan.placed} == {
        (one.batch, one.operation, one.start_min) for one in plan.placed
    }


def test_reasons_are_the_right_ones() -> None:
    codes = {
        disrupt.__name__: {one.why.code for one in after(disrupt)[2].moves}
        for disrupt in (dead_workstations, late_courier, lost_lot)
    }
    assert "moved.closed" in codes["dead_workstations"]
    assert "moved.follows" in codes["late_courier"]
    assert "moved.lot" in codes["lost_lot"]


def test_a_limit_that_cannot_be_kept_is_let_go_and_told() -> None:
    problem, plan = base()
    ends = {one.batch: one.start_min + 120 for one in plan.placed if one.operation == "infuse"}
    tight = tuple(replace(one, latest_min=ends[one.code]) for one in problem.batches)
    late = replace(closed(replace(problem, batches=tight), "analyst", NOW, NOW + 5 * DAY), now_min=NOW)
    new = replan(late, plan.placed, rounds=0)
    assert check(new.problem, new.plan) == []
    limits = [one for one in new.broken if one.what is Breach.PATIENT_LIMIT]
    assert limits
    assert all(one.promised_min is not None and one.end_min > one.promised_min for one in limits)


def test_a_hold_that_cannot_be_kept_is_let_go_and_told() -> None:
    problem, plan = base()
    running = next(one.batch for one in plan.placed if one.operation == "harvest" and one.start_min > NOW - 60)
    frozen = next(one for one in plan.placed if one.operation == "freeze" and one.batch == running)
    now = replace(closed(problem, "freezer", frozen.start_min, frozen.start_min + DAY), now_min=frozen.start_min - 60)
    new = replan(now, plan.placed, rounds=0)
    assert check(new.problem, new.plan) == []
    assert running in {one.batch for one in new.broken if one.what is Breach.HOLD}


def test_what_no_plan_can_mend_is_refused() -> None:
    problem, plan = base()
    gone = replace(problem, resources=tuple(one for one in problem.resources if one.kind != "freezer"), now_min=NOW)
    with pytest.raises(Refused, match="freeze"):
        replan(gone, plan.placed)


def test_a_years_live_load_is_planned_again_in_seconds() -> None:
    problem = invented_base(2000, seed=2, promised=True)
    plan = solve(problem, rounds=30_000)
    now = replace(closed(problem, "freezer", 100 * DAY, 101 * DAY), now_min=100 * DAY)
    replan(now, plan.placed, rounds=1)  # compiled
    began = time.process_time()
    new = replan(now, plan.placed, freeze_min=2 * DAY, rounds=2_000)
    took_s = time.process_time() - began
    assert check(new.problem, new.plan) == []
    assert new.moves
    # Two seconds are promised, and measured by the bench on a quiet machine; this one may be busy.
    assert took_s < 4.0, took_s
