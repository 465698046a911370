"""When life happens: the plan again with as few moves as may be, each explained, and nobody's date lost in silence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

import numpy as np

from vein2vein.core.refusals import Blocker, Refused, refuse_any
from vein2vein.engines.scheduling.compiled.layout import Layout, Longs, lay_out
from vein2vein.engines.scheduling.compiled.listing import keep_all, list_schedule
from vein2vein.engines.scheduling.plan import Plan
from vein2vein.engines.scheduling.problem import Placed, SchedulingProblem
from vein2vein.engines.scheduling.reading import problem_blockers
from vein2vein.engines.scheduling.reasons import Reasons
from vein2vein.engines.scheduling.solving import anneal, by_time, no_place, with_bound
from vein2vein.engines.scheduling.standing import still_standing

MOVE_COST = 600
"""What a moved operation costs in weighted minutes, unless told otherwise: as much as ten hours of one patient's."""
NEAR_MIN = 10 * 24 * 60
"""Batches that go on within this of one that is moved may make room for it."""


@dataclass(frozen=True, slots=True)
class Move:
    """An operation that is no longer where it was, or no longer with whom, and why."""

    batch: str
    operation: str
    was_min: int
    now_min: int
    was_resources: tuple[str, ...]
    now_resources: tuple[str, ...]
    why: Blocker


class Breach(StrEnum):
    """What can be broken; the last two only where there is no plan without, so that there is one to decide on."""

    PROMISE = "promise"
    PATIENT_LIMIT = "patient_limit"
    HOLD = "hold"
    """A longest wait or a shelf life."""


@dataclass(frozen=True, slots=True)
class Broken:
    """What the new plan does not keep for a batch, and the first reason in its chain."""

    batch: str
    what: Breach
    promised_min: int | None
    """The promised end or the patient's limit; None for holds."""
    was_end_min: int | None
    end_min: int
    why: Blocker | None


@dataclass(frozen=True, slots=True)
class Replan:
    """A plan to be signed or not: what changed, who must be told."""

    problem: SchedulingProblem
    """What the plan was made for: the new state with what stays fixed; a checker holds the plan against this."""
    plan: Plan
    moves: tuple[Move, ...]
    broken: tuple[Broken, ...]
    told: tuple[str, ...]
    """Batches whose collection or end is not when it was, and those that are new or gone."""


def replan(
    problem: SchedulingProblem,
    before: Iterable[Placed],
    *,
    freeze_min: int = 0,
    seconds: float | None = None,
    rounds: int = 2_000,
    seed: int = 1,
    move_cost: int = MOVE_COST,
) -> Replan:
    """Return the plan for a problem as it is now, near the plan `before`.

    Operations that began before `problem.now_min`, and those within `freeze_min` of it that can still stand, stay.
    Raises `Refused` where the problem is wrong or a batch finds no place even with its limits let go.
    """
    refuse_any(problem_blockers(replace(problem, fixed=(), previous=(), frozen_until_min=problem.now_min)))
    chains = {one.code: one.operations for one in problem.recipes}
    there = {(batch.code, one.code) for batch in problem.batches for one in chains[batch.recipe]}
    was = list(before)
    previous = tuple(one for one in was if (one.batch, one.operation) in there)
    fixed = still_standing(problem, previous, problem.now_min + freeze_min)
    now = replace(problem, previous=previous, frozen_until_min=problem.now_min, move_cost=move_cost)
    now, layout, near = _place_all(now, fixed, previous)
    objective = anneal(layout, seconds=seconds, rounds=rounds, seed=seed, among=near)
    plan = with_bound(now, Plan(placed=layout.placed(), objective=objective), price_steps=0)
    moves = _moves(now, plan, previous)
    gone = {one.batch for one in was} - {one.code for one in now.batches}
    return Replan(now, plan, moves, _broken(problem, now, plan, was, moves), _told(now, previous, plan, gone))


class _Way(IntEnum):
    """What is given up for a batch that finds no place, one after the other."""

    ITS_TURN = 0
    OTHERS_FIRST_PLACE = 1
    """It goes before all others, which make room."""
    FREEZE = 2
    """What has not begun is no longer held to be frozen."""
    PATIENT_LIMIT = 3
    HOLDS = 4


def _place_all(
    problem: SchedulingProblem, fixed: tuple[Placed, ...], previous: tuple[Placed, ...]
) -> tuple[SchedulingProblem, Layout, Longs]:
    """Place everybody, giving up as little as may be for those who find no place; return who may be moved as well."""
    ways = dict.fromkeys(range(len(problem.batches)), _Way.ITS_TURN)
    first_choice = lay_out(problem)
    first_choice.prefer(previous)
    while True:
        now = _given_up(problem, fixed, ways)
        layout = lay_out(now)
        layout.places.prefer[:] = first_choice.places.prefer
        order = by_time(layout)
        lost, kept = (np.zeros(max(1, len(problem.batches)), dtype=np.bool_) for _ in range(2))
        front = np.array([ways[int(b)] > _Way.ITS_TURN for b in order], dtype=np.bool_)
        first = order[front]
        first = first[np.argsort(-layout.chains.weight[first], kind="stable")]
        list_schedule(layout.chains, layout.places, first, True, lost)
        keep_all(layout.chains, layout.places, order[~front], kept)
        moved = order[~front & ~kept[order]]
        urgent = moved[np.lexsort((layout.chains.begin[moved], -layout.chains.weight[moved]))]
        list_schedule(layout.chains, layout.places, urgent, True, lost)
        if not lost.any():
            return now, layout, _near(layout, order, np.concatenate([first, moved]))
        for b in np.flatnonzero(lost):
            if ways[int(b)] == _Way.HOLDS:
                raise Refused(no_place(layout, int(b)))
            ways[int(b)] = _Way(ways[int(b)] + 1)


