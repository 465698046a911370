"""Problems and plans as files: frozen dataclasses read from JSON, with every fault named by its place.

What may stand in a record: text, whole numbers, truth values, `None`, enumerated words, tuples and records. Numbers
with a point are refused: quantities are whole numbers whose unit stands last in their name.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from vein2vein.core.refusals import N_, Blocker, Refused

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
LARGEST_CHARACTERS = 64 * 1024 * 1024
LARGEST_NUMBER = 2**53
_MEND = N_("Correct this place of the file and hand it in again")


def read(kind: type[T], text: str, form: str) -> T:
    """Read `{"format": form, …}` as a record of `kind`; raises `Refused` naming the first place that is wrong."""
    if len(text) > LARGEST_CHARACTERS:
        raise _fault("", N_("The file is too large"), str(len(text)))
    try:
        found = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _fault("", N_("The file is not JSON"), str(error)) from None
    if not isinstance(found, dict) or found.get("format") != form:
        shown = found.get("format") if isinstance(found, dict) else found
        mend = N_("Write the format into the file: “%(form)s”")
        message = N_("This is a file of another format")
        raise Refused(Blocker("records.not_read", message, "format", str(shown)[:80], mend, {"form": form}))
    return record(kind, {name: value for name, value in found.items() if name != "format"})


def record(kind: type[T], value: Any, where: str = "") -> T:
    """Return what plain JSON values say as a record of `kind`; raises `Refused` naming the first wrong place."""
    if not isinstance(value, Mapping):
        raise _fault(where, N_("An object is needed here"), value)
    shape = _shape(kind)
    for name in value:
        if name not in shape:
            raise _fault(_at(where, str(name)), N_("Nothing of this name is known here"), value[name])
    given = {}
    for name, (hint, required) in shape.items():
        if name in value:
            given[name] = _value(hint, value[name], _at(where, name))
        elif required:
            raise _fault(_at(where, name), N_("This is required"), "")
    return kind(**given)


def _no_number(text: str) -> Any:
    raise ValueError(text)


@cache
def _shape(kind: type[Any]) -> dict[str, tuple[Any, bool]]:
    hints = get_type_hints(kind)
    return {
        item.name: (hints[item.name], item.default is MISSING and item.default_factory is MISSING)
        for item in fields(kind)
    }


def _at(where: str, name: str) -> str:
    return f"{where}.{name[:60]}" if where else name[:60]


def _fault(where: str, message: str, value: Any) -> Refused:
    return Refused(Blocker("records.not_read", message, where[:200], str(value)[:80], _MEND))


def _value(hint: Any, value: Any, where: str) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        if value is None:
            return None
        hint = next(one for one in get_args(hint) if one is not types.NoneType)
    if get_origin(hint) is tuple:
        return _tuple(get_args(hint), value, where)
    if isinstance(hint, type) and is_dataclass(hint):
        return record(hint, value, where)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if value not in list(hint):
            raise _fault(where, N_("This word is not one of those known here"), value)
        return hint(value)
    if hint in (str, int, bool) and type(value) is hint and not (hint is int and abs(value) > LARGEST_NUMBER):
        return value
    messages = {
        str: N_("A text is needed here"),
        int: N_("A whole number is needed here"),
        bool: N_("true or false is needed here"),
    }
    raise _fault(where, messages[hint], value)


def _tuple(inner: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _fault(where, N_("A list is needed here"), value)
    if inner[-1] is Ellipsis:
        return tuple(_value(inner[0], one, f"{where}[{index}]") for index, one in enumerate(value))
    if len(value) != len(inner):
        raise _fault(where, N_("This list has not as many items as are needed here"), value)
    pairs = zip(inner, value, strict=True)
    return tuple(_value(hint, one, f"{where}[{index}]") for index, (hint, one) in enumerate(pairs))
