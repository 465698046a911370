"""Who comes when, compiled: each market's patients by chance or evenly, with growth, in the order of time."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vein2vein.engines.twin.draws import joined, stream, uniform
from vein2vein.engines.twin.loop import Courses
from vein2vein.engines.twin.machine import alone, inlined
from vein2vein.engines.twin.table import Floats, Ints, Table

YEAR_H = 8760.0


class Markets(NamedTuple):
    """Each demand: patients per hour at the start, ln(1 + growth) per hour, even or by chance, stream, row, rank."""

    rate: Floats
    growth: Floats
    even: Ints
    stream: NDArray[np.uint64]
    start: Ints
    rank: Ints


def markets(table: Table) -> Markets:
    """Return the demands of a table."""
    demand = table.model.demand
    return Markets(
        np.array([one.patients_per_year / YEAR_H for one in demand], np.float64),
        np.array([math.log(1.0 + one.growth_per_year) / YEAR_H for one in demand], np.float64),
        np.array([one.pattern == "even" for one in demand], np.int64),
        np.array([stream(one.name) for one in demand], np.uint64),
        np.array(table.starts, np.int64),
        np.array([table.priorities.index(one.priority) for one in demand], np.int64),
    )


def expected(table: Table, until_h: float) -> float:
    """Return how many patients come on average up to a time in hours."""
    total = 0.0
    for one in table.model.demand:
        growth = math.log(1.0 + one.growth_per_year) / YEAR_H
        hours = until_h if growth == 0.0 else (math.exp(growth * until_h) - 1.0) / growth
        total += one.patients_per_year / YEAR_H * hours
    return total


@inlined
def _time_of(m: Markets, one: int, reached: float) -> float:
    if m.rate[one] <= 0.0:
        return math.inf
    if m.growth[one] == 0.0:
        return float(reached / m.rate[one])
    inner = 1.0 + reached * m.growth[one] / m.rate[one]
    return math.log(inner) / m.growth[one] if inner > 0.0 else math.inf


@alone
def arrive(m: Markets, seed: np.uint64, replication: np.uint64, until_h: float, c: Courses, demand: Ints,
           reached: Floats, coming: Floats, number: Ints) -> int:  # fmt: skip
    """Fill the courses of a replication in the order of (time, demand); return how many come, also beyond the room.

    The last three are work space, one place for each demand.
    """
    run = joined(joined(np.uint64(0), seed), replication)
    for one in range(len(m.rate)):
        number[one] = 0
        reached[one] = 0.5 if m.even[one] else -math.log(1.0 - uniform(run, m.stream[one], 0))
        coming[one] = _time_of(m, one, reached[one])
    count = 0
    while len(m.rate) > 0:
        first = 0
        for one in range(1, len(m.rate)):
            if coming[one] < coming[first]:
                first = one
        if coming[first] >= until_h:
            break
        if count < len(c.arrived):
            c.arrived[count] = coming[first]
            c.start[count] = m.start[first]
            c.rank[count] = m.rank[first]
            c.key[count] = joined(joined(run, m.stream[first]), np.uint64(number[first]))
            demand[count] = first
        count += 1
        number[first] += 1
        reached[first] += 1.0 if m.even[first] else -math.log(1.0 - uniform(run, m.stream[first], number[first]))
        coming[first] = _time_of(m, first, reached[first])
    return count
