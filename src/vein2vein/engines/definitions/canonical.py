"""The canonical form: one JSON text for each definition, and the way back."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.faults import DefinitionFaults, Fault, Place
from vein2vein.engines.definitions.model.definition import Definition
from vein2vein.engines.definitions.nodes import Entry, Listing, Mapped, Node, Scalar
from vein2vein.engines.definitions.records import RecordReader
from vein2vein.engines.definitions.shapes import Atom, Choice, ListOf, Record, Shape, shape_of
from vein2vein.engines.definitions.values import write_span

_STORED = "definition.json"
_DEEPEST = 40
_NOWHERE = Place(_STORED, 0, 0)


def plain(shape: Shape, value: Any) -> Any:
    """Return a value of the data model as what JSON knows; keys without a value are left out."""
    match shape:
        case Atom():
            return _plain_atom(value)
        case ListOf():
            return [plain(shape.item, item) for item in value]
        case Choice():
            return plain(shape.kinds[str(value.kind)], value)
        case Record():
            made = {} if shape.kind is None else {"kind": shape.kind}
            for one in shape.fields:
                inner = getattr(value, one.name)
                if inner is not None:
                    made[one.name] = plain(one.shape, inner)
            return made


def _plain_atom(value: Any) -> Any:
    if isinstance(value, timedelta):
        return write_span(value)
    if isinstance(value, Decimal):
        return str(value)
    return value if isinstance(value, bool | int) else str(value)


def canonical(definition: Definition) -> str:
    """Return the definition as JSON: sorted keys, no spaces, Chinese as it is; `load` is its exact inverse."""
    made = plain(shape_of(Definition), definition)
    return json.dumps(made, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def load(text: str) -> Definition:
    """Return the definition that `canonical` wrote; it knows no places. Raises `DefinitionFaults`, and nothing else."""
    try:
        stored = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise DefinitionFaults(
            [Fault(_STORED, 0, 0, "", N_("this is not JSON"), N_("store what canonical() returned, unchanged"))]
        ) from None
    reader = RecordReader()
    made = reader.read(shape_of(Definition), _node(stored, 0), "")
    if reader.faults or not isinstance(made, Definition):
        raise DefinitionFaults(reader.faults)
    return Definition(
        therapy=made.therapy,
        process=made.process,
        specification=made.specification,
        supply=made.supply,
        construct=made.construct,
        places=MappingProxyType({}),
    )


def _node(stored: Any, depth: int) -> Node:
    if isinstance(stored, dict) and depth < _DEEPEST:
        return Mapped(_NOWHERE, {key: Entry(_NOWHERE, _node(value, depth + 1)) for key, value in stored.items()})
    if isinstance(stored, list) and depth < _DEEPEST:
        return Listing([_node(item, depth + 1) for item in stored], _NOWHERE)
    if isinstance(stored, bool):
        return Scalar(str(stored).lower(), True, _NOWHERE)
    return Scalar("" if stored is None else str(stored)[:_LONGEST_STORED], True, _NOWHERE)


_LONGEST_STORED = 200_000
