"""List scheduling: each batch in turn goes through its chain as early as what is left allows.

Deterministic; the same order gives the same plan. Waits and shelf lives that would be overstepped push the earlier
operation later and begin again from there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from vein2vein.engines.scheduling.compiled.layout import (
    CAPACITY_MOST,
    NEVER,
    Chains,
    Flags,
    Ints,
    Levels,
    Longs,
    Places,
)

INNER: Any = {"cache": True, "_nrt": False, "forceinline": True}
"""How inner functions are compiled: without counting references to the arrays, which would cost more than the work.

They make no arrays of their own.
"""


@njit(**INNER)
def _enough_from(row: Levels, first: int, last: int, units: int) -> int:
    """Return -1 where a resource has the units in all slots from `first` to before `last`, else the next that has."""
    window = row[first:last]
    least = np.int16(CAPACITY_MOST)
    for index in range(window.size):  # no way out of this loop, so that it is done many slots at a time
        least = min(least, window[index])
    if least >= units:
        return -1
    for slot in range(last - 1, first - 1, -1):
        if row[slot] < units:
            after = slot + 1
            while after < row.size and row[after] < units:
                after += 1
            return after
    return -1


@njit(**INNER)
def _serve(chains: Chains, places: Places, b: int, o: int, start: int) -> int:
    """Choose resources for an operation at `start`; return -1, or the earliest later start that could do."""
    base = chains.use_first[chains.op_first[chains.chain[b]]]
    later = -1
    for u in range(chains.use_first[o], chains.use_first[o + 1]):
        first, last = start + chains.use_from[u], start + chains.use_to[u]
        preferred = places.prefer[b, u - base]
        soonest = NEVER
        for index in range(chains.able_first[u] - 1, chains.able_first[u + 1]):
            if index < chains.able_first[u]:
                if preferred < 0:
                    continue
                r = preferred
            else:
                r = chains.able[index]
            units = chains.use_units[u]
            for before in range(chains.use_first[o], u):
                meets = chains.use_from[before] < chains.use_to[u] and chains.use_from[u] < chains.use_to[before]
                if meets and places.chosen[b, before - base] == r:
                    units += chains.use_units[before]
            slot = _enough_from(places.free[r], first, last, units)
            if slot < 0:
                places.chosen[b, u - base] = r
                soonest = -1
                break
            soonest = min(soonest, slot - chains.use_from[u])
        if soonest >= 0:
            places.chosen[b, u - base] = -1
            later = max(later, soonest)
    return later


@njit(**INNER)
def _supply(chains: Chains, places: Places, b: int, o: int, start: int) -> int:
    """Choose lots for an operation at `start`; return -1, or the earliest later start that could do."""
    base = chains.draw_first[chains.op_first[chains.chain[b]]]
    end_min = start * chains.slot_min + chains.duration_min[o]
    later = -1
    for d in range(chains.draw_first[o], chains.draw_first[o + 1]):
        soonest = NEVER
        for index in range(chains.lot_first[d], chains.lot_first[d + 1]):
            lot = chains.lot[index]
            quantity = chains.draw_quantity[d]
            for before in range(chains.draw_first[o], d):
                if places.drawn[b, before - base] == lot:
                    quantity += chains.draw_quantity[before]
            if places.left[lot] < quantity or end_min > chains.lot_until_min[lot]:
                continue
            if chains.lot_from[lot] <= start:
                places.drawn[b, d - base] = lot
                soonest = -1
                break
            soonest = min(soonest, chains.lot_from[lot])
        if soonest >= 0:
            later = max(later, soonest)
    return later


@njit(**INNER)
def _earliest(chains: Chains, places: Places, b: int, o: int, start: int, full: Ints) -> int:
    """Return the earliest start of an operation from `start` on, its resources and lots chosen; -1: never.

    `full[o]` are the slots, from and to, in which the operation is known to find no start; learnt on the way. It is
    empty (no rows) where room is made in between, and nothing known would last.
    """
    begun = start
    if full.size > 0 and full[o, 0] <= start < full[o, 1]:
        begun, start = full[o, 0], full[o, 1]
    while start < chains.slots:
        later = _serve(chains, places, b, o, start)
        if later < 0:
            later = _supply(chains, places, b, o, start)
            if later < 0:
                if full.size > 0 and start - begun >= full[o, 1] - full[o, 0]:
                    full[o, 0], full[o, 1] = begun, start
                return start
        start = later
    return -1


@njit(**INNER)
def _book(chains: Chains, places: Places, b: int, o: int, start: int, sign: int) -> None:
    """Take (`sign` 1) or give back (-1) what an operation occupies and draws."""
    first = chains.op_first[chains.chain[b]]
    for u in range(chains.use_first[o], chains.use_first[o + 1]):
        row = places.free[places.chosen[b, u - chains.use_first[first]]]
        units = np.int16(sign * chains.use_units[u])
        window = row[start + chains.use_from[u] : start + chains.use_to[u]]
        for index in range(window.size):
            window[index] -= units
    for d in range(chains.draw_first[o], chains.draw_first[o + 1]):
        places.left[places.drawn[b, d - chains.draw_first[first]]] -= sign * chains.draw_quantity[d]


@njit(**INNER)
def remove(chains: Chains, places: Places, b: int, keep: int) -> None:
    """Take a batch out of the plan, its first `keep` operations excepted."""
    first = chains.op_first[chains.chain[b]]
    for o in range(first + keep, chains.op_first[chains.chain[b] + 1]):
        if places.start[b, o - first] >= 0:
            _book(chains, places, b, o, places.start[b, o - first], -1)
            places.start[b, o - first] = -1


@njit(**INNER)
def book_all(chains: Chains, places: Places, b: int) -> None:
    """Take what a batch occupies where its starts, resources and lots say; its fixed operations are taken already."""
    first = chains.op_first[chains.chain[b]]
    for o in range(first + chains.fixed[b], chains.op_first[chains.chain[b] + 1]):
        _book(chains, places, b, o, places.start[b, o - first], 1)


@njit(**INNER)
def _overstepped(chains: Chains, places: Places, b: int, o: int, start: int, least: Ints) -> int:
    """Return the number of the earliest operation that a limit pushes later, its least start raised; -1: none."""
    first = chains.op_first[chains.chain[b]]
    back = -1
    for index in range(chains.limit_first[o], chains.limit_first[o + 1]):
        after = chains.limit_after[index]
        needed = start - chains.limit_most[index]
        if places.start[b, after] < needed:
            least[after] = max(least[after], needed)
            if back < 0 or after < back:
                back = after
    return back if back < o - first else -1


@njit(**INNER)
def place(chains: Chains, places: Places, b: int, least: Ints, stay: bool, full: Ints) -> bool:
    """Place a batch that is not placed, as early as possible; on False nothing of it is placed.

    With `stay` an operation stands where the previous plan has it, if it can. `least` is work space, a chain wide;
    for `full` see `_earliest`.
    """
    first, last = chains.op_first[chains.chain[b]], chains.op_first[chains.chain[b] + 1]
    fixed = chains.fixed[b]
    o = first + fixed
    least[:] = 0
    while o < last:
        k = o - first
        start = chains.begin[b] if k == fixed else places.start[b, k - 1] + chains.lag[o]
        start = max(start, least[k])
        found = -1
        if stay and chains.previous[b, k] > start and chains.previous[b, k] < chains.slots:
            found = _earliest(chains, places, b, o, chains.previous[b, k], full[:0])
            if found != chains.previous[b, k]:
                found = -1
        if found < 0:
            found = _earliest(chains, places, b, o, start, full)
        if found < 0:
            remove(chains, places, b, fixed)
            return False
        back = _overstepped(chains, places, b, o, found, least)
        if back >= 0:
            if back < fixed:
                remove(chains, places, b, fixed)
                return False
            # Later than before, for good: each round raises a least start, so the rounds end.
            remove(chains, places, b, back)
            stay = False
            o = first + back
            continue
        _book(chains, places, b, o, found, 1)
        places.start[b, k] = found
        o += 1
    if _end_min(chains, places, b) > chains.latest_min[b]:
        remove(chains, places, b, fixed)
        return False
    return True


@njit(**INNER)
def _end_min(chains: Chains, places: Places, b: int) -> int:
    first, last = chains.op_first[chains.chain[b]], chains.op_first[chains.chain[b] + 1]
    end: int = places.start[b, last - first - 1] * chains.slot_min + chains.duration_min[last - 1]
    return end


@njit(**INNER)
def cost_of(chains: Chains, places: Places, b: int) -> int:
    """Return what a placed batch costs, in weighted minutes, with the moves of its operations."""
    end_min = _end_min(chains, places, b)
    cost: int = chains.weight[b] * (end_min - chains.ready_min[b])
    cost += chains.late_weight[b] * max(0, end_min - chains.due_min[b])
    if chains.move_cost > 0:
        first, last = chains.op_first[chains.chain[b]], chains.op_first[chains.chain[b] + 1]
        for k in range(chains.fixed[b], last - first):
            if chains.previous[b, k] >= 0 and chains.previous[b, k] != places.start[b, k]:
                cost += chains.move_cost
    return cost


@njit(cache=True)
def keep_all(chains: Chains, places: Places, order: Longs, kept: Flags) -> None:
    """Place each batch that can go on wholly as in the previous plan; `kept` says which could."""
    least = np.zeros(places.start.shape[1], dtype=np.int32)
    nothing_known = np.zeros((0, 2), dtype=np.int32)
    for b in order:
        count = chains.op_first[chains.chain[b] + 1] - chains.op_first[chains.chain[b]]
        fixed = chains.fixed[b]
        if not np.all(chains.previous[b, fixed:count] >= 0):
            continue
        if place(chains, places, b, least, True, nothing_known):
            kept[b] = np.all(places.start[b, fixed:count] == chains.previous[b, fixed:count])
            if not kept[b]:
                remove(chains, places, b, fixed)


@njit(cache=True)
def list_schedule(chains: Chains, places: Places, order: Longs, stay: bool, lost: Flags) -> int:
    """Place batches in this order; return the first that found no place, -1: none; `lost` says it of each."""
    least = np.zeros(places.start.shape[1], dtype=np.int32)
    full = np.zeros((chains.lag.size, 2), dtype=np.int32)
    failed = -1
    for b in order:
        lost[b] = not place(chains, places, b, least, stay, full)
        if lost[b] and failed < 0:
            failed = b
    return failed
