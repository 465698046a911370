"""Tables of transitions: which verb leads from which state to which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Transitions:
    """The whole life of one kind of row: where it may begin, and every (from, verb, to)."""

    name: str
    initial: frozenset[StrEnum]
    table: tuple[tuple[StrEnum, str, StrEnum], ...]

    def target(self, state: str, verb: str) -> StrEnum | None:
        """Return where `verb` leads from `state`, or None where it leads nowhere."""
        for source, name, to in self.table:
            if source == state and name == verb:
                return to
        return None

    def verbs(self, state: str) -> list[str]:
        """Return what can be done from `state`."""
        return [name for source, name, _ in self.table if source == state]


def transitions(name: str, initial: Iterable[StrEnum], *table: tuple[StrEnum, str, StrEnum]) -> Transitions:
    """Declare a table; raises ValueError when a verb leads two ways from one state."""
    seen: set[tuple[str, str]] = set()
    for source, verb, _ in table:
        if (source, verb) in seen:
            raise ValueError(f"{name}: {verb} leads two ways from {source}")
        seen.add((source, verb))
    return Transitions(name, frozenset(initial), tuple(table))
