"""What is still free of each resource, as sorted steps: quick to ask, from live reservations."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from vein2vein.engines.scheduling.problem import WEEK_MIN, Calendar, Placed, Recipe, Resource, SchedulingProblem


@dataclass(frozen=True, slots=True)
class Reservation:
    """Units of a resource taken from one minute to another."""

    resource: str
    from_min: int
    to_min: int
    units: int = 1


@dataclass(frozen=True, slots=True)
class Steps:
    """The free units of a resource: `level[i]` from minute `at[i]` until `at[i + 1]`; none before and after all."""

    at: list[int]
    level: list[int]

    def earliest(self, from_min: int, length_min: int, units: int) -> int | None:
        """Return the first minute not before `from_min` from which the units are free for so long; None: never."""
        at, level = self.at, self.level
        last = len(at) - 1
        start = max(from_min, at[0])
        index = bisect_right(at, start) - 1
        while index < last:
            if level[index] < units:
                index += 1
                start = at[index]
            elif at[index + 1] >= start + length_min:
                return start
            else:
                # Enough here, but not for long enough yet: see whether the next step carries on.
                ahead = index + 1
                while ahead < last and level[ahead] >= units and at[ahead + 1] < start + length_min:
                    ahead += 1
                if ahead < last and level[ahead] >= units:
                    return start
                index = ahead
                start = at[min(index, last)]
        return None

    def less(self, from_min: int, to_min: int, units: int) -> Steps:
        """Return what is left when units more are taken from one minute to another; never less than none."""
        first, last = max(from_min, self.at[0]), min(to_min, self.at[-1])
        if first >= last:
            return self
        at, level = self.at[:], self.level[:]
        for minute in (first, last):
            index = bisect_right(at, minute) - 1
            if at[index] != minute:
                at.insert(index + 1, minute)
                level.insert(index + 1, level[index])
        for index in range(bisect_right(at, first) - 1, bisect_right(at, last) - 1):
            level[index] = max(0, level[index] - units)
        return Steps(at, level)


def steps_of(
    resource: Resource, calendar: Calendar, until_min: int, taken: Iterable[Reservation], from_min: int = 0
) -> Steps:
    """Return a resource's steps between two minutes: open by its calendar, less what is taken."""
    changes: dict[int, int] = defaultdict(int)
    for one in taken:
        if one.to_min > from_min and one.from_min < until_min:
            changes[max(one.from_min, from_min)] += one.units
            changes[one.to_min] -= one.units
    for first, last in _open(calendar, until_min):
        if last > from_min:
            changes[max(first, from_min)] -= _OPENS
            changes[last] += _OPENS
    changes[from_min] += 0
    changes[until_min] += 0
    at: list[int] = []
    level: list[int] = []
    balance = 0
    for minute in sorted(changes):
        if minute > until_min:
            break
        balance += changes[minute]
        free = 0 if balance >= 0 or minute == until_min else max(0, resource.capacity - (balance + _OPENS))
        if not level or free != level[-1]:
            at.append(minute)
            level.append(free)
    if at[-1] != until_min:
        at.append(until_min)
        level.append(0)
    return Steps(at, level)


_OPENS = 2**40
"""What an open calendar takes off the balance of the units in use: it tells open from closed in the same sum."""


@lru_cache(maxsize=256)
def _open(calendar: Calendar, until_min: int) -> tuple[tuple[int, int], ...]:
    """Return the open intervals of a calendar from minute 0 to `until_min`, joined and in order."""
    weeks = range(-1, until_min // WEEK_MIN + 1)
    joined: list[tuple[int, int]] = []
    for first, last in sorted((w * WEEK_MIN + one, w * WEEK_MIN + two) for w in weeks for one, two in calendar.weekly):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    cuts = [(0, 0), *sorted(one for one in calendar.closed if one[0] < one[1]), (until_min, until_min)]
    found = []
    for first, last in joined:
        begin = max(0, first)
        for closed_from, closed_to in cuts:
            if closed_to <= begin or closed_from >= last:
                continue
            if closed_from > begin:
                found.append((begin, closed_from))
            begin = max(begin, closed_to)
        end = min(last, until_min)
        if begin < end:
            found.append((begin, end))
    return tuple(found)


Able = dict[tuple[str, str, int], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Availability:
    """All resources' steps; made once, asked often."""

    steps: Mapping[str, Steps]
    able: Able

    @classmethod
    def of(
        cls,
        problem: SchedulingProblem,
        reservations: Iterable[Reservation],
        *,
        from_min: int = 0,
        until_min: int | None = None,
    ) -> Availability:
        """Return what is left of the problem's resources beside live reservations, from one minute to another.

        The shorter the time the sooner it is made; nothing is free outside it.
        """
        until = problem.horizon_min if until_min is None else min(until_min, problem.horizon_min)
        taken: dict[str, list[Reservation]] = defaultdict(list)
        for one in reservations:
            taken[one.resource].append(one)
        calendars = {one.code: one for one in problem.calendars}
        steps = {
            one.code: steps_of(one, calendars[one.calendar], until, taken[one.code], from_min)
            for one in problem.resources
        }
        return cls(steps, able_of(problem.resources, problem.recipes))


def able_of(resources: Iterable[Resource], recipes: Iterable[Recipe]) -> Able:
    """Return which resources can serve each use of some recipes, by kind, qualification and units, cheapest first."""
    able: Able = {}
    cheapest_first = sorted(resources, key=lambda one: (one.cents_per_hour, one.code))
    for recipe in recipes:
        for operation in recipe.operations:
            for use in operation.uses:
                able[use.kind, use.qualification, use.units] = tuple(
                    one.code
                    for one in cheapest_first
                    if one.kind == use.kind
                    and one.capacity >= use.units
                    and (not use.qualification or use.qualification in one.qualifications)
                )
    return able


def reservations_of(problem: SchedulingProblem, placed: Iterable[Placed]) -> list[Reservation]:
    """Return what placed operations occupy."""
    operations = {(one.code, each.code): each for one in problem.recipes for each in one.operations}
    recipe = {one.code: one.recipe for one in problem.batches}
    found = []
    for one in placed:
        uses = operations[recipe[one.batch], one.operation].uses
        for code, use in zip(one.resources, uses, strict=True):
            found.append(Reservation(code, one.start_min + use.from_min, one.start_min + use.to_min, use.units))
    return found
