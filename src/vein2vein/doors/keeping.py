"""Pages that are looked at again and again: made anew when the journal has grown, not at every look.

What such a page shows follows from the journal, from who looks, and from the time of day, which may be half a minute
old. Forms of actions carry a key that is used once, so a page that offers an action is never kept.
"""

from __future__ import annotations

import functools
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, cast

from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import get_language

from vein2vein.core.actor import Actor
from vein2vein.doors.pages import actor_of
from vein2vein.journal.reads import Position, position

P = ParamSpec("P")
AGE_SECONDS = 30.0
"""How old a page may be: nothing but its clocks may have moved since."""
ROOM_BYTES = 48 * 2**20
"""How much of its memory a process lends to pages."""
_TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")[A-Za-z0-9]+')
_OFFER = re.compile(rb'<form[^>]*action="/act/')


@dataclass(frozen=True, slots=True)
class _Page:
    at: Position
    until: float
    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class _Look:
    """Who looks at what: the database counts too, because tests and restores change it under a process."""

    database: str
    by: Actor
    language: str | None
    path: str


_pages: OrderedDict[_Look, _Page] = OrderedDict()
_lock = threading.Lock()


def forget() -> None:
    """Forget every page that is kept: what was changed below the journal, as tests do, moves no position."""
    with _lock:
        _pages.clear()


def kept(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Answer with the page that was last made for the same person, unless something was done since."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method != "GET" or len(get_messages(request)):
            return view(request, *args, **kwargs)
        look, at = (
            _Look(str(connection.settings_dict["NAME"]), actor_of(request), get_language(), request.get_full_path()),
            position(),
        )
        found = _found(look, at)
        if found is not None:
            token = get_token(request).encode()
            return HttpResponse(_TOKEN.sub(rb"\g<1>" + token, found.body), content_type=found.content_type)
        made = view(request, *args, **kwargs)
        if made.status_code == 200 and not _OFFER.search(made.content):
            _keep(look, _Page(at, time.monotonic() + AGE_SECONDS, made.content, made["Content-Type"]))
        return made

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", answer)


def _found(look: _Look, at: Position) -> _Page | None:
    with _lock:
        found = _pages.get(look)
        if found is None or found.at != at or found.until < time.monotonic():
            return None
        _pages.move_to_end(look)
        return found


def _keep(look: _Look, page: _Page) -> None:
    with _lock:
        _pages[look] = page
        _pages.move_to_end(look)
        room = sum(len(one.body) for one in _pages.values())
        while room > ROOM_BYTES:
            room -= len(_pages.popitem(last=False)[1].body)
