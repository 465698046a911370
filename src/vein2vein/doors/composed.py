"""Sentences that the system wrote into the record, said again in the reader's language.

The record keeps what was written when it was written; a reader gets the same sentence from its form and its parts.
What a person wrote stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from django.utils.translation import gettext

from vein2vein.doors.naming import chinese, named

_PLACE = re.compile(r"\{(\w+)\}")
_SHAPES = {"range": r"(?:[≥≤] )?-?\d.*", "amount": r"-?\d[\d.]*", "code": r"[A-Z][A-Z0-9-]*"}
"""What stands at places of these names; at others anything may."""
_JOINTS = {"; ": "；", " → ": " → ", " – ": " – "}
_ID = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*\Z")
_BLOCKER = re.compile(r"[a-z]+\.[a-z_]+\Z")
_forms: list[tuple[re.Pattern[str], str]] = []


def register_composed(forms: Mapping[str, str], **shapes: str) -> None:
    """Install sentences by their form as it is stored, `Result of {what}`, each with its message id.

    A place named `range`, `amount` or `code` takes a range with its unit, a number or a code only; `shapes` says by
    patterns what other places take.
    """
    known = _SHAPES | shapes
    for stored, message in forms.items():
        pieces = _PLACE.split(stored)
        pattern = "".join(
            f"(?P<{one}>{known.get(one, '.+?')})" if place % 2 else re.escape(one) for place, one in enumerate(pieces)
        )
        _forms.append((re.compile(pattern, re.S), message))
    _forms.sort(key=lambda one: -len(_literal(one[1])))
    _form_of.cache_clear()


def _literal(message: str) -> str:
    return re.sub(r"%\(\w+\)s", "", message)


def said_again(text: str, names: Mapping[str, str] | None = None) -> str:
    """Return a stored text in the reader's language where the system composed it, else as it is.

    `names` are what the thing that it is about calls its own ids. Sentences joined by a semicolon, a dash or an arrow
    are told one by one.
    """
    whole = _told(text, names or {})
    if whole is not None:
        return whole
    for joint, in_chinese in _JOINTS.items():
        parts = text.split(joint)
        told = [one if (again := _told(one, names or {})) is None else again for one in parts]
        if told != parts:
            return (in_chinese if chinese() else joint).join(told)
    return text


def _told(text: str, names: Mapping[str, str]) -> str | None:
    found = _form_of(text)
    if found is None:
        return None
    message, parts = found
    return gettext(message) % {key: _part(value, names) for key, value in parts.items()}


@lru_cache(maxsize=16_384)
def _form_of(text: str) -> tuple[str, Mapping[str, str]] | None:
    """Return the message of the form that a text has, with what stands at its places; None for what has none."""
    for pattern, message in _forms:
        found = pattern.fullmatch(text)
        if found is not None:
            return message, found.groupdict()
    return None


def _part(value: str, names: Mapping[str, str]) -> str:
    value = value.partition(".")[2] if _BLOCKER.match(value) else value
    if value in names:
        return names[value]
    if _ID.match(value):
        return named(value)
    if ", " in value:
        return ", ".join(_part(one, names) for one in value.split(", "))
    again = said_again(value, names)
    return gettext(value) if again == value and value else again
