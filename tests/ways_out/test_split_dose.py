"""A dose in three bags, by a definition of its own: given on two days, a bag broken, the rest refused or recalled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.routes import world
from tests.ways_out.conftest import Walk
from tests.ways_out.split import KIT, split_files
from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.refusals import Refused
from vein2vein.core.uploads import Upload
from vein2vein.identity.models import Container
from vein2vein.laboratory.models import Result
from vein2vein.laboratory.tests.worlds import granted
from vein2vein.manufacturing.reads import StepGuide
from vein2vein.materials.models import Movement
from vein2vein.orders.reads import local_day
from vein2vein.orders.states import CourseDecision, RefusalCause
from vein2vein.people.reads import actor_named
from vein2vein.quality.models import Alert, DeclaredDose, Deviation
from vein2vein.quality.states import ProductHold
from vein2vein.quality.tests.ready import Quality
from vein2vein.therapies.carrying import carry_through

pytestmark = [pytest.mark.requirement("W"), pytest.mark.requirement("N13")]
BAGS = 3


def approved() -> None:
    """Submit and approve the definition by its people; it is in force from today."""
    files = [Upload(name, content) for name, content in split_files(BAGS).items()]
    drafted = journal.ACTIONS["therapies.submit_definition"].run(files=files, by=actor_named("supervisor"))
    carry_through(drafted.id)
    given: dict[str, Any] = {"definition_id": drafted.id, "effective_from_on": clock.now().date()}
    approve = journal.ACTIONS["therapies.approve_definition"].run
    approve(**given, by=granted(actor_named("qp"), "therapies.approve_definition", **given))


class Careless(world.Received):
    """People who scan the bag that they have scanned already, and are refused."""

    refused: int = 0

    def perform(self, guide: StepGuide, **changed: Any) -> Any:
        place = guide.step_code.removeprefix("scan_product_bag_")
        if place in ("2", "3"):
            first = self.batch.steps.get(code="scan_product_bag_1").recordings.get().scanned
            with pytest.raises(Refused) as caught:
                super().perform(guide, scanned=first)
            assert [one.code for one in caught.value.blockers] == ["manufacturing.scanned_twice"]
            type(self).refused += 1
        return super().perform(guide, **changed)


@pytest.fixture(scope="module")
def _worker_database(template: str) -> Iterator[str]:
    ways = {"split": world.Way("rj", {}, prepare=approved, bench=Careless)}
    with world.world(template, ways, "split") as name:
        yield name


@pytest.fixture
def clock_at(db: None) -> Iterator[SimulatedClock]:
    with clock.use(SimulatedClock(world.FOUND["split"].at)) as simulated:
        yield simulated


class Split(Walk):
    """A course whose bags hold what its record says."""

    quality: Quality

    def infuse(self, bag: Container) -> None:
        self.match(bag)
        scanned = {"scanned_bag": bag.code}
        self.on_order("start_infusion", "infusion.rj", **scanned)
        self.later(minutes=12)
        assert bag.volume_ml is not None
        self.on_order("record_infusion", "infusion.rj", **scanned, volume_ml=bag.volume_ml)

    def ready(self) -> None:
        """Bring the bags to the ward, prepare the patient, and confirm the dose."""
        self.to("cleared")
        self.lymphodeplete()
        self.confirm_dose()

    def give(self, bag: Container) -> None:
        """Thaw and infuse a bag."""
        self.on_order("thaw_product", "celllab.rj", scanned_bag=bag.code)
        self.infuse(bag)


@pytest.fixture
def walk(clock_at: SimulatedClock, actor: Callable[[str], Actor], sign: Callable[..., Actor]) -> Split:
    """A course whose batch is tested, and released by whoever must."""
    found = Split(clock_at, actor, sign, "rj")
    found.quality = world.quality_of("split", clock_at)
    for decision in found.quality.dossier().awaited:
        found.quality.decide(decision)
    course = world.course_of("split", clock_at)
    found.order, found.wristband, found.bags = course.order, course.wristband, course.bags
    assert found.again().state == "released"
    return found


def test_the_dose_is_declared_over_all_bags_and_shown_bag_by_bag(walk: Split) -> None:
    dose = DeclaredDose.objects.get()
    assert len(dose.bags) == len(walk.bags) == BAGS
    assert sum(Decimal(one["cells"]) for one in dose.bags) == dose.total_cells == Decimal(300000) * 60
    assert {one.volume_ml for one in walk.bags} == {Decimal(5)}
    for person in ("physician.rj", "celllab.rj", "infusion.rj"):
        for bag in walk.bags:
            walk.sees(person, bag.code, walk.order_page)
    assert Careless.refused == BAGS - 1


@pytest.mark.requirement("N7")
def test_a_count_is_drawn_from_the_kit_that_was_scanned(walk: Split) -> None:
    counted = Result.objects.filter(test__batch=walk.quality.batch, test__method_code="counter_aodapi")
    lots = {one.kit for one in counted}
    assert counted.count() == 2
    assert [one.material_code for one in lots if one is not None] == [KIT]
    drawn = Movement.objects.filter(lot__in=lots, kind="consumption", holder=f"batch:{walk.quality.batch.pk}")
    assert [one.quantity for one in drawn] == [Decimal(-1)] * 2  # one for both counts, one for the test of endotoxin


def test_three_bags_on_two_days(walk: Split) -> None:
    walk.ready()
    first, second, third = walk.bags
    walk.give(first)
    walk.give(second)
    assert walk.order.state == "thawed"
    walk.sees("infusion.rj", third.code, walk.order_page)
    walk.later(days=2)
    planned = walk.clock.at + timedelta(hours=1)
    walk.on_order("plan_infusion", "coordinator.rj", infusion_planned_at=planned)
    again = {"order_id": walk.order.pk, "scanned_bag": first.code}
    walk.refused("orders.bag_not_active", "orders.thaw_product", "celllab.rj", **again)
    walk.give(third)
    assert walk.order.state == "infused"
    assert {walk.cells()[bag.code] for bag in walk.bags} == {("infused", "released")}
    today = local_day(walk.order, walk.clock.at)
    assert walk.order.visits.get(code="day_1").due_on == today + timedelta(days=1)
    assert walk.facts().count("orders.InfusionRecorded") == BAGS


def test_a_bag_breaks_after_the_first_was_given_and_the_last_one_is_given(walk: Split) -> None:
    walk.ready()
    first, broken, last = walk.bags
    walk.give(first)
    no = {"order_id": walk.order.pk, "cause": RefusalCause.BAG_DAMAGED, "reason": "a port leaks"}
    walk.refused("orders.nothing_thawed", "orders.refuse_infusion", "physician.rj", **no)
    walk.on_order("thaw_product", "celllab.rj", scanned_bag=broken.code)
    walk.by_page("orders.refuse_infusion", "physician.rj", **no)
    assert (walk.order.state, walk.cells()[broken.code]) == ("thawed", ("destroyed", "rejected"))
    ill = {"order_id": walk.order.pk, "cause": "too_ill", "reason": "fever"}
    walk.refused("orders.part_given", "orders.end_course", "physician.rj", **ill)
    walk.give(last)
    assert walk.order.state == "infused"
    assert walk.order.visits.filter(state="due").exists()
    assert Deviation.objects.filter(order_id=walk.order.pk, state="open").exists()
    walk.told("Product not infused (bag damaged): a port leaks")


def test_the_first_bag_breaks_and_the_others_need_no_other_lymphodepletion(walk: Split) -> None:
    walk.ready()
    broken, *good = walk.bags
    began = walk.again().lymphodepletion_started_at
    walk.on_order("thaw_product", "celllab.rj", scanned_bag=broken.code)
    no: dict[str, Any] = {"cause": RefusalCause.BAG_DAMAGED, "reason": "a port leaks"}
    walk.on_order("refuse_infusion", "physician.rj", **no)
    assert walk.order.state == "stopped"
    walk.sees("physician.rj", "Decide how the course goes on")
    walk.on_order("decide_course", "physician.rj", decision=CourseDecision.CONTINUE, reason="two bags are good")
    assert (walk.order.state, walk.order.reduced_dose) == ("cleared", True)
    assert (walk.order.lymphodepletion_started_at, walk.order.dose_confirmed_at) == (began, None)
    thaw = {"order_id": walk.order.pk, "scanned_bag": good[0].code}
    walk.refused("orders.dose_not_confirmed", "orders.thaw_product", "celllab.rj", **thaw)
    walk.do("orders.confirm_dose", "physician.rj", **walk.dose(dose_amount=Decimal(200000)))
    for bag in good:
        walk.give(bag)
    assert walk.order.state == "infused"


def test_a_patient_too_ill_for_the_second_day_is_followed_up(walk: Split) -> None:
    walk.ready()
    walk.give(walk.bags[0])
    walk.later(days=1)
    ill: dict[str, Any] = {"cause": RefusalCause.PATIENT_UNFIT, "reason": "fever since the morning"}
    walk.on_order("refuse_infusion", "physician.rj", **ill)
    assert walk.order.state == "infused"
    assert walk.order.visits.filter(state="due").exists()
    walk.sees("qareviewer", "Decide about the unused container")
    for bag in walk.bags[1:]:
        rest = {"scanned_container": bag.code, "reason": "patient unfit"}
        walk.on_order("decide_unused", "qareviewer", **rest, decision="destroy")
        walk.on_order("destroy_unused", "celllab.rj", "celllab.rj2", **rest)
        assert walk.cells()[bag.code] == ("destroyed", "rejected")


def test_a_patient_who_dies_between_the_two_days_was_treated(walk: Split) -> None:
    walk.ready()
    walk.give(walk.bags[0])
    walk.later(days=1)
    walk.on_order("report_death", "physician.rj", died_on=walk.clock.at.date(), reason="")
    assert (walk.order.state, walk.order.end_cause) == ("closed", "patient_died")
    assert {one.state for one in walk.order.visits.all()} == {"waived"}
    assert walk.cells()[walk.bags[0].code][0] == "infused"
    assert {walk.cells()[bag.code] for bag in walk.bags[1:]} == {("active", "quarantined")}


@pytest.mark.requirement("N17")
def test_growth_between_the_two_days_holds_and_recalls_the_rest(walk: Split) -> None:
    walk.ready()
    walk.give(walk.bags[0])
    walk.quality.lab.record("sterility_compendial", "growth")
    walk.quality.lab.review("sterility_compendial")
    journal.run_followers()
    alert = Alert.objects.get()
    assert len(alert.held_containers) == BAGS - 1
    thaw = {"order_id": walk.order.pk, "scanned_bag": walk.bags[1].code}
    walk.refused("orders.bag_not_released", "orders.thaw_product", "celllab.rj", **thaw)
    page = f"/quality/alerts/{alert.pk}"
    walk.sees("physician.rj", "do not thaw it, do not infuse it", page)
    walk.sees("physician.rj", "A part of the dose was infused", page)
    named: dict[str, Any] = {"alert_id": alert.pk}
    walk.do("quality.acknowledge_alert", "physician.rj", **named, treatment="antibiotics begun")
    walk.do("quality.report_alert", "qp", **named, reference="DEMO-1")
    recall: dict[str, Any] = {"decision": ProductHold.RECALL, "reason": "growth is confirmed"}
    walk.do("quality.decide_held_product", "qp", **named, **recall)
    assert walk.order.state == "infused"
    assert walk.order.visits.filter(state="due").exists()
    assert {walk.cells()[bag.code] for bag in walk.bags[1:]} == {("active", "rejected")}
    walk.told("What is left of the dose is not given (product recalled)")
