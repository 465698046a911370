"""Where open courses stand in the operation table: rows, tokens, what they hold, and how far each draw has come."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vein2vein.core.records import Faults
from vein2vein.core.refusals import N_
from vein2vein.engines.twin.calendars import resource_steps
from vein2vein.engines.twin.draws import stream
from vein2vein.engines.twin.presence import Position, Present, Thread
from vein2vein.engines.twin.table import Code, Floats, Ints, Row, Shape, Table

WAITS, LASTS, GOES_ON = range(3)


class Standing(NamedTuple):
    """The tokens of all open courses; patients are numbered in the order of the threads.

    `how`: WAITS in the queue of `row`'s resource, LASTS in its duration, or GOES_ON with it at once. `passed` is how
    many hours (open ones, for a duration that counts those) it has been there, `share` the part of its distribution
    below that.
    """

    patient: Ints
    token: Ints
    row: Ints
    how: Ints
    passed: Floats
    share: Floats


@dataclass(frozen=True, slots=True)
class Threads:
    """All that a replication begins with: tokens, and for each thread its key's stream, milestones and joins."""

    standing: Standing
    stream: NDArray[np.uint64]
    start: Ints
    rank: Ints
    demand: Ints
    times: NDArray[np.float64]
    joined: Ints
    used: Ints


@dataclass(frozen=True, slots=True)
class _Reached:
    """A row's token number and what a course holds there; `fork` is what its main thread holds beside it."""

    token: int
    held: frozenset[int]
    branches: int
    fork: frozenset[int]


def threads_of(table: Table, present: Present) -> Threads:
    """Return the present state as the loop takes it; raises `Refused` for a position that no course can have."""
    faults = Faults()
    names = [one.name for one in table.model.demand]
    found: list[tuple[int, int, int, int, float, float, float]] = []
    used = np.zeros(len(table.resources), np.int64)
    joined = np.zeros(len(present.threads), np.int64)
    times = np.full((len(present.threads), max(len(table.milestones), 1)), math.nan)
    reached = {demand: _reach(table, demand) for demand in {names.index(one.demand) for one in present.threads}}
    for patient, thread in enumerate(present.threads):
        demand = names.index(thread.demand)
        for name, at in thread.milestones.items():
            if name in table.milestones:
                times[patient, table.milestones.index(name)] = (at - present.as_of).total_seconds() / 3600.0
        ways = [_place(table, demand, thread, one, faults) for one in thread.at]
        rows = [reached[demand].get(row) for row in ways]
        known = [one for one in rows if one is not None]
        if len(known) < len(ways) or len({one.token for one in known}) < len(known):
            where, mend = f"threads[{thread.name}].at", N_("name one operation, or one for each that runs together")
            faults.add(where, len(ways), N_("no course can stand like this"), mend)
            continue
        _hold(known, used)
        joined[patient] = known[0].branches - len(known) if known[0].branches else 0
        for place, row, one in zip(thread.at, ways, known, strict=True):
            found.append((patient, one.token, row, *_passed(table, table.rows[row], place, present)))
    faults.refuse_any()
    found.sort(key=lambda one: (-one[6], one[0]))
    priorities = [table.model.demand[names.index(one.demand)].priority for one in present.threads]
    demands = np.array([names.index(one.demand) for one in present.threads], np.int64)
    return Threads(
        Standing(
            patient=np.array([one[0] for one in found], np.int64),
            token=np.array([one[1] for one in found], np.int64),
            row=np.array([one[2] for one in found], np.int64),
            how=np.array([one[3] for one in found], np.int64),
            passed=np.array([one[4] for one in found], np.float64),
            share=np.array([one[5] for one in found], np.float64),
        ),
        stream=np.array([stream(one.name) for one in present.threads], np.uint64),
        start=np.array([table.starts[one] for one in demands], np.int64),
        rank=np.array([table.priorities.index(one) for one in priorities], np.int64),
        demand=demands,
        times=times,
        joined=joined,
        used=used,
    )


def _hold(known: list[_Reached], used: Ints) -> None:
    held = [one.held for one in known]
    if known and all(one.token for one in known):
        held.append(known[0].fork)  # the main thread has come to the join and waits there with what it holds
    for one in held:
        for resource in one:
            used[resource] += 1


