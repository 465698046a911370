"""Ruin and recreate: take a few neighbouring batches out, put them back in another order, keep what is better.

Simulated annealing decides about what is a little worse. Deterministic for a seed and a number of rounds.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from vein2vein.engines.scheduling.compiled.layout import Chains, Ints, Longs, Places
from vein2vein.engines.scheduling.compiled.listing import book_all, cost_of, place, remove


@njit(cache=True)
def seed_draws(seed: int) -> None:
    """Begin the random numbers of the compiled loops anew."""
    np.random.seed(seed)


@njit(cache=True)
def _draw_neighbours(order: Longs, taken: Longs, most: int, reach: int) -> int:
    """Fill `taken` with some batches that are near each other in `order`; return how many."""
    count = 2 + np.random.randint(0, most - 1)
    centre = np.random.randint(0, order.size)
    low, high = max(0, centre - reach), min(order.size, centre + reach + 1)
    count = min(count, high - low)
    chosen = 0
    for left in range(high - low, 0, -1):
        # Each of the window's batches is as likely as any other.
        if np.random.randint(0, left) < count - chosen:
            taken[chosen] = order[high - left]
            chosen += 1
    for index in range(chosen - 1, 0, -1):
        other = np.random.randint(0, index + 1)
        taken[index], taken[other] = taken[other], taken[index]
    return chosen


@njit(cache=True)
def improve(
    chains: Chains,
    places: Places,
    order: Longs,
    costs: Longs,
    rounds: int,
    warm: float,
    most: int,
    reach: int,
    least: Ints,
) -> int:
    """Try `rounds` changes at a temperature of `warm` weighted minutes; return the change in cost, `costs` kept true.

    `order` are the batches that may be moved, by time; up to `most` within `reach` places of each other are taken out.
    """
    taken = np.empty(most + 1, dtype=np.int64)
    starts = np.empty((most + 1, places.start.shape[1]), dtype=places.start.dtype)
    chosen = np.empty((most + 1, places.chosen.shape[1]), dtype=places.chosen.dtype)
    drawn = np.empty((most + 1, places.drawn.shape[1]), dtype=places.drawn.dtype)
    fresh = np.empty(most + 1, dtype=np.int64)
    nothing_known = np.zeros((0, 2), dtype=np.int32)
    gained = 0
    for _round in range(rounds):
        count = _draw_neighbours(order, taken, most, reach)
        was = 0
        for index in range(count):
            b = taken[index]
            was += costs[b]
            starts[index], chosen[index], drawn[index] = places.start[b], places.chosen[b], places.drawn[b]
            remove(chains, places, b, chains.fixed[b])
        allowed = was - warm * np.log(1.0 - np.random.random())
        now, done = 0, 0
        stay = chains.move_cost > 0 and np.random.random() < 0.5
        while done < count and now <= allowed:
            b = taken[done]
            if not place(chains, places, b, least, stay, nothing_known):
                break
            fresh[done] = cost_of(chains, places, b)
            now += fresh[done]
            done += 1
        if done == count and now <= allowed:
            for index in range(count):
                costs[taken[index]] = fresh[index]
            gained += now - was
            continue
        for index in range(done):
            remove(chains, places, taken[index], chains.fixed[taken[index]])
        for index in range(count):
            b = taken[index]
            places.start[b], places.chosen[b], places.drawn[b] = starts[index], chosen[index], drawn[index]
            book_all(chains, places, b)
    return gained


@njit(cache=True)
def costs_of_all(chains: Chains, places: Places) -> Longs:
    """Return what each batch costs; all must be placed."""
    costs = np.empty(places.start.shape[0], dtype=np.int64)
    for b in range(costs.size):
        costs[b] = cost_of(chains, places, b)
    return costs
