"""From a model to its operation table. The model must have passed `checking.check`; only its size is refused here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from vein2vein.core.records import Faults
from vein2vein.core.refusals import N_
from vein2vein.engines.twin import draws
from vein2vein.engines.twin import model as m
from vein2vein.engines.twin.calendars import Steps, resource_steps, stock_steps
from vein2vein.engines.twin.table import (
    HOURS,
    MOST_ROWS,
    RATES,
    SHARES,
    Calendars,
    Code,
    Operations,
    Row,
    Shape,
    Table,
    shaped,
)

HOURS_A_DAY = 24.0


def compiled(model: m.Model) -> Table:
    """Return the table of a checked model; the same model gives the same arrays, to the bit."""
    table = Table(model)
    table.last_h = (model.warm_up_days + model.days + model.run_out_days) * HOURS_A_DAY
    for resource in model.resources:
        table.resources.append(resource.name)
        table.steps.append(resource_steps(resource, model.starts_at, table.last_h))
    for stock in model.stocks:
        table.resources.append(stock.name)
        table.steps.append(stock_steps(stock))
    table.priorities = sorted({one.priority for one in model.demand})
    routes = {route.name: route for route in model.routes}
    table.outcomes.append(model.infused)
    for demand in model.demand:
        writer = _Writer(table, demand.instead)
        table.starts.append(len(table.rows))
        writer.write(routes[demand.route].operations)
        writer.resolve(table.starts[-1])
        table.ends.append(len(table.rows))
        table.tokens = max(table.tokens, writer.tokens)
    _refuse_too_long(table)
    table.operations = operations_of(table.rows)
    begins = model.warm_up_days * HOURS_A_DAY
    table.calendars = _calendars(table.steps, (begins, begins + model.days * HOURS_A_DAY))
    return table


def _refuse_too_long(table: Table) -> None:
    if len(table.rows) >= MOST_ROWS:
        faults = Faults()
        message, mend = N_("these are more operations than can be simulated"), N_("simulate fewer demands at a time")
        faults.add("demand", len(table.rows), message, mend)
        faults.refuse_any()


class _Writer:
    """Writes one demand's route as rows at the end of the table."""

    def __init__(self, table: Table, instead: Mapping[str, str]) -> None:
        self.table, self.instead = table, instead
        self.places: dict[str, int] = {}
        self.tokens = 1

    def write(self, operations: Iterable[m.Operation]) -> None:
        for operation in operations:
            if operation.name:
                self.places[operation.name] = len(self.table.rows)
            if operation.cost:
                self._add(Row(Code.CHARGE, numbers=(operation.cost, 0.0, 0.0, 0.0, 0.0)), operation)
            self._write(operation)

    def resolve(self, first: int) -> None:
        for row in self.table.rows[first:]:
            if row.target:
                row.to = self.places[row.target]

    def _add(self, row: Row, operation: m.Operation) -> None:
        row.operation = operation.name
        self.table.rows.append(row)

    def _write(self, one: m.Operation) -> None:  # noqa: C901 - one case for each kind of operation
        match one:
            case m.Seize():
                self._add(Row(Code.SEIZE, of=self._resource(one.resource)), one)
            case m.Release():
                self._add(Row(Code.RELEASE, of=self._resource(one.resource)), one)
            case m.Take():
                self._take(one)
            case m.Delay():
                self._delay(one)
            case m.Branch():
                total = 0.0
                for chance in one.chances:
                    figure, value = self._number(chance.figure, SHARES)
                    total += value
                    row = Row(
                        Code.BRANCH, one.name, target=chance.to, numbers=(total, 0.0, 0.0, 0.0, 0.0), figure=figure
                    )
                    self._add(row, one)
            case m.Limit():
                self._since(Code.LIMIT, one, HOURS)
            case m.Attrition():
                self._since(Code.ATTRITION, one, RATES)
            case m.Mark():
                self._add(Row(Code.MARK, of=_place(self.table.milestones, one.milestone)), one)
            case m.Go():
                self._add(Row(Code.GO, target=one.to), one)
            case m.End():
                self._add(Row(Code.END, of=_place(self.table.outcomes, one.outcome)), one)
            case m.Together():
                self._together(one)

    def _resource(self, name: str) -> int:
        return self.table.resources.index(self.instead.get(name, name))

    def _take(self, one: m.Take) -> None:
        at = self._resource(one.stock)
        stock = self.table.model.stocks[at - len(self.table.model.resources)]
        if stock.cost_each:
            self._add(Row(Code.CHARGE, numbers=(stock.cost_each, 0.0, 0.0, 0.0, 0.0)), one)
        self._add(Row(Code.SEIZE, of=at), one)

    def _delay(self, one: m.Delay) -> None:
        figure = self.instead.get(one.figure, one.figure)
        held = [self._resource(name) for name in one.using]
        for resource in held:
            self._add(Row(Code.SEIZE, of=resource), one)
        row = shaped(self.table.model.figures[figure])
        row.name, row.figure = one.name, figure
        if one.working is not None:
            row.code, row.of = Code.WORK, self._resource(one.working)
        self._add(row, one)
        for resource in reversed(held):
            self._add(Row(Code.RELEASE, of=resource), one)

    def _number(self, name: str, units: Mapping[str, float]) -> tuple[str, float]:
        figure = self.instead.get(name, name)
        found = self.table.model.figures[figure]
        assert isinstance(found.value, float)  # noqa: S101 - checked before
        return figure, found.value * units[found.unit]

    def _since(self, code: Code, one: m.Limit | m.Attrition, units: Mapping[str, float]) -> None:
        figure, value = self._number(one.figure, units)
        milestone = _place(self.table.milestones, one.since)
        numbers = (value, 0.0, 0.0, 0.0, 0.0)
        self._add(Row(code, one.name, of=milestone, target=one.to, numbers=numbers, figure=figure), one)

    def _together(self, one: m.Together) -> None:
        self.tokens = max(self.tokens, len(one.branches))
        forks = [Row(Code.FORK, of=token) for token in range(1, len(one.branches))]
        ends = []
        for fork in forks:
            self._add(fork, one)
        for place, branch in enumerate(one.branches):
            if place:
                forks[place - 1].to = len(self.table.rows)
            self.write(branch)
            ends.append(Row(Code.JOIN, of=len(one.branches)))
            self._add(ends[-1], one)
        for end in ends:
            end.to = len(self.table.rows)


