"""A therapy definition as a whole, and the construct it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vein2vein.engines.definitions.faults import Place
from vein2vein.engines.definitions.model.process import Process
from vein2vein.engines.definitions.model.specification import Specification
from vein2vein.engines.definitions.model.supply import Supply
from vein2vein.engines.definitions.model.therapy import Therapy


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An annotated part of the construct; `start` counts from 0, `end` is exclusive, `strand` is 1 or -1."""

    label: str
    type: str
    start: int
    end: int
    strand: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Construct:
    """construct.gb: a name, a sequence (ACGTN, upper case) and its annotated parts in order."""

    name: str
    description: str
    circular: bool
    sequence: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version of a therapy, read from its folder; `places` says where each value stands (not compared)."""

    therapy: Therapy
    process: Process
    specification: Specification
    supply: Supply
    construct: Construct
    places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        """Return `id version`."""
        return f"{self.therapy.id} {self.therapy.version}"
