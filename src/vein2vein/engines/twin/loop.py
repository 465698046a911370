"""One replication, compiled: a loop over events that carries each course along the rows of the operation table.

Meaning, which the tests' oracle shares to the last bit: events come in the order of (time, patient, row). Whoever is
granted a unit goes on in the same moment, in the order of granting, once the one who acts has come to a wait. When
capacity changes, all of it changes before anybody acts. Queues are first come, first served within a priority.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vein2vein.engines.twin.draws import quantile, uniform
from vein2vein.engines.twin.events import drop_first, key_of, push
from vein2vein.engines.twin.machine import alone, inlined
from vein2vein.engines.twin.table import PATIENT_BIT, ROW_BIT, Calendars, Code, Floats, Ints, Operations

MOST_ROUNDS: Final = 10_000
HEAP, FIRST_READY, LAST_READY, NEXT_ARRIVAL, TRACED, ENDLESS = range(6)
SEIZE, RELEASE, DELAY, WORK = int(Code.SEIZE), int(Code.RELEASE), int(Code.DELAY), int(Code.WORK)
BRANCH, MARK, LIMIT, ATTRITION = int(Code.BRANCH), int(Code.MARK), int(Code.LIMIT), int(Code.ATTRITION)
ONCE, GO, FORK, JOIN, CHARGE, END = (
    int(Code.ONCE),
    int(Code.GO),
    int(Code.FORK),
    int(Code.JOIN),
    int(Code.CHARGE),
    int(Code.END),
)


class Courses(NamedTuple):
    """Who comes: time in hours, first row, key of all draws, rank of priority (0 first); sorted by time."""

    arrived: Floats
    start: Ints
    key: NDArray[np.uint64]
    rank: Ints


class State(NamedTuple):
    """What changes while the loop runs. A token is one thread of a course: patient × tokens + number.

    `counts` holds the sizes named HEAP … ENDLESS; `link` chains tokens in queues and in the line of the granted.
    """

    counts: Ints
    ats: Floats
    keys: Ints
    used: Ints
    cursor: Ints
    waking: Ints
    lined: Ints
    first: Ints
    last: Ints
    link: Ints
    since: Floats
    row: Ints
    turn: Ints
    joined: Ints
    latest: Ints


class Results(NamedTuple):
    """What comes out: for each patient milestones, outcome (-1: not ended), end, hours waited and money spent.

    For each resource, within the measured window: unit-hours held while open, hours waited in its queue, grants, the
    longest wait; `money` is what operations cost in the window. `trace_*` are filled when they have any length.
    """

    times: NDArray[np.float64]
    outcome: Ints
    ended: Floats
    waited: Floats
    spent: Floats
    busy: Floats
    queued: Floats
    granted: Ints
    longest: Floats
    money: Floats
    trace_at: Floats
    trace_key: Ints


@inlined
def _schedule(s: State, at: float, key: int) -> None:
    push(s.ats, s.keys, s.counts[HEAP], at, key)
    s.counts[HEAP] += 1


@inlined
def line_up(s: State, token: int) -> None:
    """Put a token behind all who go on in this moment; it will go on with the row after `s.row`."""
    s.link[token] = -1
    if s.counts[FIRST_READY] < 0:
        s.counts[FIRST_READY] = token
    else:
        s.link[s.counts[LAST_READY]] = token
    s.counts[LAST_READY] = token


@inlined
def _there(k: Calendars, s: State, resource: int, now: float) -> int:
    place = s.cursor[resource]
    if k.at[place + 1] <= now:
        while k.at[place + 1] <= now:
            place += 1
        s.cursor[resource] = place
    return int(k.capacity[place])


@alone
def _wake_later(k: Calendars, s: State, resource: int, now: float) -> None:
    _there(k, s, resource, now)
    place = s.cursor[resource] + 1
    while k.at[place] < math.inf and k.capacity[place] <= k.capacity[place - 1]:
        place += 1
    if k.at[place] < math.inf:
        s.waking[resource] = 1
        _schedule(s, k.at[place], key_of(-1, resource, 0))


@inlined
def _worked(k: Calendars, s: State, resource: int, now: float) -> float:
    """Return the resource's open hours up to now, held to the measured window; its cursor has come to now."""
    place = s.cursor[resource]
    opened = k.opened[place]
    if k.capacity[place] > 0:
        opened += now - k.at[place]
    return float(min(max(opened, k.window_first[resource]), k.window_last[resource]))


