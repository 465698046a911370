"""A case as a file: canonical JSON out, and in again with every fault named."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from vein2vein.core import canonical
from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.engines.assays.conformity import Case, Verdict

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FORMAT = "vein2vein conformity case 1"
LARGEST_CHARACTERS = 4 * 1024 * 1024
T = TypeVar("T", bound="DataclassInstance")


def case_to_json(case: Case) -> str:
    """Return the case as canonical JSON text."""
    return canonical.dumps({"format": FORMAT, "case": case})


def verdict_to_json(verdict: Verdict) -> str:
    """Return the verdict as canonical JSON text."""
    return canonical.dumps(verdict)


def case_hash(case: Case) -> str:
    """Return the SHA-256 of the case's canonical text, in hexadecimal."""
    return canonical.digest({"format": FORMAT, "case": case})


def case_from_json(text: str) -> Case:
    """Read a case; raises `Refused` naming the place and the fault of the first thing that is wrong."""
    if len(text) > LARGEST_CHARACTERS:
        raise Refused(_fault("", N_("The file is too large to be a case")))
    try:
        found = json.loads(text, parse_float=_no_float)
    except (ValueError, RecursionError):
        message = N_("The file is not JSON as a case is written (numbers with a point are text)")
        raise Refused(_fault("", message)) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise Refused(_fault("format", N_("This is not a conformity case")))
    return _record(Case, found.get("case"), "case")


def _no_float(text: str) -> Any:
    raise ValueError(text)


def _fault(where: str, message: str) -> Blocker:
    return Blocker(
        "assays.not_a_case",
        message,
        where,
        mend=N_("Export the case again and hand in that file unchanged"),
    )


def _record(kind: type[T], value: Any, where: str) -> T:
    if not isinstance(value, Mapping):
        raise Refused(_fault(where, N_("An object is needed here")))
    names = {item.name: item for item in fields(kind)}
    for name in value:
        if name not in names:
            raise Refused(_fault(f"{where}.{name}"[:200], N_("Nothing of this name is known here")))
    hints = get_type_hints(kind)
    given = {}
    for name, item in names.items():
        if name in value:
            given[name] = _value(hints[name], value[name], f"{where}.{name}")
        elif item.default is MISSING:
            raise Refused(_fault(f"{where}.{name}", N_("This is required")))
    return kind(**given)


def _value(hint: Any, value: Any, where: str) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        if value is None:
            return None
        hint = next(one for one in get_args(hint) if one is not types.NoneType)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise Refused(_fault(where, N_("A list is needed here")))
        inner = get_args(hint)[0]
        return tuple(_value(inner, one, f"{where}[{index}]") for index, one in enumerate(value))
    if isinstance(hint, type) and is_dataclass(hint):
        return _record(hint, value, where)
    return _plain(hint, value, where)


def _plain(hint: Any, value: Any, where: str) -> Any:
    try:
        if hint is Decimal and isinstance(value, str):
            return Decimal(value)
        if hint is date and isinstance(value, str):
            return date.fromisoformat(value)
    except (InvalidOperation, ValueError):
        raise Refused(_fault(where, N_("This is not a number or date as a case writes it"))) from None
    if hint in (str, int, bool) and type(value) is hint:
        return value
    raise Refused(_fault(where, N_("This is not the kind of value that is needed here")))