def _place(names: list[str], name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)


def operations_of(rows: list[Row]) -> Operations:
    """Return rows as arrays."""
    points: list[float] = []
    numbers = []
    for row in rows:
        if row.shape == Shape.EMPIRICAL:
            numbers.append((float(len(points)), float(len(row.points)), 0.0, 0.0, 0.0))
            points.extend(row.points)
        else:
            numbers.append(row.numbers)
    a, b, c, d, e = (np.array(column, np.float64) for column in zip(*numbers, strict=True))
    return Operations(
        code=np.array([row.code for row in rows], np.int64),
        of=np.array([row.of for row in rows], np.int64),
        to=np.array([row.to for row in rows], np.int64),
        stream=np.array([draws.stream(row.name) for row in rows], np.uint64),
        shape=np.array([row.shape for row in rows], np.int64),
        a=a,
        b=b,
        c=c,
        d=d,
        e=e,
        least=np.array([row.least for row in rows], np.float64),
        most=np.array([row.most for row in rows], np.float64),
        points=np.array(points or [0.0], np.float64),
    )


def _calendars(steps: list[Steps], window: tuple[float, float]) -> Calendars:
    first, at, capacity, opened = [0], list[float](), list[int](), list[float]()
    for one in steps:
        total = 0.0
        for place, there in enumerate(one.capacity):
            at.append(one.at[place])
            capacity.append(there)
            opened.append(total)
            until = one.at[place + 1] if place + 1 < len(one.at) else math.inf
            if there > 0:
                total += until - one.at[place]
        at.append(math.inf)
        capacity.append(0)
        opened.append(total)
        first.append(len(at))
    edges = [[one.worked_hours(0.0, edge) for one in steps] for edge in window]
    return Calendars(
        first=np.array(first, np.int64),
        at=np.array(at, np.float64),
        capacity=np.array(capacity, np.int64),
        opened=np.array(opened, np.float64),
        window_first=np.array(edges[0], np.float64),
        window_last=np.array(edges[1], np.float64),
    )
