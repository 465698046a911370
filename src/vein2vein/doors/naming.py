"""What ids and parameters are called where people read them: by the definitions' own names, else word by word."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.utils.translation import get_language, gettext

from vein2vein.doors.labels import label

_ID = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z")
Names = Mapping[str, tuple[str, str]]
_sources: list[Callable[[str], Names]] = []


def register_names(find: Callable[[str], Names]) -> None:
    """Install where names are found: `find(id)` returns English and Chinese names by id, of at least that id."""
    _sources.append(find)


def chinese() -> bool:
    """Say whether the reader reads Chinese."""
    return (get_language() or "").startswith("zh")


def named(value: object) -> str:
    """Return an id as its definition names it in the reader's language, a state or role in words; else as it is."""
    text = "" if value is None else str(value)
    if not _ID.match(text):
        return gettext(text.replace("_", " ")) if text else ""
    for find in _sources:
        found = find(text).get(text)
        if found is not None:
            return found[1] if chinese() else found[0]
    return gettext(text.replace("_", " "))


def field_label(name: str) -> str:
    """Return what people call the parameter or column that a blocker is about; a path in a file stays as it is."""
    return gettext(label(field_name(name))) if name.isidentifier() and name.islower() else name


def field_name(name: str) -> str:
    """Return a parameter's name without what only a program wants to know of it."""
    return name.removesuffix("_id").removesuffix("_code")
