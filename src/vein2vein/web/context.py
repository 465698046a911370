"""What every page knows: who is signed in, where they may go, and what kind of database this is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from vein2vein.doors.work import places_of
from vein2vein.journal.reads import database_kind
from vein2vein.web.actors import actor_of_request


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the values for the frame of a page."""
    by = actor_of_request(request)
    return {
        "by": by,
        "places": [] if by is None else places_of(by),
        "database_kind": database_kind(),
        "languages": settings.LANGUAGES,
    }
