"""A promise is a chain that is really free: with the plan it passes the checker, and nothing earlier exists."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tests.engines.scheduling.small_bases import DAY, HOUR, small_base
from vein2vein.core.refusals import Refused
from vein2vein.engines.scheduling import Batch, Calendar, Lot, Plan, SchedulingProblem, check
from vein2vein.engines.scheduling.availability import Availability, Reservation, Steps, reservations_of, steps_of
from vein2vein.engines.scheduling.invented import invented_base
from vein2vein.engines.scheduling.problem import Resource
from vein2vein.engines.scheduling.promising import Offer, Request, promise
from vein2vein.engines.scheduling.proving import prove
from vein2vein.engines.scheduling.solving import solve


def left(problem: SchedulingProblem, plan: Plan) -> SchedulingProblem:
    """Return the problem with what the plan draws taken off its lots."""
    draws = {(one.code, each.code): each.draws for one in problem.recipes for each in one.operations}
    recipe = {one.code: one.recipe for one in problem.batches}
    gone: dict[str, int] = {}
    for one in plan.placed:
        for code, draw in zip(one.lots, draws[recipe[one.batch], one.operation], strict=True):
            gone[code] = gone.get(code, 0) + draw.quantity
    lots = tuple(replace(one, quantity=one.quantity - gone.get(one.code, 0)) for one in problem.lots)
    return replace(problem, lots=lots)


def together(problem: SchedulingProblem, plan: Plan, request: Request, offer: Offer) -> list[str]:
    """Return what the checker has against plan and offer together, costs left out."""
    asked = Batch(code=request.batch, recipe=request.recipe, ready_min=request.ready_min)
    both = replace(problem, batches=(*problem.batches, asked))
    found = check(both, Plan(placed=(*plan.placed, *offer.placed), objective=0))
    return [str(one) for one in found if one.code != "plan.cost"]


@pytest.mark.parametrize("seed", range(12))
def test_offers_are_free_and_the_first_is_the_earliest_there_is(seed: int) -> None:
    problem = small_base(seed)
    plan = solve(problem, rounds=100, seed=seed)
    request = Request(batch="new", recipe="R", ready_min=seed * HOUR)
    free = Availability.of(problem, reservations_of(problem, plan.placed))
    offers = promise(left(problem, plan), free, request)
    assert offers
    for offer in offers:
        assert together(problem, plan, request, offer) == []
    assert [one.end_min for one in offers] == sorted(one.end_min for one in offers)
    assert offers[0].later_min == 0
    asked = Batch(code="new", recipe="R", ready_min=request.ready_min)
    # One more batch, all others fixed: the referee may find none that ends earlier.
    fixed = replace(problem, batches=(*problem.batches, asked), fixed=plan.placed)
    best = prove(fixed, seconds=30)
    assert best is not None
    last = max(one.start_min for one in best.placed if one.batch == "new")
    duration = problem.recipes[0].operations[-1].duration_min
    assert offers[0].end_min <= last + duration


def test_wishes_are_met_in_their_order() -> None:
    problem = small_base(1)
    free = Availability.of(problem, [])
    wishes = ((3 * DAY, 3 * DAY + 23 * HOUR), (0, DAY), (DAY // 8, DAY // 8 + 1))
    offers = promise(problem, free, Request(batch="new", recipe="R", ready_min=0, wishes=wishes))
    assert [one.wish for one in offers] == [0, 1]
    assert 3 * DAY <= offers[0].start_min < 4 * DAY
    assert offers[0].later_min > 0 == offers[1].later_min


def test_costs_are_the_hours_at_their_rates() -> None:
    problem = small_base(1)
    priced = replace(problem, resources=tuple(replace(one, cents_per_hour=100) for one in problem.resources))
    (first, *_) = promise(priced, Availability.of(priced, []), Request(batch="new", recipe="R", ready_min=0))
    hours = sum((one.to_min - one.from_min) * one.units for one in first.reservations) // 60
    assert first.cents == 100 * hours


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda one: replace(one, lots=()), "make finds no vector"),
        (lambda one: replace(one, lots=(Lot(code="V", material="vector", quantity=9, expires_min=60),)), "vector"),
        (
            lambda one: replace(one, calendars=(*(Calendar(code=c.code, weekly=()) for c in one.calendars),)),
            "collect finds no chair",
        ),
    ],
)
def test_where_there_is_none_the_reason_is_named(change, said: str) -> None:  # type: ignore[no-untyped-def]  # a lambda
    problem = change(small_base(1))
    with pytest.raises(Refused, match=said):
        promise(problem, Availability.of(problem, []), Request(batch="new", recipe="R", ready_min=0))


def test_a_limit_too_near_is_told_with_the_end_there_is() -> None:
    problem = small_base(1)
    free = Availability.of(problem, [])
    (first, *_) = promise(problem, free, Request(batch="new", recipe="R", ready_min=0))
    with pytest.raises(Refused, match="the limit is minute"):
        promise(problem, free, Request(batch="new", recipe="R", ready_min=0, latest_min=first.end_min - 1))


def test_steps_equal_counting_minute_by_minute() -> None:
    draw = Random(7)  # noqa: S311 - invented data
    for _case in range(60):
        calendar = Calendar(
            code="c",
            weekly=tuple((n, n + draw.randrange(1, 9)) for n in range(0, 60, 10)),
            closed=((20, 20 + draw.randrange(20)),),
        )
        resource = Resource(code="r", kind="k", calendar="c", capacity=draw.choice((1, 2, 3)))
        taken = [Reservation("r", n, n + draw.randrange(1, 9)) for n in (draw.randrange(50) for _ in range(4))]
        steps = steps_of(resource, calendar, 60, taken)
        level = [_level(resource, calendar, taken, minute) for minute in range(60)]
        renewed = steps_of(resource, calendar, 60, taken[:2])
        for one in taken[2:]:
            renewed = renewed.less(one.from_min, one.to_min, one.units)
        for length, start in ((1, 0), (3, 20), (6, 41)):
            assert renewed.earliest(start, length, 1) == steps.earliest(start, length, 1)
        for length in (1, 3, 6):
            for start in range(60):
                fits = [n for n in range(start, 61 - length) if all(one >= 1 for one in level[n : n + length])]
                assert steps.earliest(start, length, 1) == (fits[0] if fits else None), (steps, level, start, length)


def _level(resource: Resource, calendar: Calendar, taken: list[Reservation], minute: int) -> int:
    is_open = any(one <= minute < two for one, two in calendar.weekly)
    is_open &= not any(one <= minute < two for one, two in calendar.closed)
    used = sum(one.units for one in taken if one.from_min <= minute < one.to_min)
    return max(0, resource.capacity - used) if is_open else 0


def test_nothing_is_free_of_nothing() -> None:
    assert Steps([0, 10], [0, 0]).earliest(0, 1, 1) is None


def test_a_year_with_ten_thousand_reservations_is_asked_in_time() -> None:
    import time

    problem = invented_base(700, seed=3)
    plan = solve(problem, rounds=1)
    reservations = reservations_of(problem, plan.placed)
    assert len(reservations) > 9_000
    began = time.process_time()
    free = Availability.of(problem, reservations)
    rest = left(problem, plan)
    for day in range(0, 360, 36):
        offers = promise(rest, free, Request(batch="new", recipe="rapid-1", ready_min=day * DAY))
        assert together(problem, plan, Request(batch="new", recipe="rapid-1", ready_min=day * DAY), offers[0]) == []
        break
    assert time.process_time() - began < 5
