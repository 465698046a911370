"""The subjects of the benchmarks: one file each, `bench/subject_NAME.py`, found by its name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    seconds: float = 20.0
    clients: int = 4
    entries: int = 1_000_000
    patients: int = 100
    minutes: float = 0.0
    """After how many a long measurement stops, to be gone on with at the next call; 0: in one piece."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; `least` is the target it must reach, where there is one."""

    what: str
    value: float
    unit: str
    least: float | None = None

    @property
    def met(self) -> bool:
        """Say whether the target is met; without one it always is."""
        return self.least is None or self.value >= self.least


@dataclass(frozen=True, slots=True)
class Report:
    """What a subject found: its figures, and how they were measured, a sentence each."""

    title: str
    figures: list[Figure]
    notes: list[str] = field(default_factory=list)


Measure = Callable[[Options], Report]


def subjects() -> dict[str, Measure]:
    """Return every subject's `measure`, by name: the modules of this folder whose names begin with `subject_`."""
    names = sorted(one.name for one in pkgutil.iter_modules([str(Path(__file__).parent)]))
    found: dict[str, Measure] = {}
    for name in names:
        if name.startswith("subject_"):
            found[name.removeprefix("subject_")] = importlib.import_module(f"bench.{name}").measure
    return found
