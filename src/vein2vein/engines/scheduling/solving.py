"""From a problem to a plan: a list schedule, made better by ruin and recreate, with an honest bound."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.scheduling.bounding import bound_by_chains, bound_by_prices
from vein2vein.engines.scheduling.compiled.layout import NEVER, Layout, Longs, Places, lay_out
from vein2vein.engines.scheduling.compiled.listing import list_schedule
from vein2vein.engines.scheduling.compiled.ruin import costs_of_all, improve, seed_draws
from vein2vein.engines.scheduling.plan import Plan
from vein2vein.engines.scheduling.problem import SchedulingProblem
from vein2vein.engines.scheduling.reading import problem_blockers

ATTEMPTS = 30
"""How often an order is tried, the batch that found no place put to its front."""
TAKEN_OUT_MOST = 8
REACH = 20
ROUNDS_BETWEEN_LOOKS = 2_000
HEAD_START_MIN = 4 * 24 * 60
"""How much earlier a batch is taken, in the list, for each doubling of its weight."""
WARM_PART = 0.01
"""The first temperature, as a part of what a batch costs on average."""


def solve(
    problem: SchedulingProblem, *, seconds: float | None = None, rounds: int = 0, seed: int = 1, price_steps: int = 0
) -> Plan:
    """Return a plan of every batch; raises `Refused` naming the reason where a batch finds no place.

    Improved for so many `seconds`, or so many `rounds` (then the same arguments give the same plan). The bound comes
    from chains alone, or after `price_steps` steps from the relaxation of all capacities.
    """
    refuse_any(problem_blockers(problem))
    layout = lay_out(problem)
    first_plan(layout)
    objective = anneal(layout, seconds=seconds, rounds=rounds, seed=seed)
    plan = Plan(placed=layout.placed(), objective=objective)
    return with_bound(problem, plan, price_steps=price_steps)


def with_bound(problem: SchedulingProblem, plan: Plan, *, price_steps: int) -> Plan:
    """Return the plan with the best bound that is to be had: by prices after so many steps, else by chains."""
    chains = bound_by_chains(problem)
    if price_steps:
        priced = bound_by_prices(problem, plan.objective, price_steps)
        if priced is not None and priced > chains:
            return replace(plan, bound=priced, bound_by="relaxation")
    return replace(plan, bound=chains, bound_by="chains")


def first_plan(layout: Layout) -> None:
    """Place every batch; raises `Refused` naming one that found no place in any of the orders tried.

    Where there is a previous plan its starts are kept if possible. A batch that finds no place goes to the front.
    """
    before = _copy(layout.places)
    lost = np.zeros(max(1, len(layout.problem.batches)), dtype=np.bool_)
    failed = -1
    for order, stay in _orders(layout):
        for _attempt in range(min(ATTEMPTS, 2 + order.size)):
            failed = list_schedule(layout.chains, layout.places, order, stay, lost)
            if failed < 0:
                return
            _put(before, layout.places)
            order = np.concatenate([[failed], order[order != failed]])  # noqa: PLW2901 - the next attempt's
    raise Refused(no_place(layout, failed))


def _orders(layout: Layout) -> Iterator[tuple[Longs, bool]]:
    """Yield the orders to try, and whether what the previous plan says is kept."""
    chains = layout.chains
    order = by_time(layout)
    if layout.problem.previous:
        previous = chains.previous[order].max(axis=1, initial=-1)
        yield order[np.argsort(np.where(previous < 0, NEVER, previous), kind="stable")], True
    head_start = HEAD_START_MIN / chains.slot_min * np.log2(np.maximum(1, chains.weight[order]))
    yield order[np.argsort(chains.begin[order] - head_start, kind="stable")], False
    yield order[np.argsort(chains.latest_min[order], kind="stable")], False


def no_place(layout: Layout, failed: int) -> Blocker:
    """Return that a batch found no place."""
    batch = layout.problem.batches[failed]
    until = int(layout.chains.latest_min[failed])
    return Blocker(
        "scheduling.no_place",
        N_("No place was found for this batch that ends by minute %(until)s"),
        field="batches",
        value=batch.code,
        mend=N_("Ask for the conflict to see what stands against it, or allow a later end"),
        params={"until": str(until)},
    )


def by_time(layout: Layout) -> Longs:
    """Return the batches that are not wholly fixed, by the time from which they can go on."""
    chains = layout.chains
    count = len(layout.problem.batches)
    lengths = np.diff(chains.op_first)[chains.chain[:count]] if count else np.zeros(0, dtype=np.int32)
    order = np.argsort(chains.begin[:count], kind="stable").astype(np.int64)
    return order[(chains.fixed[:count] < lengths)[order]]


def anneal(
    layout: Layout,
    *,
    seconds: float | None = None,
    rounds: int = 0,
    seed: int = 1,
    among: Longs | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Improve a whole plan in place, moving only batches `among` those given (by time); return its cost.

    The temperature falls with the part of the rounds, or of the time by `clock`, that is gone.
    """
    chains, places = layout.chains, layout.places
    if not layout.problem.batches:
        return 0
    costs = costs_of_all(chains, places)
    order = by_time(layout) if among is None else among
    if order.size < 2 or not (seconds or rounds):
        return int(costs.sum())
    seed_draws(seed)
    warm = WARM_PART * float(costs.mean())
    least = np.zeros(places.start.shape[1], dtype=np.int32)
    best_cost = total = int(costs.sum())
    best = _copy(places)
    began, done = clock(), 0
    while True:
        gone = (clock() - began) / seconds if seconds else done / rounds
        if gone >= 1.0:
            break
        count = ROUNDS_BETWEEN_LOOKS if seconds else min(ROUNDS_BETWEEN_LOOKS, rounds - done)
        heat = warm * (1.0 - gone) ** 2
        total += improve(chains, places, order, costs, count, heat, TAKEN_OUT_MOST, REACH, least)
        done += count
        if total < best_cost:
            best_cost = total
            _put(places, best)
    _put(best, places)
    return best_cost


def _copy(places: Places) -> Places:
    return Places(
        free=places.free.copy(),
        left=places.left.copy(),
        start=places.start.copy(),
        chosen=places.chosen.copy(),
        prefer=places.prefer.copy(),
        drawn=places.drawn.copy(),
    )


def _put(source: Places, target: Places) -> None:
    np.copyto(target.free, source.free)
    np.copyto(target.left, source.left)
    for part, other in zip(source[2:], target[2:], strict=True):
        np.copyto(other, part)
