"""What needs somebody now, and where a context's pages begin: contexts register, the work list shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import N_


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing to do, in words translated already.

    `subject` is what a person recognises it by, `about` what else tells it apart; `due_at` is the moment that it must
    keep, `since` when it began to wait.
    """

    title: str
    subject: str
    url: str
    due_at: datetime | None = None
    urgent: bool = False
    about: str = ""
    since: datetime | None = None


class Menu(StrEnum):
    """The menu that a page stands in; without one it stands beside the menus."""

    NONE = ""
    TREATMENT = "treatment"
    PLANT = "plant"
    QUALITY = "quality"
    BASE = "base"


MENUS = {
    Menu.TREATMENT: N_("Treatment"),
    Menu.PLANT: N_("Plant"),
    Menu.QUALITY: N_("Quality"),
    Menu.BASE: N_("Base"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A page to begin at: a message id, the URL's name, its menu, and for whom it is (None: everyone)."""

    title: str
    url_name: str
    menu: Menu
    roles: frozenset[Role] | None = None


WORK: dict[str, Callable[[Actor], list[WorkItem]]] = {}
PLACES: dict[str, Place] = {}
_NEVER = datetime.max.replace(tzinfo=UTC)


def work(name: str) -> Callable[[Callable[[Actor], list[WorkItem]]], Callable[[Actor], list[WorkItem]]]:
    """Register a function that lists what a context wants of an actor."""

    def declare(find: Callable[[Actor], list[WorkItem]]) -> Callable[[Actor], list[WorkItem]]:
        WORK[name] = find
        return find

    return declare


def place(name: str, title: str, menu: Menu = Menu.NONE, *, roles: frozenset[Role] | None = None) -> None:
    """Register a context's first page under its URL name."""
    PLACES[name] = Place(title, name, menu, roles)


def work_of(by: Actor) -> list[WorkItem]:
    """Return all that needs this actor, most urgent first, then by due time, then what has waited longest."""
    return sorted((item for find in WORK.values() for item in find(by)), key=_urgency)


def _urgency(item: WorkItem) -> tuple[bool, datetime, datetime, str]:
    return not item.urgent, item.due_at or _NEVER, item.since or _NEVER, item.subject


@dataclass(frozen=True, slots=True)
class WorkGroup:
    """Things to do of one kind, the most urgent first: they are done one after the other."""

    title: str
    items: tuple[WorkItem, ...]

    @property
    def urgent(self) -> int:
        """Return how many of them are urgent."""
        return sum(one.urgent for one in self.items)


def grouped(items: Sequence[WorkItem]) -> list[WorkGroup]:
    """Return things to do by kind, in the order in which the first of each kind comes."""
    kinds: dict[str, list[WorkItem]] = {}
    for one in items:
        kinds.setdefault(one.title, []).append(one)
    return [WorkGroup(title, tuple(found)) for title, found in kinds.items()]


def places_of(by: Actor) -> list[Place]:
    """Return where this actor may begin."""
    return [one for one in PLACES.values() if one.roles is None or by.has_any(one.roles)]
