"""A bound below every plan: capacities are not enforced but priced, and each batch takes its cheapest chain alone.

Lagrangian relaxation (Fisher, Management Science 27:1, 1981): for any prices of resource-slots, not below zero, the
sum over batches of their cheapest chain less the price of all capacity is a lower bound. Prices are found by
subgradient steps. Kept: calendars, chains, waits between neighbours, who can serve what. Let go: capacities (priced),
lots, limits across several operations, moves, and that two uses of an operation need two units.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from vein2vein.engines.scheduling.compiled.layout import NEVER, Chains, Ints, Levels

Prices = npt.NDArray[np.float64]
_FAR = 1e300


@njit(cache=True)
def _use_price(chains: Chains, sums: Prices, shut: Ints, u: int, start: int) -> tuple[float, int]:
    """Return the least price of a use at `start` with the resource that gives it; infinite while all are closed."""
    first, last = start + chains.use_from[u], start + chains.use_to[u]
    best, who = _FAR, -1
    for index in range(chains.able_first[u], chains.able_first[u + 1]):
        r = chains.able[index]
        if shut[r, last] == shut[r, first]:
            price = chains.use_units[u] * (sums[r, last] - sums[r, first])
            if price < best:
                best, who = price, r
    return best, who


@njit(cache=True)
def _end_cost(chains: Chains, b: int, end_min: int) -> float:
    cost = chains.weight[b] * (end_min - chains.ready_min[b])
    return float(cost + chains.late_weight[b] * max(0, end_min - chains.due_min[b]))


@njit(cache=True)
def _price_of(chains: Chains, sums: Prices, shut: Ints, o: int, start: int) -> float:
    """Return the least price of an operation at `start`; infinite where something it needs is closed."""
    total = 0.0
    if start >= chains.slots:
        return _FAR
    for u in range(chains.use_first[o], chains.use_first[o + 1]):
        price, _r = _use_price(chains, sums, shut, u, start)
        total += price
        if total >= _FAR:
            return _FAR
    return total


@njit(cache=True)
def _extend(
    chains: Chains,
    sums: Prices,
    shut: Ints,
    o: int,
    most: int,
    heads: Ints,
    widths: Ints,
    k: int,
    value: Prices,
    came: Ints,
) -> None:
    """Fill `value[k]` and `came[k]` from `value[k - 1]`: the cheapest start before that each start can follow."""
    running, at, seen = _FAR, -1, 0
    for i in range(widths[k]):
        start = heads[k] + i
        newest = min(start - chains.lag[o] - heads[k - 1], widths[k - 1] - 1)
        oldest = start - most - heads[k - 1]
        if 0 <= at < oldest:
            running, at, seen = _FAR, -1, oldest
        for j in range(seen, newest + 1):
            if value[k - 1, j] < running:
                running, at = value[k - 1, j], j
        seen = max(seen, newest + 1)
        price = _FAR
        if running < _FAR:
            price = min(_FAR, running + _price_of(chains, sums, shut, o, start))
        value[k, i], came[k, i] = price, at


@njit(cache=True)
def _cheapest_chain(
    chains: Chains, sums: Prices, shut: Ints, b: int, heads: Ints, widths: Ints, value: Prices, came: Ints
) -> tuple[float, int]:
    """Fill `value[k, i]` with the least price of the chain up to operation k started at slot `heads[k] + i`.

    Return the least cost with the end's own, and the place of that end; or what an end after the window costs at least,
    and -1.
    """
    first, last = chains.op_first[chains.chain[b]], chains.op_first[chains.chain[b] + 1]
    fixed = chains.fixed[b]
    for i in range(widths[fixed]):
        value[fixed, i] = _price_of(chains, sums, shut, first + fixed, heads[fixed] + i)
        came[fixed, i] = -1
    for o in range(first + fixed + 1, last):
        k = o - first
        most = NEVER
        for index in range(chains.limit_first[o], chains.limit_first[o + 1]):
            if chains.limit_after[index] == k - 1:
                most = min(most, chains.limit_most[index])
        _extend(chains, sums, shut, o, most, heads, widths, k, value, came)
    k = last - first - 1
    best = _end_cost(chains, b, (heads[k] + widths[k]) * chains.slot_min + chains.duration_min[last - 1])
    place = -1
    for i in range(widths[k]):
        if value[k, i] < _FAR:
            end_min = (heads[k] + i) * chains.slot_min + chains.duration_min[last - 1]
            cost = value[k, i] + _end_cost(chains, b, end_min)
            if cost < best:
                best, place = cost, i
    return best, place


@njit(cache=True)
def _take(chains: Chains, sums: Prices, shut: Ints, b: int, heads: Ints, i: int, came: Ints, load: Ints) -> None:
    """Add to `load` what the cheapest chain that ends at place `i` of its window uses."""
    first, last = chains.op_first[chains.chain[b]], chains.op_first[chains.chain[b] + 1]
    for o in range(last - 1, first + chains.fixed[b] - 1, -1):
        k = o - first
        start = heads[k] + i
        for u in range(chains.use_first[o], chains.use_first[o + 1]):
            _price, r = _use_price(chains, sums, shut, u, start)
            load[r, start + chains.use_from[u]] += chains.use_units[u]
            load[r, start + chains.use_to[u]] -= chains.use_units[u]
        i = came[k, i]


@njit(cache=True)
def windows_of(chains: Chains, shut: Ints, b: int, window: int, heads: Ints, widths: Ints) -> None:
    """Fill `heads` with the earliest start of each operation if the batch were alone, longest waits let go.

    `widths` are how many starts there are of each for which the last operation can start within `window` slots.
    """
    first, last = chains.op_first[chains.chain[b]], chains.op_first[chains.chain[b] + 1]
    start = chains.begin[b]
    for o in range(first + chains.fixed[b], last):
        k = o - first
        if k > chains.fixed[b]:
            start = heads[k - 1] + chains.lag[o]
        while start < chains.slots:
            fits = True
            for u in range(chains.use_first[o], chains.use_first[o + 1]):
                there = False
                for index in range(chains.able_first[u], chains.able_first[u + 1]):
                    r = chains.able[index]
                    if shut[r, start + chains.use_to[u]] == shut[r, start + chains.use_from[u]]:
                        there = True
                        break
                if not there:
                    fits = False
                    break
            if fits:
                break
            start += 1
        heads[k] = start
    latest = heads[last - first - 1] + window
    for o in range(last - 1, first + chains.fixed[b] - 1, -1):
        widths[o - first] = latest - heads[o - first]
        latest -= chains.lag[o]


@njit(cache=True)
def price_once(
    chains: Chains, open_units: Levels, shut: Ints, prices: Prices, load: Ints, heads: Ints, widths: Ints
) -> float:
    """Return the bound that `prices` give, in weighted minutes, and fill `load` with the use of each slot.

    Batches of which everything is fixed are left out: their cost is known.
    """
    resources, width = prices.shape
    sums = np.zeros((resources, width + 1))
    total = 0.0
    for r in range(resources):
        for slot in range(width):
            sums[r, slot + 1] = sums[r, slot] + prices[r, slot]
            total -= prices[r, slot] * max(0, open_units[r, slot])
    widest, window = heads.shape[1], widths.max()
    value, came = np.empty((widest, window)), np.empty((widest, window), dtype=np.int32)
    load[:, :] = 0
    for b in range(heads.shape[0]):
        last = chains.op_first[chains.chain[b] + 1] - chains.op_first[chains.chain[b]]
        if chains.fixed[b] == last:
            continue
        cost, place = _cheapest_chain(chains, sums, shut, b, heads[b], widths[b], value, came)
        total += cost
        if place >= 0:
            _take(chains, sums, shut, b, heads[b], place, came, load)
    for r in range(resources):
        for slot in range(1, width + 1):
            load[r, slot] += load[r, slot - 1]
    return total


@njit(cache=True)
def step(open_units: Levels, prices: Prices, load: Ints, length: float, direction: Prices, keep: float) -> None:
    """Move prices along the smoothed overload, by `length` over the squared overload; never below zero."""
    norm = 0.0
    resources, width = prices.shape
    for r in range(resources):
        for slot in range(width):
            over = load[r, slot] - max(0, open_units[r, slot])
            if over < 0 and prices[r, slot] <= 0.0:
                direction[r, slot] = 0.0
                continue
            direction[r, slot] = keep * direction[r, slot] + (1.0 - keep) * over
            norm += direction[r, slot] ** 2
    if norm > 0:
        for r in range(resources):
            for slot in range(width):
                if direction[r, slot] != 0.0:
                    prices[r, slot] = max(0.0, prices[r, slot] + length / norm * direction[r, slot])
