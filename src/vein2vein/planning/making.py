"""From the live problem to a plan that is checked: near the one in force, every move explained.

What compiles loops is imported at the first plan: it brings Numba and SciPy, half a second of every start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vein2vein.core.refusals import Refused
from vein2vein.engines.scheduling import Certificate, Plan, SchedulingProblem, certify
from vein2vein.planning import allowances
from vein2vein.planning.compiling import Compiled
from vein2vein.planning.frame import up

if TYPE_CHECKING:
    from vein2vein.engines.scheduling.replanning import Broken, Move, Replan

ROUNDS = 1_500
PRICE_STEPS = 40
"""Steps of the prices by which a plan's bound is found."""
PATIENCE_S = 10.0
"""How long it is looked for what binds, where there is no plan."""


@dataclass(frozen=True)
class Made:
    """A plan with its certificate, the problem that it was checked against, and what it changes."""

    compiled: Compiled
    problem: SchedulingProblem
    plan: Plan
    certificate: Certificate
    moves: tuple[Move, ...]
    broken: tuple[Broken, ...]
    told: tuple[str, ...]


def make(compiled: Compiled, *, rounds: int = ROUNDS, price_steps: int = PRICE_STEPS) -> Made:
    """Return a certified plan near what is in force; raises `Refused` naming what binds where there is none."""
    from vein2vein.engines.scheduling.conflicts import explain
    from vein2vein.engines.scheduling.replanning import replan
    from vein2vein.engines.scheduling.solving import with_bound

    freeze = up(allowances.FREEZE)
    try:
        found = replan(compiled.problem, compiled.before, freeze_min=freeze, rounds=rounds)
    except Refused as refusal:
        raise Refused(explain(compiled.problem, seconds=PATIENCE_S) or refusal.blockers) from refusal
    plan = with_bound(found.problem, found.plan, price_steps=price_steps) if price_steps else found.plan
    return Made(
        compiled,
        found.problem,
        plan,
        certify(found.problem, plan),
        real_moves(found),
        found.broken,
        found.told,
    )


def real_moves(found: Replan) -> tuple[Move, ...]:
    """Return the moves of what was planned in full; of what had its slot alone, those of another time or unit."""
    return tuple(
        one for one in found.moves if one.was_min != one.now_min or not set(one.was_resources) <= set(one.now_resources)
    )


def without_unused(problem: SchedulingProblem, plan: Plan) -> SchedulingProblem:
    """Return the problem with the calendars and units that its plan uses alone, to be shown."""
    used = {code for one in plan.placed for code in one.resources}
    return replace(problem, resources=tuple(one for one in problem.resources if one.code in used))
