"""The same problem whole in CP-SAT: on small windows the best plan with its proof, or a proof that there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.scheduling.plan import Plan
from vein2vein.engines.scheduling.problem import (
    WEEK_MIN,
    Batch,
    Calendar,
    Operation,
    Placed,
    Recipe,
    Resource,
    SchedulingProblem,
    Use,
)
from vein2vein.engines.scheduling.reading import problem_blockers

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Key = tuple[str, str]


def prove(
    problem: SchedulingProblem, *, seconds: float, hint: Plan | None = None, workers: int = 1, seed: int = 1
) -> Plan:
    """Return the best plan found within `seconds` with its proven bound.

    Meant for up to about a hundred batches. Raises `Refused` where it is proven that no plan exists, and where the
    time did not suffice to find any.
    """
    from ortools.sat.python import cp_model

    refuse_any(problem_blockers(problem))
    model = _Model(problem, cp_model.CpModel())
    model.build()
    if hint is not None:
        model.hint(hint.placed)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    status = solver.solve(model.cp)
    if status == cp_model.INFEASIBLE:
        raise Refused(_none(problem))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        message = N_("The search was stopped after %(seconds)s s, before it found a plan or proved that there is none")
        mend = N_("Give it more time or fewer batches; the plan that is in force stays in force")
        params = {"seconds": f"{seconds:g}"}
        raise Refused(Blocker("scheduling.stopped", message, "seconds", params["seconds"], mend, params))
    placed = model.placed(solver)
    bound = -int(-(solver.best_objective_bound - 1e-6) // 1)
    return Plan(placed=placed, objective=round(solver.objective_value), bound=bound, bound_by="proof")


def exists(problem: SchedulingProblem, *, seconds: float, workers: int = 1) -> bool | None:
    """Say whether any plan exists at all; None where the time did not suffice to know."""
    from ortools.sat.python import cp_model

    model = _Model(problem, cp_model.CpModel())
    model.build(costs=False)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    status = solver.solve(model.cp)
    if status == cp_model.INFEASIBLE:
        return False
    return True if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None


def _none(problem: SchedulingProblem) -> Blocker:
    message = N_("It is proven that these %(count)s batches cannot be planned together within their limits")
    mend = N_("Ask for the conflict to see what stands against it, or allow a later end")
    return Blocker("scheduling.impossible", message, "batches", "", mend, {"count": str(len(problem.batches))})


@dataclass(slots=True)
class _Choice:
    """One resource or lot that may serve, and whether it does."""

    code: str
    taken: cp_model.IntVar


class _Model:
    """A problem in the terms of CP-SAT; one variable for each start that is not fixed, in minutes."""

    def __init__(self, problem: SchedulingProblem, cp: cp_model.CpModel) -> None:
        self.problem, self.cp = problem, cp
        self.recipes: Mapping[str, Recipe] = {one.code: one for one in problem.recipes}
        self.kept = {(one.batch, one.operation): one for one in problem.fixed}
        self.starts: dict[Key, cp_model.IntVar] = {}
        self.serving: dict[tuple[str, str, int], list[_Choice]] = {}
        self.drawn: dict[tuple[str, str, int], list[_Choice]] = {}
        self.used: dict[str, list[tuple[cp_model.IntervalVar, int]]] = defaultdict(list)
        self.from_lots: dict[str, list[cp_model.LinearExpr]] = defaultdict(list)
        self.first = min((one.ready_min for one in problem.batches), default=0)

    def build(self, *, costs: bool = True) -> None:
        """Add everything, and unless only a plan's existence is asked for the cost to be made small."""
        for batch in self.problem.batches:
            self._chain(batch)
        for resource in self.problem.resources:
            if self.used[resource.code]:
                self._capacity(resource)
        for lot in self.problem.lots:
            if self.from_lots[lot.code]:
                drawn = sum(
                    draw.quantity
                    for key, one in self.kept.items()
                    for code, draw in zip(one.lots, self._operation(key).draws, strict=False)
                    if code == lot.code
                )
                self.cp.add(sum(self.from_lots[lot.code]) <= lot.quantity - drawn)
        if costs:
            self.cp.minimize(sum(self._costs()))

    def _operation(self, key: Key) -> Operation:
        recipe = next(one.recipe for one in self.problem.batches if one.code == key[0])
        return next(one for one in self.recipes[recipe].operations if one.code == key[1])

    def _chain(self, batch: Batch) -> None:
        took = {one.operation: one.duration_min for one in batch.took}
        operations = self.recipes[batch.recipe].operations
        lasts = {one.code: took.get(one.code, one.duration_min) for one in operations}
        before: cp_model.LinearExpr | None = None
        until = min(self.problem.horizon_min, batch.latest_min or self.problem.horizon_min)
        for operation in operations:
            key = (batch.code, operation.code)
            kept = self.kept.get(key)
            if kept is not None:
                self.starts[key] = self.cp.new_constant(kept.start_min)
            else:
                earliest = max(batch.ready_min, self.problem.frozen_until_min)
                latest = until - lasts[operation.code]
                if latest < earliest:
                    self.cp.add_bool_or([])
                    latest = earliest
                start = self.cp.new_int_var(earliest, latest, f"{batch.code}/{operation.code}")
                self.starts[key] = start
                if before is not None:
                    self.cp.add(start >= before + operation.wait_least_min)
                    if operation.wait_most_min is not None and not batch.waives_limits:
                        self.cp.add(start <= before + operation.wait_most_min)
                self._serve(key, operation, start)
                self._supply(key, operation, start, lasts[operation.code])
            before = self.starts[key] + lasts[operation.code]
        for limit in () if batch.waives_limits else self.recipes[batch.recipe].limits:
            end = self.starts[batch.code, limit.after] + lasts[limit.after]
            if (batch.code, limit.before) not in self.kept:
                self.cp.add(self.starts[batch.code, limit.before] - end <= limit.most_min)

    def _serve(self, key: Key, operation: Operation, start: cp_model.IntVar) -> None:
        for number, use in enumerate(operation.uses):
            choices = []
            for resource in self.problem.resources:
                if not _can_serve(resource, use):
                    continue
                taken = self.cp.new_bool_var(f"{key} {number} {resource.code}")
                length = use.to_min - use.from_min
                interval = self.cp.new_optional_fixed_size_interval_var(start + use.from_min, length, taken, "")
                self.used[resource.code].append((interval, use.units))
                choices.append(_Choice(resource.code, taken))
            self.cp.add_exactly_one(one.taken for one in choices)
            self.serving[*key, number] = choices

    def _supply(self, key: Key, operation: Operation, start: cp_model.IntVar, lasts_min: int) -> None:
        for number, draw in enumerate(operation.draws):
            choices = []
            for lot in self.problem.lots:
                if lot.material != draw.material:
                    continue
                taken = self.cp.new_bool_var(f"{key} {number} {lot.code}")
                self.cp.add(start >= lot.usable_from_min).only_enforce_if(taken)
                if lot.expires_min is not None:
                    self.cp.add(start + lasts_min <= lot.expires_min).only_enforce_if(taken)
                self.from_lots[lot.code].append(draw.quantity * taken)
                choices.append(_Choice(lot.code, taken))
            self.cp.add_exactly_one(one.taken for one in choices)
            self.drawn[*key, number] = choices

    def _capacity(self, resource: Resource) -> None:
        """Fill what is closed or fixed with blocks, so that the rest shares what is left."""
        intervals = [interval for interval, _units in self.used[resource.code]]
        demands = [units for _interval, units in self.used[resource.code]]
        for first, last, missing in self._missing(resource):
            intervals.append(self.cp.new_fixed_size_interval_var(first, last - first, ""))
            demands.append(missing)
        if resource.capacity == 1:
            self.cp.add_no_overlap(intervals)
        else:
            self.cp.add_cumulative(intervals, demands, resource.capacity)

    def _missing(self, resource: Resource) -> list[tuple[int, int, int]]:
        """Return (from, to, units) of what is not there, in minutes, joined where nothing changes."""
        calendar = next(one for one in self.problem.calendars if one.code == resource.calendar)
        last = self.problem.horizon_min + WEEK_MIN
        events: dict[int, int] = defaultdict(int)
        for first, end in _closed(calendar, self.first, last):
            events[first] += resource.capacity
            events[end] -= resource.capacity
        for key, one in self.kept.items():
            for code, use in zip(one.resources, self._operation(key).uses, strict=False):
                if code == resource.code:
                    events[one.start_min + use.from_min] += use.units
                    events[one.start_min + use.to_min] -= use.units
        found = []
        level, since = 0, 0
        for minute in sorted(events):
            if level > 0 and minute > since:
                found.append((since, minute, min(level, resource.capacity)))
            level, since = level + events[minute], minute
        return found

    def _costs(self) -> Iterable[cp_model.LinearExpr]:
        for batch in self.problem.batches:
            operation = self.recipes[batch.recipe].operations[-1]
            took = {one.operation: one.duration_min for one in batch.took}
            end = self.starts[batch.code, operation.code] + took.get(operation.code, operation.duration_min)
            yield batch.weight * (end - batch.ready_min)
            if batch.due_min is not None and batch.late_weight:
                late = self.cp.new_int_var(0, self.problem.horizon_min, "")
                self.cp.add(late >= end - batch.due_min)
                yield batch.late_weight * late
        for one in self.problem.previous:
            if (one.batch, one.operation) not in self.kept and self.problem.move_cost:
                stays = self.cp.new_bool_var("")
                self.cp.add(self.starts[one.batch, one.operation] == one.start_min).only_enforce_if(stays)
                yield self.problem.move_cost * (1 - stays)

    def hint(self, placed: Iterable[Placed]) -> None:
        """Tell the solver a plan to begin from."""
        for one in placed:
            key = (one.batch, one.operation)
            if key in self.kept or key not in self.starts:
                continue
            self.cp.add_hint(self.starts[key], one.start_min)
            for choices, codes in ((self.serving, one.resources), (self.drawn, one.lots)):
                for number, code in enumerate(codes):
                    for choice in choices[*key, number]:
                        self.cp.add_hint(choice.taken, choice.code == code)

    def placed(self, solver: cp_model.CpSolver) -> tuple[Placed, ...]:
        """Return the places that the solver found."""
        made = []
        for batch in self.problem.batches:
            for operation in self.recipes[batch.recipe].operations:
                key = (batch.code, operation.code)
                if key in self.kept:
                    made.append(self.kept[key])
                    continue
                serving = [self._taken(solver, self.serving[*key, n]) for n in range(len(operation.uses))]
                drawn = [self._taken(solver, self.drawn[*key, n]) for n in range(len(operation.draws))]
                made.append(
                    Placed(
                        batch=batch.code,
                        operation=operation.code,
                        start_min=int(solver.value(self.starts[key])),
                        resources=tuple(serving),
                        lots=tuple(drawn),
                    )
                )
        return tuple(made)

    def _taken(self, solver: cp_model.CpSolver, choices: list[_Choice]) -> str:
        return next(one.code for one in choices if solver.boolean_value(one.taken))


def _can_serve(resource: Resource, use: Use) -> bool:
    qualified = not use.qualification or use.qualification in resource.qualifications
    return resource.kind == use.kind and resource.capacity >= use.units and qualified


def _closed(calendar: Calendar, first: int, last: int) -> list[tuple[int, int]]:
    """Return the closed times between two minutes, overlaps joined."""
    weeks = range(first // WEEK_MIN - 1, last // WEEK_MIN + 1)
    windows = sorted((w * WEEK_MIN + one, w * WEEK_MIN + two) for w in weeks for one, two in calendar.weekly)
    closed = list(calendar.closed)
    reached = first
    for one, two in windows:
        if one > reached:
            closed.append((reached, one))
        reached = max(reached, two)
    if reached < last:
        closed.append((reached, last))
    joined: list[tuple[int, int]] = []
    for one, two in sorted(closed):
        if one >= two:
            continue
        if joined and one <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(two, joined[-1][1]))
        else:
            joined.append((one, two))
    return joined
