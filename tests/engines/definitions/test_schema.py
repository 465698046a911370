"""The published JSON Schema agrees with the reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from tests.engines.definitions import shipped
from vein2vein.engines.definitions import canonical
from vein2vein.engines.definitions.reading import PARTS
from vein2vein.engines.definitions.schema import schema, schema_text

PUBLISHED = Path(__file__).parents[3] / "docs/schema/therapy.schema.json"


def validator(part: str) -> Any:
    return jsonschema_rs.validator_for({"$ref": f"#/$defs/{part}", "$defs": schema()["$defs"]})


def test_the_published_schema_is_the_one_of_the_data_model() -> None:
    assert PUBLISHED.read_text() == schema_text(), "write schema_text() to docs/schema/therapy.schema.json"


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", shipped.NAMES)
def test_shipped_text_and_its_canonical_form_are_valid(name: str, part: str) -> None:
    written = json.loads(json.dumps(yaml.safe_load(shipped.files(name)[f"{part}.yaml"]), default=str))
    assert [error.message for error in validator(part).iter_errors(written)] == []
    stored = json.loads(canonical(shipped.definition(name)))[part]
    assert [error.message for error in validator(part).iter_errors(stored)] == []


@pytest.mark.parametrize("part", PARTS)
def test_unknown_and_missing_keys_are_refused_by_the_schema_too(part: str) -> None:
    stored = json.loads(canonical(shipped.definition("cd19-lupus")))[part]
    assert not validator(part).is_valid(stored | {"surprise": 1})
    for key in list(stored):
        assert not validator(part).is_valid({other: value for other, value in stored.items() if other != key})
