"""A problem as arrays: time cut into equal slots, codes turned into numbers.

Everything is rounded to the safe side: what is planned on slots holds in minutes. Where the slot divides all times of
the problem nothing is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import gcd
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vein2vein.engines.scheduling.problem import (
    WEEK_MIN,
    Batch,
    Calendar,
    Operation,
    Placed,
    Recipe,
    SchedulingProblem,
    Took,
)

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Levels = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]

NEVER = 2**30
SMALLEST_SLOT_MIN = 15
CAPACITY_MOST = 30_000


class Chains(NamedTuple):
    """Chains of operations, flat: what does not change while planning; times in slots unless a name says otherwise."""

    slot_min: int
    slots: int
    op_first: Ints
    """By chain: its first operation; one more at the end."""
    lag: Ints
    """By operation: least distance of its start from the start of the one before."""
    duration_min: Ints
    use_first: Ints
    use_from: Ints
    use_to: Ints
    use_units: Ints
    able_first: Ints
    able: Ints
    """By use: the resources that can serve it."""
    draw_first: Ints
    draw_quantity: Ints
    lot_first: Ints
    """By draw."""
    lot: Ints
    """By draw: the lots of its material, the first to expire first."""
    limit_first: Ints
    limit_after: Ints
    """By limit, of the operation that it ends at: the number within the chain of the one it begins at."""
    limit_most: Ints
    """Largest distance from start to start."""
    lot_from: Ints
    lot_until_min: Longs
    chain: Ints
    """By batch, as all that follow."""
    fixed: Ints
    """How many of its operations are fixed."""
    begin: Ints
    ready_min: Longs
    weight: Longs
    due_min: Longs
    late_weight: Longs
    latest_min: Longs
    previous: Ints
    """By batch and operation: its start in the previous plan, -1: none."""
    move_cost: int


class Places(NamedTuple):
    """Where everything is: changed in place while planning."""

    free: Levels
    """By resource and slot: the units left; none while closed."""
    left: Longs
    """By lot: the units left."""
    start: Ints
    """By batch and operation; -1: not placed."""
    chosen: Ints
    """By batch and use: the resource."""
    prefer: Ints
    """By batch and use: the resource to try first, -1: none."""
    drawn: Ints
    """By batch and draw: the lot."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A problem's arrays with the codes behind their numbers."""

    problem: SchedulingProblem
    chains: Chains
    places: Places
    use_order: list[list[list[int]]]
    """By chain and operation: which use of the recipe stands at each place of the arrays."""

    def prefer(self, placed: Iterable[Placed]) -> None:
        """Have the resources of placed operations tried first, where they can still serve."""
        chains, problem = self.chains, self.problem
        batch = {one.code: index for index, one in enumerate(problem.batches)}
        resource = {one.code: index for index, one in enumerate(problem.resources)}
        number = {(recipe.code, one.code): k for recipe in problem.recipes for k, one in enumerate(recipe.operations)}
        firsts, uses, chain_of = chains.op_first.tolist(), chains.use_first.tolist(), chains.chain.tolist()
        able = [set(chains.able[first:last].tolist()) for first, last in pairwise(chains.able_first.tolist())]
        preferred = self.places.prefer.tolist()
        for one in placed:
            b = batch[one.batch]
            chain, k = chain_of[b], number[problem.batches[b].recipe, one.operation]
            base, first = uses[firsts[chain]], uses[firsts[chain] + k]
            for place, use in enumerate(self.use_order[chain][k]):
                r = resource.get(one.resources[use], -1) if use < len(one.resources) else -1
                u = first + place
                if r in able[u]:
                    preferred[b][u - base] = r
        if preferred:
            self.places.prefer[:] = preferred

    def placed(self) -> tuple[Placed, ...]:
        """Return the places as the plan writes them; every batch must be placed."""
        chains, places, problem = self.chains, self.places, self.problem
        recipes = {one.code: one for one in problem.recipes}
        kept = {(one.batch, one.operation): one for one in problem.fixed}
        names = [one.code for one in problem.resources]
        lots = [one.code for one in problem.lots]
        made = []
        starts, chosen, drawn = places.start.tolist(), places.chosen.tolist(), places.drawn.tolist()
        firsts, uses, draws = chains.op_first.tolist(), chains.use_first.tolist(), chains.draw_first.tolist()
        for b, batch in enumerate(problem.batches):
            chain = int(chains.chain[b])
            first = firsts[chain]
            for k, operation in enumerate(recipes[batch.recipe].operations):
                if k < chains.fixed[b]:
                    made.append(kept[batch.code, operation.code])
                    continue
                o, u0, d0 = first + k, uses[first], draws[first]
                serving = [""] * (uses[o + 1] - uses[o])
                for place, use in enumerate(self.use_order[chain][k]):
                    serving[use] = names[chosen[b][uses[o] - u0 + place]]
                held = tuple(lots[one] for one in drawn[b][draws[o] - d0 : draws[o + 1] - d0])
                start = starts[b][k] * chains.slot_min
                made.append(
                    Placed(
                        batch=batch.code,
                        operation=operation.code,
                        start_min=start,
                        resources=tuple(serving),
                        lots=held,
                    )
                )
        return tuple(made)


