"""What ids and parameters are called where people read them: by the definitions' own names, else word by word."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import get_language, gettext

from vein2vein.core.actor import Role
from vein2vein.doors.labels import label

_ABBREVIATED = re.compile(r"\b(?:coi|cmv|ebv|hbv|hcv|hiv|htlv|mah|qa|qc)\b")
_LOWER = re.compile(r"[a-z0-9 ]+\Z")
_ID = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*\Z")
Names = Mapping[str, tuple[str, str]]
_sources: list[Callable[[str], Names]] = []
_scopes: list[Callable[[Mapping[str, Any]], Names]] = []


class Known(NamedTuple):
    """What an id stands for: its kind, as the journal's references have it, and the code people know it by."""

    kind: str
    code: str


_registers: list[Callable[[Collection[UUID]], Mapping[UUID, Known]]] = []


def register_names(find: Callable[[str], Names]) -> None:
    """Install where names are found: `find(id)` returns English and Chinese names by id, of at least that id."""
    _sources.append(find)


def register_scope(find: Callable[[Mapping[str, Any]], Names]) -> None:
    """Install what ids mean within one thing: `find(data)` returns the names of that thing's own definition."""
    _scopes.append(find)


def register_known(find: Callable[[Collection[UUID]], Mapping[UUID, Known]]) -> None:
    """Install what ids stand for: `find(ids)` returns what it knows of them, all in one question."""
    _registers.append(find)


class _InOneLanguage(Mapping[str, str]):
    """Names in both languages, read in one of them; nothing is copied: a timeline asks for them line by line."""

    def __init__(self, both: Names, *, chinese: bool) -> None:
        self._both, self._chinese = both, chinese

    def __getitem__(self, key: str) -> str:
        return self._both[key][self._chinese]

    def __iter__(self) -> Iterator[str]:
        return iter(self._both)

    def __len__(self) -> int:
        return len(self._both)


def names_within(data: Mapping[str, Any]) -> Mapping[str, str]:
    """Return, in the reader's language, the names that the thing which `data` is about gives to its own ids."""
    found = [names for find in _scopes if (names := find(data))]
    return _InOneLanguage(ChainMap(*map(dict, found)) if len(found) > 1 else next(iter(found), {}), chinese=chinese())


def known_of(ids: Collection[UUID]) -> dict[UUID, Known]:
    """Return what ids stand for, as far as anybody knows them."""
    return {key: one for find in _registers for key, one in find(ids).items()} if ids else {}


def chinese() -> bool:
    """Say whether the reader reads Chinese."""
    return (get_language() or "").startswith("zh")


def named(value: object) -> str:
    """Return an id as its definition names it in the reader's language, a state or role in words; else as it is."""
    text = "" if value is None else str(value)
    if not _ID.match(text):
        return _in_words(text) if text else ""
    for find in _sources:
        found = find(text).get(text)
        if found is not None:
            return found[chinese()]
    return _in_words(text)


def roles_said(roles: Collection[Role]) -> str:
    """Return roles in words, in the order of the way from vein to vein; the system itself is nobody to ask."""
    return _listed(named(one) for one in Role if one in roles and one is not Role.SYSTEM)


def all_named(text: str) -> str:
    """Return ids joined by commas each as `named` has it."""
    return _listed(named(one) for one in text.split(", "))


def _listed(words: Iterable[str]) -> str:
    return ("、" if chinese() else ", ").join(words)


def _in_words(text: str) -> str:
    """Return an id word by word, as its catalogue has it; in English abbreviations stand in capitals."""
    plain = text.replace("_", " ")
    said = gettext(plain)
    return _ABBREVIATED.sub(lambda found: found[0].upper(), said) if said == plain and _LOWER.match(plain) else said


def in_both(value: str) -> tuple[str, str]:
    """Return the English and the Chinese name that a definition gives to an id; other text as it is, for both."""
    for find in _sources if _ID.match(value) else ():
        found = find(value).get(value)
        if found is not None:
            return found
    return value, value


def field_label(name: str) -> str:
    """Return what people call the parameter or column that a blocker is about; a path in a file stays as it is."""
    if name.isidentifier() and name.islower():
        return gettext(label(field_name(name)))
    head, dot, tail = name.partition(".")
    if dot and head.isidentifier() and tail.isidentifier() and name.islower():
        return f"{gettext(label(head))}: {named(tail)}"
    return name


def field_name(name: str) -> str:
    """Return a parameter's name without what only a program wants to know of it."""
    return name.removesuffix("_id").removesuffix("_code")
