"""The oracle: the same model as SimPy processes, to which the compiled loop must be equal to the last bit.

Nothing of the loop is used: only the operation table, the law of the draws (written out here once more) and the order
of events that both keep. SimPy's queue holds (time, priority, number): grants and starts have SimPy's own priorities 0
and 1, a change of capacity 2, and a patient's events their (patient, row, token) above that.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from heapq import heappush
from typing import Any

import numpy as np
import simpy

from vein2vein.engines.twin.calendars import Steps
from vein2vein.engines.twin.draws import quantile
from vein2vein.engines.twin.machine import interpreted
from vein2vein.engines.twin.table import Code, Row, Table

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
CHANGES, FIRST_OWN = 2, 3
Passing = Generator[simpy.Event, Any, None]


def mixed(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def joined(key: int, value: int) -> int:
    return mixed((key + GOLDEN * (value + 1)) & MASK)


def uniform(key: int, of: int, turn: int) -> float:
    return float(mixed((key + of + GOLDEN * turn) & MASK) >> 12) * 2.0**-52 + 2.0**-53


def stream(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big")


def _opened(steps: Steps) -> list[float]:
    edges, opened = (*steps.at, math.inf), [0.0]
    for index, capacity in enumerate(steps.capacity):
        opened.append(opened[-1] + (edges[index + 1] - edges[index] if capacity > 0 else 0.0))
    return opened


@dataclass
class Told:
    """What the oracle saw, in the order and form of a `Run`."""

    arrived: list[float] = field(default_factory=list)
    demand: list[int] = field(default_factory=list)
    times: list[list[float]] = field(default_factory=list)
    outcome: list[int] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    queued: list[float] = field(default_factory=list)
    granted: list[int] = field(default_factory=list)
    longest: list[float] = field(default_factory=list)
    money: float = 0.0


class _Counted:
    """Tells the oracle at once when somebody who waited is granted a unit."""

    def _do_put(self, event: Any) -> None:
        super()._do_put(event)  # type: ignore[misc]  # SimPy's own, beside this in the order of classes
        if event.triggered and hasattr(event, "waiting"):
            oracle, place, patient, since = event.waiting
            oracle.granted(place, patient, since)


class Plain(_Counted, simpy.Resource):
    """First come, first served."""


class Ranked(_Counted, simpy.PriorityResource):
    """First come, first served within a priority."""


class Oracle:
    """One replication of a table in SimPy; `drawn` keeps every number so that a second run finds them drawn."""

    def __init__(self, table: Table, seed: int, replication: int, drawn: dict[int, float] | None = None) -> None:
        self.table, self.model, self.rows = table, table.model, table.rows
        self.drawn: dict[int, float] = {} if drawn is None else drawn
        self.streams = [stream(row.name) for row in table.rows]
        self.points = [np.array(row.points) for row in table.rows]
        self.opened = [_opened(steps) for steps in table.steps]
        self.run_key = joined(joined(0, seed), replication)
        self.coming: list[tuple[float, int, int]] = []
        self.begins = self.model.warm_up_days * 24.0
        self.ends = (self.model.warm_up_days + self.model.days) * 24.0
        self.keys: list[int] = []
        self.ranks: list[int] = []
        self.told = Told()
        self.turns: dict[int, int] = {}
        self.joined: dict[int, tuple[int, int]] = {}
        self.held: dict[int, dict[int, Any]] = {}
        self.coming = self.arrivals()

    def run(self) -> Told:
        self.env = simpy.Environment()
        several = len(self.table.priorities) > 1
        kind: Callable[..., Any] = Ranked if several else Plain
        self.several = several
        self.resources = [kind(self.env, 1) for _ in self.table.resources]
        count = len(self.resources)
        told = self.told
        told.busy, told.queued, told.longest = [0.0] * count, [0.0] * count, [0.0] * count
        told.granted = [0] * count
        for resource, steps in zip(self.resources, self.table.steps, strict=True):
            resource._capacity = steps.capacity[0]
        self.changes()
        for patient, (at, demand, key) in enumerate(self.coming):
            self.told.arrived.append(at)
            self.told.demand.append(demand)
            self.keys.append(key)
            self.ranks.append(self.table.priorities.index(self.model.demand[demand].priority))
            start = self.table.starts[demand]
            event = self.at(at, patient, start, 0)
            assert event.callbacks is not None
            event.callbacks.append(partial(self.begin, patient, start))
        patients = len(told.arrived)
        told.times = [[math.nan] * max(len(self.table.milestones), 1) for _ in range(patients)]
        told.outcome, told.ended = [-1] * patients, [math.nan] * patients
        told.waited, told.spent = [0.0] * patients, [0.0] * patients
        while self.env._queue and self.env.peek() <= self.table.last_h:
            self.env.step()
        for place, resource in enumerate(self.resources):
            told.busy[place] += len(resource.users) * self.table.calendars.window_last[place]
            told.queued[place] += len(resource.put_queue) * self.ends
        return told

    def arrivals(self) -> list[tuple[float, int, int]]:
        found = []
        for place, demand in enumerate(self.model.demand):
            name, rate = stream(demand.name), demand.patients_per_year / 8760.0
            growth = math.log(1.0 + demand.growth_per_year) / 8760.0
            reached, number = 0.0, 0
            while rate > 0.0:
                if demand.pattern == "even":
                    reached = number + 0.5
                else:
                    gap = -math.log(1.0 - uniform(self.run_key, name, number))
                    reached = gap if number == 0 else reached + gap
                at = reached / rate
                if growth != 0.0:
                    inner = 1.0 + reached * growth / rate
                    at = math.log(inner) / growth if inner > 0.0 else math.inf
                if at >= self.ends:
                    break
                found.append((at, place, joined(joined(self.run_key, name), number)))
                number += 1
        return sorted(found, key=lambda one: one[:2])

    def at(self, at: float, patient: int, row: int, token: int) -> simpy.Event:
        event = simpy.Event(self.env)
        event._ok, event._value = True, None
        priority = FIRST_OWN + (patient << 24) + (row << 8) + token
        heappush(self.env._queue, (at, priority, next(self.env._eid), event))  # type: ignore[misc]  # a key of ours
        return event

    def changes(self) -> None:
        moments: dict[float, list[tuple[int, int]]] = {}
        for place, steps in enumerate(self.table.steps):
            for at, capacity in zip(steps.at[1:], steps.capacity[1:], strict=True):
                moments.setdefault(at, []).append((place, capacity))
        for at, changed in moments.items():
            event = simpy.Event(self.env)
            event._ok, event._value = True, None
            heappush(self.env._queue, (at, CHANGES, next(self.env._eid), event))  # type: ignore[misc]  # as above
            assert event.callbacks is not None
            event.callbacks.append(partial(self.change, changed))

    def change(self, changed: list[tuple[int, int]], _: simpy.Event) -> None:
        for place, capacity in changed:
            self.resources[place]._capacity = capacity
        for resource in self.resources:
            while resource.put_queue and len(resource.users) < resource.capacity:
                resource._trigger_put(None)

    def begin(self, patient: int, start: int, _: simpy.Event) -> None:
        self.turns[patient << 8] = 0
        self.held[patient] = {}
        self.env.process(self.course(patient, 0, start, self.held[patient]))

    def clipped(self, at: float) -> float:
        return min(max(at, self.begins), self.ends)

    def worked(self, place: int) -> float:
        """Return a resource's open hours up to now, held to the measured window."""
        steps, opened = self.table.steps[place], self.opened[place]
        index = bisect_right(steps.at, self.env.now) - 1
        hours = opened[index] + (self.env.now - steps.at[index] if steps.capacity[index] > 0 else 0.0)
        edges = self.table.calendars
        return float(min(max(hours, edges.window_first[place]), edges.window_last[place]))

    def number(self, patient: int, token: int, row: int) -> float:
        turn = self.turns[(patient << 8) + token]
        which = (patient << 40) + (row << 20) + turn
        found = self.drawn.get(which)
        if found is None:
            found = uniform(self.keys[patient], self.streams[row], turn)
            one = self.rows[row]
            if one.code in {Code.DELAY, Code.WORK}:
                found = self.duration(one, row, found)
            self.drawn[which] = found
        return found

    def duration(self, one: Row, row: int, u: float) -> float:
        a, b, c, d, e = one.numbers
        if one.points:
            a, b = 0.0, float(len(one.points))
        drawn = interpreted(quantile)(one.shape, a, b, c, d, e, self.points[row], u)
        return float(min(max(drawn, one.least), one.most))

    def worked_until(self, place: int, hours: float) -> float:
        """Walk along the shifts, one after the other."""
        steps, now = self.table.steps[place], self.env.now
        if hours <= 0.0:
            return now
        opened = self.opened[place]
        index = bisect_right(steps.at, now) - 1
        done = opened[index] + hours + (now - steps.at[index] if steps.capacity[index] > 0 else 0.0)
        while index < len(steps.at) - 1 and opened[index + 1] < done:
            index += 1
        if steps.capacity[index] == 0:
            return math.inf
        return max(now, steps.at[index] + (done - opened[index]))

    def course(self, patient: int, token: int, row: int, held: dict[int, Any]) -> Passing:  # noqa: C901, PLR0912
        told, env, rows = self.told, self.env, self.rows
        while True:
            one = rows[row]
            code = one.code
            if code is Code.DELAY:
                yield self.at(env.now + self.number(patient, token, row), patient, row, token)
            elif code is Code.SEIZE:
                resource = self.resources[one.of]
                request = resource.request(self.ranks[patient]) if self.several else resource.request()
                if request.triggered:
                    told.busy[one.of] -= self.worked(one.of)
                    told.granted[one.of] += self.begins <= env.now < self.ends
                else:
                    told.queued[one.of] -= self.clipped(env.now)
                    request.waiting = (self, one.of, patient, env.now)
                    yield request
                held[one.of] = request
            elif code is Code.RELEASE:
                told.busy[one.of] += self.worked(one.of)
                self.resources[one.of].release(held.pop(one.of))
                self.resources[one.of]._trigger_put(None)
            elif code is Code.MARK:
                told.times[patient][one.of] = env.now
            elif code is Code.WORK:
                yield self.at(self.worked_until(one.of, self.number(patient, token, row)), patient, row, token)
            elif code in {Code.BRANCH, Code.LIMIT, Code.ATTRITION, Code.ONCE, Code.GO}:
                if self.goes(patient, token, row):
                    self.turns[(patient << 8) + token] += one.to <= row
                    row = one.to
                    continue
            elif code is Code.CHARGE:
                told.spent[patient] += one.numbers[0]
                told.money += one.numbers[0] if self.begins <= env.now < self.ends else 0.0
            elif code is Code.FORK:
                self.turns[(patient << 8) + one.of] = self.turns[(patient << 8) + token]
                env.process(self.fork(patient, one.of, one.to))
            elif code is Code.JOIN:
                count, turn = self.joined.get(patient, (0, 0))
                count, turn = count + 1, max(turn, self.turns[(patient << 8) + token])
                self.joined[patient] = (count, turn)
                if count < one.of:
                    return
                del self.joined[patient]
                token, row = 0, one.to
                self.turns[patient << 8] = turn
                held = self.held[patient]
                continue
            else:
                told.outcome[patient], told.ended[patient] = one.of, env.now
                return
            row += 1

    def fork(self, patient: int, token: int, row: int) -> Passing:
        go = simpy.Event(self.env)
        go.succeed()
        yield go
        yield from self.course(patient, token, row, {})

    def granted(self, place: int, patient: int, since: float) -> None:
        told, now = self.told, self.env.now
        told.waited[patient] += now - since
        told.queued[place] += self.clipped(now)
        told.busy[place] -= self.worked(place)
        if self.begins <= now < self.ends:
            told.granted[place] += 1
            told.longest[place] = max(told.longest[place], now - since)

    def goes(self, patient: int, token: int, row: int) -> bool:
        one = self.rows[row]
        if one.code is Code.GO:
            return True
        if one.code is Code.BRANCH:
            return self.number(patient, token, row) < one.numbers[0]
        if one.code is Code.ONCE:
            return self.turns[(patient << 8) + token] == 0
        passed = self.env.now - self.told.times[patient][one.of]
        if one.code is Code.LIMIT:
            return passed > one.numbers[0]
        return self.number(patient, token, row) < 1.0 - math.exp(-one.numbers[0] * passed)
