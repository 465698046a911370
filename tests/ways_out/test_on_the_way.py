"""Ways out on the road: late, tipped, cracked, lost; excursions out and back; a site that is not ready; a return."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.ways_out.conftest import Walk
from vein2vein.core.uploads import Upload
from vein2vein.logistics.states import ShipmentKind
from vein2vein.orders.states import CourseDecision, Moment, ObstacleKind
from vein2vein.quality.models import Deviation

pytestmark = pytest.mark.requirement("W")


def _warm(walk: Walk, celsius: str) -> Upload:
    """Return the logger's file of a journey with two hours far outside its limits in the middle."""
    points: list[tuple[datetime, Decimal]] = walk.readings()
    middle = points[len(points) // 2][0]
    return walk.trace(
        [(at, Decimal(celsius) if abs(at - middle) < timedelta(hours=1) else value) for at, value in points]
    )


def test_an_excursion_out_is_rejected_and_the_course_stops(walk: Walk) -> None:
    walk.to("in_transit")
    walk.deliver()
    walk.receive(trace=_warm(walk, "25"))
    assert (walk.shipment.state, walk.again().state) == ("quarantined", "received")
    walk.sees("qareviewer", "Review the excursion")
    walk.on_shipment("review_excursion", "qareviewer", decision="rejected", assessment="two hours at 25 °C")
    assert (walk.order.state, walk.shipment.state) == ("stopped", "rejected")
    walk.sees("physician.rj", "Decide how the course goes on")
    later = walk.clock.at + timedelta(days=4)
    again = {"decision": CourseDecision.RECOLLECT, "reason": "excursion", "collection_planned_at": later}
    walk.on_order("decide_course", "physician.rj", **again)
    assert walk.order.state == "accepted"
    walk.told("Treatment course stopped (material rejected)")


def test_an_excursion_back_is_accepted_by_quality(walk: Walk) -> None:
    walk.to("dispatched")
    walk.deliver(24)
    walk.receive(trace=_warm(walk, "-140"))
    assert (walk.shipment.state, walk.again().state) == ("quarantined", "dispatched")
    walk.on_shipment("review_excursion", "qareviewer", decision="accepted", assessment="below the glass transition")
    assert walk.order.state == "at_site"
    walk.to("infused")


def test_an_excursion_back_that_is_rejected_loses_the_product(walk: Walk) -> None:
    walk.to("dispatched")
    walk.deliver(24)
    walk.receive(trace=_warm(walk, "-60"))
    walk.on_shipment("review_excursion", "qareviewer", decision="rejected", assessment="above the glass transition")
    assert walk.order.state == "stopped"
    told = {"order_id": walk.order.pk}
    walk.refused("orders.product_not_secured", "orders.clear_for_lymphodepletion", "physician.rj", **told)
    left = {**told, "decision": CourseDecision.CONTINUE, "reason": "x"}
    walk.refused("orders.no_product_left", "orders.decide_course", "physician.rj", **left)
    walk.sees("celllab.rj", "Destroy the rejected container")


def test_a_delay_past_every_limit_is_told_at_once(walk: Walk) -> None:
    walk.to("in_transit")
    held = walk.shipment.hold_ends_at
    assert held is not None
    told = {"shipment_id": walk.shipment.pk, "kind": "delayed", "description": "airport closed"}
    walk.refused("logistics.no_new_time", "logistics.report_incident", "carrier.a", **told)
    late = walk.clock.at + timedelta(hours=100)
    walk.do("logistics.report_incident", "carrier.a", expected_at=late, **told)
    for person in ("planner", "qareviewer"):
        walk.sees(person, "Shipment comes too late")
    walk.told("delayed on its way: airport closed")
    walk.clock.move_to(held)
    walk.deliver(1)
    walk.receive()
    assert walk.shipment.findings == ["hold_time_over"]
    walk.on_shipment("review_excursion", "qareviewer", decision="accepted", assessment="trace good all the way")
    bag = {"scanned_container": walk.contents()[0], "counter": walk.count()}
    given = {"shipment_id": walk.shipment.pk}
    walk.refused("logistics.too_old", "logistics.accept_material", "operator1", **given, **bag)
    gone = {"scanned_container": walk.contents()[0], "reason": "past its limit"}
    walk.on_shipment("reject_material", "qareviewer", **gone)
    assert walk.order.state == "stopped"


def test_a_tipped_shipping_container_is_quarantined(walk: Walk) -> None:
    walk.to("dispatched")
    walk.on_shipment("report_incident", "carrier.a", kind="tipped", description="fell from the trolley")
    walk.deliver(24)
    walk.receive(tipped=True)
    assert walk.shipment.findings == ["tipped", "incident"]
    walk.sees("qareviewer", "fell from the trolley", f"/shipments/{walk.shipment.pk}")
    walk.on_shipment("review_excursion", "qareviewer", decision="accepted", assessment="trace and bags are good")
    assert walk.order.state == "at_site"


def test_a_cracked_bag_leaves_a_reduced_dose_to_decide_on(walk: Walk) -> None:
    walk.to("dispatched")
    walk.deliver(24)
    broken, whole = (bag.code for bag in walk.bags)
    walk.receive(cracked_containers=[broken])
    assert walk.cells()[broken] == ("active", "rejected")
    walk.on_shipment("review_excursion", "qareviewer", decision="accepted", assessment="the other bag is whole")
    assert (walk.order.state, walk.cells()[whole]) == ("stopped", ("active", "released"))
    walk.sees("physician.rj", "product rejected", walk.order_page)
    walk.on_order("decide_course", "physician.rj", decision=CourseDecision.CONTINUE, reason="half is in range")
    assert (walk.order.state, walk.order.reduced_dose) == ("at_site", True)
    walk.bags = [bag for bag in walk.bags if bag.code == whole]
    walk.to("cleared")
    walk.lymphodeplete()
    half = {**walk.dose(), "dose_amount": Decimal(150000)}
    walk.do("orders.confirm_dose", "physician.rj", **half)
    thaw = {"order_id": walk.order.pk, "scanned_bag": broken}
    walk.refused("orders.bag_not_of_dose", "orders.thaw_product", "celllab.rj", **thaw)
    walk.on_order("thaw_product", "celllab.rj", scanned_bag=whole)
    walk.infuse(walk.bags[0])
    assert walk.again().state == "infused"
    walk.on_order("destroy_unused", "celllab.rj", "celllab.rj2", scanned_container=broken, reason="cracked")


def test_a_lost_shipment_stops_the_course_and_may_be_found(walk: Walk) -> None:
    walk.to("in_transit")
    walk.on_shipment("report_lost", "planner", reason="no sign since the airport")
    assert (walk.shipment.state, walk.order.state) == ("lost", "stopped")
    assert set(walk.cells().values()) == {("active", "rejected")}
    assert Deviation.objects.filter(order_id=walk.order.pk).exists()
    walk.sees("physician.rj", "Decide how the course goes on")
    walk.told("lost: no sign since the airport")
    walk.told("丢失：no sign since the airport", language="zh-hans")
    later = walk.clock.at + timedelta(days=4)
    again = {"decision": CourseDecision.RECOLLECT, "reason": "lost", "collection_planned_at": later}
    walk.on_order("decide_course", "physician.rj", **again)
    walk.on_shipment("report_found", "carrier.a", reason="wrong shelf")
    walk.deliver(6)
    walk.receive()
    assert (walk.shipment.findings, walk.again().state) == (["not_awaited"], "accepted")
    walk.on_shipment("review_excursion", "qareviewer", decision="rejected", assessment="rejected when lost")
    assert walk.order.state == "accepted"


def test_a_site_that_is_not_ready_receives_nothing(walk: Walk) -> None:
    walk.to("released")
    walk.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
    walk.plan(ShipmentKind.PRODUCT)
    not_ready = {"kind": ObstacleKind.SITE_NOT_READY}
    walk.on_order("report_obstacle", "celllab.rj", **not_ready, reason="nitrogen tank in alarm")
    walk.refused("orders.site_not_ready", "logistics.pack_shipment", "warehouse", **walk.packing())
    walk.sees("warehouse", "nitrogen tank in alarm", f"/shipments/{walk.shipment.pk}")
    walk.on_order("lift_obstacle", "celllab.rj", **not_ready, reason="tank changed")
    walk.pack()
    walk.on_order("report_obstacle", "celllab.rj", **not_ready, reason="tank in alarm again")
    scan = {"shipment_id": walk.shipment.pk, "scanned_shipment": walk.shipment.code}
    walk.refused("orders.site_not_ready", "logistics.hand_over_shipment", "carrier.a", **scan)


def test_an_unused_product_goes_back(walk: Walk) -> None:
    walk.to("at_site")
    walk.on_order("end_course", "physician.rj", cause="too_ill", reason="in intensive care")
    walk.sees("qp", "Decide about the unused container")
    for bag in walk.bags:
        unused = {"scanned_container": bag.code, "decision": "return", "reason": "to be kept by the manufacturer"}
        walk.on_order("decide_unused", "qp", **unused)
    walk.sees("coordinator.rj", "Plan the shipment")
    walk.plan(ShipmentKind.RETURN, shipper="DS-02", by=walk.who("coordinator"))
    assert walk.shipment.lane.code == "RJ-IN-CRYO"
    walk.do("logistics.pack_shipment", "celllab.rj", **walk.packing(scanned_containers=[b.code for b in walk.bags]))
    walk.shipment.refresh_from_db()
    walk.depart()
    walk.deliver(12)
    first = walk.find("warehouse")
    told = walk.receiving(scanned_containers=[bag.code for bag in walk.bags], trace=None, no_trace_reason="flat")
    walk.shipment = walk.witnessed(first, walk.find("warehouse2"), "logistics.receive_shipment", **told)
    assert (walk.shipment.state, walk.again().state) == ("quarantined", "cancelled")
    walk.on_shipment("review_excursion", "qareviewer", decision="rejected", assessment="not to be used again")
    for bag in walk.bags:
        walk.on_order("destroy_unused", "warehouse", "warehouse2", scanned_container=bag.code, reason="returned")
    assert {walk.cells()[bag.code] for bag in walk.bags} == {("destroyed", "rejected")}
