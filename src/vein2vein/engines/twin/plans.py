"""A plan lived: what becomes of its bookings in many futures in which operations take longer, or shorter, than planned.

Everybody keeps to the plan's order on each pool and begins nothing before its planned time; what is late pushes what
comes after it, in the batch and on what it uses, into open hours. The plan comes as arrays: no planner is known here.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vein2vein.engines.twin.draws import joined, quantile, uniform
from vein2vein.engines.twin.machine import alone
from vein2vein.engines.twin.table import Floats, Ints

MOST_USES = 16
_PUSHES = 60


class PlanInArrays(NamedTuple):
    """Operations in the order of their planned starts; times in minutes.

    `before` is the place of the operation before in the batch, or -1, and `row` which spread its duration has: its
    shape's numbers and the median that stands for one planned duration. Uses are `use_first[o]` … of an operation, on a
    pool, whose open hours are line `use_fit` of `fits`: for each slot, the next one in which the use fits.
    """

    batch: Ints
    before: Ints
    start: Ints
    duration: Ints
    wait: Ints
    row: Ints
    use_first: Ints
    use_pool: Ints
    use_from: Ints
    use_to: Ints
    use_fit: Ints
    pool_first: Ints
    fits: NDArray[np.int32]
    slot_min: int
    shape: Ints
    numbers: Floats
    points: Floats
    median: Floats
    lost: Floats
    stream: NDArray[np.uint64]


class Lived(NamedTuple):
    """What became of a plan: `ends[future, batch]` in minutes, NaN for one that was lost.

    `took[future, operation]` is an operation's time from when it could begin to its end, as a part of what was planned.
    """

    ends: Floats
    took: NDArray[np.float32]


def live(plan: PlanInArrays, *, seed: int, futures: int, batches: int) -> Lived:
    """Return what becomes of a plan in so many futures; the same seed brings every plan the same luck."""
    ends = np.full((futures, batches), math.nan)
    took = np.full((futures, len(plan.batch)), math.nan, np.float32)
    work = (np.zeros(len(plan.batch)), np.zeros(int(plan.pool_first[-1])), np.zeros(MOST_USES, np.int64))
    _live(plan, np.uint64(seed), ends, took, *work)
    return Lived(ends, took)


@alone
def _live(p: PlanInArrays, seed: np.uint64, ends: Floats, took: NDArray[np.float32], done: Floats, free: Floats,
          chosen: Ints) -> None:  # fmt: skip
    operations, key = len(p.batch), joined(np.uint64(0), seed)
    for future in range(len(ends)):
        luck = joined(key, np.uint64(future))
        free[:] = 0.0
        for one in range(operations):
            before = p.before[one]
            could = float(p.start[one])
            if before >= 0:
                if math.isnan(done[before]):
                    done[one] = math.nan
                    continue
                could = max(could, done[before] + p.wait[one])
            row, mine = p.row[one], joined(luck, np.uint64(p.batch[one]))
            n = p.numbers[row]
            u = uniform(mine, p.stream[row], 0)
            drawn = quantile(p.shape[row], n[0], n[1], n[2], n[3], n[4], p.points, u) / p.median[row]
            longer = p.duration[one] * (max(drawn, 0.0) - 1.0)
            begins = _begin(p, one, could, free, chosen)
            _take(p, one, begins, longer, free, chosen)
            done[one] = begins + p.duration[one] + longer
            took[future, one] = (done[one] - could) / max(p.duration[one], 1)
            ends[future, p.batch[one]] = done[one]
            if uniform(mine, p.stream[row], 1) < p.lost[row]:
                done[one] = math.nan
                ends[future, p.batch[one]] = math.nan


@alone
def _begin(p: PlanInArrays, one: int, could: float, free: Floats, chosen: Ints) -> float:
    """Return when everything that an operation uses is there and open at once; leave the units in `chosen`."""
    begins = could
    for _ in range(_PUSHES):
        at = begins
        for use in range(p.use_first[one], p.use_first[one + 1]):
            pool, place = p.use_pool[use], use - p.use_first[one]
            best = -1
            for unit in range(p.pool_first[pool], p.pool_first[pool + 1]):
                taken = False
                for other in range(place):
                    taken |= chosen[other] == unit
                if not taken and (best < 0 or free[unit] < free[best]):
                    best = unit
            chosen[place] = best
            wanted = max(at + p.use_from[use], free[best] if best >= 0 else 0.0)
            slot = min(int(wanted / p.slot_min), p.fits.shape[1] - 1)
            opens = p.fits[p.use_fit[use], slot]
            if opens != slot:
                wanted = max(wanted, float(opens * p.slot_min))
            at = max(at, wanted - p.use_from[use])
        if at <= begins:
            return begins
        begins = at
    return begins


@alone
def _take(p: PlanInArrays, one: int, begins: float, longer: float, free: Floats, chosen: Ints) -> None:
    for use in range(p.use_first[one], p.use_first[one + 1]):
        unit = chosen[use - p.use_first[one]]
        over = p.use_to[use] >= p.duration[one]
        if unit >= 0:
            free[unit] = begins + p.use_to[use] + (longer if over else 0.0)
