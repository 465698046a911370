"""Changes to a model by the path of a field: what a what-if study saves instead of another whole model.

A path names fields by dots and members of lists by name, place or `*` in brackets: `demand[*].patients_per_year`,
`routes[domestic].operations[setup].cost`, `figures[terminated].value`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vein2vein.core.records import Faults, plain
from vein2vein.core.refusals import N_
from vein2vein.engines.twin.model import Model
from vein2vein.engines.twin.models import model_from

_PART = re.compile(r"\.?([A-Za-z_][A-Za-z0-9_]*)|\[([^\[\]]+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: exactly one of `set` (a value), `multiply` (by a number), `add` (to a list's end) and `remove`."""

    path: str
    set: Any = None
    multiply: float | None = None
    add: Any = None
    remove: bool = False


def changed(model: Model, changes: Sequence[Change]) -> Model:
    """Return the model with the changes made in order; raises `Refused` naming path, value and mend."""
    raw = copy.deepcopy(plain(model, complete=True))
    faults = Faults()
    for one in changes:
        _make(raw, one, faults)
    faults.refuse_any()
    return model_from(raw)


@dataclass(frozen=True, slots=True)
class _Place:
    """A value's container and its key there; `there` is False for a key that a map does not have yet."""

    container: Any
    key: Any
    there: bool

    @property
    def value(self) -> Any:
        return self.container[self.key]


def _make(raw: Any, change: Change, faults: Faults) -> None:
    parts = _parts(change.path)
    if not parts:
        faults.add(change.path, "", N_("this is no path"), N_("write one, as in demand[*].patients_per_year"))
        return
    asked = [change.set is not None, change.multiply is not None, change.add is not None, change.remove]
    if sum(asked) != 1:
        message = N_("a change does exactly one thing")
        faults.add(change.path, sum(asked), message, N_("write one of: set, multiply, add, remove"))
        return
    before = len(faults)
    places = list(_places(_Place({"": raw}, "", there=True), parts, change.path, faults))
    for place in reversed(places):  # from the end, so that removing leaves the places before it where they are
        if len(faults) == before:
            _apply(place, change, faults)


def _parts(path: str) -> list[str]:
    found = [one[0] or f"[{one[1]}" for one in _PART.findall(path)]
    whole = "".join(match.group() for match in _PART.finditer(path))
    return found if whole == path else []


def _apply(place: _Place, change: Change, faults: Faults) -> None:
    if change.set is not None:
        place.container[place.key] = copy.deepcopy(change.set)
        return
    if not place.there:
        _unknown(change.path, str(place.key), place.container, faults)
    elif change.remove:
        del place.container[place.key]
    elif change.add is not None:
        if isinstance(place.value, list):
            place.value.append(copy.deepcopy(change.add))
        else:
            faults.add(change.path, change.add, N_("only a list can be added to"), N_("name a list, or set a value"))
    elif isinstance(place.value, bool) or not isinstance(place.value, int | float):
        message, mend = (
            N_("only a number can be multiplied"),
            N_("name the number itself, as in figures[culture].value.high"),
        )
        faults.add(change.path, place.value, message, mend)
    else:
        product = place.value * (change.multiply or 0.0)
        place.container[place.key] = round(product) if isinstance(place.value, int) else product


def _places(at: _Place, parts: Sequence[str], path: str, faults: Faults) -> Iterator[_Place]:
    if not parts:
        yield at
        return
    if not at.there:
        _unknown(path, str(at.key), at.container, faults)
        return
    part, value = parts[0], at.value
    name = part.removeprefix("[")
    inner: list[_Place]
    if isinstance(value, dict) and (name != "*" or part == name):
        last = len(parts) == 1
        inner = [_Place(value, name, there=name in value)] if name in value or last else []
    elif isinstance(value, dict):
        inner = [_Place(value, key, there=True) for key in value]
    elif isinstance(value, list) and part != name:
        inner = [_Place(value, place, there=True) for place, one in enumerate(value) if _is(one, place, name)]
    else:
        inner = []
    if not inner:
        _unknown(path, name, value, faults)
    for one in inner:
        yield from _places(one, parts[1:], path, faults)


def _is(one: Any, place: int, name: str) -> bool:
    called = one.get("name") if isinstance(one, dict) else None
    return name in {"*", called, str(place)}


def _unknown(path: str, name: str, container: Any, faults: Faults) -> None:
    known = list(container) if isinstance(container, dict) else []
    if isinstance(container, list):
        known = [
            str(one.get("name") or place) if isinstance(one, dict) else str(place)
            for place, one in enumerate(container)
        ]
    message, mend = N_("there is no “%(name)s” on this path"), N_("write one of: %(words)s")
    faults.add(path, name, message, mend, name=name[:60], words=", ".join(map(str, known))[:400])
