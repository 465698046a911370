"""Scheduling: which operation of which batch when, by whom, with what; proven by a checker of its own."""

from vein2vein.engines.scheduling.checking import certify, check
from vein2vein.engines.scheduling.plan import Certificate, Plan, plan_from_json, plan_to_json
from vein2vein.engines.scheduling.problem import (
    Batch,
    Calendar,
    Draw,
    Limit,
    Lot,
    Operation,
    Placed,
    Recipe,
    Resource,
    SchedulingProblem,
    Took,
    Use,
)
from vein2vein.engines.scheduling.reading import problem_blockers, problem_from_json, problem_to_json

__all__ = [
    "Batch",
    "Calendar",
    "Certificate",
    "Draw",
    "Limit",
    "Lot",
    "Operation",
    "Placed",
    "Plan",
    "Recipe",
    "Resource",
    "SchedulingProblem",
    "Took",
    "Use",
    "certify",
    "check",
    "plan_from_json",
    "plan_to_json",
    "problem_blockers",
    "problem_from_json",
    "problem_to_json",
]
