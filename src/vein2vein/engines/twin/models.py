"""A model from its JSON text and back, checked on the way in."""

from __future__ import annotations

from typing import Any

from vein2vein.core.records import parsed, read, text_of
from vein2vein.engines.twin.checking import check
from vein2vein.engines.twin.model import Model


def model_from_json(text: str) -> Model:
    """Return the model that a JSON text writes; raises `Refused` with every fault: field, value and mend."""
    return model_from(parsed(text))


def model_from(raw: Any) -> Model:
    """Return the model that parsed JSON writes; raises `Refused` with every fault."""
    return checked(read(Model, raw))


def checked(model: Model) -> Model:
    """Return the model; raises `Refused` when it has faults."""
    check(model).refuse_any()
    return model


def model_to_json(model: Model) -> str:
    """Return the one JSON text of a model; `model_from_json` is its exact inverse."""
    return text_of(model)
