"""What no plan can cost less than."""

from __future__ import annotations

import math

import numpy as np

from vein2vein.engines.scheduling.compiled.layout import divides, lay_out, slot_of
from vein2vein.engines.scheduling.compiled.relaxation import price_once, step, windows_of
from vein2vein.engines.scheduling.problem import SchedulingProblem

WINDOW_MIN = 4 * 24 * 60
"""How long after its earliest end a batch's end is looked at; later ones count as what they cost at least."""
FIRST_LENGTH = 0.3
PATIENCE = 15
SHORTER = 0.6
"""After so many steps in vain: back to the best prices, with shorter steps."""
SMOOTHING = 0.8


def bound_by_chains(problem: SchedulingProblem) -> int:
    """Return the cost if every batch had the base for itself, day and night: durations and waits only."""
    recipes = {one.code: one for one in problem.recipes}
    kept = {(one.batch, one.operation): one.start_min for one in problem.fixed}
    total = 0
    for batch in problem.batches:
        took = {one.operation: one.duration_min for one in batch.took}
        end, frozen = batch.ready_min, problem.frozen_until_min
        for number, operation in enumerate(recipes[batch.recipe].operations):
            start = kept.get((batch.code, operation.code))
            if start is None:
                wait = operation.wait_least_min if number else 0
                start = max(end + wait, frozen)
            end = start + took.get(operation.code, operation.duration_min)
        late = 0 if batch.due_min is None else max(0, end - batch.due_min)
        total += batch.weight * (end - batch.ready_min) + batch.late_weight * late
    return total


def bound_by_prices(problem: SchedulingProblem, upper: int, steps: int) -> int | None:
    """Return the best bound after `steps` steps of the prices; None where slots do not divide the problem's times.

    `upper` is the cost of a plan: it sets the length of the steps.
    """
    slot_min = slot_of(problem)
    if not problem.batches or not divides(problem, slot_min):
        return None
    layout = lay_out(problem, slot_min=slot_min, hopeful=True)
    chains, free = layout.chains, layout.places.free
    shut = np.zeros((free.shape[0], free.shape[1] + 1), dtype=np.int32)
    np.cumsum(free <= 0, axis=1, out=shut[:, 1:])
    heads = layout.places.start.copy()
    widths = np.zeros_like(heads)
    for b in range(len(problem.batches)):
        if chains.fixed[b] < chains.op_first[chains.chain[b] + 1] - chains.op_first[chains.chain[b]]:
            windows_of(chains, shut, b, max(1, WINDOW_MIN // slot_min), heads[b], widths[b])
    known = _cost_of_the_done(problem)
    prices = np.zeros(free.shape)
    direction = np.zeros(free.shape)
    load = np.zeros((free.shape[0], free.shape[1] + 1), dtype=np.int32)
    best, length, waited = -math.inf, FIRST_LENGTH, 0
    best_prices = prices.copy()
    for _step in range(steps):
        found = price_once(chains, free, shut, prices, load, heads, widths) + known
        if found > best:
            best, waited = found, 0
            best_prices[:] = prices
        else:
            waited += 1
            if waited >= PATIENCE:
                length, waited = length * SHORTER, 0
                prices[:] = best_prices
                direction[:] = 0.0
                continue
        step(free, prices, load, length * max(1.0, upper - found), direction, SMOOTHING)
    # Sums of floating point numbers: what they may have lost is given away.
    return math.floor(best - 1e-9 * abs(best) - 1)


def _cost_of_the_done(problem: SchedulingProblem) -> int:
    """Return the cost of the batches of which everything is fixed."""
    kept = {(one.batch, one.operation): one.start_min for one in problem.fixed}
    recipes = {one.code: one for one in problem.recipes}
    total = 0
    for batch in problem.batches:
        operation = recipes[batch.recipe].operations[-1]
        start = kept.get((batch.code, operation.code))
        if start is not None:
            took = {one.operation: one.duration_min for one in batch.took}
            end = start + took.get(operation.code, operation.duration_min)
            late = 0 if batch.due_min is None else max(0, end - batch.due_min)
            total += batch.weight * (end - batch.ready_min) + batch.late_weight * late
    return total
