"""Plans hold whatever the minutes, come out alike for the same seed, and get no worse by being improved."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tests.engines.scheduling.small_bases import small_base
from vein2vein.engines.scheduling import SchedulingProblem, check
from vein2vein.engines.scheduling.compiled.layout import divides, lay_out, slot_of
from vein2vein.engines.scheduling.invented import invented_base
from vein2vein.engines.scheduling.solving import anneal, first_plan, solve

DAY = 24 * 60


def crooked(seed: int) -> SchedulingProblem:
    """Return a base whose times no slot divides."""
    problem, draw = small_base(seed, batches=5), Random(seed)  # noqa: S311 - invented data
    recipe = problem.recipes[0]
    operations = tuple(
        replace(
            one,
            duration_min=one.duration_min + draw.randrange(40),
            uses=tuple(replace(use, to_min=use.to_min + draw.randrange(20)) for use in one.uses),
        )
        for one in recipe.operations
    )
    calendars = tuple(
        replace(one, weekly=tuple((first + 7, last) for first, last in one.weekly)) if one.code == "day" else one
        for one in problem.calendars
    )
    batches = tuple(replace(one, ready_min=one.ready_min + draw.randrange(60)) for one in problem.batches)
    return replace(problem, recipes=(replace(recipe, operations=operations),), calendars=calendars, batches=batches)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_planned_on_slots_holds_in_minutes(seed: int) -> None:
    problem = crooked(seed)
    assert not divides(problem, slot_of(problem))
    plan = solve(problem, rounds=200, seed=seed, price_steps=20)
    assert check(problem, plan) == []
    assert plan.bound_by == "chains"


@pytest.mark.parametrize("seed", range(3))
def test_a_base_is_planned_better_and_better_and_holds(seed: int) -> None:
    problem = invented_base(120, seed=seed, span_min=40 * DAY, promised=True)
    first, better = solve(problem), solve(problem, rounds=5_000, price_steps=60)
    assert check(problem, first) == []
    assert check(problem, better) == []
    assert better.bound <= better.objective <= first.objective
    assert better.bound_by == "relaxation"
    assert better.gap < 0.2


def test_the_same_seed_gives_the_same_plan() -> None:
    problem = invented_base(60, seed=1, span_min=20 * DAY)
    assert solve(problem, rounds=2_000, seed=7) == solve(problem, rounds=2_000, seed=7)


def test_what_improving_says_it_costs_is_what_the_plan_costs() -> None:
    problem = invented_base(60, seed=2, span_min=20 * DAY)
    layout = lay_out(problem)
    first_plan(layout)
    left = layout.places.left.sum()
    free = layout.places.free.sum()
    cost = anneal(layout, rounds=3_000, seed=3)
    assert (layout.places.free >= 0).all()
    assert layout.places.left.sum() == left
    assert layout.places.free.sum() == free
    assert sum(one.weight for one in problem.batches) < cost


def test_nobody_to_plan_is_an_empty_plan() -> None:
    problem = replace(invented_base(2, seed=1), batches=())
    plan = solve(problem, rounds=10, price_steps=5)
    assert plan.placed == ()
    assert plan.objective == plan.bound == 0
    assert check(problem, plan) == []
