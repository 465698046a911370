"""Walking over a definition: every record of the data model with its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vein2vein.engines.definitions.model.definition import Definition
from vein2vein.engines.definitions.shapes import Atom, Choice, ListOf, Record, Shape, shape_of


def item_path(shape: Shape, item: Any, index: int, path: str) -> str:
    """Return the path of a list's item: by its key where it has one, else by its index."""
    inner = shape.kinds[str(item.kind)] if isinstance(shape, Choice) else shape
    key = inner.key if isinstance(inner, Record) else None
    return f"{path}[{index if key is None else getattr(item, key)}]"


def records_in(definition: Definition) -> Iterator[tuple[str, Any]]:
    """Yield the path and value of every record of the definition, outer ones first."""
    yield from _records(shape_of(Definition), definition, "")


def _records(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, Any]]:
    match shape:
        case Atom():
            return
        case ListOf():
            for index, item in enumerate(value):
                yield from _records(shape.item, item, item_path(shape.item, item, index, path))
        case Choice():
            yield from _records(shape.kinds[str(value.kind)], value, path)
        case Record():
            yield path, value
            for one in shape.fields:
                inner = getattr(value, one.name)
                if inner is not None:
                    yield from _records(one.shape, inner, f"{path}.{one.name}" if path else one.name)