def _given_up(problem: SchedulingProblem, fixed: tuple[Placed, ...], ways: dict[int, _Way]) -> SchedulingProblem:
    batches = list(problem.batches)
    thawed = set()
    for b, way in ways.items():
        if way >= _Way.FREEZE:
            thawed.add(batches[b].code)
        if way >= _Way.PATIENT_LIMIT:
            batches[b] = replace(batches[b], latest_min=None)
        if way >= _Way.HOLDS:
            batches[b] = replace(batches[b], waives_limits=True)
    still = tuple(one for one in fixed if one.batch not in thawed or one.start_min < problem.now_min)
    return replace(problem, batches=tuple(batches), fixed=still)


def _near(layout: Layout, order: Longs, moved: Longs) -> Longs:
    """Return the batches, by time, that go on near one that is moved."""
    if not moved.size:
        return moved
    begin = layout.chains.begin
    reach = NEAR_MIN // layout.chains.slot_min
    times = np.sort(begin[moved])
    index = np.searchsorted(times, begin[order])
    after = np.abs(times[np.minimum(index, times.size - 1)] - begin[order])
    ahead = np.abs(begin[order] - times[np.maximum(index - 1, 0)])
    near: Longs = order[np.minimum(after, ahead) <= reach]
    return near


def _moves(problem: SchedulingProblem, plan: Plan, previous: tuple[Placed, ...]) -> tuple[Move, ...]:
    was = {(one.batch, one.operation): one for one in previous}
    reasons = Reasons(problem, plan.placed, previous)
    found = []
    for one in plan.placed:
        old = was.get((one.batch, one.operation))
        if old is not None and (one.start_min, one.resources) != (old.start_min, old.resources):
            why = reasons.of(old, one)
            found.append(
                Move(one.batch, one.operation, old.start_min, one.start_min, old.resources, one.resources, why)
            )
    return tuple(found)


def _ends(problem: SchedulingProblem, placed: Iterable[Placed]) -> dict[str, int]:
    """Return when each batch ends of which the last operation is placed."""
    lasts = {}
    recipes = {one.code: one.operations[-1] for one in problem.recipes}
    for batch in problem.batches:
        took = {one.operation: one.duration_min for one in batch.took}
        last = recipes[batch.recipe]
        lasts[batch.code, last.code] = took.get(last.code, last.duration_min)
    return {
        one.batch: one.start_min + lasts[one.batch, one.operation]
        for one in placed
        if (one.batch, one.operation) in lasts
    }


def _broken(
    asked: SchedulingProblem,
    given: SchedulingProblem,
    plan: Plan,
    was: list[Placed],
    moves: tuple[Move, ...],
) -> tuple[Broken, ...]:
    """Return what `plan`, made for the problem as `given`, breaks of the problem as `asked`."""
    first: dict[str, Blocker] = {}
    for move in moves:
        first.setdefault(move.batch, move.why)
    old, new = _ends(asked, was), _ends(asked, plan.placed)
    found = []
    for batch, now in zip(asked.batches, given.batches, strict=True):
        end, before, why = new[batch.code], old.get(batch.code), first.get(batch.code)
        if batch.due_min is not None and end > batch.due_min and (before is None or end > before):
            found.append(Broken(batch.code, Breach.PROMISE, batch.due_min, before, end, why))
        if batch.latest_min is not None and end > batch.latest_min:
            found.append(Broken(batch.code, Breach.PATIENT_LIMIT, batch.latest_min, before, end, why))
        if now.waives_limits and not batch.waives_limits:
            found.append(Broken(batch.code, Breach.HOLD, None, before, end, why))
    return tuple(found)


def _told(problem: SchedulingProblem, previous: tuple[Placed, ...], plan: Plan, gone: set[str]) -> tuple[str, ...]:
    ends: dict[str, set[str]] = defaultdict(set)
    recipes = {one.code: (one.operations[0].code, one.operations[-1].code) for one in problem.recipes}
    for batch in problem.batches:
        ends[batch.code].update(recipes[batch.recipe])
    was = {(one.batch, one.operation): one.start_min for one in previous}
    changed = {
        one.batch
        for one in plan.placed
        if one.operation in ends[one.batch] and was.get((one.batch, one.operation)) != one.start_min
    }
    return tuple(sorted(changed | gone))
