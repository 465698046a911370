"""Collecting faults by path; the place comes from where the definition was read."""

from __future__ import annotations

from vein2vein.engines.definitions.faults import Fault, Place
from vein2vein.engines.definitions.model.definition import Definition

_FILES = {"construct": "construct.gb"}


class Findings:
    """The faults found so far in one definition."""

    def __init__(self, definition: Definition) -> None:
        """Begin with no fault."""
        self.definition = definition
        self.faults: list[Fault] = []

    def add(self, path: str, message: str, remedy: str, **params: str) -> None:
        """Add a fault at a path, once; the place is that of the path or of the nearest one that encloses it."""
        place = self._place(path)
        fault = Fault(place.file, place.line, place.column, path, message, remedy, params)
        if fault not in self.faults:
            self.faults.append(fault)

    def _place(self, path: str) -> Place:
        places = self.definition.places
        at = path
        while at and at not in places:
            at = at[: max(at.rfind("."), at.rfind("["), 0)]
        part = path.partition(".")[0].partition("[")[0]
        return places.get(at, Place(_FILES.get(part, f"{part}.yaml"), 0, 0))