@inlined
def _clipped(at: float, begins: float, ends: float) -> float:
    return min(max(at, begins), ends)


@alone
def wait_in_line(k: Calendars, s: State, r: Results, resource: int, line: int, token: int, now: float,
          window: tuple[float, float]) -> None:  # fmt: skip
    """Put a token at the end of a line; `now` is when it came, before hour 0 for one that waits already."""
    s.link[token] = -1
    s.since[token] = now
    if s.first[line] < 0:
        s.first[line] = token
    else:
        s.link[s.last[line]] = token
    s.last[line] = token
    s.lined[resource] += 1
    r.queued[resource] -= _clipped(now, window[0], window[1])
    if s.waking[resource] == 0:
        _wake_later(k, s, resource, now)


@alone
def _grant(k: Calendars, s: State, r: Results, resource: int, ranks: int, tokens: int, now: float,
           window: tuple[float, float]) -> None:  # fmt: skip
    line, stop = resource * ranks, (resource + 1) * ranks
    while s.used[resource] < _there(k, s, resource, now):
        while line < stop and s.first[line] < 0:
            line += 1
        if line == stop:
            return
        token = s.first[line]
        s.first[line] = s.link[token]
        line_up(s, token)
        s.used[resource] += 1
        wait = now - s.since[token]
        r.waited[token // tokens] += wait
        r.queued[resource] += _clipped(now, window[0], window[1])
        r.busy[resource] -= _worked(k, s, resource, now)
        if window[0] <= now < window[1]:
            r.granted[resource] += 1
            r.longest[resource] = max(r.longest[resource], wait)
        s.lined[resource] -= 1


@alone
def _wake(k: Calendars, s: State, r: Results, resource: int, ranks: int, tokens: int, now: float,
          window: tuple[float, float]) -> None:  # fmt: skip
    s.waking[resource] = 0
    _grant(k, s, r, resource, ranks, tokens, now, window)
    if s.lined[resource] > 0:
        _wake_later(k, s, resource, now)


@inlined
def _duration(o: Operations, row: int, u: float) -> float:
    drawn = quantile(o.shape[row], o.a[row], o.b[row], o.c[row], o.d[row], o.e[row], o.points, u)
    return float(min(max(drawn, o.least[row]), o.most[row]))


@alone
def worked_until(k: Calendars, place: int, now: float, hours: float) -> float:
    """Return when `hours` of a calendar's open time have passed since `now`, which lies in the step `place`."""
    if hours <= 0.0:
        return now
    done = k.opened[place] + hours
    if k.capacity[place] > 0:
        done += now - k.at[place]
    while k.at[place + 1] < math.inf and k.opened[place + 1] < done:
        place += 1
    if k.capacity[place] == 0:
        return math.inf
    return float(max(now, k.at[place] + (done - k.opened[place])))


@alone
def simulate(o: Operations, k: Calendars, c: Courses, s: State, r: Results, tokens: int, ranks: int,
             window: tuple[float, float], last_h: float) -> None:  # fmt: skip
    """Run one replication up to `last_h` hours; `s` and `r` come as `running` prepares them."""
    now, arrivals, tracing = 0.0, len(c.arrived), len(r.trace_at) > 0
    while True:
        if s.counts[FIRST_READY] >= 0:
            token = s.counts[FIRST_READY]
            s.counts[FIRST_READY] = s.link[token]
            patient, row = token // tokens, s.row[token] + 1
        else:
            coming, size = s.counts[NEXT_ARRIVAL], s.counts[HEAP]
            if coming < arrivals and (size == 0 or _earlier(c, s, coming)):
                now, patient, token, row = c.arrived[coming], coming, coming * tokens, c.start[coming]
                s.counts[NEXT_ARRIVAL] += 1
            elif size > 0:
                now, key = s.ats[0], s.keys[0]
                drop_first(s.ats, s.keys, size)
                s.counts[HEAP] -= 1
                if now > last_h:
                    return
                if key < 0:
                    _wake(k, s, r, (key + (1 << PATIENT_BIT)) >> ROW_BIT, ranks, tokens, now, window)
                    while s.counts[HEAP] > 0 and s.keys[0] < 0 and s.ats[0] == now:
                        key = s.keys[0]
                        drop_first(s.ats, s.keys, s.counts[HEAP])
                        s.counts[HEAP] -= 1
                        _wake(k, s, r, (key + (1 << PATIENT_BIT)) >> ROW_BIT, ranks, tokens, now, window)
                    continue
                patient = key >> PATIENT_BIT
                token = patient * tokens + (key & ((1 << ROW_BIT) - 1))
                row = ((key >> ROW_BIT) & ((1 << (PATIENT_BIT - ROW_BIT)) - 1)) + 1
            else:
                return
        _carry(o, k, c, s, r, tokens, ranks, window, now, patient, token, row, tracing)
        if s.counts[ENDLESS] >= 0:
            return


@inlined
def _earlier(c: Courses, s: State, coming: int) -> bool:
    at = c.arrived[coming]
    return bool(at < s.ats[0] or (at == s.ats[0] and key_of(coming, c.start[coming], 0) < s.keys[0]))


@inlined
def _note(s: State, r: Results, now: float, key: int) -> None:
    if s.counts[TRACED] < len(r.trace_at):
        r.trace_at[s.counts[TRACED]] = now
        r.trace_key[s.counts[TRACED]] = key
    s.counts[TRACED] += 1


@inlined
def _carry(  # noqa: C901, PLR0912, PLR0915 - an interpreter: one case for each code
    o: Operations, k: Calendars, c: Courses, s: State, r: Results, tokens: int, ranks: int,
    window: tuple[float, float], now: float, patient: int, token: int, row: int, tracing: bool,
) -> None:  # fmt: skip
    while True:
        if tracing:
            _note(s, r, now, key_of(patient, row, token - patient * tokens))
        code = o.code[row]
        if code == DELAY:
            hours = _duration(o, row, uniform(c.key[patient], o.stream[row], s.turn[token]))
            _schedule(s, now + hours, key_of(patient, row, token - patient * tokens))
            return
        if code == SEIZE:
            resource = o.of[row]
            if s.used[resource] >= _there(k, s, resource, now):
                s.row[token] = row
                wait_in_line(k, s, r, resource, resource * ranks + c.rank[patient], token, now, window)
                return
            s.used[resource] += 1
            r.busy[resource] -= _worked(k, s, resource, now)
            if window[0] <= now < window[1]:
                r.granted[resource] += 1
        elif code == RELEASE:
            resource = o.of[row]
            s.used[resource] -= 1
            _there(k, s, resource, now)
            r.busy[resource] += _worked(k, s, resource, now)
            if s.lined[resource] > 0:
                _grant(k, s, r, resource, ranks, tokens, now, window)
        elif code == MARK:
            r.times[patient, o.of[row]] = now
        elif code == WORK:
            hours = _duration(o, row, uniform(c.key[patient], o.stream[row], s.turn[token]))
            _there(k, s, o.of[row], now)
            until = worked_until(k, s.cursor[o.of[row]], now, hours)
            _schedule(s, until, key_of(patient, row, token - patient * tokens))
            return
        elif code <= GO:
            if code == GO or _taken(o, c, r, s.turn[token], patient, row, now):
                s.turn[token] += o.to[row] <= row
                if s.turn[token] > MOST_ROUNDS:
                    s.counts[ENDLESS] = row
                    return
                row = o.to[row]
                continue
        elif code == CHARGE:
            r.spent[patient] += o.a[row]
            if window[0] <= now < window[1]:
                r.money[0] += o.a[row]
        elif code == FORK:
            forked = patient * tokens + o.of[row]
            s.row[forked] = o.to[row] - 1
            s.turn[forked] = s.turn[token]
            line_up(s, forked)
        elif code == JOIN:
            s.joined[patient] += 1
            s.latest[patient] = max(s.latest[patient], s.turn[token])
            if s.joined[patient] < o.of[row]:
                return
            s.joined[patient] = 0
            token = patient * tokens
            s.turn[token] = s.latest[patient]
            row = o.to[row]
            continue
        else:
            r.outcome[patient] = o.of[row]
            r.ended[patient] = now
            return
        row += 1


@inlined
def _taken(o: Operations, c: Courses, r: Results, turn: int, patient: int, row: int,
           now: float) -> bool:  # fmt: skip
    code = o.code[row]
    if code == BRANCH:
        return bool(uniform(c.key[patient], o.stream[row], turn) < o.a[row])
    if code == ONCE:
        return turn == 0
    passed = now - r.times[patient, o.of[row]]
    if code == LIMIT:
        return bool(passed > o.a[row])
    return bool(uniform(c.key[patient], o.stream[row], turn) < 1.0 - math.exp(-o.a[row] * passed))
