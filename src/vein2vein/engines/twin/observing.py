"""What a journal would tell of a simulated year: who stood where at a time, and how long things took until then.

So a twin can be tried on a world whose true figures are hidden from it: it sees no more than this.
"""

from __future__ import annotations

import dataclasses
import math
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from vein2vein.engines.twin.learning import Observation
from vein2vein.engines.twin.model import Figure, Limit, Model
from vein2vein.engines.twin.presence import Position, Present, Thread
from vein2vein.engines.twin.running import Run
from vein2vein.engines.twin.table import Code

SPAN, CHANCE = (0.8, 1.25), (0.6, 1.5)
"""By how much a hidden world's durations, and its chances and rates, are multiplied, at the least and at the most."""


def hidden(model: Model, seed: int) -> Model:
    """Return a world whose figures differ from the model's by luck; limits, which people set, stay as they are."""
    luck = random.Random(seed)  # noqa: S311 - luck, not a secret
    limits = {one.figure for route in model.routes for one in route.operations if isinstance(one, Limit)}
    return dataclasses.replace(
        model,
        figures={name: one if name in limits else _moved(one, luck) for name, one in model.figures.items()},
    )


def _moved(figure: Figure, luck: random.Random) -> Figure:
    value: Any = figure.value
    if isinstance(value, float):
        return dataclasses.replace(figure, value=value * luck.uniform(*CHANCE))
    by = luck.uniform(*SPAN)
    moved = {
        name: getattr(value, name) * by for name in ("low", "mode", "high", "median", "mean") if hasattr(value, name)
    }
    return dataclasses.replace(figure, value=dataclasses.replace(value, **moved))


Passages = list[tuple[float, int]]
"""When a token came to which row, in order."""


def present_of(run: Run, at_h: float) -> Present:
    """Return a traced run's open courses at an hour, and its stocks, as the twin takes them."""
    table = run.table
    threads, taken = [], defaultdict[int, int](int)
    for patient, tokens in _passages(run, at_h).items():
        for passed in tokens.values():
            for _, row in passed[:-1]:
                taken[table.rows[row].of] += table.rows[row].code == Code.SEIZE
        if not run.ended[patient] <= at_h:
            threads.append(_thread(run, patient, tokens))
    on_hand = {}
    for place, stock in enumerate(table.model.stocks, len(table.model.resources)):
        steps = table.steps[place]
        there = [capacity for at, capacity in zip(steps.at, steps.capacity, strict=True) if at <= at_h]
        on_hand[stock.name] = max(there[-1] - taken[place], 0)
    return Present(as_of=_time(run, at_h), threads=tuple(threads), on_hand=on_hand)


def _passages(run: Run, at_h: float) -> dict[int, dict[int, Passages]]:
    found = defaultdict[int, dict[int, Passages]](dict)
    for at, patient, row, token in run.trace:
        if at <= at_h:
            found[patient].setdefault(token, []).append((at, row))
    return found


def _thread(run: Run, patient: int, tokens: dict[int, Passages]) -> Thread:
    rows, milestones = run.table.rows, {}
    for at, row in sorted(one for passed in tokens.values() for one in passed):
        if rows[row].code == Code.MARK:
            milestones[run.table.milestones[rows[row].of]] = _time(run, at)
    standing = [passed[-1] for passed in tokens.values() if rows[passed[-1][1]].code not in {Code.JOIN, Code.END}]
    return Thread(
        name=str(patient),
        demand=run.table.model.demand[int(run.demand[patient])].name,
        at=tuple(_position(run, at, row) for at, row in standing),
        milestones=milestones,
    )


def _position(run: Run, at: float, row: int) -> Position:
    one = run.table.rows[row]
    waiting = run.table.resources[one.of] if one.code == Code.SEIZE else None
    return Position(operation=one.operation, since=_time(run, at), waiting_for=waiting)


def _time(run: Run, hours: float) -> datetime:
    return run.table.model.starts_at + timedelta(hours=hours)


def observations_of(run: Run, until_h: float) -> tuple[Observation, ...]:
    """Return what a traced run showed of every figure up to an hour, what is still under way then included."""
    found: list[Observation] = []
    for patient, tokens in _passages(run, until_h).items():
        for passed in tokens.values():
            found.extend(_seen(run, patient, passed, until_h))
    return tuple(found)


def _seen(run: Run, patient: int, passed: Passages, until_h: float) -> Iterator[Observation]:
    rows = run.table.rows
    for place, (at, row) in enumerate(passed):
        one, following = rows[row], passed[place + 1] if place + 1 < len(passed) else None
        if one.code in {Code.DELAY, Code.WORK}:
            until = until_h if following is None else following[0]
            hours = until - at
            if one.code == Code.WORK:
                hours = run.table.steps[one.of].worked_hours(at, until)
            yield Observation(figure=one.figure, hours=hours, running=following is None)
        elif following is not None and one.code == Code.BRANCH:
            if not (place and rows[passed[place - 1][1]].name == one.name and passed[place - 1][1] == row - 1):
                yield from _chances(run, passed, place)
        elif following is not None and one.code == Code.ATTRITION:
            since = run.times[patient, one.of]
            if not math.isnan(since) and since <= at:
                yield Observation(figure=one.figure, hours=at - since, happened=following[1] != row + 1)


def _chances(run: Run, passed: Passages, place: int) -> Iterator[Observation]:
    """Yield for each chance of a branch whether it came true: at most one did."""
    rows, row = run.table.rows, passed[place][1]
    name, taken = rows[row].name, -1
    visited = [one for _, one in passed[place:]]
    last = row
    while last + 1 in visited[:8] and rows[last + 1].code == Code.BRANCH and rows[last + 1].name == name:
        last += 1
    after = visited[last - row + 1] if last - row + 1 < len(visited) else None
    if after is not None and after == rows[last].to:
        taken = last
    while rows[row].code == Code.BRANCH and rows[row].name == name:
        yield Observation(figure=rows[row].figure, happened=row == taken)
        row += 1
