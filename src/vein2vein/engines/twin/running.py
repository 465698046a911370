"""Running a compiled model: one replication with everything in it, or many with the same room."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vein2vein.core.records import Faults
from vein2vein.core.refusals import N_
from vein2vein.engines.twin import loop
from vein2vein.engines.twin.admitting import admit, name_courses
from vein2vein.engines.twin.arrivals import arrive, expected, markets
from vein2vein.engines.twin.compiling import HOURS_A_DAY
from vein2vein.engines.twin.events import parts_of
from vein2vein.engines.twin.loop import Courses
from vein2vein.engines.twin.room import make_room
from vein2vein.engines.twin.standing import Threads
from vein2vein.engines.twin.table import Floats, Ints, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One replication. Arrays over patients (in the order of arrival) and resources (in that of the table); hours.

    `times` is NaN for a milestone not reached, `outcome` -1 for a course that had not ended at the last hour.
    `demand` is each patient's place in the model's. `busy` unit-hours (open ones), `queued` hours and `money` are
    those of the measured window. `trace` holds (hours, patient, row, token) as each row began, when asked for.
    """

    table: Table
    seed: int
    replication: int
    arrived: Floats
    demand: Ints
    times: NDArray[np.float64]
    outcome: Ints
    ended: Floats
    waited: Floats
    spent: Floats
    busy: Floats
    queued: Floats
    granted: Ints
    longest: Floats
    money: float
    trace: tuple[tuple[float, int, int, int], ...] = ()


class Runner:
    """Runs replications of one table, in the same room again and again."""

    def __init__(self, table: Table, threads: Threads | None = None) -> None:
        """Begin empty, or with open courses; their patients are the first ones."""
        self.table, self.threads = table, threads
        self.open = 0 if threads is None else len(threads.stream)
        self.markets = markets(table)
        model = table.model
        self.until_h = (model.warm_up_days + model.days) * HOURS_A_DAY
        self.window = (model.warm_up_days * HOURS_A_DAY, self.until_h)
        mean = expected(table, self.until_h)
        self.room = make_room(table, self.open + int(mean + 6.0 * math.sqrt(mean)) + 16)

    def run(self, seed: int, replication: int, *, traced: bool = False) -> Run:
        """Return one replication, whose arrays are its own; raises `Refused` when a course goes round without end."""
        self.room.trace(int(traced))  # with any room at all the rows are counted
        count = self.simulate(seed, replication)
        if traced:
            self.room.trace(int(self.room.state.counts[loop.TRACED]))
            count = self.simulate(seed, replication)
        made = self._told(count, seed, replication, copied=True)
        self.room.trace(0)
        return made

    def each(self, seed: int, replications: range) -> Iterator[Run]:
        """Yield replications whose arrays are overwritten by the next one."""
        for replication in replications:
            yield self._told(self.simulate(seed, replication), seed, replication, copied=False)

    def simulate(self, seed: int, replication: int) -> int:
        """Leave one replication in `room`; return how many patients came."""
        count = self.open + self._arrive(seed, replication)
        self.room.sweep(count)
        if self.threads is not None:
            self._admit(self.threads, seed, replication)
        self._go(count)
        return count

    def _admit(self, threads: Threads, seed: int, replication: int) -> None:
        table, room, count = self.table, self.room, self.open
        room.courses.arrived[:count] = 0.0
        room.courses.start[:count] = threads.start
        room.courses.rank[:count] = threads.rank
        room.demand[:count] = threads.demand
        room.results.times[:count] = threads.times
        room.state.joined[:count] = threads.joined
        room.state.used[:] = threads.used
        room.state.counts[loop.NEXT_ARRIVAL] = count
        name_courses(np.uint64(seed), np.uint64(replication), threads.stream, room.courses)
        admit(
            threads.standing,
            table.operations,
            table.calendars,
            room.courses,
            room.state,
            room.results,
            table.tokens,
            max(len(table.priorities), 1),
            self.window,
        )

    def _go(self, count: int) -> None:
        table, room = self.table, self.room
        loop.simulate(
            table.operations,
            table.calendars,
            room.only(count),
            room.state,
            room.results,
            table.tokens,
            max(len(table.priorities), 1),
            self.window,
            table.last_h,
        )
        row = int(room.state.counts[loop.ENDLESS])
        if row >= 0:
            faults = Faults()
            faults.add(
                "routes",
                table.rows[row].operation,
                N_("a course goes round here %(rounds)s times without an end"),
                N_("let a chance or a limit lead out of the circle"),
                rounds=str(loop.MOST_ROUNDS),
            )
            faults.refuse_any()

    def _arrive(self, seed: int, replication: int) -> int:
        while True:
            room = self.room
            run = (np.uint64(seed), np.uint64(replication), self.until_h)
            there, behind = room.courses, slice(self.open, None)
            coming = Courses(there.arrived[behind], there.start[behind], there.key[behind], there.rank[behind])
            count = int(arrive(self.markets, *run, coming, room.demand[self.open :], *room.work))
            if self.open + count <= room.patients:
                return count
            self.room = make_room(self.table, self.open + count + 16)

    def _told(self, count: int, seed: int, replication: int, *, copied: bool) -> Run:
        s, r = self.room.state, self.room.results
        r.busy[:] += s.used * self.table.calendars.window_last  # what is held, or waited for, to the end
        r.queued[:] += s.lined * self.window[1]
        traced = min(int(s.counts[loop.TRACED]), len(r.trace_at))
        keys = (parts_of(int(key)) for key in r.trace_key[:traced])

        def own(array: NDArray[np.float64], size: int | None = None) -> NDArray[np.float64]:
            return array[:size].copy() if copied else array[:size]

        def whole(array: Ints, size: int | None = None) -> Ints:
            return array[:size].copy() if copied else array[:size]

        return Run(
            table=self.table,
            seed=seed,
            replication=replication,
            arrived=own(self.room.courses.arrived, count),
            demand=whole(self.room.demand, count),
            times=own(r.times, count),
            outcome=whole(r.outcome, count),
            ended=own(r.ended, count),
            waited=own(r.waited, count),
            spent=own(r.spent, count),
            busy=own(r.busy),
            queued=own(r.queued),
            granted=whole(r.granted),
            longest=own(r.longest),
            money=float(r.money[0]),
            trace=tuple((float(at), *key) for at, key in zip(r.trace_at[:traced], keys, strict=True)),
        )
