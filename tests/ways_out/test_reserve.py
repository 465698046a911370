"""The reserve bag of a released batch: asked for by the physician, issued by the qualified person, given in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.routes import world
from tests.ways_out.conftest import Walk
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.identity.models import Container
from vein2vein.logistics.states import ShipmentKind
from vein2vein.orders.states import CourseDecision, Moment, OrderRoute, RefusalCause
from vein2vein.quality.models import DeclaredDose, Disposition
from vein2vein.quality.states import ReserveDecision
from vein2vein.quality.tests.ready import Quality

pytestmark = [pytest.mark.requirement("W"), pytest.mark.requirement("N19")]


@pytest.fixture(scope="module")
def _worker_database(template: str) -> Iterator[str]:
    ways = {"reserve": world.Way("rj", {"route": OrderRoute.COMMERCIAL, **world.PAPERLESS})}
    with world.world(template, ways, "reserve") as name:
        yield name


@pytest.fixture
def clock_at(db: None) -> Iterator[SimulatedClock]:
    with clock.use(SimulatedClock(world.FOUND["reserve"].at)) as simulated:
        yield simulated


class Kept(Walk):
    """A course with a bag that is released and one that is kept in reserve."""

    quality: Quality

    @property
    def spare(self) -> Container:
        """Return the bag in reserve as it is now."""
        return Container.objects.get(coi_id=self.order.coi_id, role="reserve_bag")

    def asked(self, **given: Any) -> dict[str, Any]:
        """Return arguments of the decision about the reserve, with some changed."""
        decided = {"decision": ReserveDecision.RELEASE, "reason": "the first bag cannot be given"}
        return {"batch_id": self.quality.batch.pk, **decided, **given}

    def ask(self) -> None:
        """Let the physician ask for the reserve."""
        self.on_order("decide_course", "physician.rj", decision=CourseDecision.RESERVE, reason="the reserve is whole")
        assert self.order.state == "manufactured"

    def weigh(self) -> None:
        """Weigh the patient again."""
        now = {"weight_kg": self.order.weight_kg, "weight_measured_at": self.clock.at}
        self.on_order("confirm_weight", "nurse.rj", **now)

    def issue(self) -> None:
        """Release the reserve by the form of the batch's page, and look for it as the dose."""
        self.by_page("quality.decide_reserve", "qp", **self.asked())
        self.bags = [one.container for one in self.order.dose_bags]
        assert [one.role for one in self.bags] == ["reserve_bag"]

    def send(self, shipper: str = "DS-02") -> None:
        """Let the reserve travel to the ward; that it is the only copy is accepted by name."""
        self.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
        self.plan(ShipmentKind.PRODUCT, shipper=shipper, logger="TL-05")
        packing = self.packing()
        self.refused("orders.only_copy", "logistics.pack_shipment", "warehouse", **packing)
        self.on_order("accept_single_copy", "qp", reason="the first bag is gone")
        self.pack(**packing)
        self.depart()
        self.deliver(12)
        self.receive()
        self.again()

    def infuse(self, bag: Container) -> None:
        self.match(bag)
        scanned = {"scanned_bag": bag.code}
        self.on_order("start_infusion", "infusion.rj", **scanned)
        self.later(minutes=12)
        self.on_order("record_infusion", "infusion.rj", **scanned, volume_ml=bag.volume_ml)


@pytest.fixture
def walk(clock_at: SimulatedClock, actor: Callable[[str], Actor], sign: Callable[..., Actor]) -> Kept:
    """A course whose batch is released by manufacturer and MAH."""
    found = Kept(clock_at, actor, sign, "rj")
    found.quality = world.quality_of("reserve", clock_at)
    for decision in found.quality.dossier().awaited:
        found.quality.decide(decision)
    course = world.course_of("reserve", clock_at)
    found.order, found.wristband, found.bags = course.order, course.wristband, course.bags
    assert (found.again().state, found.spare.disposition) == ("released", "quarantined")
    return found


def broken_at_the_bedside(walk: Kept) -> None:
    """Bring the first bag to the ward, prepare the patient, and find that it leaks."""
    walk.to("cleared")
    walk.lymphodeplete()
    walk.confirm_dose()
    walk.on_order("thaw_product", "celllab.rj", scanned_bag=walk.bags[0].code)
    walk.on_order("refuse_infusion", "physician.rj", cause=RefusalCause.BAG_DAMAGED, reason="a port leaks")
    assert walk.order.state == "stopped"


