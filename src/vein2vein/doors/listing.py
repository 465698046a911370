"""Lists on pages: the newest first, some at a time, with the way to the older ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from django.http import HttpRequest

PAGE = 50
"""How many rows a page lists."""


class HasKey(Protocol):
    """A row with its id."""

    @property
    def pk(self) -> UUID:
        """Return the id."""


R = TypeVar("R", bound=HasKey)


@dataclass(frozen=True, slots=True)
class Listed(Generic[R]):
    """One page of a list, with the addresses of the next older page and of the newest one, or nothing."""

    rows: list[R]
    older: str
    newest: str


def listed(request: HttpRequest, find: Callable[[int, UUID | None], list[R]]) -> Listed[R]:
    """Return the page that a request asks for by `after`: `find(limit, after)` returns the newest older ones."""
    after = _uuid(request.GET.get("after", ""))
    found = find(PAGE + 1, after)
    asked = request.GET.copy()
    asked.pop("after", None)
    newest = f"?{asked.urlencode()}"
    if len(found) > PAGE:
        asked["after"] = str(found[PAGE - 1].pk)
    return Listed(found[:PAGE], f"?{asked.urlencode()}" if len(found) > PAGE else "", newest if after else "")


def _uuid(text: str) -> UUID | None:
    """Return an id as it was given; None, the newest page, for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
