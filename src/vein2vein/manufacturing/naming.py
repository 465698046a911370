"""What steps and values are called within a batch: by the version of the definition that it began with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from vein2vein.doors.naming import Names
from vein2vein.engines.definitions import Definition
from vein2vein.manufacturing.models import Batch
from vein2vein.therapies.reads import get_definition


def names_in(data: Mapping[str, Any]) -> Names:
    """Return the texts of steps, and of the values they give, of the batch that `data` is about; else nothing."""
    batch_id = data.get("batch_id")
    database = str(connection.settings_dict["NAME"])
    definition_id = _definition_of(database, UUID(str(batch_id))) if batch_id else None
    return _names(database, definition_id) if definition_id is not None else {}


@lru_cache(maxsize=4096)
def _definition_of(_database: str, batch_id: UUID) -> UUID | None:
    """Return the version that a batch began with; it never changes."""
    found = Batch.objects.filter(pk=batch_id).values_list("definition_id", flat=True).first()
    return UUID(str(found)) if found is not None else None


@lru_cache(maxsize=64)
def _names(_database: str, definition_id: UUID) -> Names:
    return dict(_texts(get_definition(definition_id)))


def _texts(definition: Definition) -> Iterator[tuple[str, tuple[str, str]]]:
    for operation in definition.process.operations:
        yield operation.id, (operation.name.en, operation.name.zh)
        for step in operation.steps:
            text = (step.text.en.rstrip("."), step.text.zh.rstrip("。"))
            value = getattr(step, "value", None)
            if value:
                yield value, text
            yield step.id, text
