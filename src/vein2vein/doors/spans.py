"""Lengths of time as people say them, and how far a moment is away."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from django.utils.translation import get_language, gettext, ngettext


def span(length: timedelta) -> str:
    """Return a length of time in its two largest units: `3 d 4 h`, `5 h 20 min`."""
    return _said_of(max(0, int(length.total_seconds() // 60)), get_language())


def away(at: datetime, now: datetime) -> str:
    """Return how far a moment is away: `in 3 h 5 min`, `2 d 4 h ago`."""
    form = gettext("%(span)s ago") if at < now else gettext("in %(span)s")
    return form % {"span": span(abs(at - now))}


@lru_cache(maxsize=16_384)
def _said_of(minutes: int, language: str | None) -> str:
    """Return so many minutes in words; `language`, the one in force, only tells what is kept apart."""
    del language
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return gettext("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
    return ngettext("%(minutes)d min", "%(minutes)d min", rest) % {"minutes": rest}
