"""What is wrong with a definition, and where: one fault or many, always with its mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at one place; line and column count from 1, and 0 means that no place is known.

    `message` and `remedy` are English texts marked with `N_`, with %(name)s places filled from
    `params`; `fault` and `mend` are both of them filled in.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    remedy: str
    params: Mapping[str, str] = attribute(default_factory=dict)

    @property
    def fault(self) -> str:
        """Return what is wrong, in English."""
        return self.message % self.params if self.params else self.message

    @property
    def mend(self) -> str:
        """Return how to put it right, in English."""
        return self.remedy % self.params if self.params else self.remedy

    def __str__(self) -> str:
        """Return `file:line:column: path: fault (mend)`."""
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        path = f" {self.path}:" if self.path else ""
        return f"{where}:{path} {self.fault} ({self.mend})"


class DefinitionFaults(Exception):
    """A definition that cannot be read; carries at least one fault, in the order of file and line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Carry the faults, sorted by place."""
        self.faults: tuple[Fault, ...] = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line, fault.column)))
        if not self.faults:
            raise ValueError("definition faults name at least one fault")
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in its file; line and column count from 1."""

    file: str
    line: int
    column: int
