"""From what an action or read returned to plain JSON, and from a refusal to problem+json, in the user's language."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext

from vein2vein.core import canonical
from vein2vein.core.refusals import Blocker, Refusal
from vein2vein.doors.composed import said_again
from vein2vein.doors.naming import all_named, field_label
from vein2vein.journal.rows import excluded

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
_ID = r"(?:[a-z]+(?:_[a-z0-9]+)*|[a-z][a-z0-9]*(?:-[a-z0-9]+)+)"
_IN_WORDS = re.compile(rf"{_ID}(?:, {_ID})*")


def present(value: Any) -> Any:
    """Return `value` as plain JSON: rows by their columns (without what is excluded), records by their fields."""
    if isinstance(value, models.Model):
        hidden = excluded(type(value))
        return {
            item.attname: present(getattr(value, item.attname))
            for item in value._meta.concrete_fields
            if item.column not in hidden
        }
    if isinstance(value, dict):
        return {str(canonical.plain(key)): present(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | models.QuerySet):
        return [present(item) for item in value]
    if hasattr(value, "lower_inc"):
        return {"from": present(value.lower), "until": present(value.upper)}
    return canonical.plain(value)


def words(text: str, params: Any) -> str:
    """Translate `text` and fill its places; what is an id there is said by its name."""
    if not text:
        return ""
    translated = gettext(text)
    return translated % {name: _said(value) for name, value in params.items()} if params else translated


def _said(value: Any) -> Any:
    """Return a state, role or id in words, a time in the zone of the page; a user name, a path or a number as it is."""
    if not isinstance(value, str):
        return value
    if _TIME.fullmatch(value):
        return _local(value)
    return all_named(value) if _IN_WORDS.fullmatch(value) else said_again(value)


def _local(moment: str) -> str:
    """Return a time to the minute in the zone that is in force; without a site's zone, as at the API, it says UTC."""
    zone = timezone.get_current_timezone()
    said = f"{datetime.fromisoformat(moment).astimezone(zone):%Y-%m-%d %H:%M}"
    return f"{said} UTC" if zone == UTC or str(zone) == "UTC" else said


def shown(blocker: Blocker) -> dict[str, str]:
    """Return a blocker in the user's language."""
    return {
        "code": blocker.code,
        "field": blocker.field,
        "label": field_label(blocker.field),
        "value": blocker.value,
        "message": words(blocker.message, blocker.params),
        "mend": words(blocker.mend, blocker.params),
    }


TITLES = {422: "Refused", 403: "Not allowed", 409: "Conflict", 404: "Not found", 429: "Too many requests"}


def problem(refusal: Refusal) -> dict[str, Any]:
    """Return RFC 9457 problem details with the blockers."""
    blockers = [shown(blocker) for blocker in refusal.blockers]
    return {
        "type": "about:blank",
        "title": gettext(TITLES.get(refusal.http_status, "Refused")),
        "status": refusal.http_status,
        "detail": "; ".join(blocker["message"] for blocker in blockers),
        "blockers": blockers,
    }