def _place(table: Table, demand: int, thread: Thread, place: Position, faults: Faults) -> int:
    rows = range(table.starts[demand], table.ends[demand])
    instead = table.model.demand[demand].instead
    for row in rows:
        one = table.rows[row]
        if one.operation != place.operation or one.code == Code.CHARGE:
            continue
        if place.waiting_for is not None:
            name = instead.get(place.waiting_for, place.waiting_for)
            if one.code == Code.SEIZE and table.resources[one.of] == name:
                return row
        elif one.code in {Code.DELAY, Code.WORK} or not _lasts(table, row, rows.stop):
            return row
    where, mend = f"threads[{thread.name}].at", N_("name a resource that this operation waits for")
    faults.add(where, place.waiting_for or place.operation, N_("nobody waits like this here"), mend)
    return -1


def _lasts(table: Table, row: int, stop: int) -> bool:
    """Say whether a duration of the same operation stands further on."""
    name = table.rows[row].operation
    return any(one.operation == name and one.code in {Code.DELAY, Code.WORK} for one in table.rows[row + 1 : stop])


def _reach(table: Table, demand: int) -> dict[int, _Reached]:
    """Follow the rows of a demand: the token that comes to each of them, and what it holds then."""
    found: dict[int, _Reached] = {}
    nothing = frozenset[int]()
    ways = [(table.starts[demand], _Reached(0, nothing, 0, nothing))]
    resources = len(table.model.resources)
    while ways:
        at, now = ways.pop()
        if at in found:
            continue
        found[at] = now
        one, held = table.rows[at], now.held
        if one.code == Code.SEIZE and one.of < resources:
            held |= {one.of}
        elif one.code == Code.RELEASE:
            held -= {one.of}
        branches, fork = now.branches, now.fork
        if one.code == Code.FORK:
            branches, fork = max(branches, _branches(table, at)), now.held
            ways.append((one.to, _Reached(one.of, nothing, branches, fork)))
        elif one.code == Code.JOIN:
            if now.token == 0:
                ways.append((one.to, _Reached(0, held, 0, nothing)))
            continue
        elif one.to >= 0:
            ways.append((one.to, _Reached(now.token, held, branches, fork)))
        if one.code not in {Code.GO, Code.END}:
            ways.append((at + 1, _Reached(now.token, held, branches, fork)))
    return found


def _branches(table: Table, fork: int) -> int:
    count = 1
    while table.rows[fork].code == Code.FORK:
        count, fork = table.rows[fork].of + 1, fork + 1
    return count


def _passed(table: Table, row: Row, place: Position, present: Present) -> tuple[int, float, float, float]:
    """Return how a token stands, hours passed, their share of the distribution, and the hours that order queues."""
    hours = (present.as_of - place.since).total_seconds() / 3600.0
    if row.code == Code.SEIZE:
        return WAITS, hours, 0.0, hours
    if row.code not in {Code.DELAY, Code.WORK}:
        return GOES_ON, 0.0, 0.0, hours
    passed = hours
    if row.code == Code.WORK:
        steps = resource_steps(table.model.resources[row.of], place.since, hours + 1.0)
        passed = steps.worked_hours(0.0, hours)
    return LASTS, passed, share_below(row, passed), hours


def share_below(row: Row, hours: float) -> float:  # noqa: PLR0911 - one for each distribution
    """Return the part of a duration's distribution that lies below so many hours: 1 from its greatest on."""
    if hours >= row.most:
        return 1.0
    a, b, c, d, e = row.numbers
    match row.shape:
        case Shape.FIXED:
            return 1.0 if hours >= a else 0.0
        case Shape.UNIFORM:
            return min(max((hours - a) / b, 0.0), 1.0) if b > 0.0 else float(hours >= a)
        case Shape.TRIANGULAR:
            if hours <= a or hours >= b:
                return float(hours >= b)
            lower = hours < a + c * (b - a)
            return (hours - a) ** 2 / d if lower else 1.0 - (b - hours) ** 2 / e
        case Shape.LOGNORMAL:
            if hours <= 0.0 or b == 0.0:
                return float(hours >= a)
            return 0.5 * math.erfc(-(math.log(hours / a)) / b / math.sqrt(2.0))
        case Shape.EXPONENTIAL:
            return 1.0 - math.exp(-hours / a)
        case Shape.EMPIRICAL:
            shares = np.linspace(0.0, 1.0, len(row.points)) if len(row.points) > 1 else np.array([0.0])
            beyond = float(hours >= row.points[-1])
            return beyond if beyond or hours < row.points[0] else float(np.interp(hours, row.points, shares))
