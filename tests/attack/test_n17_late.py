"""N17: a late positive reaches the physician, and nothing is done with the product meanwhile, by any door or by SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack
from tests.attack.sql import forbidden, sql
from tests.routes import world
from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.identity.models import Container
from vein2vein.logistics.states import ReviewDecision
from vein2vein.orders.tests.conftest import Course
from vein2vein.quality import tasks
from vein2vein.quality.models import Alert
from vein2vein.quality.states import Decision, ProductHold
from vein2vein.quality.tests.ready import Quality

Find = Callable[[str], Actor]
Sign = Callable[..., Actor]
pytestmark = pytest.mark.requirement("N17")


@pytest.fixture(scope="session")
def _worker_database(routes_database: str) -> str:
    return routes_database


@pytest.fixture
def clock_at(db: None) -> Iterator[SimulatedClock]:
    with clock.use(SimulatedClock(world.FOUND["commercial"].at)) as simulated:
        yield simulated


@pytest.fixture
def reviewed(clock_at: SimulatedClock) -> tuple[Quality, Course]:
    """Give a patient who is lymphodepleted and waits for the product, whose last culture then grows."""
    quality = world.quality_of("commercial", clock_at)
    for decision in (Decision.RELEASE_BY_MANUFACTURER, Decision.RELEASE_BY_MAH):
        quality.decide(decision)
    course = world.course_of("commercial", clock_at).to("cleared")
    course.lymphodeplete()
    course.confirm_dose()
    quality.lab.record("sterility_compendial", "growth")
    journal.run_followers()
    quality.lab.review("sterility_compendial")
    return quality, course


@pytest.fixture
def cleared(reviewed: tuple[Quality, Course]) -> tuple[Quality, Course]:
    """Give the same once quality has followed."""
    journal.run_followers()
    return reviewed


def test_nothing_is_thawed_between_the_review_and_the_alert(reviewed: tuple[Quality, Course], attack: Attack) -> None:
    _quality, course = reviewed
    scanned: dict[str, Any] = {"order_id": course.order.pk, "scanned_bag": course.bags[0].code}
    attack("journal.not_caught_up", "orders.thaw_product", "celllab.rj", **scanned)
    attack("journal.not_caught_up", "orders.start_infusion", "infusion.rj", **scanned)
    journal.run_followers()
    attack("orders.bag_not_released", "orders.thaw_product", "celllab.rj", **scanned)


def test_the_held_product_is_neither_thawed_nor_infused(cleared: tuple[Quality, Course], attack: Attack) -> None:
    _quality, course = cleared
    order: dict[str, Any] = {"order_id": course.order.pk}
    bag = course.bags[0].code
    refused = "orders.bag_not_released"
    attack(refused, "orders.thaw_product", "celllab.rj", **order, scanned_bag=bag)
    matched: dict[str, Any] = {"scanned_wristband": course.wristband, "scanned_bag": bag}
    attack(refused, "orders.match_at_bedside", "infusion.rj", "infusion.rj2", **order, **matched)
    attack(refused, "orders.start_infusion", "infusion.rj", **order, scanned_bag=bag)
    with forbidden("identity_product_released"):
        sql("UPDATE identity_container SET state = 'thawed' WHERE id = %s", course.bags[0].pk)


@pytest.fixture
def excursion(clock_at: SimulatedClock, actor: Find, sign: Sign) -> tuple[Quality, Treatment]:
    """Give a released product that came to its hospital without a trace, and lies in quarantine."""
    quality = world.quality_of("commercial", clock_at)
    for decision in (Decision.RELEASE_BY_MANUFACTURER, Decision.RELEASE_BY_MAH):
        quality.decide(decision)
    known, course = world.course_of("commercial", clock_at), Treatment(clock_at, actor, sign, place="rj")
    course.shipped = True
    course.order, course.wristband, course.bags = known.order, known.wristband, known.bags
    course.to("dispatched")
    course.deliver(24)
    course.receive(trace=None, no_trace_reason="battery empty")
    return quality, course


def test_no_review_of_an_excursion_releases_what_a_late_finding_holds(
    excursion: tuple[Quality, Treatment], attack: Attack
) -> None:
    quality, course = excursion
    bags = {bag.pk for bag in course.bags}

    def dispositions() -> set[str]:
        return set(Container.objects.filter(pk__in=bags).values_list("disposition", flat=True))

    review: dict[str, Any] = {"shipment_id": course.shipment.pk, "assessment": "within the stability data"}
    accept = {**review, "decision": ReviewDecision.ACCEPTED}
    quality.lab.record("sterility_compendial", "growth")
    journal.run_followers()
    quality.lab.review("sterility_compendial")
    attack("journal.not_caught_up", "logistics.review_excursion", "qareviewer", **accept)
    journal.run_followers()
    attack("logistics.late_finding", "logistics.review_excursion", "qareviewer", **accept)
    assert dispositions() == {"quarantined"}
    alert = Alert.objects.get()
    recall: dict[str, Any] = {"alert_id": alert.pk, "decision": ProductHold.RECALL, "reason": "growth is confirmed"}
    assert attack.doors[0].act("quality.decide_held_product", "qp", **recall).done
    assert dispositions() == {"rejected"}
    for door in attack.doors:
        assert not door.act("logistics.review_excursion", "qareviewer", **accept).done
    assert dispositions() == {"rejected"}


def test_nobody_settles_it_past_the_physician(cleared: tuple[Quality, Course], attack: Attack) -> None:
    alert = Alert.objects.get()
    named: dict[str, Any] = {"alert_id": alert.pk}
    report, close = "quality.report_alert", "quality.close_alert"
    attack("quality.physician_does_not_know", report, "qp", **named, reference="sent")
    attack("quality.alert_not_reported", close, "qp", **named, reason="all is well")
    again: dict[str, Any] = {"decision": ProductHold.RELEASE_AGAIN, "reason": "the patient cannot wait"}
    attack("quality.finding_stands", "quality.decide_held_product", "qp", **named, **again)
    treated: dict[str, Any] = {"treatment": "seen"}
    attack("quality.not_found", "quality.acknowledge_alert", "physician.bj", **named, **treated)
    for stranger in ("qp", "coordinator.rj", "admin", "infusion.rj"):
        for door in attack.doors[1:]:
            assert door.act("quality.acknowledge_alert", stranger, **named, **treated).status == 403
    for action in ("quality.raise_alert", "quality.escalate_alerts", "identity.set_disposition"):
        for door in attack.doors:
            assert not door.act(action, "qp").done


def test_raw_sql_silences_no_alert(cleared: tuple[Quality, Course]) -> None:
    for change in (
        "state = 'acknowledged'",
        "state = 'acknowledged', treatment = 'seen', acknowledged_at = now()",
        "state = 'reported'",
        "state = 'closed'",
        "state = 'silent'",
        "moment = 'never'",
    ):
        with forbidden():
            sql(f"UPDATE quality_alert SET {change}")
    with forbidden():
        sql("DELETE FROM quality_alert")


def test_it_goes_on_calling_for_as_long_as_nobody_answers(cleared: tuple[Quality, Course]) -> None:
    quality, _course = cleared
    for level in range(1, 25):
        quality.clock.advance(timedelta(hours=1, minutes=1))
        tasks.escalate(0)
        tasks.escalate(0)  # a job that runs twice calls once
        assert Alert.objects.get().level == level
    assert Alert.objects.get().state == "raised"
