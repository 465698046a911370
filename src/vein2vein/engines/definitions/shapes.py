"""The shape of each part of a definition, taken from the data model itself.

Reader, canonical form, JSON Schema and diff all walk these shapes, so that the data model is the one
place where the format is written down.
"""

from __future__ import annotations

import dataclasses
import types
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from vein2vein.engines.definitions.formulas import Formula
from vein2vein.engines.definitions.values import Quantity

ATOMS = (str, bool, int, Decimal, timedelta, date, Quantity, Formula)
NATURAL_KEYS = {
    "After": "operation",
    "IndicationDose": "indication",
    "MarketRoute": "route",
    "Part": "label",
    "StartingMaterialRule": "alternative",
    "Staff": "role",
}
"""Records without an `id` that another field tells apart within their list."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A scalar: one of `ATOMS` or an enum of words."""

    type: type


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape."""

    item: Shape


@dataclass(frozen=True, slots=True)
class FieldShape:
    """A field of a record; `required` when the data model gives it no default."""

    name: str
    shape: Shape
    required: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A dataclass; `kind` is the word that selects it in a choice, `key` the field that names it in a list."""

    type: type
    fields: tuple[FieldShape, ...]
    kind: str | None
    key: str | None

    def field(self, name: str) -> FieldShape | None:
        """Return a field by its name, or None."""
        return next((one for one in self.fields if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several records, told apart by their `kind`."""

    kinds: dict[str, Record]


Shape = Atom | ListOf | Record | Choice


@cache
def shape_of(annotation: Any) -> Shape:
    """Return the shape of an annotation of the data model; optional ones give the shape of what they hold."""
    if get_origin(annotation) in {Union, types.UnionType}:
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            return shape_of(members[0])
        return Choice({str(member.kind): _record(member) for member in members})
    if get_origin(annotation) is tuple:
        return ListOf(shape_of(get_args(annotation)[0]))
    if annotation in ATOMS or issubclass(annotation, StrEnum):
        return Atom(annotation)
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        return _record(annotation)
    raise TypeError(f"the data model has no shape for {annotation!r}")


@cache
def _record(of: Any) -> Record:
    hints = get_type_hints(of)
    fields = tuple(
        FieldShape(one.name, shape_of(hints[one.name]), _required(one)) for one in dataclasses.fields(of) if one.compare
    )
    names = {one.name for one in fields}
    key = "id" if "id" in names else NATURAL_KEYS.get(of.__name__)
    kind = None if "kind" in names else getattr(of, "kind", None)
    return Record(of, fields, None if kind is None else str(kind), key)


def _required(one: dataclasses.Field[Any]) -> bool:
    return one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
