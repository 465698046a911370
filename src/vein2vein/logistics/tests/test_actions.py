"""Every act of logistics: who may, what is written, and that a refusal leaves nothing behind."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from vein2vein import journal
from vein2vein.core.ids import ContainerId, ShipmentId
from vein2vein.core.refusals import NotAllowed, NotFound, Refusal, Refused
from vein2vein.engines.codes import Kind, make
from vein2vein.identity.models import Container
from vein2vein.identity.reads import find_custody
from vein2vein.journal.reads import list_stream
from vein2vein.logistics import actions
from vein2vein.logistics.models import AgePermission, MaterialReceipt, Shipment, ShipmentItem, Trace
from vein2vein.logistics.states import ReviewDecision, ShipmentKind
from vein2vein.logistics.tests.conftest import Way
from vein2vein.network.reads import get_equipment

Deed = Callable[..., Any]


def written(way: Way) -> list[str]:
    """Return the facts on the chain, first to last."""
    return [one.fact for one in list_stream(f"coi:{way.order.coi_id}")]


def last(way: Way, fact: str) -> Any:
    return next(one for one in reversed(list_stream(f"coi:{way.order.coi_id}")) if one.fact == fact)


def refused(way: Way, deed: Deed, *codes: str, kind: type[Refusal] = Refused) -> None:
    """Assert that a deed is refused with these codes, and that nothing is written."""
    before = (written(way), list(Shipment.objects.order_by("pk").values()), ShipmentItem.objects.count())
    with pytest.raises(kind) as caught:
        deed()
    found = [one.code for one in caught.value.blockers]
    assert set(codes) <= set(found), found
    assert (written(way), list(Shipment.objects.order_by("pk").values()), ShipmentItem.objects.count()) == before


def run(name: str) -> Deed:
    return journal.ACTIONS[f"logistics.{name}"].run


# plan_shipment


@pytest.mark.parametrize("username", ["planner", "coordinator.rj", "warehouse"])
def test_plan_shipment(way: Way, username: str) -> None:
    way.to("accepted")
    shipment = way.plan(by=way.find(username))
    assert (shipment.state, shipment.lane.code, shipment.logger_serial) == ("planned", "RJ-IN-CHIL", "DEMO-TL-1001")
    entry = last(way, "logistics.ShipmentPlanned")
    assert entry.action == "logistics.plan_shipment"
    assert (entry.data["shipper"], entry.data["origin"], entry.data["destination"]) == ("CB-01", "CN-RJ-DEMO", "CN-LG")


@pytest.mark.parametrize("username", ["physician.rj", "nurse.rj", "carrier.a", "operator1", "qp", "admin"])
def test_plan_shipment_by_others(way: Way, username: str) -> None:
    way.to("accepted")
    refused(way, lambda: way.plan(by=way.find(username)), kind=NotAllowed)


def test_plan_shipment_for_another_hospital(way: Way) -> None:
    way.to("accepted")
    refused(way, lambda: way.plan(by=way.find("coordinator.bj")), kind=NotFound)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"lane": "BJ-IN-CHIL"}, "logistics.lane_elsewhere"),
        ({"lane": "RJ-OUT-CHIL"}, "logistics.lane_elsewhere"),
        ({"lane": "RJ-IN-CRYO"}, "logistics.lane_temperature"),
        ({"shipper": "DS-01"}, "network.wrong_equipment"),
        ({"logger": "CB-02"}, "network.wrong_equipment"),
        ({"permits": ["no number"]}, "logistics.permit_unreadable"),
        ({"kind": ShipmentKind.PRODUCT, "shipper": "DS-01"}, "logistics.order_not_there"),
    ],
)
def test_plan_shipment_refused(way: Way, changed: dict[str, Any], code: str) -> None:
    way.to("accepted")
    refused(way, lambda: way.plan(**changed, by=way.find("planner")), code)


def test_equipment_on_its_way_is_not_planned_twice(way: Way, other_way: Way) -> None:
    way.to("accepted").plan()
    other_way.to("accepted")
    from vein2vein.core.refusals import Conflict

    with pytest.raises(Conflict) as caught:
        other_way.plan(shipper="CB-01")
    assert caught.value.blockers[0].code == "logistics.shipper_taken"


def test_cancel_shipment(way: Way) -> None:
    way.to("accepted").plan()
    actions.cancel_shipment(shipment_id=ShipmentId(way.shipment.pk), reason="patient unwell", by=way.find("planner"))
    assert last(way, "logistics.ShipmentCancelled").data["reason"] == "patient unwell"
    assert way.plan().state == "planned"


def test_cancel_shipment_refused(way: Way) -> None:
    way.to("collected").plan()
    given: dict[str, Any] = {"shipment_id": way.shipment.pk}
    planner, nurse = way.find("planner"), way.who("nurse")
    refused(way, lambda: actions.cancel_shipment(**given, reason=" ", by=planner), "logistics.no_reason")
    refused(way, lambda: actions.cancel_shipment(**given, reason="x", by=nurse), kind=NotAllowed)
    way.pack()
    way.depart()
    refused(way, lambda: actions.cancel_shipment(**given, reason="x", by=planner), "logistics.shipment_not_there")


# pack_shipment


@pytest.mark.parametrize("username", ["nurse.rj", "celllab.rj"])
def test_pack_shipment(way: Way, username: str) -> None:
    way.to("collected").plan()
    packed = way.pack(by=way.find(username))
    assert packed.state == "packed"
    entry = last(way, "logistics.ShipmentPacked")
    assert [one["container"] for one in entry.data["containers"]] == way.contents()
    assert (entry.data["seal"], entry.data["site"]) == (packed.seal, "CN-RJ-DEMO")
    custody = find_custody(ContainerId(Container.objects.get(code=way.contents()[0]).pk))
    assert custody is not None
    assert custody.custodian_kind == "person"


@pytest.mark.parametrize("username", ["warehouse", "carrier.a", "physician.rj", "operator1"])
def test_pack_shipment_by_others(way: Way, username: str) -> None:
    way.to("collected").plan()
    refused(way, lambda: way.pack(by=way.find(username)), kind=NotAllowed)


def test_pack_shipment_of_another_hospital(way: Way) -> None:
    way.to("collected").plan()
    refused(way, lambda: way.pack(by=way.find("nurse.bj")), kind=NotFound)


@pytest.mark.requirement("N5")
def test_pack_only_this_chain(way: Way, other_way: Way) -> None:
    way.to("collected").plan()
    other_way.to("collected").plan()
    foreign, own = other_way.contents(), way.contents()
    refused(way, lambda: way.pack(scanned_containers=foreign), "logistics.another_chain", "logistics.container_missing")
    refused(way, lambda: way.pack(scanned_containers=own + foreign), "logistics.another_chain")
    refused(way, lambda: way.pack(scanned_containers=own + own), "logistics.scanned_twice")
    refused(way, lambda: way.pack(scanned_containers=[]), "logistics.container_missing")


def test_pack_only_what_was_planned(way: Way) -> None:
    way.to("collected").plan()
    for name, kind in (("scanned_shipper", Kind.SHIPPER), ("scanned_logger", Kind.LOGGER)):
        refused(way, lambda n=name, k=kind: way.pack(**{n: make(k, "XX-09")}), "logistics.wrong_thing")
        refused(way, lambda n=name: way.pack(**{n: way.contents()[0]}), "identity.wrong_kind")
    refused(way, lambda: way.pack(scanned_seal="SEA-WRONG-1"))


def test_pack_before_the_collection(way: Way) -> None:
    way.to("accepted").plan()
    refused(way, way.pack, "logistics.order_not_there", "logistics.nothing_to_ship")


# hand_over_shipment, deliver_shipment


@pytest.mark.parametrize("username", ["carrier.a", "carrier.a2", "nurse.rj"])
def test_hand_over_shipment(way: Way, username: str) -> None:
    way.to("collected").plan()
    way.pack()
    given: dict[str, Any] = {"shipment_id": way.shipment.pk, "scanned_shipment": way.shipment.code}
    moved = actions.hand_over_shipment(**given, by=way.find(username))
    assert (moved.state, way.again().state) == ("in_transit", "in_transit")
    entry = last(way, "logistics.ShipmentHandedOver")
    assert (entry.data["departed"], entry.data["place"]) == (True, "CN-RJ-DEMO")
    custody = find_custody(ContainerId(Container.objects.get(code=way.contents()[0]).pk))
    assert custody is not None
    assert custody.custodian_ref == f"site:{moved.lane.carrier_id}"


@pytest.mark.parametrize(
    ("username", "kind"),
    [("carrier.b", NotFound), ("nurse.bj", NotFound), ("warehouse", NotAllowed), ("physician.rj", NotAllowed)],
)
def test_hand_over_shipment_by_others(way: Way, username: str, kind: type[Refusal]) -> None:
    way.to("collected").plan()
    way.pack()
    given: dict[str, Any] = {"shipment_id": way.shipment.pk, "scanned_shipment": way.shipment.code}
    refused(way, lambda: actions.hand_over_shipment(**given, by=way.find(username)), kind=kind)


def test_carriers_pass_it_on(way: Way) -> None:
    way.to("in_transit")
    given: dict[str, Any] = {"shipment_id": way.shipment.pk, "scanned_shipment": way.shipment.code}
    passed = actions.hand_over_shipment(**given, to_carrier="CARRIER-B-DEMO", by=way.carrier())
    assert passed.milestones.count() == 3
    assert last(way, "logistics.ShipmentHandedOver").data["departed"] is False
    refused(
        way,
        lambda: actions.hand_over_shipment(**given, to_carrier="CN-LG", by=way.carrier()),
        "logistics.not_a_carrier",
    )


def test_hand_over_and_deliver_in_their_order(way: Way) -> None:
    way.to("collected").plan()
    given: dict[str, Any] = {"shipment_id": way.shipment.pk, "scanned_shipment": way.shipment.code}
    for name in ("hand_over_shipment", "deliver_shipment"):
        refused(way, lambda n=name: run(n)(**given, by=way.carrier()), "logistics.shipment_not_there")
    way.pack()
    refused(way, lambda: run("deliver_shipment")(**given, by=way.carrier()), "logistics.shipment_not_there")
    way.depart()
    wrong = {**given, "scanned_shipment": make(Kind.SHIPMENT, "OTHER")}
    refused(way, lambda: actions.deliver_shipment(**wrong, by=way.carrier()), "logistics.wrong_thing")
    for username in ("warehouse", "nurse.rj", "carrier.b"):
        refused(
            way,
            lambda u=username: actions.deliver_shipment(**given, by=way.find(u)),
            kind=NotFound if username == "carrier.b" else NotAllowed,
        )
    way.deliver()
    assert last(way, "logistics.ShipmentDelivered").data["on_time"] is True


# receive_shipment


def test_receive_shipment(way: Way) -> None:
    way.to("in_transit")
    way.deliver()
    received = way.receive()
    assert (received.state, received.findings, way.again().state) == ("received", [], "received")
    entry = last(way, "logistics.ShipmentReceived")
    assert (entry.data["verdict"], entry.data["seal_intact"], entry.data["quarantined"]) == ("ok", True, False)
    assert len(entry.payload["signatures"]) == 1
    trace = Trace.objects.get()
    assert bytes(trace.content).startswith(b"Logger serial,DEMO-TL-1001")
    assert "identity.IdentityChecked" in written(way)
    due = get_equipment("CB-01").requalification_due_on
    assert due is not None
    assert due >= way.clock.at.date()


@pytest.mark.parametrize("username", ["nurse.rj", "celllab.rj", "carrier.a", "operator1", "qareviewer"])
def test_receive_shipment_by_others(way: Way, username: str) -> None:
    way.to("in_transit")
    way.deliver()
    who, second = way.find(username), way.find("warehouse2")
    given = way.receiving()
    refused(way, lambda: way.witnessed(who, second, "logistics.receive_shipment", **given), kind=NotAllowed)


def test_receive_shipment_needs_two_people(way: Way) -> None:
    way.to("in_transit")
    way.deliver()
    first = way.find("warehouse")
    refused(way, lambda: actions.receive_shipment(**way.receiving(), by=first, witness=None), "identity.second_person")
    unsigned = way.find("warehouse2")
    refused(
        way,
        lambda: actions.receive_shipment(**way.receiving(), by=first, witness=unsigned),
        "journal.signature_required",
        kind=NotAllowed,
    )
    refused(
        way,
        lambda: way.witnessed(first, first, "logistics.receive_shipment", **way.receiving()),
        "journal.own_witness",
        kind=NotAllowed,
    )


def test_receive_exactly_what_was_packed(way: Way, other_way: Way) -> None:
    way.to("in_transit")
    way.deliver()
    other_way.to("collected")
    other_way.plan()
    refused(way, lambda: way.receive(scanned_containers=[]), "logistics.container_missing")
    refused(
        way,
        lambda: way.receive(scanned_containers=way.contents() + other_way.contents()),
        "logistics.another_chain",
    )
    refused(way, lambda: way.receive(scanned_shipment=other_way.shipment.code), "logistics.wrong_thing")
    refused(way, lambda: way.receive(trace=None), "logistics.trace_or_reason")
    refused(way, lambda: way.receive(no_trace_reason="and yet"), "logistics.trace_or_reason")


def test_receive_before_the_delivery(way: Way) -> None:
    way.to("in_transit")
    way.clock.advance(timedelta(hours=1))
    refused(way, way.receive, "logistics.shipment_not_there")


@pytest.mark.requirement("N10")
def test_a_dry_shipper_is_requalified_after_each_use(way: Way) -> None:
    way.to("at_site")
    due = get_equipment("DS-01").requalification_due_on
    assert due is not None
    assert due < way.clock.at.date()
    assert "network.RequalificationDemanded" in [
        one.fact for one in list_stream(f"equipment:{way.shipment.shipper_id}")
    ]


# review_excursion


@pytest.mark.parametrize("username", ["qareviewer", "qp"])
def test_review_excursion(way: Way, username: str) -> None:
    way.to("in_transit")
    way.deliver()
    way.receive(trace=None, no_trace_reason="battery empty")
    assert way.shipment.state == "quarantined"
    way.review(ReviewDecision.ACCEPTED, username)
    entry = last(way, "logistics.ExcursionReviewed")
    assert (entry.data["decision"], len(entry.payload["signatures"])) == ("accepted", 1)
    way.accept()
    assert way.again().state == "material_accepted"


@pytest.mark.parametrize("username", ["warehouse", "operator1", "analyst", "qcreviewer", "celllab.rj", "admin"])
def test_review_excursion_by_others(way: Way, username: str) -> None:
    way.to("in_transit")
    way.deliver()
    way.receive(trace=None, no_trace_reason="battery empty")
    refused(way, lambda: way.review(ReviewDecision.ACCEPTED, username), kind=NotAllowed)


def test_review_excursion_needs_signature_reason_and_quarantine(way: Way) -> None:
    way.to("in_transit")
    way.deliver()
    way.receive(trace=None, no_trace_reason="battery empty")
    given: dict[str, Any] = {"shipment_id": way.shipment.pk, "decision": ReviewDecision.ACCEPTED}
    qa = way.find("qareviewer")
    refused(way, lambda: actions.review_excursion(**given, assessment="fine", by=qa), kind=NotAllowed)
    refused(way, lambda: way.signed(qa, "logistics.review_excursion", **given, assessment=" "), "logistics.no_reason")
    bag = way.contents()[0]
    way.review(ReviewDecision.REJECTED)
    assert Container.objects.get(code=bag).disposition == "rejected"
    refused(way, lambda: way.review(ReviewDecision.ACCEPTED), "logistics.shipment_not_there")


# accept_material, permit_aged_material


@pytest.mark.parametrize("username", ["operator1", "supervisor", "analyst", "warehouse"])
def test_accept_material(way: Way, username: str) -> None:
    way.to("received")
    receipt = way.accept(by=way.find(username))
    assert receipt.viability_percent == Decimal("96.0")
    assert receipt.total_cells == Decimal("5250000000")
    entry = last(way, "logistics.MaterialAccepted")
    assert (entry.data["container"], entry.data["sha256"]) == (receipt.container.code, receipt.sha256)
    assert way.again().state == "material_accepted"
    bag = Container.objects.get(pk=receipt.container_id)
    assert (bag.disposition, bag.viable_cells) == ("accepted", receipt.viable_cells)


@pytest.mark.parametrize("username", ["nurse.rj", "celllab.rj", "carrier.a", "qareviewer", "planner"])
def test_accept_material_by_others(way: Way, username: str) -> None:
    way.to("received")
    refused(way, lambda: way.accept(by=way.find(username)), kind=NotAllowed)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"live_cells_per_ml": Decimal("8.0E6"), "dead_cells_per_ml": Decimal("1E5")}, "logistics.too_few_cells"),
        ({"dead_cells_per_ml": Decimal("6.0E6")}, "logistics.viability_low"),
        ({"sample_id": "CTN-OTHER"}, "logistics.another_sample"),
        ({"serial": "STRANGE-1"}, "logistics.unknown_counter"),
        ({"serial": "DEMO-NC200-0003"}, "network.equipment_out_of_service"),
    ],
)
def test_accept_material_refused(way: Way, changed: dict[str, Any], code: str) -> None:
    way.to("received")
    way.clock.advance(timedelta(minutes=5))
    refused(way, lambda: way.accept(way.count(**changed)), code)
    assert not MaterialReceipt.objects.exists()
    assert way.again().state == "received"


def test_a_count_from_another_time(way: Way) -> None:
    way.to("received")
    refused(
        way, lambda: way.accept(way.count(measured_at=way.clock.at - timedelta(hours=2))), "logistics.counted_before"
    )
    refused(way, lambda: way.accept(way.count(measured_at=way.clock.at + timedelta(hours=2))), "counter.future")


def test_a_trace_is_not_a_count(way: Way) -> None:
    way.to("received")
    refused(way, lambda: way.accept(way.trace()))


@pytest.mark.requirement("N8")
def test_material_past_its_limit_waits_for_qa(way: Way) -> None:
    way.to("received")
    way.clock.advance(timedelta(hours=70))
    refused(way, way.accept, "logistics.too_old")
    given: dict[str, Any] = {
        "shipment_id": way.shipment.pk,
        "maximum_age_h": Decimal(96),
        "reason": "stability to 96 h, patient relapsing",
    }
    qa = way.find("qareviewer")
    refused(way, lambda: actions.permit_aged_material(**given, by=qa), kind=NotAllowed)
    for username in ("warehouse", "operator1", "physician.rj"):
        refused(
            way,
            lambda u=username: way.signed(way.find(u), "logistics.permit_aged_material", **given),
            kind=NotAllowed,
        )

    def permit(**changed: Any) -> Any:
        return way.signed(qa, "logistics.permit_aged_material", **{**given, **changed})

    refused(way, lambda: permit(maximum_age_h=Decimal(72)), "logistics.permission_empty")
    refused(way, lambda: permit(reason=""), "logistics.no_reason")
    permit()
    entry = last(way, "logistics.AgedMaterialPermitted")
    assert (entry.data["maximum_age_h"], entry.data["limit_h"], len(entry.payload["signatures"])) == ("96", "72.00", 1)
    assert AgePermission.objects.count() == 1
    way.accept()
    assert way.again().state == "material_accepted"


@pytest.mark.requirement("N8")
def test_a_permission_ends_too(way: Way) -> None:
    way.to("received")
    way.clock.advance(timedelta(hours=70))
    way.signed(
        way.find("qp"),
        "logistics.permit_aged_material",
        shipment_id=way.shipment.pk,
        maximum_age_h=Decimal(84),
        reason="stability to 84 h",
    )
    way.clock.advance(timedelta(hours=10))
    refused(way, way.accept, "logistics.too_old")


@pytest.mark.requirement("N3")
def test_reprint_shipping_label(way: Way) -> None:
    way.to("collected").plan()
    name, packer, second = "logistics.reprint_shipping_label", way.who("nurse"), way.who("celllab")
    given: dict[str, Any] = {"shipment_id": way.shipment.pk, "reason": "torn"}
    again = functools.partial(way.witnessed, packer, second, name)
    refused(way, lambda: again(**given), "logistics.shipment_not_there")
    way.pack()
    refused(way, lambda: again(**given | {"reason": " "}), "logistics.no_reason")
    refused(way, lambda: way.witnessed(packer, way.find("warehouse2"), name, **given), "identity.second_person")
    refused(way, lambda: way.witnessed(packer, packer, name, **given), "journal.own_witness", kind=NotAllowed)
    refused(way, lambda: way.witnessed(way.find("planner"), second, name, **given), kind=NotAllowed)
    again(**given)
    told = last(way, "logistics.ShippingLabelReprinted")
    assert (told.data["shipment"], told.data["reason"]) == (way.shipment.code, "torn")
    assert len(told.payload["signatures"]) == 1
