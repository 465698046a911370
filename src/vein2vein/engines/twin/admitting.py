"""Putting open courses into the loop before it runs, compiled: in their queues, in their durations, or going on."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vein2vein.engines.twin.draws import joined, quantile, uniform
from vein2vein.engines.twin.events import key_of, push
from vein2vein.engines.twin.loop import HEAP, WORK, Courses, Results, State, line_up, wait_in_line, worked_until
from vein2vein.engines.twin.machine import alone
from vein2vein.engines.twin.standing import LASTS, WAITS, Standing
from vein2vein.engines.twin.table import Calendars, Operations

STANDING = 1.5
"""A duration that has passed its greatest value lasts the longer the longer it has lasted (Pareto, with this index)."""
_OPEN = np.uint64(0x0F0F)


@alone
def name_courses(seed: np.uint64, replication: np.uint64, streams: NDArray[np.uint64], c: Courses) -> None:
    """Give each open course the key of its draws in one replication: by its name, whoever else is open."""
    run = joined(joined(joined(np.uint64(0), seed), replication), _OPEN)
    for one in range(len(streams)):
        c.key[one] = joined(run, streams[one])


@alone
def admit(
    g: Standing, o: Operations, k: Calendars, c: Courses, s: State, r: Results, tokens: int, ranks: int,
    window: tuple[float, float],
) -> None:  # fmt: skip
    """Put every token where it stands at hour 0, durations on the condition that they last longer."""
    s.waking[:] = 1
    for one in range(len(g.patient)):
        patient, row, number = g.patient[one], g.row[one], g.token[one]
        token = patient * tokens + number
        if g.how[one] == WAITS:
            resource = o.of[row]
            s.row[token] = row
            wait_in_line(k, s, r, resource, resource * ranks + c.rank[patient], token, -g.passed[one], window)
        elif g.how[one] == LASTS:
            left = _left(o, row, uniform(c.key[patient], o.stream[row], 0), g.passed[one], g.share[one])
            if o.code[row] == WORK:
                left = worked_until(k, k.first[o.of[row]], 0.0, left)
            push(s.ats, s.keys, s.counts[HEAP], left, key_of(patient, row, number))
            s.counts[HEAP] += 1
        else:
            s.row[token] = row - 1
            line_up(s, token)
    for resource in range(len(s.used)):
        s.waking[resource] = int(s.lined[resource] > 0)
        if s.lined[resource] > 0:
            push(s.ats, s.keys, s.counts[HEAP], 0.0, key_of(-1, resource, 0))
            s.counts[HEAP] += 1


@alone
def _left(o: Operations, row: int, u: float, passed: float, share: float) -> float:
    if share >= 1.0:
        return passed * (math.exp(-math.log(1.0 - u) / STANDING) - 1.0)
    at = min(share + u * (1.0 - share), 1.0 - 2.0**-53)
    drawn = quantile(o.shape[row], o.a[row], o.b[row], o.c[row], o.d[row], o.e[row], o.points, at)
    return float(max(min(max(drawn, o.least[row]), o.most[row]) - passed, 0.0))
