"""What a what-if study is, and what it finds: records that need no simulation to be read."""

from __future__ import annotations

from dataclasses import dataclass

from vein2vein.engines.twin.changes import Change
from vein2vein.engines.twin.model import Model

STUDY = "vein2vein study 1"
BASE = "base"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A named change of the base; its changes are made in order."""

    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A base and its variants, with the seed and the number of replications of each."""

    name: str
    base: Model
    variants: tuple[Variant, ...]
    seed: int = 1
    replications: int = 100
    format: str = STUDY


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean over replications with its 95 % confidence interval; None where nothing was there to measure.

    Of a difference to the base `clear` says that the interval leaves out nothing at all.
    """

    mean: float | None
    low: float | None
    high: float | None
    clear: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One variant: its model's digest, measures by name, paired differences to the base, and its bottleneck.

    The bottleneck is what courses wait for longest together; empty when nobody waits.
    """

    name: str
    model: str
    bottleneck: str
    measures: dict[str, Estimate]
    differences: dict[str, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """The base first, then every variant; `study` is the digest of what it follows from."""

    study: str
    seed: int
    replications: int
    outcomes: tuple[Outcome, ...]
