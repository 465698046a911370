"""A spoiled order is refused with FHIRPath, value and mend; no bytes at all raise anything else."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.fhir.orders import MYELOMA, Change, copy, drop, put, resource, spoiled
from vein2vein.core.refusals import Blocker, Refused
from vein2vein.engines.fhir import codes
from vein2vein.engines.fhir.outcome import operation_outcome
from vein2vein.engines.fhir.read_order import read_order
from vein2vein.engines.fhir.schema import resource_faults


def faults(data: bytes, **options: Any) -> tuple[Blocker, ...]:
    with pytest.raises(Refused) as refusal:
        read_order(data, **options)
    for blocker in refusal.value.blockers:
        assert blocker.field.startswith("Bundle")
        assert blocker.mend
        assert "%(" not in str(blocker)
    assert not resource_faults(operation_outcome(refusal.value.blockers), "OperationOutcome")
    return refusal.value.blockers


FIRST = "urn:uuid:5d4e8b0a-0000-4000-8000-000000000001"


def two_weights(bundle: dict[str, Any]) -> None:
    copy("Observation", valueQuantity={"value": 70, "unit": "kg", "system": codes.UCUM, "code": "kg"})(bundle)


def same_url(bundle: dict[str, Any]) -> None:
    copy("Patient", fullUrl=bundle["entry"][2]["fullUrl"])(bundle)


def same_id(bundle: dict[str, Any]) -> None:
    resource(bundle, "Observation")["id"] = "one"
    copy("Observation")(bundle)


def delete_by_order(bundle: dict[str, Any]) -> None:
    bundle["entry"][0]["request"]["method"] = "DELETE"


def unlisted_donation(value: str) -> Change:
    return put("ServiceRequest", "identifier", [{"value": "1"}, {"system": codes.DIN, "value": value}])


def gln(value: str) -> Change:
    return put("Organization", "identifier", [{"system": codes.GLN, "value": value}])


SPOILED: dict[str, tuple[Change, str, str]] = {
    "no weight": (drop("Observation"), "order.missing", "29463-7"),
    "weight without a value": (put("Observation", "valueQuantity", None), "order.missing", "valueQuantity"),
    "weight in pounds": (put("Observation", "valueQuantity", "code", "[lb_av]"), "order.unit", "valueQuantity.code"),
    "weight without a code": (put("Observation", "valueQuantity", "code", None), "order.unit", "valueQuantity.code"),
    "weight in a house unit": (put("Observation", "valueQuantity", "system", "urn:x"), "order.unit", "valueQuantity"),
    "weight times ten": (put("Observation", "valueQuantity", "value", 624), "order.weight", "valueQuantity.value"),
    "weight below zero": (put("Observation", "valueQuantity", "value", -62.4), "order.weight", "valueQuantity.value"),
    "weight without a zone": (
        put("Observation", "effectiveDateTime", "2026-10-30"),
        "order.zone",
        "effectiveDateTime",
    ),
    "weight from tomorrow": (
        put("Observation", "effectiveDateTime", "2026-11-03T08:00:00+08:00"),
        "order.future",
        "effectiveDateTime",
    ),
    "weight not final": (put("Observation", "status", "preliminary"), "order.not_final", "status"),
    "two weights at once": (two_weights, "order.doubled", "Observation"),
    "patient doubled": (copy("Patient"), "order.doubled", "resource"),
    "patient under the same fullUrl": (same_url, "order.doubled_resource", "resource"),
    "two resources of one id": (same_id, "order.doubled_resource", "resource"),
    "two orders": (copy("ServiceRequest"), "order.doubled", "resource"),
    "no patient": (drop("Patient"), "order.dangling_reference", "reference"),
    "no consent": (drop("Consent"), "order.missing", "Consent"),
    "consent refused": (put("Consent", "status", "rejected"), "order.consent", "status"),
    "consent without version": (put("Consent", "identifier", None), "order.missing", "identifier"),
    "consent signed later": (put("Consent", "dateTime", "2026-11-05"), "order.future", "dateTime"),
    "no order number": (put("ServiceRequest", "identifier", None), "order.missing", "identifier"),
    "no physician": (put("ServiceRequest", "requester", None), "order.missing", "requester"),
    "dangling physician": (
        put("ServiceRequest", "requester", {"reference": "Practitioner/9"}),
        "order.dangling_reference",
        "requester.reference",
    ),
    "no hospital": (put("Patient", "managingOrganization", None), "order.missing", "managingOrganization"),
    "hospital by name only": (put("Organization", "identifier", None), "order.missing", "identifier"),
    "wrong check digit of a GLN": (gln("4012345000008"), "order.check_character", "identifier[0].value"),
    "wrong check character of a DIN": (
        unlisted_donation("G123498654321J"),
        "order.check_character",
        "identifier[1].value",
    ),
    "DIN without check character": (unlisted_donation("G123498654321"), "order.donation_number", "identifier[1].value"),
    "indication in a foreign system": (
        put("Condition", "code", {"coding": [{"system": "urn:house-codes", "code": "MM"}]}),
        "order.foreign_code",
        "code.coding.system",
    ),
    "therapy in a foreign system": (
        put("ServiceRequest", "code", {"coding": [{"system": "urn:house-codes", "code": "CART"}]}),
        "order.foreign_code",
        "code",
    ),
    "unknown route": (put("ServiceRequest", "category", 0, "coding", 0, "code", "other"), "order.route", "category"),
    "draft": (put("ServiceRequest", "status", "draft"), "order.not_active", "status"),
    "proposal": (put("ServiceRequest", "intent", "proposal"), "order.not_active", "intent"),
    "prohibition": (put("ServiceRequest", "doNotPerform", True), "order.not_active", "doNotPerform"),
    "order without a zone": (put("ServiceRequest", "authoredOn", "2026-11-02"), "order.zone", "authoredOn"),
    "collection wished for yesterday": (
        put("ServiceRequest", "occurrencePeriod", "start", "2026-11-01"),
        "order.past",
        "occurrencePeriod.start",
    ),
    "trial subject missing": (drop("ResearchSubject"), "order.missing", "ResearchSubject"),
    "arm missing": (put("ResearchSubject", "assignedArm", None), "order.missing", "assignedArm"),
    "birth year only": (put("Patient", "birthDate", "1964"), "order.date", "birthDate"),
    "not yet born": (put("Patient", "birthDate", "2027-01-01"), "order.future", "birthDate"),
    "hospital number missing": (put("Patient", "identifier", None), "order.missing", "identifier"),
    "name missing": (put("Patient", "name", None), "order.missing", "name"),
    "washout without an end": (
        put("MedicationStatement", "effectivePeriod", "end", None),
        "order.date",
        "effectivePeriod.end",
    ),
    "washout in a foreign system": (
        put("MedicationStatement", "medicationCodeableConcept", "coding", 0, "system", "urn:x"),
        "order.foreign_code",
        "medicationCodeableConcept",
    ),
    "gender of no code": (put("Patient", "gender", "woman"), "fhir.schema", "gender"),
    "element of no name": (put("Patient", "nickname", "Min"), "fhir.schema", "resource.nickname"),
    "required element missing": (put("ServiceRequest", "intent", None), "fhir.model", "intent"),
    "no such day": (put("Patient", "birthDate", "1964-02-31"), "fhir.model", "birthDate"),
    "modifier": (
        put("Patient", "modifierExtension", [{"url": "urn:x", "valueCode": "not"}]),
        "order.modifier",
        "modifier",
    ),
    "transaction that deletes": (delete_by_order, "fhir.request", "request.method"),
    "batch": (lambda bundle: bundle.update(type="batch"), "fhir.bundle_type", "Bundle.type"),
    "no resource type known": (put("Patient", "resourceType", "Person2"), "fhir.not_a_resource", "resourceType"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_names_the_fault(name: str) -> None:
    change, code, field = SPOILED[name]
    found = faults(spoiled(change))
    assert any(fault.code == code and field in fault.field for fault in found), [str(fault) for fault in found]


def test_virology_in_another_code_and_contradicting_itself() -> None:
    def unknown(bundle: dict[str, Any]) -> None:
        resource(bundle, "Observation", 1)["valueCodeableConcept"] = {"text": "negativ"}

    assert [fault.code for fault in faults(spoiled(unknown))] == ["order.foreign_code"]

    def twice(bundle: dict[str, Any]) -> None:
        positive = {"coding": [{"system": codes.SNOMED, "code": "10828004"}]}
        bundle["entry"].append(
            {
                **bundle["entry"][6],
                "fullUrl": FIRST,
                "resource": {**resource(bundle, "Observation", 1), "valueCodeableConcept": positive},
            }
        )

    assert [fault.code for fault in faults(spoiled(twice))] == ["order.doubled"]


def test_subject_of_a_trial_by_another_route() -> None:
    change = put("ServiceRequest", "category", 0, "coding", 0, "code", "commercial")
    assert [fault.code for fault in faults(spoiled(change))] == ["order.route"]


def test_refuses_an_order_from_the_future() -> None:
    assert [f.code for f in faults(MYELOMA.read_bytes(), now=datetime(2026, 11, 1, tzinfo=UTC))] == ["order.future"]


BYTES = {
    "empty": (b"", "file.empty"),
    "oversized": (b" " * (5 * 1024 * 1024 + 1), "file.oversized"),
    "binary": (b"\x89PNG\r\n\x1a\n", "file.binary"),
    "zero bytes": (b"{\x00}", "file.binary"),
    "not JSON": (b"MSH|^~\\&|HIS|RJ", "fhir.not_json"),
    "truncated": (MYELOMA.read_bytes()[:2000], "fhir.not_json"),
    "deep list": (b"[" * 2_000_000, "fhir.too_deep"),
    "deep object": (b'{"a":' * 400_000, "fhir.too_deep"),
    "open text of escapes": (b'"' + b'\\"' * 2_000_000, "fhir.not_json"),
    "not a number": (b'{"a": NaN}', "fhir.number"),
    "endless number": (b'{"a": 1' + b"0" * 10_000 + b"}", "fhir.number"),
    "endless exponent": (b'{"a": 1e999999999}', "fhir.number"),
    "key twice": (b'{"a": 1, "a": 2}', "fhir.doubled_key"),
    "half a character": (b'{"a": "\\ud800"}', "fhir.half_character"),
    "JSON of something else": (b'{"order": 1}', "fhir.not_fhir"),
    "a list": (b"[]", "fhir.not_fhir"),
    "one resource only": (b'{"resourceType": "Patient"}', "fhir.not_a_bundle"),
    "no type": (b'{"resourceType": "Bundle"}', "fhir.bundle_type"),
    "no entry": (b'{"resourceType": "Bundle", "type": "collection"}', "order.missing"),
    "empty entry": (b'{"resourceType": "Bundle", "type": "collection", "entry": [{}]}', "fhir.no_resource"),
    "many elements": (b"[" + b"1," * 2_000_000 + b"1]", "fhir.too_many"),
    "many wrong contained resources": (
        spoiled(put("Patient", "contained", [{"resourceType": "Unknown"}] * 20_000)),
        "fhir.not_a_resource",
    ),
    "contained in contained": (
        spoiled(put("Patient", "contained", [{"resourceType": "Patient", "contained": []}])),
        "fhir.contained",
    ),
    "many entries": (
        json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{}] * 501}).encode(),
        "fhir.too_many",
    ),
}


@pytest.mark.parametrize("name", BYTES)
def test_refuses_what_is_no_order(name: str) -> None:
    data, code = BYTES[name]
    assert code in [fault.code for fault in faults(data)]


@settings(max_examples=300)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_refused(data: bytes) -> None:
    faults(data)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every element of a JSON value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, part in steps for found in [(*path, key), *places(part, (*path, key))]]


ORDER = json.loads(MYELOMA.read_bytes())
PLACES = places(ORDER)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_an_order_with_anything_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    mutant = json.loads(MYELOMA.read_bytes())
    for *way, last in data.draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        at = mutant
        with contextlib.suppress(KeyError, IndexError, TypeError):
            for step in way:
                at = at[step]
            at[last] = data.draw(JSON_VALUES)
    with contextlib.suppress(Refused):
        read_order(json.dumps(mutant).encode())


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_mutated_bytes_are_read_or_refused(data: st.DataObject) -> None:
    order = MYELOMA.read_bytes()
    at = data.draw(st.integers(0, len(order)))
    cut = data.draw(st.integers(0, 30))
    with contextlib.suppress(Refused):
        read_order(order[:at] + data.draw(st.binary(max_size=6)) + order[at + cut :])
