"""The independent checker: holds a plan against its problem and says everything that is wrong with it.

It shares no code with the solver, counts in whole minutes, minute by given minute, and trusts nothing the plan says of
itself: cost and bound are computed or compared again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from vein2vein.core import canonical
from vein2vein.core.refusals import N_, Blocker, refuse_any
from vein2vein.engines.scheduling.plan import Certificate, Plan
from vein2vein.engines.scheduling.problem import (
    WEEK_MIN,
    Batch,
    Calendar,
    Operation,
    Placed,
    Recipe,
    Resource,
    SchedulingProblem,
)

CHECKER = "vein2vein plan checker 1"
_MEND = N_("Plan again; this plan must not be used")


def certify(problem: SchedulingProblem, plan: Plan) -> Certificate:
    """Return the certificate of a plan that has no fault; raises `Refused` with every fault of one that has."""
    refuse_any(check(problem, plan))
    return Certificate(
        problem_digest=canonical.digest(problem),
        plan_digest=canonical.digest(plan),
        objective=plan.objective,
        bound=plan.bound,
        bound_by=plan.bound_by,
        batches=len(problem.batches),
        operations=len(plan.placed),
        checked_by=CHECKER,
    )


def check(problem: SchedulingProblem, plan: Plan) -> list[Blocker]:
    """Return every violation of the problem by the plan; an empty list means that the plan holds."""
    return list(_Check(problem, plan).faults())


def _fault(code: str, message: str, where: str, value: object, **params: object) -> Blocker:
    said = {name: str(one) for name, one in params.items()}
    return Blocker(f"plan.{code}", message, where, str(value), _MEND, said)


def _name(placed: Placed) -> str:
    return f"{placed.batch}/{placed.operation}"


class _Check:
    """A plan beside its problem, indexed by code."""

    def __init__(self, problem: SchedulingProblem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self.resources: dict[str, Resource] = {one.code: one for one in problem.resources}
        self.recipes: dict[str, Recipe] = {one.code: one for one in problem.recipes}
        self.batches: dict[str, Batch] = {one.code: one for one in problem.batches}
        self.lots = {one.code: one for one in problem.lots}
        self.fixed = {(one.batch, one.operation): one for one in problem.fixed}
        self.operations = {(one.code, each.code): each for one in problem.recipes for each in one.operations}
        self.placed: dict[tuple[str, str], Placed] = {}
        self.open: dict[str, list[tuple[int, int]]] = {one.code: self._open(one) for one in problem.calendars}

    def faults(self) -> Iterator[Blocker]:
        """Yield every fault; times, resources and lots only of operations that are known."""
        yield from self._all_there()
        for batch in self.problem.batches:
            yield from self._chain(batch)
        yield from self._kept()
        for key, placed in self.placed.items():
            yield from self._served(placed, self._operation(key))
        yield from self._capacities()
        yield from self._quantities()
        yield from self._costs()

    def _operation(self, key: tuple[str, str]) -> Operation:
        return self.operations[self.batches[key[0]].recipe, key[1]]

    def _duration(self, batch: Batch, operation: Operation) -> int:
        for one in batch.took:
            if one.operation == operation.code:
                return one.duration_min
        return operation.duration_min

    def _all_there(self) -> Iterator[Blocker]:
        wanted = {
            (batch.code, operation.code)
            for batch in self.problem.batches
            for operation in self.recipes[batch.recipe].operations
        }
        for placed in self.plan.placed:
            key = (placed.batch, placed.operation)
            if key not in wanted:
                yield _fault("unknown", N_("This operation is not in the problem"), _name(placed), placed.start_min)
            elif key in self.placed:
                yield _fault("twice", N_("This operation is placed twice"), _name(placed), placed.start_min)
            else:
                self.placed[key] = placed
        for batch, operation in sorted(wanted - set(self.placed)):
            yield _fault("missing", N_("This operation has no place"), f"{batch}/{operation}", "")

    def _chain(self, batch: Batch) -> Iterator[Blocker]:
        recipe = self.recipes[batch.recipe]
        ends: dict[str, int] = {}
        starts: dict[str, int] = {}
        before: int | None = None
        for operation in recipe.operations:
            placed = self.placed.get((batch.code, operation.code))
            if placed is None:
                before = None
                continue
            where, start = _name(placed), placed.start_min
            starts[operation.code] = start
            ends[operation.code] = end = start + self._duration(batch, operation)
            if start < batch.ready_min:
                yield _fault("before_ready", N_("Starts before minute %(ready)s"), where, start, ready=batch.ready_min)
            if end > self.problem.horizon_min:
                yield _fault("after_horizon", N_("Ends after the horizon"), where, end)
            if before is not None:
                wait, least, most = start - before, operation.wait_least_min, operation.wait_most_min
                if wait < least:
                    yield _fault("wait_short", N_("Waits less than %(least)s min"), where, wait, least=least)
                if most is not None and wait > most and not batch.waives_limits:
                    yield _fault("wait_long", N_("Waits more than %(most)s min"), where, wait, most=most)
            before = end
        for limit in () if batch.waives_limits else recipe.limits:
            if limit.after in ends and limit.before in starts:
                took = starts[limit.before] - ends[limit.after]
                if took > limit.most_min:
                    where = f"{batch.code}/{limit.before}"
                    message = N_("More than %(most)s min after the end of %(after)s")
                    yield _fault("limit", message, where, took, most=limit.most_min, after=limit.after)
        if batch.latest_min is not None and ends and max(ends.values()) > batch.latest_min:
            message = N_("Ends after the patient's limit, minute %(latest)s")
            yield _fault("after_latest", message, batch.code, max(ends.values()), latest=batch.latest_min)

    def _kept(self) -> Iterator[Blocker]:
        for key, fixed in self.fixed.items():
            placed = self.placed.get(key)
            if placed is not None and placed != fixed:
                yield _fault(
                    "fixed_moved", N_("This operation is fixed, and is not where it was"), _name(fixed), placed
                )
        for key, placed in self.placed.items():
            if key not in self.fixed and placed.start_min < self.problem.frozen_until_min:
                message = N_("Starts within the frozen time, before minute %(until)s")
                until = self.problem.frozen_until_min
                yield _fault("frozen", message, _name(placed), placed.start_min, until=until)

    def _is_history(self, placed: Placed) -> bool:
        return (placed.batch, placed.operation) in self.fixed and placed.start_min < self.problem.now_min

    def _served(self, placed: Placed, operation: Operation) -> Iterator[Blocker]:
        if len(placed.resources) != len(operation.uses):
            message = N_("Needs %(needs)s resources")
            yield _fault("resources", message, _name(placed), len(placed.resources), needs=len(operation.uses))
        for code, use in zip(placed.resources, operation.uses, strict=False):
            resource = self.resources.get(code)
            if resource is None or resource.kind != use.kind:
                yield _fault("kind", N_("Not a resource of kind %(kind)s"), _name(placed), code, kind=use.kind)
                continue
            if use.qualification and use.qualification not in resource.qualifications:
                message = N_("Not qualified for %(qualification)s")
                yield _fault("qualification", message, _name(placed), code, qualification=use.qualification)
            first, last = placed.start_min + use.from_min, placed.start_min + use.to_min
            if first < last and not self._is_open(resource, first, last) and not self._is_history(placed):
                message = N_("Closed at some time from minute %(first)s to %(last)s")
                yield _fault("closed", message, _name(placed), code, first=first, last=last)
        yield from self._drawn(placed, operation)

    def _is_open(self, resource: Resource, first: int, last: int) -> bool:
        windows = self.open[resource.calendar]
        index = bisect_right(windows, first, key=lambda one: one[0]) - 1
        return index >= 0 and last <= windows[index][1]

    def _drawn(self, placed: Placed, operation: Operation) -> Iterator[Blocker]:
        if len(placed.lots) != len(operation.draws):
            message = N_("Needs %(needs)s lots")
            yield _fault("lots", message, _name(placed), len(placed.lots), needs=len(operation.draws))
        end = placed.start_min + self._duration(self.batches[placed.batch], operation)
        for code, draw in zip(placed.lots, operation.draws, strict=False):
            lot = self.lots.get(code)
            if lot is None or lot.material != draw.material:
                yield _fault("material", N_("Not a lot of %(material)s"), _name(placed), code, material=draw.material)
            elif not self._is_history(placed):
                if placed.start_min < lot.usable_from_min:
                    yield _fault("lot_early", N_("The lot is not usable yet"), _name(placed), code)
                if lot.expires_min is not None and end > lot.expires_min:
                    yield _fault("lot_expired", N_("The lot expires before the operation's end"), _name(placed), code)

    def _capacities(self) -> Iterator[Blocker]:
        taken: dict[str, list[tuple[int, int, int, Placed]]] = defaultdict(list)
        for key, placed in self.placed.items():
            for code, use in zip(placed.resources, self._operation(key).uses, strict=False):
                if code in self.resources and use.from_min < use.to_min:
                    first, last = placed.start_min + use.from_min, placed.start_min + use.to_min
                    taken[code].append((first, last, use.units, placed))
        for code, intervals in sorted(taken.items()):
            yield from self._overfull(self.resources[code], intervals)

    def _overfull(self, resource: Resource, intervals: list[tuple[int, int, int, Placed]]) -> Iterator[Blocker]:
        events = [(first, 1, units, placed) for first, _last, units, placed in intervals]
        events += [(last, 0, -units, placed) for _first, last, units, placed in intervals]
        there: dict[str, int] = {}
        level = planned = 0
        for minute, _kind, units, placed in sorted(events, key=lambda one: one[:3]):
            level += units
            planned += 0 if self._is_history(placed) else units
            there[_name(placed)] = there.get(_name(placed), 0) + units
            if units > 0 and level > resource.capacity and planned > 0:
                message = N_("%(there)s units at minute %(minute)s, where there are %(capacity)s: %(who)s")
                who = ", ".join(sorted(name for name, held in there.items() if held))[:300]
                params = {"there": level, "minute": minute, "capacity": resource.capacity, "who": who}
                yield _fault("capacity", message, _name(placed), resource.code, **params)

    def _quantities(self) -> Iterator[Blocker]:
        drawn: dict[str, int] = defaultdict(int)
        for key, placed in self.placed.items():
            for code, draw in zip(placed.lots, self._operation(key).draws, strict=False):
                drawn[code] += draw.quantity
        for code, quantity in sorted(drawn.items()):
            if code in self.lots and quantity > self.lots[code].quantity:
                message = N_("%(drawn)s units are drawn of %(there)s")
                yield _fault("overdrawn", message, code, quantity, drawn=quantity, there=self.lots[code].quantity)

    def _costs(self) -> Iterator[Blocker]:
        cost = 0
        for batch in self.problem.batches:
            chain = [self.placed.get((batch.code, one.code)) for one in self.recipes[batch.recipe].operations]
            if None in chain:
                return
            last = chain[-1]
            if last is not None:
                operation = self.recipes[batch.recipe].operations[-1]
                end = last.start_min + self._duration(batch, operation)
                cost += batch.weight * (end - batch.ready_min)
                if batch.due_min is not None:
                    cost += batch.late_weight * max(0, end - batch.due_min)
        for one in self.problem.previous:
            placed = self.placed.get((one.batch, one.operation))
            if (
                placed is not None
                and (one.batch, one.operation) not in self.fixed
                and placed.start_min != one.start_min
            ):
                cost += self.problem.move_cost
        if cost != self.plan.objective:
            yield _fault("cost", N_("The plan costs %(cost)s"), "objective", self.plan.objective, cost=cost)
        if self.plan.bound > cost:
            message = N_("The bound lies above the cost, %(cost)s")
            yield _fault("bound", message, "bound", self.plan.bound, cost=cost)

    def _open(self, calendar: Calendar) -> list[tuple[int, int]]:
        """Return the open intervals of a calendar around the horizon, joined and in order."""
        weeks = range(-1, self.problem.horizon_min // WEEK_MIN + 2)
        windows = sorted((w * WEEK_MIN + one, w * WEEK_MIN + two) for w in weeks for one, two in calendar.weekly)
        joined: list[tuple[int, int]] = []
        for first, last in windows:
            if joined and first <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
            else:
                joined.append((first, last))
        for closed_from, closed_to in calendar.closed:
            if closed_from < closed_to:
                joined = [
                    part
                    for first, last in joined
                    for part in ((first, min(last, closed_from)), (max(first, closed_to), last))
                    if part[0] < part[1]
                ]
        return joined