def slot_of(problem: SchedulingProblem) -> int:
    """Return the slot in minutes: the largest that divides what has a fixed length, but not below the smallest."""
    starts = {one.start_min for one in (*problem.fixed, *problem.previous)}
    return max(SMALLEST_SLOT_MIN, gcd(*_lengths(problem), *starts))


def divides(problem: SchedulingProblem, slot_min: int) -> bool:
    """Say whether the slot divides all calendars, durations and waits, so that no plan is lost by planning on slots."""
    return all(time % slot_min == 0 for time in _lengths(problem))


def _lengths(problem: SchedulingProblem) -> set[int]:
    found = {WEEK_MIN}
    for calendar in problem.calendars:
        found.update(time for window in (*calendar.weekly, *calendar.closed) for time in window)
    for recipe in problem.recipes:
        for operation in recipe.operations:
            found.update((operation.duration_min, operation.wait_least_min, operation.wait_most_min or 0))
            found.update(time for use in operation.uses for time in (use.from_min, use.to_min))
        found.update(one.most_min for one in recipe.limits)
    for batch in problem.batches:
        found.update(one.duration_min for one in batch.took)
    return found


def lay_out(problem: SchedulingProblem, *, slot_min: int | None = None, hopeful: bool = False) -> Layout:
    """Return the arrays of a problem without faults; fixed operations are in their places already.

    With `hopeful`, ready times and fixed operations are rounded the other way: for bounds, where the slot divides all
    lengths.
    """
    return _Making(problem, slot_min or slot_of(problem), hopeful).layout()


@dataclass(slots=True)
class _Flat:
    """Lists that become the arrays of `Chains`."""

    op_first: list[int]
    lag: list[int]
    duration_min: list[int]
    use_first: list[int]
    uses: list[tuple[int, int, int]]
    able_first: list[int]
    able: list[int]
    draw_first: list[int]
    draws: list[int]
    lot_first: list[int]
    lot: list[int]
    limit_first: list[int]
    limits: list[tuple[int, int]]


