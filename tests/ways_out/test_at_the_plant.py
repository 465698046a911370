"""Ways out between hospital and release: material judged or rejected, batches terminated, other batches made."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.ways_out.conftest import Walk
from vein2vein import journal
from vein2vein.journal import run_followers
from vein2vein.laboratory.models import Test
from vein2vein.logistics.models import MaterialReceipt
from vein2vein.manufacturing.models import Batch
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.orders.states import CourseDecision
from vein2vein.quality.models import Deviation

pytestmark = pytest.mark.requirement("W")
FEW = {"live_cells_per_ml": Decimal("8.0E6"), "dead_cells_per_ml": Decimal("1E5")}


def referred(walk: Walk) -> dict[str, Any]:
    """Carry a course to a count that misses its limits; return the container, as its judges scan it."""
    walk.to("received")
    walk.later(minutes=20)
    bag = walk.contents()[0]
    low = {"shipment_id": walk.shipment.pk, "scanned_container": bag, "counter": walk.count(**FEW)}
    walk.refused("logistics.too_few_cells", "logistics.accept_material", "operator1", **low)
    walk.do("logistics.refer_material", "operator1", **low)
    walk.sees("physician.rj", "Judge the starting material")
    walk.sees("qareviewer", "Judge the starting material")
    walk.sees("qareviewer", "misses its limits", "/quality/deviations")
    return {"scanned_container": bag}


def test_a_low_count_is_accepted_by_physician_and_quality(walk: Walk) -> None:
    bag = referred(walk)
    yes = {**bag, "decision": "accepted", "reason": "no second apheresis can be borne"}
    walk.on_shipment("judge_material", "physician.rj", **yes)
    assert walk.order.state == "received"
    walk.on_shipment("judge_material", "qp", **yes)
    assert walk.order.state == "material_accepted"
    assert MaterialReceipt.objects.get().missed == ["too_few_cells"]
    assert Deviation.objects.filter(order_id=walk.order.pk, blocks_release=True).exists()
    walk.told("referred to physician and quality", "medical decision accepted", "quality decision accepted")
    walk.told("移交医生与质量", language="zh-hans")


def test_a_low_count_is_rejected_and_collected_again(walk: Walk) -> None:
    bag = referred(walk)
    walk.on_shipment("judge_material", "qp", **bag, decision="accepted", reason="tolerable")
    walk.on_shipment("judge_material", "physician.rj", **bag, decision="rejected", reason="a second apheresis is safe")
    assert (walk.order.state, walk.slots()) == ("stopped", ["released"])
    assert set(walk.cells().values()) == {("active", "rejected")}
    walk.sees("physician.rj", "Decide how the course goes on")
    walk.sees("planner", "The course stands still")
    none: dict[str, Any] = {"order_id": walk.order.pk, "decision": CourseDecision.REMANUFACTURE, "reason": "x"}
    walk.refused("orders.no_material_left", "orders.decide_course", "physician.rj", **none)
    later = walk.clock.at + timedelta(days=4)
    again = {"decision": CourseDecision.RECOLLECT, "reason": "low count", "collection_planned_at": later}
    walk.on_order("decide_course", "physician.rj", **again)
    assert walk.order.state == "accepted"


def test_starting_material_is_rejected_by_quality(walk: Walk) -> None:
    walk.to("received")
    bag = {"shipment_id": walk.shipment.pk, "scanned_container": walk.contents()[0]}
    walk.sees("qareviewer", "logistics.reject_material", f"/shipments/{walk.shipment.pk}")
    walk.by_page("logistics.reject_material", "qareviewer", **bag, reason="the bag leaks")
    assert walk.order.state == "stopped"
    walk.told("rejected: the bag leaks")
    walk.sees("physician.rj", "orders.decide_course", walk.order_page)
    close: dict[str, Any] = {"order_id": walk.order.pk, "decision": CourseDecision.CLOSE}
    walk.by_page("orders.decide_course", "physician.rj", **close, reason="too frail")
    assert (walk.order.state, walk.order.end_cause) == ("cancelled", "material_rejected")
    walk.sees("warehouse", "Destroy the rejected container")


@pytest.fixture
def bench(walk: Walk) -> Bench:
    """A batch of the course that is under way."""
    walk.to("material_accepted")
    made = Bench(walk.clock, walk.find, walk.sign)
    made.batch = _opened(walk)
    return made


def _opened(walk: Walk) -> Batch:
    walk.do("manufacturing.open_batch", "supervisor", order_id=walk.order.pk)
    return Batch.objects.get(order_id=walk.order.pk, state="open")


def test_a_terminated_batch_is_made_again_from_what_is_left(walk: Walk, bench: Bench) -> None:
    end = {"batch_id": bench.batch.pk, "reason": "workstation failed"}
    walk.do("manufacturing.terminate_batch", "supervisor", **end)
    assert (walk.order.state, walk.slots()) == ("stopped", ["used"])
    walk.sees("physician.rj", "Decide how the course goes on")
    walk.sees("physician.rj", "batch terminated", walk.order_page)
    walk.on_order("decide_course", "physician.rj", decision=CourseDecision.REMANUFACTURE, reason="nothing was used")
    assert (walk.order.state, walk.slots()) == ("material_accepted", ["held", "used"])
    walk.sees("supervisor", "Open the batch")
    again = _opened(walk)
    assert again.pk != bench.batch.pk
    assert walk.slots() == ["used", "used"]
    walk.told("terminated: workstation failed", "Decided about the stopped course: remanufacture")


def test_a_terminated_batch_that_used_the_material_needs_another_apheresis(walk: Walk, bench: Bench) -> None:
    while ("active", "accepted") in set(walk.cells().values()):
        bench.once(bench.next())
    bench.once(bench.next())
    walk.do("manufacturing.terminate_batch", "qareviewer", batch_id=bench.batch.pk, reason="contaminated")
    states = set(walk.cells().values())
    assert ("consumed", "accepted") in states
    assert not {one for one in states if one[0] == "active" and one[1] != "rejected"}
    none: dict[str, Any] = {"order_id": walk.order.pk, "decision": CourseDecision.REMANUFACTURE, "reason": "x"}
    walk.refused("orders.no_material_left", "orders.decide_course", "physician.rj", **none)
    for occupancy in bench.batch.occupancies.filter(during__endswith__isnull=True).select_related("workstation"):
        from vein2vein.engines.codes import Kind, make

        code = make(Kind.EQUIPMENT, occupancy.workstation.code)
        walk.do("manufacturing.clear_out", "operator1", batch_id=bench.batch.pk, equipment_code=code)
    later = walk.clock.at + timedelta(days=4)
    again = {"decision": CourseDecision.RECOLLECT, "reason": "contaminated", "collection_planned_at": later}
    walk.on_order("decide_course", "physician.rj", **again)
    assert walk.order.state == "accepted"


def test_the_planned_tests_of_a_terminated_batch_leave_the_analysts_list(walk: Walk, bench: Bench) -> None:
    bench.to("compute_formulation_volume")
    run_followers()
    planned = Test.objects.filter(batch=bench.batch)
    assert set(planned.values_list("state", flat=True)) == {"planned"}
    walk.sees("analyst", "Test the batch")
    walk.do("manufacturing.terminate_batch", "supervisor", batch_id=bench.batch.pk, reason="bag leaks")
    assert set(planned.values_list("state", "cancel_reason")) == {("cancelled", "batch terminated: bag leaks")}
    here = walk.page.client("analyst").get("/").content.decode()
    assert "Test the batch" not in here
    assert "Receive the sample" not in here
    walk.told("cancelled: batch terminated: bag leaks")


def test_a_course_that_ends_takes_its_batch_with_it(walk: Walk, bench: Bench) -> None:
    walk.on_order("report_death", "physician.rj", died_on=walk.clock.at.date())
    bench.batch.refresh_from_db()
    assert bench.batch.state == "terminated"
    assert "journal.no_such_transition" not in walk.facts()
    assert set(walk.cells().values()) == {("active", "quarantined")}


def test_only_its_physician_decides(walk: Walk, bench: Bench) -> None:
    walk.do("manufacturing.terminate_batch", "supervisor", batch_id=bench.batch.pk, reason="x")
    told: dict[str, Any] = {"order_id": walk.order.pk, "decision": CourseDecision.CLOSE, "reason": "x"}
    for person in ("planner", "qp", "coordinator.rj", "supervisor"):
        assert walk.api.act("orders.decide_course", person, **told).status == 403
    assert walk.api.act("orders.decide_course", "physician.bj", **told).status == 404
    assert journal.ACTIONS["orders.stop_course"].internal
