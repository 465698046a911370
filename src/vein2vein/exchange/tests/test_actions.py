"""A hospital's bundle becomes one drafted order, or a refusal that names field, value and mend."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vein2vein.core.actor import Actor
from vein2vein.core.refusals import Conflict, NotAllowed, NotFound, Refusal, Refused
from vein2vein.core.uploads import Upload
from vein2vein.exchange import actions, reads
from vein2vein.exchange.models import ReceivedBundle
from vein2vein.journal.reads import list_recent, list_stream
from vein2vein.orders.models import Order

EXAMPLES = Path(__file__).parents[4] / "examples"
Find = Callable[[str], Actor]
Change = Callable[[dict[str, Any]], None]


def example(name: str = "order-rapid-myeloma.json") -> dict[str, Any]:
    return dict(json.loads((EXAMPLES / name).read_text()))


def upload(bundle: dict[str, Any]) -> Upload:
    return Upload("order.json", json.dumps(bundle).encode())


def of(bundle: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(dict_ for dict_ in (entry["resource"] for entry in bundle["entry"]) if dict_["resourceType"] == kind)


def counts() -> tuple[int, int, int]:
    newest = list_recent(limit=1)
    return Order.objects.count(), ReceivedBundle.objects.count(), newest[0].id if newest else 0


@pytest.mark.requirement("D")
def test_a_bundle_becomes_a_drafted_order(actor: Find) -> None:
    made = actions.receive_order_bundle(bundle=upload(example()), by=actor("physician.rj"))
    order = Order.objects.get(pk=made.order_id)
    assert (order.state, order.therapy_code, order.indication_code) == (
        "drafted",
        "rapid-bcma-cd19",
        "multiple_myeloma",
    )
    assert (order.protocol, order.subject_number, order.arm, order.trial_only) == (
        "DEMO-MM-201",
        "RJ-007",
        "mm-dl3",
        True,
    )
    assert (str(order.weight_kg), order.dose_unit, int(order.dose_amount)) == ("62.40", "cell/kg", 300000)
    assert [one.fact for one in list_stream(f"order:{order.pk}")] == [
        "orders.OrderDrafted",
        "exchange.OrderBundleReceived",
    ]


def test_the_other_example_has_a_flat_dose(actor: Find) -> None:
    bundle = example("order-lupus.json")
    hospital = of(bundle, "Organization")["identifier"][0]["value"]
    place = {"CN-RJ-DEMO": "rj", "CN-BJ-DEMO": "bj", "HK-QM-DEMO": "hk"}[hospital]
    made = actions.receive_order_bundle(bundle=upload(bundle), by=actor(f"physician.{place}"))
    order = Order.objects.get(pk=made.order_id)
    assert (order.therapy_code, order.dose_unit, order.dose_basis) == ("cd19-lupus", "cell", "flat")


@pytest.mark.requirement("G")
def test_the_same_bundle_again_is_the_same_order(actor: Find) -> None:
    first = actions.receive_order_bundle(bundle=upload(example()), by=actor("physician.rj"))
    again = actions.receive_order_bundle(bundle=upload(example()), by=actor("coordinator.rj"))
    assert again.order_id == first.order_id
    assert Order.objects.count() == 1


@pytest.mark.requirement("G")
def test_the_same_number_with_other_content_is_a_conflict(actor: Find) -> None:
    actions.receive_order_bundle(bundle=upload(example()), by=actor("physician.rj"))
    other = example()
    of(other, "ServiceRequest")["note"] = [{"text": "changed"}]
    before = counts()
    with pytest.raises(Conflict) as caught:
        actions.receive_order_bundle(bundle=upload(other), by=actor("physician.rj"))
    assert caught.value.blockers[0].code == "order.doubled_number"
    assert counts() == before


def test_a_patient_is_found_again_by_the_hospital_number(actor: Find) -> None:
    first = actions.receive_order_bundle(bundle=upload(example()), by=actor("physician.rj"))
    second = example()
    of(second, "ServiceRequest")["identifier"][0]["value"] = "RJ-ORD-2"
    made = actions.receive_order_bundle(bundle=upload(second), by=actor("physician.rj"))
    assert made.order_id != first.order_id
    assert len(set(Order.objects.values_list("patient_id", flat=True))) == 1


def no_weight(bundle: dict[str, Any]) -> None:
    bundle["entry"] = [
        one
        for one in bundle["entry"]
        if not (one["resource"]["resourceType"] == "Observation" and "valueQuantity" in one["resource"])
    ]


def unknown_site(bundle: dict[str, Any]) -> None:
    of(bundle, "Organization")["identifier"][0]["value"] = "XX-NOWHERE"


def doubled_patient(bundle: dict[str, Any]) -> None:
    entry = copy.deepcopy(next(one for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient"))
    entry["fullUrl"] = "urn:uuid:00000000-0000-4000-8000-000000000001"
    bundle["entry"].append(entry)


def foreign_indication(bundle: dict[str, Any]) -> None:
    of(bundle, "Condition")["code"]["coding"] = [{"system": "http://snomed.info/sct", "code": "38341003"}]


def foreign_therapy(bundle: dict[str, Any]) -> None:
    of(bundle, "ServiceRequest")["code"]["coding"][0]["code"] = "nothing-of-ours"


def foreign_class(bundle: dict[str, Any]) -> None:
    of(bundle, "MedicationStatement")["medicationCodeableConcept"]["coding"][0]["code"] = "leeches"


def foreign_arm(bundle: dict[str, Any]) -> None:
    of(bundle, "ResearchSubject")["assignedArm"] = "arm-of-another-trial"


def wrong_check_character(bundle: dict[str, Any]) -> None:
    of(bundle, "ServiceRequest")["identifier"].append(
        {"system": "https://vein2vein.example/fhir/chain-of-identity", "value": "V2V-7K3M-9QXT-4BNZ-0"}
    )


def pounds(bundle: dict[str, Any]) -> None:
    weight = next(one["resource"] for one in bundle["entry"] if "valueQuantity" in one["resource"])["valueQuantity"]
    weight["code"] = weight["unit"] = "[lb_av]"


@pytest.mark.requirement("G")
@pytest.mark.parametrize(
    "spoil",
    [
        no_weight,
        unknown_site,
        doubled_patient,
        foreign_indication,
        foreign_therapy,
        foreign_class,
        foreign_arm,
        wrong_check_character,
        pounds,
    ],
    ids=lambda one: one.__name__,
)
def test_a_bad_bundle_leaves_nothing_and_says_why(actor: Find, spoil: Change) -> None:
    bundle, before = example(), counts()
    spoil(bundle)
    with pytest.raises(Refusal) as caught:
        actions.receive_order_bundle(bundle=upload(bundle), by=actor("physician.rj"))
    assert isinstance(caught.value, Refused | NotFound)
    assert all(one.field and one.mend for one in caught.value.blockers)
    assert counts() == before
    outcome = reads.outcome(caught.value)
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["severity"] == "error"


@pytest.mark.requirement("G")
@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe", b"{", b"[]", b'{"resourceType":"Patient"}', b"a" * 6_000_000]
)
def test_bytes_that_are_no_bundle(actor: Find, content: bytes) -> None:
    before = counts()
    with pytest.raises(Refused):
        actions.receive_order_bundle(bundle=Upload("order.json", content), by=actor("physician.rj"))
    assert counts() == before


@pytest.mark.parametrize("username", ["nurse.rj", "operator1", "qp", "planner", "admin"])
def test_only_physician_and_coordinator_may_send(actor: Find, username: str) -> None:
    before = counts()
    with pytest.raises(NotAllowed):
        actions.receive_order_bundle(bundle=upload(example()), by=actor(username))
    assert counts() == before


def test_another_hospitals_physician_may_not_order_for_this_one(actor: Find) -> None:
    before = counts()
    with pytest.raises(NotFound):
        actions.receive_order_bundle(bundle=upload(example()), by=actor("physician.bj"))
    assert counts() == before
