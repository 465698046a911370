"""The JSON Schema of the four YAML files, taken from the same shapes that the reader walks."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from vein2vein.engines.definitions.formulas import Formula
from vein2vein.engines.definitions.reading import PARTS
from vein2vein.engines.definitions.records import ID, VALUE_NAME
from vein2vein.engines.definitions.shapes import Atom, Choice, FieldShape, ListOf, Record, Shape, shape_of
from vein2vein.engines.definitions.values import NUMBER, UNIT, Quantity

_ATOMS: dict[type, dict[str, Any]] = {
    str: {"type": "string", "minLength": 1, "maxLength": 2000},
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": 0, "maximum": 999999},
    Decimal: {"type": ["number", "string"], "pattern": f"^{NUMBER}$"},
    timedelta: {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?(s|min|h|d)$"},
    date: {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    Quantity: {"type": ["string", "number"], "pattern": f"^{NUMBER}( ?{UNIT})?$"},
    Formula: {"type": ["string", "number"], "maxLength": 500},
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12): a document is one of the four files; each has its own `$defs` entry."""
    definitions: dict[str, Any] = {}
    for name, part in PARTS.items():
        shape = shape_of(part)
        assert isinstance(shape, Record)  # noqa: S101 - the four parts are records
        definitions[name] = _record(shape, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://vein2vein.example/schema/therapy.schema.json",
        "title": "A vein2vein therapy definition: therapy.yaml, process.yaml, specification.yaml, supply.yaml",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in PARTS],
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """Return the schema as the text of `docs/schema/therapy.schema.json`."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _of(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    match shape:
        case Atom():
            if issubclass(shape.type, StrEnum):
                return {"enum": [str(word) for word in shape.type]}
            return dict(_ATOMS[shape.type])
        case ListOf():
            return {"type": "array", "items": _of(shape.item, definitions)}
        case Choice():
            return {"oneOf": [_of(record, definitions) for record in shape.kinds.values()]}
        case Record():
            name = shape.type.__name__
            if name not in definitions:
                definitions[name] = {}
                definitions[name] = _record(shape, definitions)
            return {"$ref": f"#/$defs/{name}"}


def _record(shape: Record, definitions: dict[str, Any]) -> dict[str, Any]:
    properties = {one.name: _field(one, definitions) for one in shape.fields}
    required = [one.name for one in shape.fields if one.required]
    if shape.kind is not None:
        properties = {"kind": {"const": shape.kind}, **properties}
        required = ["kind", *required]
    return {
        "description": (shape.type.__doc__ or "").partition("\n")[0],
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _field(one: FieldShape, definitions: dict[str, Any]) -> dict[str, Any]:
    patterns = {"id": ID, "value": VALUE_NAME}
    made = _of(one.shape, definitions)
    if isinstance(one.shape, Atom) and one.shape.type is str and one.name in patterns:
        return {"type": "string", "pattern": f"^{patterns[one.name]}$"}
    return made
