"""What every page knows: who is signed in, where they may go, and what kind of database this is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from vein2vein.core.actor import Actor
from vein2vein.doors.work import MENUS, Menu, Place, places_of
from vein2vein.journal.reads import database_kind
from vein2vein.people.sessions import left_seconds
from vein2vein.web.actors import actor_of_request

ORDER = (
    "orders",
    "identity",
    "logistics",
    "manufacturing",
    "laboratory",
    "quality",
    "materials",
    "therapies",
    "exchange",
    "network",
    "people",
)
"""Contexts in the order of the way from vein to vein, then what carries it."""


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the values for the frame of a page."""
    by = actor_of_request(request)
    framed = request.headers.get("X-Part") != "main"  # a script that replaces only the main part asks for that alone
    places = [] if by is None or not framed else in_order(by)
    return {
        "by": by,
        "framed": framed,
        "places": places,
        "menus": [(title, found) for menu, title in MENUS.items() if (found := _inside(menu, places))],
        "database_kind": database_kind(),
        "languages": settings.LANGUAGES,
        "session_left_s": left_seconds(request) if by is not None else 0,
    }


def _inside(menu: Menu, places: Sequence[Place]) -> list[Place]:
    return [one for one in places if one.menu is menu]


def in_order(by: Actor) -> list[Place]:
    """Return where this actor may begin, in the order of the way; one's own account stands by one's name."""
    found = [one for one in places_of(by) if one.url_name != "people:me"]
    return sorted(found, key=lambda one: _rank(one.url_name.partition(":")[0]))


def _rank(context: str) -> int:
    return ORDER.index(context) if context in ORDER else len(ORDER)
