"""Network design: which facilities to open and which lanes to use, to proven optimality."""

from vein2vein.engines.networks.designing import Design, Sent, design, design_to_json
from vein2vein.engines.networks.labels import COLUMNS, Label, label
from vein2vein.engines.networks.problem import (
    Demand,
    Facility,
    Lane,
    NetworkProblem,
    Scenario,
    Therapy,
    problem_blockers,
    problem_from_json,
    problem_to_json,
)

__all__ = [
    "COLUMNS",
    "Demand",
    "Design",
    "Facility",
    "Label",
    "Lane",
    "NetworkProblem",
    "Scenario",
    "Sent",
    "Therapy",
    "design",
    "design_to_json",
    "label",
    "problem_blockers",
    "problem_from_json",
    "problem_to_json",
]
