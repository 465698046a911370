"""What comes out: a plan with what it costs and what no plan can be below, and the certificate of its check."""

from __future__ import annotations

from dataclasses import dataclass

from vein2vein.core import canonical, records
from vein2vein.engines.scheduling.problem import Placed

FORMAT = "vein2vein plan 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every operation of every batch in its place."""

    placed: tuple[Placed, ...]
    objective: int
    """The plan's cost in weighted minutes."""
    bound: int = 0
    """No plan of the problem costs less."""
    bound_by: str = "none"
    """How the bound was found: `chains`, `relaxation`, `proof`."""

    @property
    def gap(self) -> float:
        """Return by how much the plan may be dearer than the best one, as a part of the bound (0.03: 3 %)."""
        if self.objective <= self.bound:
            return 0.0
        return (self.objective - self.bound) / self.bound if self.bound else float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """That a plan was checked against its problem, both named by the SHA-256 of their canonical text."""

    problem_digest: str
    plan_digest: str
    objective: int
    bound: int
    bound_by: str
    batches: int
    operations: int
    checked_by: str


def plan_to_json(plan: Plan) -> str:
    """Return the plan as canonical JSON text."""
    return canonical.dumps({"format": FORMAT, **canonical.plain(plan)})


def plan_from_json(text: str) -> Plan:
    """Read a plan; raises `Refused` naming the first place that is wrong."""
    return records.read_file(Plan, text, FORMAT)
