"""The published FHIR R4 examples are accepted; each one spoiled is refused, as an OperationOutcome."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vein2vein.core.refusals import Refused
from vein2vein.engines.fhir.bundle import read_bundle
from vein2vein.engines.fhir.json_text import read_json
from vein2vein.engines.fhir.outcome import operation_outcome
from vein2vein.engines.fhir.schema import MODELLED, resource_faults

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("VEIN2VEIN_CONFORMANCE", ROOT / "../shared/conformance")) / "fhir-r4"
FILES = sorted(FOLDER.glob("*.json"))

pytestmark = pytest.mark.skipif(not FILES, reason=f"no reference data in {FOLDER}: set VEIN2VEIN_CONFORMANCE")

Spoil = Callable[[dict[str, Any]], object]


def add_unknown_element(resource: dict[str, Any]) -> None:
    resource["notAnElement"] = "x"


def make_id_a_number(resource: dict[str, Any]) -> None:
    resource["id"] = 5


def make_meta_a_text(resource: dict[str, Any]) -> None:
    resource["meta"] = "none"


def rename_type(resource: dict[str, Any]) -> None:
    resource["resourceType"] += "s"


def spoil_id(resource: dict[str, Any]) -> None:
    resource["id"] = "not an id!"


EVERYWHERE: list[Spoil] = [add_unknown_element, make_id_a_number, make_meta_a_text, rename_type, spoil_id]
BY_TYPE: dict[str, list[dict[str, Any]]] = {
    "Patient": [{"gender": "man"}, {"birthDate": "25/12/1974"}, {"active": "yes"}, {"name": {"family": "x"}}],
    "Organization": [{"active": "true"}, {"identifier": "x"}, {"partOf": []}],
    "Practitioner": [{"gender": "m"}, {"birthDate": "1959-02-30"}, {"qualification": "MD"}],
    "Consent": [{"status": "signed"}, {"dateTime": "yesterday"}, {"scope": None}, {"policy": "x"}],
    "Observation": [{"status": "done"}, {"code": None}, {"valueQuantity": {"value": "185"}}, {"effectiveDateTime": 7}],
}


def read(file: Path) -> dict[str, Any]:
    resource: dict[str, Any] = read_json(file.read_bytes())
    return resource


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_example_is_accepted(file: Path) -> None:
    assert resource_faults(read(file), "Resource") == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("spoil", EVERYWHERE, ids=lambda spoil: spoil.__name__)
def test_spoiled_example_is_refused(file: Path, spoil: Spoil) -> None:
    resource = copy.deepcopy(read(file))
    spoil(resource)
    faults = resource_faults(resource, "Resource")
    assert faults
    assert all(fault.field.startswith("Resource") and fault.mend for fault in faults)
    outcome = operation_outcome(faults)
    assert resource_faults(outcome, "OperationOutcome") == []
    assert len(outcome["issue"]) == len(faults)


@pytest.mark.parametrize(
    ("kind", "change"), [(kind, change) for kind, changes in BY_TYPE.items() for change in changes], ids=str
)
def test_spoiled_element_is_refused_where_it_stands(kind: str, change: dict[str, Any]) -> None:
    (file,) = [file for file in FILES if file.stem == f"{kind.lower()}-example"]
    (element,) = change
    resource = read(file)
    resource.update(change)
    if change[element] is None:
        del resource[element]
    fields = [fault.field for fault in resource_faults(resource, kind)]
    assert any(field.startswith(f"{kind}.{element}") for field in fields), fields


def test_examples_form_a_bundle_when_their_references_are_there() -> None:
    wanted = {"patient-example", "organization-example", "practitioner-example"}
    entries = [{"resource": read(file)} for file in FILES if file.stem in wanted]
    assert {entry["resource"]["resourceType"] for entry in entries} <= MODELLED
    with pytest.raises(Refused) as refusal:
        read_bundle({"resourceType": "Bundle", "type": "collection", "entry": entries})
    # The published patient refers to an organisation that is not among the examples.
    assert {blocker.code for blocker in refusal.value.blockers} == {"order.dangling_reference"}
    assert json.dumps(operation_outcome(refusal.value.blockers))
