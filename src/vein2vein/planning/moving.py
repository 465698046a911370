"""A move by hand: one operation of a course elsewhere, everybody else where they are, and what follows placed anew."""

from __future__ import annotations

from dataclasses import replace

from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.scheduling import Placed, Plan, SchedulingProblem, check

_OPEN = ("plan.missing", "plan.cost", "plan.bound")
"""What the checker says of a plan that is not whole yet."""


def moved(problem: SchedulingProblem, plan: Plan, *, batch: str, operation: str, start_min: int, unit: str) -> Plan:
    """Return the plan with an operation begun at another minute, on another `unit` of its kind where one is given.

    Raises `Refused` with everything that the checker has against it, or with what follows finding no place.
    """
    here = {(one.batch, one.operation): one for one in plan.placed}
    old = here.get((batch, operation))
    if old is None or any((one.batch, one.operation) == (batch, operation) for one in problem.fixed):
        raise Refused(_fixed(batch, operation))
    target = replace(old, start_min=start_min, resources=_on(problem, old, unit) if unit else old.resources)
    recipe = next(one.recipe for one in problem.batches if one.code == batch)
    codes = [one.code for one in next(one for one in problem.recipes if one.code == recipe).operations]
    before = [here[batch, code] for code in codes[: codes.index(operation)]]
    kept = (*(one for one in plan.placed if one.batch != batch), *before, target)
    trial = Plan(placed=kept, objective=0)
    refuse_any([one for one in check(problem, trial) if one.code not in _OPEN])
    from vein2vein.engines.scheduling.solving import solve  # brings Numba

    rest = solve(replace(problem, fixed=kept, previous=(), move_cost=0), rounds=0)
    return costed(problem, replace(plan, placed=rest.placed))


def costed(problem: SchedulingProblem, plan: Plan) -> Plan:
    """Return the plan with its cost as the independent checker reckons it; raises `Refused` with any other fault."""
    faults = check(problem, replace(plan, objective=-1, bound=0))
    refuse_any([one for one in faults if one.code != "plan.cost"])
    cost = next(int(one.params["cost"]) for one in faults)
    return replace(plan, objective=cost, bound=min(plan.bound, cost))


def _on(problem: SchedulingProblem, old: Placed, unit: str) -> tuple[str, ...]:
    kinds = {one.code: one.kind for one in problem.resources}
    if unit in old.resources:
        return old.resources
    for place, code in enumerate(old.resources):
        if kinds.get(code) == kinds.get(unit, ""):
            return (*old.resources[:place], unit, *old.resources[place + 1 :])
    raise Refused(
        Blocker(
            "planning.other_kind",
            N_("%(operation)s needs nothing of this kind"),
            "unit",
            unit,
            N_("Choose a unit of the same kind"),
            {"operation": old.operation},
        )
    )


def _fixed(batch: str, operation: str) -> Blocker:
    return Blocker(
        "planning.fixed",
        N_("%(operation)s of %(order)s has begun, or is frozen: it stays"),
        "operation",
        operation,
        N_("Move what comes after it"),
        {"operation": operation, "order": batch},
    )
