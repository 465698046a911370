"""Records as files: frozen dataclasses read from JSON by their own types, and written back.

One reader for all that the engines of planning are given (problems, plans, models, studies, observations): the
dataclasses are the format. A text is refused as a whole, with all of its faults, each named by its place.
"""

from __future__ import annotations

import json
import math
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from hashlib import sha256
from itertools import repeat
from typing import Any, ClassVar, TypeVar, Union, get_args, get_origin, get_type_hints

from vein2vein.core.refusals import N_, Blocker, Refused

LARGEST_CHARACTERS = 64 * 1024 * 1024
CODE = "records.unfit"
T = TypeVar("T")


class Faults(list[Blocker]):
    """Faults as they are found."""

    def add(self, where: str, value: object, message: str, mend: str, **params: str) -> None:
        """Add one; texts are marked with `N_`."""
        self.append(Blocker(CODE, message, field=where, value=str(value)[:80], mend=mend, params=params))

    def refuse_any(self) -> None:
        """Raise `Refused` when there is at least one."""
        if self:
            raise Refused(self)


def parsed(text: str) -> Any:
    """Return what a JSON text holds; raises `Refused` for anything else, NaN and endless numbers among it."""
    faults = Faults()
    if len(text) > LARGEST_CHARACTERS:
        faults.add("", f"{len(text)} characters", N_("the text is too long"), N_("divide it into smaller ones"))
        faults.refuse_any()
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        faults.add("", text[:40], N_("this is not JSON: %(problem)s"), N_("write it as JSON"), problem=str(error)[:120])
    raise Refused(faults)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def read(kind: type[T], raw: Any, where: str = "") -> T:
    """Return the record of `kind` that parsed JSON writes; raises `Refused` with every fault of types and names."""
    faults = Faults()
    made: T = _read(kind, raw, where, faults)
    faults.refuse_any()
    return made


def read_file(kind: type[T], text: str, form: str) -> T:
    """Return the record that the text of a file `{"format": form, …}` writes; raises `Refused` with every fault."""
    raw = parsed(text)
    if not isinstance(raw, dict) or raw.get("format") != form:
        faults = Faults()
        shown = raw.get("format") if isinstance(raw, dict) else raw
        mend = N_("write the format into the file: “%(form)s”")
        faults.add("format", shown, N_("this is a file of another format"), mend, form=form)
        faults.refuse_any()
    return read(kind, {name: value for name, value in raw.items() if name != "format"})


def plain(value: Any, *, complete: bool = False) -> Any:
    """Return a record as what JSON knows; what stands at its default is left out unless it is to be `complete`."""
    if is_dataclass(value) and not isinstance(value, type):
        made: dict[str, Any] = {}
        kind = getattr(value, "kind", None)
        if isinstance(kind, str) and "kind" not in {one.name for one in fields(value)}:
            made["kind"] = kind
        for one in fields(value):
            item = getattr(value, one.name)
            if complete or one.name == "format" or one.default is MISSING or item != one.default:
                made[one.name] = plain(item, complete=complete)
        return made
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(item, complete=complete) for key, item in value.items()}
    return [plain(item, complete=complete) for item in value] if isinstance(value, tuple | list) else value


def text_of(value: Any) -> str:
    """Return the one JSON text of a record: sorted keys, no spaces, numbers as their shortest text."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: Any) -> str:
    """Return the SHA-256 of a record's text, in hexadecimal."""
    return sha256(text_of(value).encode()).hexdigest()


def _read(hint: Any, raw: Any, where: str, faults: Faults) -> Any:
    origin = get_origin(hint)
    if hint is Any:
        return raw
    if origin in {Union, types.UnionType}:
        return _read_one_of(get_args(hint), raw, where, faults)
    if origin is tuple:
        return _read_tuple(get_args(hint), raw, where, faults)
    if origin is not None and issubclass(origin, Mapping):
        if not _expect(dict, raw, where, faults):
            return {}
        return {key: _read(get_args(hint)[1], one, f"{where}[{key[:60]}]", faults) for key, one in raw.items()}
    if is_dataclass(hint):
        return _read_record(hint, raw, where, faults)
    return _read_atom(hint, raw, where, faults)