def test_broken_at_the_bedside_the_reserve_is_given_on_the_same_lymphodepletion(walk: Kept) -> None:
    broken_at_the_bedside(walk)
    began = walk.order.lymphodepletion_started_at
    walk.refused("quality.reserve_not_asked", "quality.decide_reserve", "qp", **walk.asked())
    walk.sees("physician.rj", 'value="reserve"', walk.order_page)
    walk.ask()
    assert (walk.order.cleared_at, walk.order.lymphodepletion_started_at) == (None, began)
    walk.sees("qp", "Decide about the reserve")
    page = f"/quality/batches/{walk.quality.batch.pk}"
    walk.sees("qp", "The treating physician asks for the reserve of this batch", page)
    walk.sees("qp", "备用袋放行条件", page, "zh-hans")
    assert walk.api.act("quality.decide_reserve", "physician.rj", **walk.asked()).status == 403
    walk.issue()
    assert (walk.order.state, walk.spare.disposition) == ("released", "released")
    first, second = DeclaredDose.objects.order_by("id")
    assert (first.total_cells, [one["container_code"] for one in second.bags]) == (
        second.total_cells,
        [walk.spare.code],
    )
    walk.refused("quality.reserve_not_asked", "quality.decide_reserve", "qp", **walk.asked())
    walk.send()
    assert (walk.order.state, walk.order.lymphodepletion_started_at) == ("cleared", began)
    thaw: dict[str, Any] = {"order_id": walk.order.pk, "scanned_bag": walk.spare.code}
    walk.refused("orders.dose_not_confirmed", "orders.thaw_product", "celllab.rj", **thaw)
    walk.confirm_dose()
    walk.on_order("thaw_product", "celllab.rj", scanned_bag=walk.spare.code)
    walk.infuse(walk.spare)
    assert (walk.order.state, walk.spare.state) == ("infused", "infused")
    walk.told("Decided about the stopped course: reserve", "reserve", "Product not infused (bag damaged)")
    for paper in ("dose-report", "release-for-infusion", "certificate"):
        answer = walk.page.client("physician.rj").get(f"/quality/batches/{walk.quality.batch.pk}/{paper}.pdf")
        assert (answer.status_code, answer.content[:4]) == (200, b"%PDF")


def test_lost_on_the_way_the_reserve_comes_too_late_for_no_lymphodepletion(walk: Kept) -> None:
    walk.to("dispatched")
    walk.on_shipment("report_lost", "planner", reason="no sign since the airport")
    assert walk.order.state == "stopped"
    walk.ask()
    walk.weigh()
    walk.issue()
    walk.send()
    assert (walk.order.state, walk.order.cleared_at) == ("at_site", None)
    walk.to("cleared")
    walk.lymphodeplete()
    walk.confirm_dose()
    walk.on_order("thaw_product", "celllab.rj", scanned_bag=walk.spare.code)
    walk.infuse(walk.spare)
    assert walk.order.state == "infused"


def test_a_lymphodepletion_that_is_too_long_ago_when_the_reserve_comes_is_done_anew(walk: Kept) -> None:
    broken_at_the_bedside(walk)
    walk.ask()
    walk.issue()
    walk.later(days=6)
    walk.send()
    kept = (walk.order.cleared_at, walk.order.clearance_kept_at, walk.order.lymphodepletion_started_at)
    assert (walk.order.state, kept) == ("at_site", (None, None, None))
    thaw: dict[str, Any] = {"order_id": walk.order.pk, "scanned_bag": walk.spare.code}
    assert not walk.api.act("orders.thaw_product", "celllab.rj", **thaw).done


def test_a_reserve_that_is_rejected_stops_the_course_again(walk: Kept) -> None:
    broken_at_the_bedside(walk)
    walk.ask()
    no = walk.asked(decision=ReserveDecision.REJECT, reason="the store was in alarm")
    walk.do("quality.decide_reserve", "qp", **no)
    assert (walk.order.state, walk.spare.disposition) == ("stopped", "rejected")
    assert Disposition.objects.filter(decision="reject_reserve", final=False).exists()
    again = {"order_id": walk.order.pk, "decision": CourseDecision.RESERVE, "reason": "x"}
    walk.refused("orders.no_reserve_left", "orders.decide_course", "physician.rj", **again)
    walk.sees("warehouse", "Destroy the rejected container")


def test_a_reserve_in_quarantine_is_neither_packed_nor_thawed(walk: Kept) -> None:
    broken_at_the_bedside(walk)
    walk.ask()
    walk.bags = [walk.spare]
    assert not walk.api.act(
        "orders.thaw_product", "celllab.rj", order_id=walk.order.pk, scanned_bag=walk.spare.code
    ).done
    walk.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
    walk.plan(ShipmentKind.PRODUCT, shipper="DS-02", logger="TL-05")
    assert not walk.api.act("logistics.pack_shipment", "warehouse", **walk.packing()).done


def test_an_old_weight_and_a_finding_keep_the_reserve_where_it_is(walk: Kept) -> None:
    walk.to("dispatched")
    walk.on_shipment("report_lost", "planner", reason="no sign since the airport")
    walk.ask()
    walk.later(days=20)
    walk.refused("orders.weight_stale", "quality.decide_reserve", "qp", **walk.asked())
    walk.weigh()
    given = {"batch_id": walk.quality.batch.pk, "subject": "Store", "description": "nitrogen alarm", "hold": False}
    walk.do("quality.open_deviation", "qareviewer", **given)
    walk.refused("quality.deviation_open", "quality.decide_reserve", "qp", **walk.asked())
