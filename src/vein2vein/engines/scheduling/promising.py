"""The promise: for one requested patient the best dates from end to end, in order of preference, with what each costs.

Pure: what is free goes in, offers come out. Whoever books an offer does so in one transaction, and the database, not
this function, decides who was first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.engines.scheduling.availability import Availability, Reservation
from vein2vein.engines.scheduling.problem import Lot, Operation, Placed, Recipe, Resource, SchedulingProblem, Use

DAY_MIN = 24 * 60
_ROUNDS_MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks: the therapy's recipe, from when on, by when at the latest, and the collection times wished for."""

    batch: str
    recipe: str
    ready_min: int
    latest_min: int | None = None
    wishes: tuple[tuple[int, int], ...] = ()
    """(from, to) in minutes in which the first operation should start, the first wish first; empty: any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One way through the whole chain that is free now, and what it costs."""

    start_min: int
    end_min: int
    later_min: int
    """How much later it ends than the earliest end there is."""
    waits_min: int
    """How long the cells or the product wait in all between operations, beyond what must be."""
    cents: int
    """The hours of all resources, at their rates."""
    wish: int | None
    """Which wish it meets, the first is 0; None where there was none."""
    placed: tuple[Placed, ...]
    reservations: tuple[Reservation, ...]


def promise(
    problem: SchedulingProblem, free: Availability, request: Request, *, count: int = 3, each_end: bool = False
) -> list[Offer]:
    """Return up to `count` offers; raises `Refused` saying what stands against it where there is none.

    With wishes one offer for each that can be met, in their order; without, or where none can be met, the earliest
    end first, each further one beginning on a later day. With `each_end` the wishes are in the order of time, and of
    offers that end together only the one that waits least is returned.
    """
    search = _Search(problem, free, request)
    if each_end and (told := search.by_end(count)):
        return told
    best = search.chain(max(request.ready_min, problem.frozen_until_min), None)
    if best is None:
        raise Refused(search.why_none())
    offers: list[Offer] = []
    for number, found in search.wished():
        offers.append(search.offer(found, best[-1].end_min, number))
        if len(offers) == count:
            break
    if offers:
        return offers
    return search.one_a_day(best, count)


@dataclass(frozen=True, slots=True)
class _Step:
    """An operation in its place, with what it occupies there."""

    operation: Operation
    start_min: int
    resources: tuple[str, ...]
    lots: tuple[str, ...]
    taken: tuple[Reservation, ...]

    @property
    def end_min(self) -> int:
        return self.start_min + self.operation.duration_min


_Own = dict[str, list[Reservation]]
"""What the request's own steps occupy of each resource."""


