"""Wrong definitions: each a shipped one with one thing changed, and the fault that must be found for it."""

from __future__ import annotations

from typing import NamedTuple

RAPID, LUPUS = "rapid-bcma-cd19", "cd19-lupus"
THERAPY, PROCESS, SPECIFICATION = "therapy.yaml", "process.yaml", "specification.yaml"
SUPPLY, CONSTRUCT = "supply.yaml", "construct.gb"


class Wrong(NamedTuple):
    """In `file`, `old` becomes `new` (once, or everywhere); the fault stands where `marker` begins in `at`."""

    name: str
    base: str
    file: str
    old: str
    new: str
    at: str
    marker: str
    fault: str
    mend: str
    everywhere: bool = False
