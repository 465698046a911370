"""Ways out in the queue and at the apheresis: cancelled, withdrawn, died, unfit, lapsed, collected again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.ways_out.conftest import Walk
from vein2vein.engines.definitions.model.process import Produce
from vein2vein.identity.models import Label
from vein2vein.logistics.states import ShipmentKind
from vein2vein.orders.reads import definition_of
from vein2vein.orders.states import CourseDecision, EndCause, Moment, ObstacleKind

pytestmark = pytest.mark.requirement("W")


def test_cancelled_before_the_apheresis(walk: Walk) -> None:
    walk.to("accepted").plan()
    walk.on_order("print_collection_kit", "coordinator.rj")
    walk.on_order("cancel_order", "coordinator.rj", reason="the patient chose another therapy")
    assert (walk.order.state, walk.order.end_cause) == ("cancelled", "hospital_decision")
    assert walk.slots() == ["released"]
    assert set(Label.objects.filter(coi_id=walk.order.coi_id).values_list("state", flat=True)) == {"voided"}
    walk.shipment.refresh_from_db()
    assert walk.shipment.state == "cancelled"
    walk.told("cancelled: the patient chose another therapy")
    walk.told("已取消", language="zh-hans")
    walk.sees("coordinator.rj", "The course ended", walk.order_page)
    walk.refused("identity.order_has_chain", "orders.accept_order", "planner", order_id=walk.order.pk)


def test_ended_after_the_apheresis_by_its_physician_alone(walk: Walk) -> None:
    walk.to("collected").plan()
    walk.pack()
    given = {"order_id": walk.order.pk, "reason": "progression"}
    walk.refused("orders.ended_by_physician", "orders.cancel_order", "coordinator.rj", **given)
    walk.on_order("end_course", "physician.rj", cause=EndCause.TOO_ILL, reason="progression")
    assert (walk.order.state, walk.order.end_cause) == ("cancelled", "too_ill")
    assert walk.slots() == ["released"]
    walk.shipment.refresh_from_db()
    assert walk.shipment.state == "cancelled"
    bag = next(iter(walk.cells()))
    walk.sees("qareviewer", "Decide about the unused container")
    walk.on_order("decide_unused", "qareviewer", scanned_container=bag, decision="destroy", reason="course over")
    walk.sees("celllab.rj", "Destroy the rejected container")
    walk.on_order("destroy_unused", "celllab.rj", "celllab.rj2", scanned_container=bag, reason="course over")
    assert walk.cells() == {bag: ("destroyed", "rejected")}
    walk.told("ended (too ill): progression", "destroyed before two people")


def test_consent_withdrawn_under_way(walk: Walk) -> None:
    walk.to("in_transit")
    today = walk.clock.at.date()
    walk.on_order("withdraw_consent", "coordinator.rj", withdrawn_on=today)
    assert (walk.order.state, walk.order.end_cause) == ("cancelled", "consent_withdrawn")
    walk.deliver()
    walk.receive()
    assert (walk.shipment.state, walk.shipment.findings) == ("quarantined", ["not_awaited"])
    walk.sees("qareviewer", "Review the excursion")
    given = {"shipment_id": walk.shipment.pk, "decision": "accepted", "assessment": "the way was good"}
    walk.refused("logistics.nobody_waits", "logistics.review_excursion", "qareviewer", **given)
    walk.on_shipment("review_excursion", "qareviewer", decision="rejected", assessment="consent withdrawn")
    assert set(walk.cells().values()) == {("active", "rejected")}
    walk.sees("warehouse", "Destroy the rejected container")
    walk.told(f"Consent withdrawn on {today}")


def test_died_in_the_queue(walk: Walk) -> None:
    walk.to("accepted")
    given = {"order_id": walk.order.pk, "died_on": walk.clock.at.date() + timedelta(days=2)}
    walk.refused("orders.in_future", "orders.report_death", "physician.rj", **given)
    walk.on_order("report_death", "physician.rj", died_on=walk.clock.at.date())
    assert (walk.order.end_cause, walk.slots()) == ("patient_died", ["released"])


def test_died_after_the_release(walk: Walk) -> None:
    walk.to("at_site")
    died = {"order_id": walk.order.pk, "died_on": walk.clock.at.date()}
    walk.by_page("orders.report_death", "physician.rj", **died)
    assert walk.order.state == "cancelled"
    assert {walk.cells()[bag.code] for bag in walk.bags} == {("active", "quarantined")}
    bag = {"scanned_bag": walk.bags[0].code}
    walk.refused("orders.not_cleared", "orders.thaw_product", "celllab.rj", order_id=walk.order.pk, **bag)
    walk.sees("qp", "Decide about the unused container")


def test_too_ill_after_the_release(walk: Walk) -> None:
    walk.to("released")
    walk.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
    walk.plan(ShipmentKind.PRODUCT)
    ill = {"cause": "too_ill", "reason": "in intensive care"}
    assert walk.api.act("orders.end_course", "coordinator.rj", order_id=str(walk.order.pk), **ill).status == 403
    walk.on_order("end_course", "physician.rj", **ill)
    assert (walk.order.state, walk.order.end_cause) == ("cancelled", "too_ill")
    assert {walk.cells()[bag.code] for bag in walk.bags} == {("active", "quarantined")}
    assert not walk.api.act("logistics.pack_shipment", "warehouse", **walk.packing()).done
    walk.sees("qp", "Decide about the unused container")
    walk.sees("physician.rj", "cancelled", walk.order_page)
    walk.told("too ill", "in intensive care")


def test_too_ill_in_the_queue_and_fit_again(walk: Walk) -> None:
    walk.to("accepted")
    unfit = {"kind": ObstacleKind.PATIENT_UNFIT, "reason": "pneumonia"}
    walk.refused("orders.physician_says", "orders.report_obstacle", "nurse.rj", order_id=walk.order.pk, **unfit)
    walk.on_order("report_obstacle", "physician.rj", **unfit)
    walk.sees("planner", "Give the collection another time")
    walk.sees("coordinator.rj", "pneumonia", walk.order_page)
    walk.on_order("give_slot_back", "planner", reason="pneumonia")
    assert (walk.slots(), walk.order.slot) == (["released"], None)
    walk.on_order("lift_obstacle", "physician.rj", kind=ObstacleKind.PATIENT_UNFIT, reason="recovered")
    later = walk.clock.at + timedelta(days=6)
    walk.on_order("reschedule_collection", "planner", collection_planned_at=later, reason="recovered")
    assert (walk.slots(), walk.order.collection_planned_at) == (["held", "released"], later)
    walk.told("Manufacturing slot given back", "Collection moved from")
    walk.clock.advance(timedelta(days=3))
    walk.to("collected")


def test_unfit_keeps_the_apheresis_from_beginning(walk: Walk) -> None:
    walk.to("accepted").to_bedside()
    walk.on_order("report_obstacle", "physician.rj", kind=ObstacleKind.PATIENT_UNFIT, reason="fever")
    given = {"order_id": walk.order.pk, "scanned_wristband": walk.wristband}
    walk.refused("orders.patient_unfit", "orders.start_collection", "nurse.rj", "nurse.rj2", **given)


def test_eligibility_lapsed_and_renewed(walk: Walk) -> None:
    walk.to("accepted")
    walk.later(days=40)
    walk.sees("coordinator.rj", "Eligibility lapsed")
    walk.sees("physician.rj", "Eligibility lapsed")
    when = {"order_id": walk.order.pk, "reason": "lapsed", "collection_planned_at": walk.clock.at + timedelta(days=3)}
    walk.refused("orders.virology_old", "orders.reschedule_collection", "planner", **when)
    today = walk.clock.at.date()
    lines = [f"{one} = negative, {today}" for one in ("hiv", "hbv", "hcv", "syphilis", "cmv")]
    bad = {"order_id": walk.order.pk, "virology": ["hiv negative"]}
    walk.refused("orders.line_unreadable", "orders.renew_eligibility", "physician.rj", **bad)
    walk.on_order("renew_eligibility", "physician.rj", virology=lines)
    weight = {"weight_kg": Decimal(60), "weight_measured_at": walk.clock.at - timedelta(hours=1)}
    walk.on_order("confirm_weight", "coordinator.rj", **weight)
    walk.do("orders.reschedule_collection", "planner", **when)
    walk.told("Eligibility renewed: HIV")
    walk.to("collected")


def test_eligibility_lapsed_for_good(walk: Walk) -> None:
    walk.to("accepted")
    walk.later(days=40)
    lapsed = {"cause": EndCause.ELIGIBILITY_LAPSED, "reason": "hepatitis B reactivated"}
    walk.on_order("cancel_order", "physician.rj", **lapsed)
    assert (walk.order.end_cause, walk.slots()) == ("eligibility_lapsed", ["released"])


def collected_twice(walk: Walk) -> None:
    """Collect on two days, and pack both bags into one shipment that is under way."""
    walk.to("collected")
    walk.later(hours=18)
    told = {"scanned_wristband": walk.wristband}
    walk.on_order("start_collection", "nurse.rj", "nurse.rj2", **told)
    walk.on_order("activate_kit_label", "nurse.rj", scanned_label=walk.label(), **told)
    walk.later(hours=4)
    walk.on_order("record_collection", "nurse.rj", volume_ml=Decimal(180))
    walk.to("in_transit")


def accept(walk: Walk, bag: str) -> None:
    """Count a bag and accept it."""
    walk.later(minutes=20)
    walk.on_shipment("accept_material", "operator1", scanned_container=bag, counter=walk.count(sample_id=bag))


def test_two_bags_in_one_receipt_one_of_them_broken(walk: Walk) -> None:
    collected_twice(walk)
    walk.deliver(8)
    broken, whole = walk.contents()
    missing = walk.receiving(scanned_containers=[whole])
    walk.refused("logistics.container_missing", "logistics.receive_shipment", "warehouse", "warehouse2", **missing)
    walk.receive(cracked_containers=[broken])
    assert (walk.shipment.state, walk.cells()[broken][1]) == ("quarantined", "rejected")
    walk.sees("qareviewer", broken, f"/shipments/{walk.shipment.pk}")
    walk.on_shipment("review_excursion", "qareviewer", decision="accepted", assessment="the second bag is whole")
    assert walk.order.state == "received"
    count: dict[str, Any] = {
        "shipment_id": walk.shipment.pk,
        "scanned_container": broken,
        "counter": walk.count(sample_id=broken),
    }
    assert not walk.api.act("logistics.accept_material", "operator1", **count).done
    accept(walk, whole)
    assert walk.order.state == "material_accepted"
    assert walk.cells() == {broken: ("active", "rejected"), whole: ("active", "accepted")}
    walk.sees("warehouse", "Destroy the rejected container")
    gone = {"scanned_container": broken, "reason": "cracked"}
    walk.on_order("destroy_unused", "warehouse", "warehouse2", **gone)
    walk.do("manufacturing.open_batch", "supervisor", order_id=walk.order.pk)
    assert walk.order.state == "in_manufacture"


def test_two_bags_in_one_receipt_one_of_them_rejected(walk: Walk) -> None:
    collected_twice(walk)
    walk.to("received")
    good, bad = walk.contents()
    accept(walk, good)
    walk.on_shipment("reject_material", "qareviewer", scanned_container=bad, reason="haemolysed")
    assert walk.order.state == "material_accepted"
    assert walk.cells() == {good: ("active", "accepted"), bad: ("active", "rejected")}


def test_two_bags_in_one_receipt_both_broken(walk: Walk) -> None:
    collected_twice(walk)
    walk.deliver(8)
    walk.receive(cracked_containers=walk.contents())
    given: dict[str, Any] = {"shipment_id": walk.shipment.pk, "decision": "accepted", "assessment": "there is none"}
    assert not walk.api.act("logistics.review_excursion", "qareviewer", **given).done
    walk.on_shipment("review_excursion", "qareviewer", decision="rejected", assessment="nothing is whole")
    assert walk.order.state == "stopped"
    walk.sees("physician.rj", "Decide how the course goes on")


def test_two_collections_for_one_course(walk: Walk) -> None:
    collected_twice(walk)
    assert [one.ordinal for one in walk.order.collections.order_by("ordinal")] == [1, 2]
    assert walk.shipment.items.count() == 2
    walk.to("received")
    first, second = walk.contents()
    for bag in (first, second):
        accept(walk, bag)
    assert walk.order.state == "material_accepted"
    assert set(walk.cells().values()) == {("active", "accepted")}
    walk.sees("coordinator.rj", second, walk.order_page)


@pytest.fixture
def pooling(walk: Walk) -> Iterator[Walk]:
    """A course collected twice, by a definition whose batch begins with all bags in one."""
    collected_twice(walk)
    walk.to("received")
    steps = [step for _, step in definition_of(walk.order).process.all_steps() if isinstance(step, Produce)]
    object.__setattr__(steps[0], "pools", True)
    try:
        yield walk
    finally:
        object.__setattr__(steps[0], "pools", None)


def test_the_course_waits_for_every_bag_where_its_definition_pools_them(pooling: Walk) -> None:
    first, second = pooling.contents()
    accept(pooling, first)
    assert pooling.order.state == "received"
    page = f"/shipments/{pooling.shipment.pk}"
    pooling.sees("operator1", "The definition pools all bags", page)
    pooling.sees("operator1", "按定义须合并全部采集袋", page, "zh-hans")
    pooling.sees("operator1", "Count and accept the starting material")
    assert not pooling.api.act("manufacturing.open_batch", "supervisor", order_id=str(pooling.order.pk)).done
    accept(pooling, second)
    assert pooling.order.state == "material_accepted"
    assert set(pooling.cells().values()) == {("active", "accepted")}


def test_the_course_waits_no_more_when_the_last_bag_is_rejected(pooling: Walk) -> None:
    first, second = pooling.contents()
    accept(pooling, first)
    pooling.on_shipment("reject_material", "qareviewer", scanned_container=second, reason="haemolysed")
    assert pooling.order.state == "material_accepted"


def test_where_the_definition_takes_one_bag_the_page_says_what_is_accepted(walk: Walk) -> None:
    collected_twice(walk)
    walk.to("received")
    first, second = walk.contents()
    accept(walk, first)
    assert walk.order.state == "material_accepted"
    page = f"/shipments/{walk.shipment.pk}"
    walk.sees("operator1", "the course goes on with what is accepted", page)
    walk.sees("operator1", "Count and accept the starting material")
    assert walk.cells()[second] == ("active", "quarantined")


def test_a_failed_apheresis_is_done_again(walk: Walk) -> None:
    walk.to("collecting")
    walk.activate()
    walk.on_order("fail_collection", "nurse.rj", reason="no venous access")
    assert (walk.order.state, walk.slots()) == ("stopped", ["released"])
    walk.sees("physician.rj", "Decide how the course goes on")
    walk.sees("physician.rj", "The course stands still", walk.order_page)
    again = {"decision": CourseDecision.RECOLLECT, "reason": "by a central line"}
    walk.refused("orders.no_new_date", "orders.decide_course", "physician.rj", order_id=walk.order.pk, **again)
    later = walk.clock.at + timedelta(days=3)
    walk.on_order("decide_course", "physician.rj", collection_planned_at=later, **again)
    assert (walk.order.state, walk.slots()) == ("accepted", ["held", "released"])
    kit = walk.order.coi.kits.get() if walk.order.coi else None
    assert kit is not None
    voided = kit.labels.filter(state="voided").count()
    walk.do("identity.reconcile_labels", "coordinator.rj", kit_id=kit.pk, counted_used=0, counted_voided=voided)
    band = walk.wristband
    walk.clock.move_to(later)
    walk.on_order("print_collection_kit", "coordinator.rj")
    walk.on_order("reconfirm_site", "coordinator.rj", moment="collection")
    walk.on_order("start_collection", "nurse.rj", "nurse.rj2", scanned_wristband=band)
    walk.to("material_accepted")
    walk.told("Treatment course stopped (collection failed)", "Decided about the stopped course: recollect")


def test_a_second_course_of_the_same_patient(walk: Walk) -> None:
    walk.to("accepted")
    first = walk.order
    walk.draft(subject_number="RJ-008")
    given = {"order_id": walk.order.pk}
    walk.refused("orders.course_under_way", "orders.submit_order", "physician.rj", **given)
    walk.do("orders.cancel_order", "physician.rj", order_id=first.pk, reason="another arm")
    walk.on_order("submit_order", "physician.rj")
    walk.on_order("accept_order", "planner")
    assert walk.order.patient_id == first.patient_id
    assert walk.order.coi_id != first.coi_id
