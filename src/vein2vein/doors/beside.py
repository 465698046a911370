"""What contexts above know beside a thing that a lower context shows: a line with its link, found by kind and id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from vein2vein.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Beside:
    """One line: what it is about and what is known (both translated), and where there is more."""

    title: str
    text: str
    url: str


_found: dict[str, list[Callable[[UUID, Actor], list[Beside]]]] = {}


def register_beside(kind: str, find: Callable[[UUID, Actor], list[Beside]]) -> None:
    """Show what `find(id, by)` returns on the page of every thing of a kind ("order")."""
    _found.setdefault(kind, []).append(find)


def beside(kind: str, subject: UUID, by: Actor) -> list[Beside]:
    """Return what is known beside a thing."""
    return [one for find in _found.get(kind, []) for one in find(subject, by)]