class _Making:
    """Builds the arrays of one problem."""

    def __init__(self, problem: SchedulingProblem, slot_min: int, hopeful: bool) -> None:
        self.problem, self.slot, self.hopeful = problem, slot_min, hopeful
        self.slots = problem.horizon_min // slot_min
        self.resource = {one.code: index for index, one in enumerate(problem.resources)}
        self.lot = {one.code: index for index, one in enumerate(problem.lots)}
        self.flat = _Flat([0], [], [], [0], [], [0], [], [0], [], [0], [], [0], [])
        self.use_order: list[list[list[int]]] = []
        self.able: dict[tuple[str, str, int], list[int]] = {}
        self.recipes = {one.code: one for one in problem.recipes}
        self.variants: dict[tuple[str, tuple[Took, ...], bool], int] = {}

    def layout(self) -> Layout:
        """Return the whole."""
        chain = [self._variant(batch) for batch in self.problem.batches]
        flat, problem = self.flat, self.problem
        widest = max((len(one.operations) for one in problem.recipes), default=1)
        uses = _widest(flat.op_first, flat.use_first)
        draws = _widest(flat.op_first, flat.draw_first)
        count = len(problem.batches)
        places = Places(
            free=self._free(),
            left=np.array([one.quantity for one in problem.lots] or [0], dtype=np.int64),
            start=np.full((count, widest), -1, dtype=np.int32),
            chosen=np.full((count, max(1, uses)), -1, dtype=np.int32),
            prefer=np.full((count, max(1, uses)), -1, dtype=np.int32),
            drawn=np.full((count, max(1, draws)), -1, dtype=np.int32),
        )
        begin, fixed = self._fix(chain, places)
        chains = self._chains(chain, begin, fixed, self._previous(widest))
        return Layout(problem, chains, places, self.use_order)

    def _up(self, minutes: int) -> int:
        return -(-minutes // self.slot)

    def _down(self, minutes: int) -> int:
        return minutes // self.slot

    def _variant(self, batch: Batch) -> int:
        key = (batch.recipe, tuple(sorted(batch.took, key=lambda one: one.operation)), batch.waives_limits)
        if key not in self.variants:
            self.variants[key] = len(self.variants)
            took = {one.operation: one.duration_min for one in batch.took}
            self._add(self.recipes[batch.recipe], took, limited=not batch.waives_limits)
        return self.variants[key]

    def _add(self, recipe: Recipe, took: dict[str, int], *, limited: bool) -> None:
        flat = self.flat
        durations = [took.get(one.code, one.duration_min) for one in recipe.operations]
        limits = self._limits(recipe, durations) if limited else defaultdict(list)
        order = []
        for k, operation in enumerate(recipe.operations):
            flat.lag.append(self._up(durations[k - 1] + operation.wait_least_min) if k else 0)
            flat.duration_min.append(durations[k])
            order.append(self._uses(operation))
            for draw in operation.draws:
                flat.draws.append(draw.quantity)
                flat.lot.extend(self._lots(draw.material))
                flat.lot_first.append(len(flat.lot))
            flat.draw_first.append(len(flat.draws))
            flat.limits.extend(limits[k])
            flat.limit_first.append(len(flat.limits))
        flat.op_first.append(len(flat.lag))
        self.use_order.append(order)

    def _limits(self, recipe: Recipe, durations: list[int]) -> dict[int, list[tuple[int, int]]]:
        """Return by operation from which earlier one it must not start further than so many slots."""
        limits: dict[int, list[tuple[int, int]]] = defaultdict(list)
        numbers = {one.code: k for k, one in enumerate(recipe.operations)}
        for k, operation in enumerate(recipe.operations):
            if operation.wait_most_min is not None and k:
                limits[k].append((k - 1, (operation.wait_most_min + durations[k - 1]) // self.slot))
        for one in recipe.limits:
            after = numbers[one.after]
            limits[numbers[one.before]].append((after, (one.most_min + durations[after]) // self.slot))
        return limits

    def _uses(self, operation: Operation) -> list[int]:
        """Add an operation's uses, those with the fewest resources first, and return their order."""
        able = [self._able(one.kind, one.qualification, one.units) for one in operation.uses]
        order = sorted(range(len(able)), key=lambda index: (len(able[index]), index))
        for index in order:
            use = operation.uses[index]
            self.flat.uses.append((use.from_min // self.slot, self._up(use.to_min), use.units))
            self.flat.able.extend(able[index])
            self.flat.able_first.append(len(self.flat.able))
        self.flat.use_first.append(len(self.flat.uses))
        return order

    def _able(self, kind: str, qualification: str, units: int) -> list[int]:
        key = (kind, qualification, units)
        if key not in self.able:
            self.able[key] = [
                index
                for index, one in enumerate(self.problem.resources)
                if one.kind == kind
                and one.capacity >= units
                and (not qualification or qualification in one.qualifications)
            ]
        return self.able[key]

    def _lots(self, material: str) -> list[int]:
        lots = self.problem.lots
        found = [index for index, one in enumerate(lots) if one.material == material]
        return sorted(found, key=lambda index: (_until(lots[index].expires_min), lots[index].code))

    def _free(self) -> Levels:
        longest = max((to for _from, to, _units in self.flat.uses), default=1)
        width = self.slots + longest + 1
        calendars = {one.code: self._open(one, width) for one in self.problem.calendars}
        free = np.zeros((max(1, len(self.problem.resources)), width), dtype=np.int16)
        for index, one in enumerate(self.problem.resources):
            free[index] = calendars[one.calendar] * min(one.capacity, CAPACITY_MOST)
        return free

    def _open(self, calendar: Calendar, width: int) -> Levels:
        # Two windows that touch within a slot leave it closed here, and open to the checker: the safe side.
        found = np.zeros(width, dtype=np.int16)
        for week in range(-1, width * self.slot // WEEK_MIN + 1):
            for first, last in calendar.weekly:
                begin, end = self._up(first + week * WEEK_MIN), (last + week * WEEK_MIN) // self.slot
                found[max(0, begin) : max(0, end)] = 1
        for first, last in calendar.closed:
            found[first // self.slot : self._up(last)] = 0
        return found

    def _fix(self, chain: list[int], places: Places) -> tuple[list[int], list[int]]:
        """Put what is fixed into its place; return when each batch can go on, in slots, and its fixed operations."""
        problem, kept = self.problem, {(one.batch, one.operation): one for one in self.problem.fixed}
        late = self._down if self.hopeful else self._up
        frozen = late(problem.frozen_until_min)
        begin, fixed = [], []
        for b, batch in enumerate(problem.batches):
            earliest, count = max(frozen, late(batch.ready_min)), 0
            operations = self.recipes[batch.recipe].operations
            for k, operation in enumerate(operations):
                place = kept.get((batch.code, operation.code))
                if place is None:
                    break
                count = k + 1
                places.start[b, k] = place.start_min // self.slot
                self._occupy(place, operation, places)
                end = place.start_min + self.flat.duration_min[self.flat.op_first[chain[b]] + k]
                wait = operations[k + 1].wait_least_min if k + 1 < len(operations) else 0
                earliest = max(frozen, late(end + wait))
            begin.append(earliest)
            fixed.append(count)
        return begin, fixed

    def _occupy(self, place: Placed, operation: Operation, places: Places) -> None:
        early, late = (self._up, self._down) if self.hopeful else (self._down, self._up)
        for code, use in zip(place.resources, operation.uses, strict=False):
            first, last = early(place.start_min + use.from_min), late(place.start_min + use.to_min)
            places.free[self.resource[code], first:last] -= use.units
        for code, draw in zip(place.lots, operation.draws, strict=False):
            places.left[self.lot[code]] -= draw.quantity

    def _previous(self, widest: int) -> Ints:
        found = np.full((len(self.problem.batches), widest), -1, dtype=np.int32)
        batch = {one.code: index for index, one in enumerate(self.problem.batches)}
        number = {
            (recipe.code, one.code): k for recipe in self.problem.recipes for k, one in enumerate(recipe.operations)
        }
        for one in self.problem.previous:
            b = batch[one.batch]
            k = number[self.problem.batches[b].recipe, one.operation]
            # A start between slots cannot be met again: it counts as moved.
            found[b, k] = one.start_min // self.slot if one.start_min % self.slot == 0 else NEVER
        return found

    def _chains(self, chain: list[int], begin: list[int], fixed: list[int], previous: Ints) -> Chains:
        flat, problem = self.flat, self.problem
        uses = flat.uses or [(0, 0, 0)]
        limits = flat.limits or [(0, 0)]
        return Chains(
            slot_min=self.slot,
            slots=self.slots,
            op_first=_ints(flat.op_first),
            lag=_ints(flat.lag),
            duration_min=_ints(flat.duration_min),
            use_first=_ints(flat.use_first),
            use_from=_ints(one[0] for one in uses),
            use_to=_ints(one[1] for one in uses),
            use_units=_ints(one[2] for one in uses),
            able_first=_ints(flat.able_first),
            able=_ints(flat.able),
            draw_first=_ints(flat.draw_first),
            draw_quantity=_ints(flat.draws),
            lot_first=_ints(flat.lot_first),
            lot=_ints(flat.lot),
            limit_first=_ints(flat.limit_first),
            limit_after=_ints(one[0] for one in limits),
            limit_most=_ints(min(one[1], NEVER) for one in limits),
            lot_from=_ints(self._up(one.usable_from_min) for one in problem.lots),
            lot_until_min=_longs(_until(one.expires_min) for one in problem.lots),
            chain=_ints(chain),
            fixed=_ints(fixed),
            begin=_ints(begin),
            ready_min=_longs(one.ready_min for one in problem.batches),
            weight=_longs(one.weight for one in problem.batches),
            due_min=_longs(_until(one.due_min) for one in problem.batches),
            late_weight=_longs(one.late_weight for one in problem.batches),
            latest_min=_longs(min(_until(one.latest_min), problem.horizon_min) for one in problem.batches),
            previous=previous,
            move_cost=problem.move_cost,
        )


def _until(minute: int | None) -> int:
    return 2**53 if minute is None else minute


def _widest(op_first: list[int], part_first: list[int]) -> int:
    spans = [part_first[last] - part_first[first] for first, last in pairwise(op_first)]
    return max(spans, default=1)


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values) or [0], dtype=np.int32)


def _longs(values: Iterable[int]) -> Longs:
    return np.array(list(values) or [0], dtype=np.int64)
