"""A well-made order is read in full, and keeps nothing that names the patient."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.engines.fhir.orders import LUPUS, MYELOMA, copy, put, resource, spoiled
from vein2vein.engines.fhir import codes
from vein2vein.engines.fhir.read_order import read_order


def test_reads_the_myeloma_order() -> None:
    order = read_order(MYELOMA.read_bytes(), now=datetime(2026, 11, 2, 2, 0, tzinfo=UTC))
    assert order.order_number == "RJ-ORD-2026-0311"
    assert order.authored_at == datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
    assert (order.therapy_id, order.route) == ("rapid-bcma-cd19", "clinical_trial")
    assert order.hospital.site_code == "CN-RJ-DEMO"
    assert (order.patient.hospital_number, order.patient.initials) == ("RJ-2026-004711", "MZ")
    assert (order.patient.born_on, order.patient.sex) == (date(1964, 5, 17), "female")
    assert (order.indication.system, order.indication.code) == (codes.SNOMED, "109989006")
    assert order.trial is not None
    assert dataclasses.astuple(order.trial) == ("DEMO-MM-201", "RJ-007", "mm-dl3")
    assert (order.consent.version, order.consent.signed_on) == ("3.0", date(2026, 10, 28))
    assert order.weight.kg == Decimal("62.4")
    assert [(v.marker, v.result) for v in order.virology][:2] == [("hiv", "negative"), ("hbv", "negative")]
    assert order.prior_therapies[0].therapy_class == "anti_cd38_antibody"
    assert order.prior_therapies[0].last_given_on == date(2026, 9, 14)
    assert (order.collection_on, order.infusion_by) == (date(2026, 11, 9), date(2026, 12, 18))
    assert order.unread == ()


def test_reads_the_lupus_order_a_collection_bundle() -> None:
    order = read_order(LUPUS.read_bytes())
    assert (order.therapy_id, order.hospital.site_code, order.bundle_type) == ("cd19-lupus", "CN-BJ-DEMO", "collection")
    assert order.indication.code == "55464009"


def test_keeps_initials_only() -> None:
    kept = repr(read_order(MYELOMA.read_bytes()))
    assert "Zhao" not in kept
    assert "赵" not in kept
    ideographs = put("Patient", "name", [{"family": "欧阳", "given": ["敏"]}])
    assert read_order(spoiled(ideographs)).patient.initials == "欧*"


def test_takes_the_newest_weight() -> None:
    newer = {"effectiveDateTime": "2026-11-01T08:00:00+08:00", "valueQuantity": {"value": 61.9, **UNIT}}
    assert read_order(spoiled(copy("Observation", **newer))).weight.kg == Decimal("61.9")


def test_a_weight_keeps_its_decimals() -> None:
    data = MYELOMA.read_bytes().replace(b'"value": 62.4', b'"value": 62.40')
    assert str(read_order(data).weight.kg) == "62.40"


def test_other_routes_need_no_trial() -> None:
    def change(bundle: dict[str, Any]) -> None:
        resource(bundle, "ServiceRequest")["category"][0]["coding"][0]["code"] = "named_patient"
        bundle["entry"] = [e for e in bundle["entry"] if not e["resource"]["resourceType"].startswith("Research")]

    assert read_order(spoiled(change)).trial is None


def test_reads_checked_numbers() -> None:
    def change(bundle: dict[str, Any]) -> None:
        resource(bundle, "ServiceRequest")["identifier"].append({"system": codes.DIN, "value": "G123498654321H"})
        resource(bundle, "Organization")["identifier"].append({"system": codes.GLN, "value": "4012345000009"})

    order = read_order(spoiled(change))
    assert order.donation_numbers == ("G123498654321H",)
    assert order.hospital.gln == "4012345000009"


def test_says_what_it_did_not_read() -> None:
    change = copy("Observation", code={"coding": [{"system": codes.LOINC, "code": "718-7", "display": "Haemoglobin"}]})
    order = read_order(spoiled(change))
    assert len(order.unread) == 1
    assert json.loads(spoiled(change))["entry"][-1]["resource"]["code"]["coding"][0]["code"] == "718-7"


UNIT = {"unit": "kg", "system": codes.UCUM, "code": "kg"}
