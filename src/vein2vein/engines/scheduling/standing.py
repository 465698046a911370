"""What of an old plan stands in a new state: begun operations always, near ones while nothing speaks against them."""

from __future__ import annotations

from collections import defaultdict

from vein2vein.engines.scheduling.availability import Reservation, Steps, steps_of
from vein2vein.engines.scheduling.problem import Batch, Operation, Placed, SchedulingProblem


def still_standing(problem: SchedulingProblem, previous: tuple[Placed, ...], until_min: int) -> tuple[Placed, ...]:
    """Return the first operations of each batch, begun before now or before `until_min`, that stay where they are.

    An operation that has not begun stands only if all before it stand, its times keep their waits and limits, its
    resources are there, open and not taken by others that stand, and its lots are in date and suffice.
    """
    return _Standing(problem, previous).those_before(until_min)


class _Standing:
    """The operations that stand so far, and what they take."""

    def __init__(self, problem: SchedulingProblem, previous: tuple[Placed, ...]) -> None:
        self.problem = problem
        self.was = {(one.batch, one.operation): one for one in previous}
        self.recipes = {one.code: one for one in problem.recipes}
        self.resources = {one.code: one for one in problem.resources}
        self.lots = {one.code: one for one in problem.lots}
        self.calendars = {one.code: one for one in problem.calendars}
        self.open: dict[str, Steps] = {}
        self.taken: dict[str, list[Reservation]] = defaultdict(list)
        self.drawn: dict[str, int] = defaultdict(int)

    def those_before(self, until_min: int) -> tuple[Placed, ...]:
        """Return what stands, history first served, then by time."""
        history: list[tuple[Batch, int]] = []
        near: list[tuple[int, Batch, int]] = []
        for batch in self.problem.batches:
            for number, operation in enumerate(self.recipes[batch.recipe].operations):
                one = self.was.get((batch.code, operation.code))
                if one is None or (one.start_min >= until_min and one.start_min >= self.problem.now_min):
                    break
                if one.start_min < self.problem.now_min:
                    history.append((batch, number))
                else:
                    near.append((one.start_min, batch, number))
        stands: set[tuple[str, int]] = set()
        for batch, number in history:
            self._take(batch, number)
            stands.add((batch.code, number))
        for _start, batch, number in sorted(near, key=lambda one: (one[0], one[1].code, one[2])):
            if (number == 0 or (batch.code, number - 1) in stands) and self._can_stand(batch, number):
                self._take(batch, number)
                stands.add((batch.code, number))
        return tuple(
            self.was[batch.code, operation.code]
            for batch in self.problem.batches
            for number, operation in enumerate(self.recipes[batch.recipe].operations)
            if (batch.code, number) in stands
        )

    def _take(self, batch: Batch, number: int) -> None:
        operation = self.recipes[batch.recipe].operations[number]
        one = self.was[batch.code, operation.code]
        for code, use in zip(one.resources, operation.uses, strict=False):
            start = one.start_min
            self.taken[code].append(Reservation(code, start + use.from_min, start + use.to_min, use.units))
        for code, draw in zip(one.lots, operation.draws, strict=False):
            self.drawn[code] += draw.quantity

    def _can_stand(self, batch: Batch, number: int) -> bool:
        operation = self.recipes[batch.recipe].operations[number]
        one = self.was[batch.code, operation.code]
        return self._in_time(batch, number) and self._served(operation, one) and self._supplied(batch, operation, one)

    def _in_time(self, batch: Batch, number: int) -> bool:
        recipe = self.recipes[batch.recipe]
        took = {one.operation: one.duration_min for one in batch.took}
        operation = recipe.operations[number]
        start = self.was[batch.code, operation.code].start_min
        if start < batch.ready_min:
            return False
        ends = {
            each.code: self.was[batch.code, each.code].start_min + took.get(each.code, each.duration_min)
            for each in recipe.operations[:number]
        }
        if number:
            wait = start - ends[recipe.operations[number - 1].code]
            if wait < operation.wait_least_min:
                return False
            if batch.waives_limits:
                return True
            if operation.wait_most_min is not None and wait > operation.wait_most_min:
                return False
        return all(
            start - ends[limit.after] <= limit.most_min for limit in recipe.limits if limit.before == operation.code
        )

    def _served(self, operation: Operation, one: Placed) -> bool:
        if len(one.resources) != len(operation.uses):
            return False
        mine: list[Reservation] = []
        for code, use in zip(one.resources, operation.uses, strict=True):
            resource = self.resources.get(code)
            if resource is None or resource.kind != use.kind:
                return False
            if use.qualification and use.qualification not in resource.qualifications:
                return False
            first, last = one.start_min + use.from_min, one.start_min + use.to_min
            steps = self._open(code)
            if steps.earliest(first, last - first, use.units) != first:
                return False
            mine.append(Reservation(code, first, last, use.units))
            together = [*self.taken[code], *(each for each in mine if each.resource == code)]
            if _most_at_once(together, first, last) > resource.capacity:
                return False
        return True

    def _open(self, code: str) -> Steps:
        if code not in self.open:
            resource = self.resources[code]
            self.open[code] = steps_of(resource, self.calendars[resource.calendar], self.problem.horizon_min, ())
        return self.open[code]

    def _supplied(self, batch: Batch, operation: Operation, one: Placed) -> bool:
        took = {each.operation: each.duration_min for each in batch.took}
        end = one.start_min + took.get(operation.code, operation.duration_min)
        if len(one.lots) != len(operation.draws):
            return False
        mine: dict[str, int] = defaultdict(int)
        for code, draw in zip(one.lots, operation.draws, strict=True):
            lot = self.lots.get(code)
            if lot is None or lot.material != draw.material or one.start_min < lot.usable_from_min:
                return False
            mine[code] += draw.quantity
            expired = lot.expires_min is not None and end > lot.expires_min
            if expired or self.drawn[code] + mine[code] > lot.quantity:
                return False
        return True


def _most_at_once(taken: list[Reservation], first: int, last: int) -> int:
    """Return the most units taken at any one time between two minutes."""
    near = [one for one in taken if one.from_min < last and one.to_min > first]
    return max((_units_at(near, max(first, one.from_min)) for one in near), default=0)


def _units_at(taken: list[Reservation], minute: int) -> int:
    return sum(one.units for one in taken if one.from_min <= minute < one.to_min)
