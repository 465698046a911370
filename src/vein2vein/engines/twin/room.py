"""The arrays that replications are run in, made once and swept between two of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vein2vein.engines.twin import loop
from vein2vein.engines.twin.loop import Courses, Results, State
from vein2vein.engines.twin.table import Floats, Ints, Table


def _whole(size: int) -> Ints:
    return np.zeros(size, np.int64)


def _real(size: int) -> Floats:
    return np.zeros(size, np.float64)


@dataclass(slots=True)
class Room:
    """Arrays for so many patients of one table; `demand` is each patient's, `work` the arrivals' own space."""

    table: Table
    patients: int
    courses: Courses
    demand: Ints
    work: tuple[Floats, Floats, Ints]
    state: State
    results: Results

    def sweep(self, count: int) -> None:
        """Make ready for a replication of `count` patients."""
        s, r = self.state, self.results
        s.counts[:] = 0
        s.counts[loop.FIRST_READY] = s.counts[loop.ENDLESS] = -1
        for whole in (s.used, s.waking, s.lined, r.granted):
            whole[:] = 0
        s.cursor[:] = self.table.calendars.first[:-1]
        s.first[:] = -1
        s.turn[: count * self.table.tokens] = 0
        s.joined[:count] = s.latest[:count] = 0
        r.times[:count] = math.nan
        r.ended[:count] = math.nan
        r.outcome[:count] = -1
        for real in (r.waited[:count], r.spent[:count], r.busy, r.queued, r.longest, r.money):
            real[:] = 0.0

    def trace(self, size: int) -> None:
        """Give the trace so many places."""
        r = self.results
        self.results = Results(*r[:-2], trace_at=_real(size), trace_key=_whole(size))

    def only(self, count: int) -> Courses:
        """Return the first `count` courses."""
        c = self.courses
        return Courses(c.arrived[:count], c.start[:count], c.key[:count], c.rank[:count])


def make_room(table: Table, patients: int) -> Room:
    """Return room for `patients` of a table."""
    resources, kinds = len(table.resources), len(table.model.demand)
    tokens, lines = patients * table.tokens, resources * max(len(table.priorities), 1)
    courses = Courses(_real(patients), _whole(patients), np.zeros(patients, np.uint64), _whole(patients))
    state = State(
        counts=_whole(6),
        ats=_real(tokens + 2 * resources + 1),
        keys=_whole(tokens + 2 * resources + 1),
        used=_whole(resources),
        cursor=_whole(resources),
        waking=_whole(resources),
        lined=_whole(resources),
        first=_whole(lines),
        last=_whole(lines),
        link=_whole(tokens),
        since=_real(tokens),
        row=_whole(tokens),
        turn=_whole(tokens),
        joined=_whole(patients),
        latest=_whole(patients),
    )
    results = Results(
        times=np.zeros((patients, max(len(table.milestones), 1)), np.float64),
        outcome=_whole(patients),
        ended=_real(patients),
        waited=_real(patients),
        spent=_real(patients),
        busy=_real(resources),
        queued=_real(resources),
        granted=_whole(resources),
        longest=_real(resources),
        money=_real(1),
        trace_at=_real(0),
        trace_key=_whole(0),
    )
    work = (_real(kinds), _real(kinds), _whole(kinds))
    return Room(table, patients, courses, _whole(patients), work, state, results)