class _Search:
    """The search for one request."""

    def __init__(self, problem: SchedulingProblem, free: Availability, request: Request) -> None:
        self.problem, self.free, self.request = problem, free, request
        self.recipe: Recipe = next(one for one in problem.recipes if one.code == request.recipe)
        self.resources: dict[str, Resource] = {one.code: one for one in problem.resources}
        self.lots: dict[str, list[Lot]] = {}
        for lot in sorted(problem.lots, key=lambda one: (one.expires_min or 2**53, one.code)):
            self.lots.setdefault(lot.material, []).append(lot)
        self.latest = min(request.latest_min or problem.horizon_min, problem.horizon_min)
        self.stuck: tuple[Operation, str, int] | None = None
        """The operation that found no place, what it lacked, and from which minute on."""
        numbers = {one.code: number for number, one in enumerate(self.recipe.operations)}
        self.limits: list[list[tuple[int, int]]] = [[] for _ in self.recipe.operations]
        """For each operation after whose end, and how long at the most, it begins."""
        for limit in self.recipe.limits:
            if numbers[limit.after] < numbers[limit.before]:
                self.limits[numbers[limit.before]].append((numbers[limit.after], limit.most_min))
        for number, operation in enumerate(self.recipe.operations[1:], start=1):
            if operation.wait_most_min is not None:
                self.limits[number].append((number - 1, operation.wait_most_min))

    def wished(self) -> Iterator[tuple[int, list[_Step]]]:
        """Yield the chain for each wish that can be met, with its number."""
        soonest = max(self.request.ready_min, self.problem.frozen_until_min)
        for number, (first, last) in enumerate(self.request.wishes):
            found = self.chain(max(first, soonest), last)
            if found is not None:
                yield number, found

    def by_end(self, count: int) -> list[Offer]:
        """Return offers with different ends, earliest first, of each end the one that waits least."""
        best: dict[int, Offer] = {}
        first_end: int | None = None
        for number, found in islice(self.wished(), count + 3):
            end = found[-1].end_min
            first_end = end if first_end is None else min(first_end, end)
            made = self.offer(found, first_end, number)
            if end in best:
                best[end] = min(best[end], made, key=lambda one: one.waits_min)
            elif len(best) == count:
                break
            else:
                best[end] = made
        return [best[end] for end in sorted(best)]

    def one_a_day(self, best: list[_Step], count: int) -> list[Offer]:
        """Return the chain that ends earliest, and those that begin on later days."""
        offers: list[Offer] = []
        chain: list[_Step] | None = best
        while chain is not None and len(offers) < count:
            offers.append(self.offer(chain, best[-1].end_min, None))
            chain = self.chain((chain[0].start_min // DAY_MIN + 1) * DAY_MIN, None)
        return sorted(offers, key=lambda one: (one.end_min, one.cents))

    def chain(self, from_min: int, first_until: int | None) -> list[_Step] | None:
        """Return the chain that ends earliest when begun from `from_min` on, its first start not after a minute."""
        operations = self.recipe.operations
        least = [from_min] * len(operations)
        steps: list[_Step] = []
        own: _Own = {}
        for _round in range(_ROUNDS_MOST):
            k = len(steps)
            if k == len(operations):
                if steps[-1].end_min <= self.latest:
                    return steps
                self.stuck = (operations[-1], "time", steps[-1].end_min)
                return None
            operation = operations[k]
            earliest = max(least[k], steps[-1].end_min + operation.wait_least_min) if steps else least[k]
            step = self._place(operation, earliest, own)
            if step is None or (k == 0 and first_until is not None and step.start_min > first_until):
                return None
            back = self._overstepped(steps, step, least)
            if back is None:
                steps.append(step)
                for one in step.taken:
                    own.setdefault(one.resource, []).append(one)
            else:
                del steps[back:]
                own = {}
                for one in (each for kept in steps for each in kept.taken):
                    own.setdefault(one.resource, []).append(one)
        return None

    def _overstepped(self, steps: list[_Step], step: _Step, least: list[int]) -> int | None:
        """Return the earliest operation that must start later for this step's limits, its least start raised."""
        back = None
        for k, most in self.limits[len(steps)]:
            missing = step.start_min - steps[k].end_min - most
            if missing > 0:
                least[k] = max(least[k], steps[k].start_min + missing)
                back = k if back is None else min(back, k)
        return back

    def _place(self, operation: Operation, earliest: int, own: _Own) -> _Step | None:
        start = earliest
        while start < self.latest:
            lots, later = self._lots(operation, start)
            taken: list[Reservation] = []
            if later is None:
                later = self._resources(operation, start, own, taken)
            if later is None:
                return _Step(operation, start, tuple(one.resource for one in taken), lots, tuple(taken))
            if later < 0:
                return None
            start = later
        self.stuck = self.stuck or (operation, "time", earliest)
        return None

    def _resources(self, operation: Operation, start: int, own: _Own, taken: list[Reservation]) -> int | None:
        """Choose a resource for each use; or return the earliest later start that could do, -1: never."""
        later: int | None = None
        for use in operation.uses:
            found = self._earliest(use, start, own, taken)
            if found is None:
                self.stuck = (operation, use.kind, start)
                return -1
            minute, code = found
            if minute > start:
                later = minute if later is None else max(later, minute)
            taken.append(Reservation(code, start + use.from_min, start + use.to_min, use.units))
        return later

    def _earliest(self, use: Use, start: int, own: _Own, taken: list[Reservation]) -> tuple[int, str] | None:
        """Return the earliest start of the operation at which some resource can serve the use, and which."""
        best: tuple[int, str] | None = None
        length = use.to_min - use.from_min
        steps = self.free.steps
        for code in self.free.able[use.kind, use.qualification, use.units]:
            minute: int | None = start + use.from_min
            mine = own.get(code, ())
            near = [*mine, *(one for one in taken if one.resource == code)] if mine or taken else ()
            while minute is not None:
                minute = steps[code].earliest(minute, length, use.units)
                if minute is None or (best is not None and minute - use.from_min >= best[0]):
                    break
                until = self._clash(code, use.units, minute, length, near) if near else None
                if until is None:
                    best = (minute - use.from_min, code)
                    break
                minute = until
            if best is not None and best[0] == start:
                break
        return best

    def _clash(self, code: str, units: int, minute: int, length: int, mine: Sequence[Reservation]) -> int | None:
        """Return when the first of the request's own uses ends that leaves too little room; None: there is room."""
        near = [one for one in mine if one.from_min < minute + length and one.to_min > minute]
        if not near:
            return None
        together = units + sum(one.units for one in near)
        if self.free.steps[code].earliest(minute, length, together) == minute:
            return None
        return min(one.to_min for one in near)

    def _lots(self, operation: Operation, start: int) -> tuple[tuple[str, ...], int | None]:
        """Return a lot for each draw, and None; or the earliest later start that could do, -1: never."""
        chosen: list[str] = []
        later: int | None = None
        for draw in operation.draws:
            soonest = -1
            for lot in self.lots.get(draw.material, ()):
                # The quantities are what is left beside live reservations.
                drawn = sum(
                    one.quantity for one, code in zip(operation.draws, chosen, strict=False) if code == lot.code
                )
                expired = lot.expires_min is not None and start + operation.duration_min > lot.expires_min
                if lot.quantity - drawn < draw.quantity or expired:
                    continue
                if lot.usable_from_min <= start:
                    chosen.append(lot.code)
                    soonest = start
                    break
                soonest = lot.usable_from_min if soonest < 0 else min(soonest, lot.usable_from_min)
            if soonest < 0:
                self.stuck = (operation, draw.material, start)
                return (), -1
            if soonest > start:
                later = soonest if later is None else max(later, soonest)
                chosen.append("")
        return tuple(chosen), later

    def offer(self, chain: list[_Step], best_end: int, wish: int | None) -> Offer:
        """Return a chain as an offer, with its costs."""
        taken = [one for step in chain for one in step.taken]
        rate = self.resources
        cents = sum(
            -(-(one.to_min - one.from_min) * one.units * rate[one.resource].cents_per_hour // 60) for one in taken
        )
        waits = sum(
            after.start_min - before.end_min - after.operation.wait_least_min for before, after in pairwise(chain)
        )
        return Offer(
            start_min=chain[0].start_min,
            end_min=chain[-1].end_min,
            later_min=chain[-1].end_min - best_end,
            waits_min=waits,
            cents=cents,
            wish=wish,
            placed=tuple(
                Placed(
                    batch=self.request.batch,
                    operation=one.operation.code,
                    start_min=one.start_min,
                    resources=one.resources,
                    lots=one.lots,
                )
                for one in chain
            ),
            reservations=tuple(taken),
        )

    def why_none(self) -> Blocker:
        """Return what stands against any offer: the operation, and what it lacks."""
        mend = N_("Ask for a later date, add capacity or a lot, or release what is not needed")
        if self.stuck is None:
            message = N_("The chain's own limits leave no start: waits and shelf lives cannot be kept together")
            return Blocker("promise.none", message, "recipe", self.recipe.code, mend)
        operation, lacks, minute = self.stuck
        params = {"operation": operation.code, "lacks": lacks, "minute": str(minute), "until": str(self.latest)}
        if lacks == "time":
            message = N_("%(operation)s would end or begin at minute %(minute)s; the limit is minute %(until)s")
        else:
            message = N_("%(operation)s finds no %(lacks)s from minute %(minute)s to minute %(until)s")
        return Blocker("promise.none", message, "latest_min", str(self.latest), mend, params)
