"""All checks in their order."""

from __future__ import annotations

from collections.abc import Callable

from vein2vein.engines.definitions.checking import (
    clinical,
    containers,
    flow,
    holds,
    markets,
    quantities,
    references,
    supplies,
    testing,
    timing,
)
from vein2vein.engines.definitions.checking.findings import Findings
from vein2vein.engines.definitions.faults import Fault
from vein2vein.engines.definitions.model.definition import Definition

_STAGES: tuple[tuple[Callable[[Findings], None], ...], ...] = (
    (references.check,),
    (quantities.check, flow.check),
    (
        containers.check,
        holds.check,
        testing.check,
        markets.check,
        supplies.check,
        clinical.check,
        timing.check,
    ),
)
"""Each stage rests on the one before: what refers to nothing, or runs in a ring, cannot be looked at further."""


def check(definition: Definition) -> list[Fault]:
    """Return every fault that keeps a definition from approval, by file and line; none: it may be approved."""
    findings = Findings(definition)
    for stage in _STAGES:
        for one in stage:
            one(findings)
        if findings.faults:
            break
    return sorted(findings.faults, key=lambda fault: (fault.file, fault.line, fault.column, fault.path))
