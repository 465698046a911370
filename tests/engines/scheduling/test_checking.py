"""The checker refuses every corrupt plan: more than a thousand, each corrupted in a way that is known to be wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tests.engines.scheduling.small_bases import DAY, HOUR, small_base
from vein2vein.core.refusals import Refused
from vein2vein.engines.scheduling import Placed, Plan, SchedulingProblem, certify, check, plan_from_json, plan_to_json
from vein2vein.engines.scheduling.solving import solve

Case = tuple[SchedulingProblem, Plan]
Corrupt = Callable[[SchedulingProblem, Plan, Random], Plan | None]
"""A corruption; None where this plan gives no occasion for it."""


def planned(seed: int) -> Case:
    """Return a plan of a small base, its first operations fixed and the time frozen."""
    problem = small_base(seed, batches=6)
    plan = solve(problem, rounds=50, seed=seed)
    until = 2 * DAY
    fixed = tuple(one for one in plan.placed if one.start_min < until)
    frozen = replace(problem, fixed=fixed, previous=plan.placed, now_min=DAY // 2, frozen_until_min=until, move_cost=7)
    again = solve(frozen, rounds=20, seed=seed)
    assert check(frozen, again) == []
    return frozen, again


def changed(plan: Plan, index: int, **values: Any) -> Plan:
    placed = list(plan.placed)
    placed[index] = replace(placed[index], **values)
    return replace(plan, placed=tuple(placed))


def free_ones(problem: SchedulingProblem, plan: Plan) -> list[int]:
    return [index for index, one in enumerate(plan.placed) if one not in problem.fixed]


def shifted(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    """Before its predecessor ends."""
    index = draw.choice([n for n, one in enumerate(plan.placed) if one.operation != "collect"])
    before = plan.placed[index - 1].start_min
    return changed(plan, index, start_min=before + draw.randrange(0, 2 * HOUR))


def held_too_long(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    index = draw.choice([n for n, one in enumerate(plan.placed) if one.operation == "freeze"])
    make = plan.placed[index - 1]
    return changed(plan, index, start_min=make.start_min + 6 * HOUR + 5 * HOUR + draw.randrange(1, DAY))


def dropped(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    index = draw.randrange(len(plan.placed))
    return replace(plan, placed=plan.placed[:index] + plan.placed[index + 1 :])


def doubled(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    return replace(plan, placed=(*plan.placed, draw.choice(plan.placed)))


def invented(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    one = draw.choice(plan.placed)
    return replace(plan, placed=(*plan.placed, replace(one, operation="bless")))


def wrong_kind(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    index = draw.choice([n for n, one in enumerate(plan.placed) if one.resources])
    codes = list(plan.placed[index].resources)
    place = draw.randrange(len(codes))
    kind = {one.code: one.kind for one in problem.resources}
    codes[place] = draw.choice([code for code in (*kind, "nobody") if kind.get(code) != kind[codes[place]]])
    return changed(plan, index, resources=tuple(codes))


def unqualified(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    index = draw.choice([n for n, one in enumerate(plan.placed) if one.operation == "make"])
    station, _maker, second = plan.placed[index].resources
    return changed(plan, index, resources=(station, "Zhao", second))


def same_person(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    """Whoever makes is also the second person of the same hour."""
    index = draw.choice([n for n, one in enumerate(plan.placed) if one.operation == "make"])
    station, maker, _second = plan.placed[index].resources
    if plan.placed[index] in problem.fixed and plan.placed[index].start_min < problem.now_min:
        return None
    return changed(plan, index, resources=(station, maker, maker))


def resource_lost(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    index = draw.choice([n for n, one in enumerate(plan.placed) if one.resources])
    return changed(plan, index, resources=plan.placed[index].resources[:-1])


def lot_lost(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    index = draw.choice([n for n, one in enumerate(plan.placed) if one.lots])
    return changed(plan, index, lots=draw.choice(((), ("V9",), ("V1", "V2"))))


def overdrawn(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    placed = tuple(replace(one, lots=("V1",)) if one.lots else one for one in plan.placed)
    return replace(plan, placed=placed)


def outside_shift(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    """A collection at night, its whole chain a week later."""
    batch = draw.choice(problem.batches).code
    placed = []
    for one in plan.placed:
        moved = 9 * DAY + 19 * HOUR + draw.randrange(HOUR) if one.operation == "collect" else one.start_min + 9 * DAY
        placed.append(replace(one, start_min=moved) if one.batch == batch else one)
    return replace(plan, placed=tuple(placed))


def swapped(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    """Two batches change places with each other in one operation."""
    makes = [n for n, one in enumerate(plan.placed) if one.operation == "make"]
    one, two = draw.sample(makes, 2)
    if abs(plan.placed[one].start_min - plan.placed[two].start_min) < 8 * HOUR:
        return None
    first, second = plan.placed[one].start_min, plan.placed[two].start_min
    return changed(changed(plan, one, start_min=second), two, start_min=first)


def on_top(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    """Two batches on one workstation at one time."""
    makes = [n for n, one in enumerate(plan.placed) if one.operation == "make"]
    one, two = draw.sample(makes, 2)
    if plan.placed[one] in problem.fixed and plan.placed[two] in problem.fixed:
        return None
    there = plan.placed[one]
    return changed(plan, two, start_min=there.start_min, resources=there.resources)


def fixed_moved(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    kept = [n for n, one in enumerate(plan.placed) if one in problem.fixed]
    index = draw.choice(kept)
    return changed(plan, index, start_min=plan.placed[index].start_min + draw.choice((-HOUR, HOUR, 1)))


def in_the_frozen_time(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    index = draw.choice(free_ones(problem, plan))
    return changed(plan, index, start_min=draw.randrange(problem.frozen_until_min))


def cost_told_wrong(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    return replace(plan, objective=plan.objective + draw.choice((-1, 1, 1000)))


def bound_told_wrong(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    return replace(plan, bound=plan.objective + 1 + draw.randrange(1000))


def after_the_horizon(problem: SchedulingProblem, plan: Plan, draw: Random) -> Plan | None:
    index = draw.choice([n for n, one in enumerate(plan.placed) if one.operation == "test"])
    return changed(plan, index, start_min=problem.horizon_min - draw.randrange(HOUR, 10 * HOUR))


WAYS: tuple[Corrupt, ...] = (
    shifted,
    held_too_long,
    dropped,
    doubled,
    invented,
    wrong_kind,
    unqualified,
    same_person,
    resource_lost,
    lot_lost,
    overdrawn,
    outside_shift,
    swapped,
    on_top,
    fixed_moved,
    in_the_frozen_time,
    cost_told_wrong,
    bound_told_wrong,
    after_the_horizon,
)


def test_more_than_a_thousand_corrupt_plans_are_all_refused() -> None:
    refused: Counter[str] = Counter()
    passed: list[tuple[int, str, Plan]] = []
    for seed in range(12):
        problem, plan = planned(seed)
        draw = Random(seed)  # noqa: S311 - which corruption
        for way in WAYS:
            for _time in range(6):
                corrupt = way(problem, plan, draw)
                if corrupt is None or corrupt == plan:
                    continue
                if check(problem, corrupt):
                    refused[way.__name__] += 1
                else:
                    passed.append((seed, way.__name__, corrupt))
    assert [one[:2] for one in passed] == []
    assert set(refused) == {way.__name__ for way in WAYS}
    assert refused.total() > 1000


def test_every_violation_is_told_by_its_place() -> None:
    problem, plan = planned(3)
    late = changed(plan, len(plan.placed) - 1, start_min=problem.horizon_min)
    found = check(problem, late)
    assert {one.code for one in found} >= {"plan.after_horizon", "plan.cost"}
    assert all(one.field and one.mend for one in found)


def test_a_certificate_names_problem_and_plan_and_no_corrupt_plan_has_one() -> None:
    problem, plan = planned(4)
    certificate = certify(problem, plan)
    assert certificate == certify(problem, plan_from_json(plan_to_json(plan)))
    assert certificate.objective == plan.objective
    assert certificate.plan_digest != certify(problem, replace(plan, bound=plan.bound - 1)).plan_digest
    with pytest.raises(Refused):
        certify(problem, replace(plan, objective=plan.objective - 1))


def test_history_is_not_held_against_calendars_of_today() -> None:
    problem, plan = planned(5)
    begun = [one for one in problem.fixed if one.start_min < problem.now_min and one.operation == "collect"]
    assert begun
    away = replace(problem.calendars[1], closed=((0, DAY),))
    gone = replace(problem, calendars=(problem.calendars[0], away, problem.calendars[2]))
    told = {one.field for one in check(gone, plan) if one.code == "plan.closed"}
    assert told.isdisjoint({f"{one.batch}/{one.operation}" for one in begun})


def test_times_that_touch_are_no_overlap() -> None:
    problem = small_base(1, batches=2)
    base = replace(problem, batches=tuple(replace(one, ready_min=0, due_min=None) for one in problem.batches))
    plan = solve(base, rounds=10)
    assert check(base, plan) == []
    one = next(one for one in plan.placed if one.operation == "make")
    assert isinstance(one, Placed)
