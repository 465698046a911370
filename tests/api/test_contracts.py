"""What others rely on is a file: a change shows as a diff, and is meant.

Renew both files by `V2V_RENEW=1 .local/venv/bin/python -m pytest tests/api/test_contracts.py`, and read the diff.
"""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from vein2vein.api.mount import api
from vein2vein.core.facts import FACTS
from vein2vein.core.transitions import Transitions

DOCS = Path(__file__).parents[2] / "docs"
HOW = "It differs from docs/%s. Where that is meant, renew it: " + (__doc__ or "").split("`")[1]


def _written(made: Any) -> str:
    return json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _tables() -> dict[str, Any]:
    found = {}
    for config in apps.get_app_configs():
        if not config.name.startswith("vein2vein."):
            continue
        try:
            module = importlib.import_module(f"{config.name}.states")
        except ModuleNotFoundError:
            continue
        for value in vars(module).values():
            if isinstance(value, Transitions):
                moves = sorted([str(was), verb, str(to)] for was, verb, to in value.table)
                found[f"{config.label}: {value.name}"] = {"initial": sorted(map(str, value.initial)), "moves": moves}
    return found


def _contracts() -> dict[str, Any]:
    facts = {
        name: {"version": one.fact_version, "fields": {key: str(kind) for key, kind in _fields(one).items()}}
        for name, one in FACTS.items()
        if not name.startswith(("journal_test.", "identity_test."))
    }
    return {"facts": facts, "transitions": _tables()}


def _fields(one: Any) -> dict[str, Any]:
    return {name: field.type for name, field in one.__dataclass_fields__.items() if name not in ("says",)}


@pytest.mark.parametrize("name", ["openapi.json", "contracts.json"])
def test_the_contract_is_as_it_was(name: str) -> None:
    made = api.get_openapi_schema(path_prefix="/api/v1/") if name == "openapi.json" else _contracts()
    text, path = _written(made), DOCS / name
    if os.environ.get("V2V_RENEW"):
        path.write_text(text)
    assert path.read_text() == text, HOW % name
