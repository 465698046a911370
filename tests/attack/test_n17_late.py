"""N17: a late positive reaches the physician, and nothing is done with the product meanwhile, by any door or by SQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.attack.doors import Attack
from tests.attack.sql import forbidden, sql
from tests.routes import world
from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.clock import SimulatedClock
from vein2vein.orders.tests.conftest import Course
from vein2vein.quality import tasks
from vein2vein.quality.models import Alert
from vein2vein.quality.states import Decision, ProductHold
from vein2vein.quality.tests.ready import Quality

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
