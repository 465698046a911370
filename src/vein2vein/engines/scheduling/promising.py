"""The promise: for one requested patient the best dates from end to end, in order of preference, with what each costs.

Pure: what is free goes in, offers come out. Whoever books an offer does so in one transaction, and the database, not
this function, decides who was first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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


def promise(problem: SchedulingProblem, free: Availability, request: Request, *, count: int = 3) -> list[Offer]:
    """Return up to `count` offers; raises `Refused` saying what stands against it where there is none.

    With wishes one offer for each that can be met, in their order; without, or where none can be met, the earliest
    end first, each further one beginning on a later day.
    """
    search = _Search(problem, free, request)
    best = search.chain(max(request.ready_min, problem.frozen_until_min), None)
    if best is None:
        raise Refused(search.why_none())
    offers: list[Offer] = []
    for number, (first, last) in enumerate(request.wishes):
        found = search.chain(max(first, request.ready_min, problem.frozen_until_min), last)
        if found is not None and len(offers) < count:
            offers.append(search.offer(found, best[-1].end_min, number))
    if offers:
        return offers
    chain: list[_Step] | None = best
    while chain is not None and len(offers) < count:
        offers.append(search.offer(chain, best[-1].end_min, None))
        chain = search.chain((chain[0].start_min // DAY_MIN + 1) * DAY_MIN, None)
    return sorted(offers, key=lambda one: (one.end_min, one.cents))


@dataclass(frozen=True, slots=True)
class _Step:
    """An operation in its place."""

    operation: Operation
    start_min: int
    resources: tuple[str, ...]
    lots: tuple[str, ...]

    @property
    def end_min(self) -> int:
        return self.start_min + self.operation.duration_min

    def taken(self) -> list[Reservation]:
        """Return what it occupies."""
        pairs = zip(self.resources, self.operation.uses, strict=True)
        start = self.start_min
        return [Reservation(code, start + use.from_min, start + use.to_min, use.units) for code, use in pairs]


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

    def chain(self, from_min: int, first_until: int | None) -> list[_Step] | None:
        """Return the chain that ends earliest when begun from `from_min` on, its first start not after a minute."""
        operations = self.recipe.operations
        least = [from_min] * len(operations)
        steps: list[_Step] = []
        for _round in range(_ROUNDS_MOST):
            k = len(steps)
            if k == len(operations):
                if steps[-1].end_min <= self.latest:
                    return steps
                self.stuck = (operations[-1], "time", steps[-1].end_min)
                return None
            operation = operations[k]
            earliest = max(least[k], steps[-1].end_min + operation.wait_least_min) if steps else least[k]
            step = self._place(operation, earliest, steps)
            if step is None or (k == 0 and first_until is not None and step.start_min > first_until):
                return None
            back = self._overstepped(steps, step, least)
            if back is None:
                steps.append(step)
            else:
                del steps[back:]
        return None

    def _overstepped(self, steps: list[_Step], step: _Step, least: list[int]) -> int | None:
        """Return the earliest operation that must start later for this step's limits, its least start raised."""
        names = [one.operation.code for one in steps]
        limits = [
            (names.index(one.after), one.most_min) for one in self.recipe.limits if one.before == step.operation.code
        ]
        if step.operation.wait_most_min is not None and steps:
            limits.append((len(steps) - 1, step.operation.wait_most_min))
        back = None
        for k, most in limits:
            missing = step.start_min - steps[k].end_min - most
            if missing > 0:
                least[k] = max(least[k], steps[k].start_min + missing)
                back = k if back is None else min(back, k)
        return back

    def _place(self, operation: Operation, earliest: int, steps: Sequence[_Step]) -> _Step | None:
        own = [one for step in steps for one in step.taken()]
        start = earliest
        while start < self.latest:
            lots, later = self._lots(operation, start)
            codes: list[str] = []
            if later is None:
                codes, later = self._resources(operation, start, own)
            if later is None:
                return _Step(operation, start, tuple(codes), lots)
            if later < 0:
                return None
            start = later
        self.stuck = self.stuck or (operation, "time", earliest)
        return None

    def _resources(self, operation: Operation, start: int, own: list[Reservation]) -> tuple[list[str], int | None]:
        """Return a resource for each use, and None; or the earliest later start that could do, -1: never."""
        codes: list[str] = []
        mine = list(own)
        later: int | None = None
        for use in operation.uses:
            found = self._earliest(use, start, mine)
            if found is None:
                self.stuck = (operation, use.kind, start)
                return [], -1
            minute, code = found
            if minute > start:
                later = minute if later is None else max(later, minute)
            codes.append(code)
            mine.append(Reservation(code, start + use.from_min, start + use.to_min, use.units))
        return codes, later

    def _earliest(self, use: Use, start: int, mine: list[Reservation]) -> tuple[int, str] | None:
        """Return the earliest start of the operation at which some resource can serve the use, and which."""
        best: tuple[int, str] | None = None
        length = use.to_min - use.from_min
        for code in self.free.able[use.kind, use.qualification, use.units]:
            minute: int | None = start + use.from_min
            while minute is not None:
                minute = self.free.steps[code].earliest(minute, length, use.units)
                if minute is None or (best is not None and minute - use.from_min >= best[0]):
                    break
                until = self._clash(code, use.units, minute, length, mine)
                if until is None:
                    best = (minute - use.from_min, code)
                    break
                minute = until
            if best is not None and best[0] == start:
                break
        return best

    def _clash(self, code: str, units: int, minute: int, length: int, mine: list[Reservation]) -> int | None:
        """Return when the first of the request's own uses ends that leaves too little room; None: there is room."""
        near = [one for one in mine if one.resource == code and one.from_min < minute + length and one.to_min > minute]
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
        taken = [one for step in chain for one in step.taken()]
        rates = {code: one.cents_per_hour for code, one in self.resources.items()}
        cents = sum(-(-(one.to_min - one.from_min) * one.units * rates[one.resource] // 60) for one in taken)
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
