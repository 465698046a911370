"""What people read on pages, papers and refusals: every English message id, and where it has a Chinese one."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import io
import pkgutil
import types
from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

import vein2vein
from vein2vein.core.actor import Role
from vein2vein.core.facts import FACTS
from vein2vein.doors.labels import LABELS, label, title
from vein2vein.doors.naming import field_name
from vein2vein.engines.assays.conformity import Overall, Status
from vein2vein.journal import ACTIONS

SOURCE = Path(vein2vein.__file__).parent
CALLS = {"gettext": None, "gettext_lazy": None, "_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


def written() -> dict[str, set[str]]:
    """Return every message id in templates and sources with the files that have it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in [*SOURCE.rglob("*.html"), *SOURCE.rglob("*.py")]:
        if "tests" not in path.parts and path.name != "conftest.py":
            for one in _messages_in(path):
                found[one].add(str(path.relative_to(SOURCE)))
    return found


def _messages_in(path: Path) -> Iterator[str]:
    text = path.read_text()
    if path.suffix == ".html":
        text = templatize(text)
    for _line, message, _comments, _context in extract("python", io.BytesIO(text.encode()), keywords=CALLS):
        yield from (message if isinstance(message, tuple) else (message,))


def made() -> dict[str, set[str]]:
    """Return every message id that doors make from names: actions, arguments, signatures, roles and states."""
    found: dict[str, set[str]] = defaultdict(set)
    for role in Role:
        found[in_words(role)].add("roles")
    for one in LABELS.values():
        found[one].add("labels")
    for name, spec in ACTIONS.items():
        found[title(spec.verb)].add(name)  # the trail names what the system itself did, too
        if spec.internal:
            continue
        for meaning in (spec.signed, spec.witnessed):
            if meaning:
                found[meaning].add(name)
        hints = get_type_hints(spec.body)
        for argument in inspect.signature(spec.body).parameters:
            if argument not in ("by", "witness") and not argument.endswith("_id"):
                found[label(argument)].add(f"{name}({argument})")
                for member in _members(hints[argument]):
                    found[in_words(member)].add(f"{name}({argument})")
    for where, member in states():
        found[in_words(member)].add(where)
    for name, item in _carried():
        found[label(field_name(item))].add(f"{name}({item})")
    return found


def _carried() -> Iterator[tuple[str, str]]:
    """Return every fact's name with each thing it carries: timelines label them."""
    for name, kind in FACTS.items():
        yield from ((name, item) for item in kind.__annotations__ if item != "says" and item[0] != "_")


def in_words(member: StrEnum) -> str:
    """Return the message id of a state, kind or role, as the template filter `word` makes it."""
    return str(member.value).replace("_", " ")


def _members(hint: Any) -> Iterator[StrEnum]:
    if get_origin(hint) in (Union, types.UnionType, list, tuple):
        for one in get_args(hint):
            yield from _members(one)
    elif isinstance(hint, type) and issubclass(hint, StrEnum):
        yield from hint


def states() -> Iterator[tuple[str, StrEnum]]:
    for verdict in (Status, Overall):
        yield from (("engines.assays.conformity", member) for member in verdict)
    for package in pkgutil.iter_modules([str(SOURCE)]):
        name = f"vein2vein.{package.name}.states"
        if package.ispkg and importlib.util.find_spec(name) is not None:
            for kind in vars(importlib.import_module(name)).values():
                if isinstance(kind, type) and issubclass(kind, StrEnum) and kind.__module__ == name:
                    yield from ((name, member) for member in kind)


def translated() -> dict[str, set[str]]:
    """Return every message id that has a Chinese text, with its texts (more than one: two contexts differ)."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in SOURCE.rglob("zh_Hans/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_Hans", abort_invalid=True):
                texts = message.string if isinstance(message.string, tuple) else (message.string,)
                if message.id and not message.context and any(texts) and not message.fuzzy:
                    for one in message.id if isinstance(message.id, tuple) else (message.id,):
                        found[str(one)] |= {str(text) for text in texts if text}
    return found