def _read_tuple(items: tuple[Any, ...], raw: Any, where: str, faults: Faults) -> tuple[Any, ...]:
    if not _expect(list, raw, where, faults):
        return ()
    if items[-1] is not Ellipsis and len(items) != len(raw):
        message = N_("this list has not as many items as belong here")
        faults.add(where, len(raw), message, N_("write %(count)s items"), count=str(len(items)))
        return ()
    kinds = repeat(items[0], len(raw)) if items[-1] is Ellipsis else items
    named = zip(kinds, enumerate(raw), strict=True)
    return tuple(_read(item, one, f"{where}[{_called(one, place)}]", faults) for item, (place, one) in named)


def _called(raw: Any, place: int) -> str:
    name = raw.get("name") if isinstance(raw, dict) else None
    return name[:60] if isinstance(name, str) and name else str(place)


def _read_one_of(hints: tuple[Any, ...], raw: Any, where: str, faults: Faults) -> Any:
    if raw is None and type(None) in hints:
        return None
    kinds = {hint.kind: hint for hint in hints if is_dataclass(hint) and hasattr(hint, "kind")}
    atoms = [hint for hint in hints if hint is not type(None) and hint not in kinds.values()]
    if not kinds or (atoms and not isinstance(raw, dict)):
        return _read(atoms[0], raw, where, faults)
    if not _expect(dict, raw, where, faults):
        return None
    kind = raw.get("kind")
    if kind not in kinds:
        faults.add(
            f"{where}.kind",
            kind,
            N_("this kind is not known here"),
            N_("write one of: %(words)s"),
            words=", ".join(kinds),
        )
        return None
    return _read_record(kinds[kind], raw, where, faults)


def _read_record(kind: Any, raw: Any, where: str, faults: Faults) -> Any:
    if not _expect(dict, raw, where, faults):
        return None
    hints, before, values = _hints(kind), len(faults), {}
    for key, item in raw.items():
        inner = f"{where}.{key}" if where else key
        if key in hints:
            values[key] = _read(hints[key], item, inner, faults)
        elif not (key == "kind" and hasattr(kind, "kind")):
            close = get_close_matches(key, hints, n=1)
            mend = N_("did you mean “%(known)s”?") if close else N_("remove it; known here: %(known)s")
            faults.add(
                inner[:200], key, N_("this key is not known here"), mend, known=close[0] if close else ", ".join(hints)
            )
    for one in fields(kind):
        if one.name not in raw and one.default is MISSING and one.default_factory is MISSING:
            faults.add(f"{where}.{one.name}" if where else one.name, "", N_("this is missing"), N_("add it"))
    return kind(**values) if len(faults) == before else None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return {name: hint for name, hint in get_type_hints(kind).items() if get_origin(hint) is not ClassVar}


_ASKED: Mapping[type, str] = {
    dict: N_("write an object {…}"),
    list: N_("write a list […]"),
    str: N_("write a text in quotes"),
}


def _expect(wanted: type, raw: Any, where: str, faults: Faults) -> bool:
    if isinstance(raw, wanted):
        return True
    faults.add(where, raw, N_("this is not of the kind that belongs here"), _ASKED[wanted])
    return False


def _read_atom(hint: Any, raw: Any, where: str, faults: Faults) -> Any:
    if hint is str:
        return raw if _expect(str, raw, where, faults) else ""
    if hint is bool:
        if not isinstance(raw, bool):
            faults.add(where, raw, N_("this is neither true nor false"), N_("write true or false"))
        return raw
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if raw in list(hint):
            return hint(raw)
        words = ", ".join(hint)
        faults.add(where, raw, N_("this word is not known here"), N_("write one of: %(words)s"), words=words)
        return None
    if hint in {float, int}:
        return _number(hint, raw, where, faults)
    if hint in {datetime, date} and _expect(str, raw, where, faults):
        try:
            return _TIMES[hint](raw)
        except ValueError:
            faults.add(
                where, raw, N_("this is not a time"), N_("write 2026-03-01T08:00:00+08:00, or 2026-03-01 for a day")
            )
    return None


def _number(hint: Any, raw: Any, where: str, faults: Faults) -> Any:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw) or abs(raw) > 1e15:
        faults.add(where, raw, N_("this is not a number"), N_("write a number, as in 0.46"))
        return 0
    if hint is int and raw != int(raw):
        faults.add(where, raw, N_("this is not a whole number"), N_("write digits only, as in 3"))
        return 0
    return hint(raw)


def _aware(text: str) -> datetime:
    made = datetime.fromisoformat(text)
    if made.tzinfo is None:
        raise ValueError(text)
    return made


_TIMES: Mapping[type, Callable[[str], date]] = {datetime: _aware, date: date.fromisoformat}
