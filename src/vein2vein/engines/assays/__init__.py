"""Results held against a specification: pure, so that anyone can compute the verdict again."""

from vein2vein.engines.assays.cases import case_from_json, case_hash, case_to_json, verdict_to_json
from vein2vein.engines.assays.conformity import (
    Case,
    Criterion,
    Line,
    Overall,
    Result,
    Status,
    TestRule,
    Verdict,
    assess,
)

__all__ = [
    "Case",
    "Criterion",
    "Line",
    "Overall",
    "Result",
    "Status",
    "TestRule",
    "Verdict",
    "assess",
    "case_from_json",
    "case_hash",
    "case_to_json",
    "verdict_to_json",
]
