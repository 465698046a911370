"""Refusals as a FHIR R4 OperationOutcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vein2vein.core.refusals import Blocker

_ISSUE_TYPES = (
    ("fhir.not_json", "structure"),
    ("fhir.schema", "structure"),
    ("fhir.model", "structure"),
    ("fhir.not", "structure"),
    ("fhir.too", "too-long"),
    ("file.oversized", "too-long"),
    ("file.", "structure"),
    ("order.missing", "required"),
    ("order.doubled", "duplicate"),
    ("order.dangling", "not-found"),
    ("order.foreign_code", "code-invalid"),
    ("order.unit", "code-invalid"),
    ("fhir.", "invalid"),
    ("order.", "invalid"),
)


def _as_it_is(message: str) -> str:
    return message


def operation_outcome(blockers: Sequence[Blocker], translate: Callable[[str], str] = _as_it_is) -> dict[str, Any]:
    """Return an OperationOutcome with one error per blocker (at least one), texts through `translate`."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(blocker, translate) for blocker in blockers]}


def _issue(blocker: Blocker, translate: Callable[[str], str]) -> dict[str, Any]:
    kind = next((kind for start, kind in _ISSUE_TYPES if blocker.code.startswith(start)), "business-rule")
    texts = [translate(text) for text in (blocker.message, blocker.mend) if text]
    filled = [text % blocker.params if blocker.params else text for text in texts]
    value = f" [{blocker.value}]" if blocker.value else ""
    issue: dict[str, Any] = {
        "severity": "error",
        "code": kind,
        "details": {
            "coding": [{"system": "https://vein2vein.example/fhir/blocker", "code": blocker.code}],
            "text": filled[0],
        },
        "diagnostics": " ".join(filled) + value,
    }
    if blocker.field:
        issue["expression"] = [blocker.field]
    return issue
