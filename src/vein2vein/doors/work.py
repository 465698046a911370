"""What needs somebody now, and where a context's pages begin: contexts register, the work list shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from vein2vein.core.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing to do: `title` is translated already; `subject` is what a person recognises it by."""

    title: str
    subject: str
    url: str
    due_at: datetime | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A page to begin at: a message id, the URL's name, and for whom it is (None: everyone)."""

    title: str
    url_name: str
    roles: frozenset[Role] | None = None
    first: bool = False


WORK: dict[str, Callable[[Actor], list[WorkItem]]] = {}
PLACES: dict[str, Place] = {}
_NEVER = datetime.max.replace(tzinfo=UTC)


def work(name: str) -> Callable[[Callable[[Actor], list[WorkItem]]], Callable[[Actor], list[WorkItem]]]:
    """Register a function that lists what a context wants of an actor."""

    def declare(find: Callable[[Actor], list[WorkItem]]) -> Callable[[Actor], list[WorkItem]]:
        WORK[name] = find
        return find

    return declare


def place(name: str, title: str, *, roles: frozenset[Role] | None = None, first: bool = False) -> None:
    """Register a context's first page under its URL name; `first` puts it before the others."""
    PLACES[name] = Place(title, name, roles, first)


def work_of(by: Actor) -> list[WorkItem]:
    """Return all that needs this actor, most urgent first, then by due time."""
    items = [item for find in WORK.values() for item in find(by)]
    return sorted(items, key=lambda item: (not item.urgent, item.due_at is None, item.due_at or _NEVER, item.subject))


def places_of(by: Actor) -> list[Place]:
    """Return where this actor may begin."""
    found = [one for one in PLACES.values() if one.roles is None or by.has_any(one.roles)]
    return sorted(found, key=lambda one: not one.first)
