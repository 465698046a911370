"""Late results: the second stage of a release, and late findings before and after the infusion (N17)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.attack.doors import Attack, Command, Interface, Page
from tests.routes.world import course_of
from vein2vein import journal
from vein2vein.core.clock import SimulatedClock
from vein2vein.identity.models import Container
from vein2vein.journal.reads import list_stream
from vein2vein.laboratory.models import Investigation
from vein2vein.laboratory.states import Conclusion
from vein2vein.orders.models import Order
from vein2vein.orders.tests.conftest import Course
from vein2vein.quality import tasks
from vein2vein.quality.models import Alert, Deviation, Disposition, Obligation
from vein2vein.quality.states import Decision, ProductHold
from vein2vein.quality.tests.ready import Quality

Find = Callable[[str], Quality]
ACKNOWLEDGE, REPORT, DECIDE, CLOSE = (
    "quality.acknowledge_alert",
    "quality.report_alert",
    "quality.decide_held_product",
    "quality.close_alert",
)
CARE: dict[str, Any] = {"treatment": "blood cultures drawn, meropenem started, patient stable"}


def release(one: Quality, *decisions: Decision) -> None:
    for decision in decisions:
        one.decide(decision)


def late(one: Quality, code: str, outcome: str) -> None:
    """Let a late test come to its end, and quality learn of it."""
    one.clock.advance(timedelta(minutes=5))
    one.lab.record(code, outcome)
    one.lab.review(code)
    journal.run_followers()


@pytest.fixture
def commercial(quality: Find, clock_at: SimulatedClock) -> tuple[Quality, Course]:
    """Give a released product on site."""
    one = quality("commercial")
    release(one, Decision.RELEASE_BY_MANUFACTURER, Decision.RELEASE_BY_MAH)
    course = course_of("commercial", clock_at)
    return one, course.to("at_site")


@pytest.fixture
def trial(quality: Find) -> Quality:
    """Give a trial's product released in its first stage, sterility still open."""
    one = quality("two_stage")
    release(one, Decision.RELEASE_BY_MANUFACTURER, Decision.RELEASE_BY_SPONSOR)
    return one


def bags(one: Quality) -> set[str]:
    found = Container.objects.filter(coi_id=one.batch.coi_id, role="product_bag")
    return set(found.values_list("disposition", flat=True))


def test_the_second_stage_when_the_open_test_has_ended(trial: Quality, page: Page, attack: Attack) -> None:
    complete: dict[str, Any] = {"batch_id": trial.batch.pk, "reason": "sterility ended without growth"}
    attack("quality.second_stage_open", "quality.complete_second_stage", "qp", **complete)
    late(trial, "sterility", "no_growth")
    owed = Obligation.objects.get(batch=trial.batch)
    assert (owed.code, owed.state, owed.due_at - owed.opened_at) == (
        "two_stage_second_release",
        "open",
        timedelta(hours=24),
    )
    assert "Complete the second stage when the open tests have ended" in page.client("qp").get("/").content.decode()
    assert "Complete second stage" in page.client("qp").get(f"/quality/batches/{trial.batch.pk}").content.decode()
    for stranger in ("qareviewer", "physician.sg", "planner"):
        assert Interface().act("quality.complete_second_stage", stranger, **complete).status == 403
    assert page.act("quality.complete_second_stage", "qp", **complete).done
    owed.refresh_from_db()
    assert owed.state == "fulfilled"
    rows = Disposition.objects.filter(batch=trial.batch).order_by("id")
    decided = rows.values_list("decision", "final", "assessment__overall").last()
    assert decided == ("complete_second_stage", False, "conforms")
    attack("quality.no_second_stage", "quality.complete_second_stage", "qp", **complete)
    assert Alert.objects.count() == 0


@pytest.mark.requirement("N17")
def test_growth_before_the_infusion_holds_the_product_and_calls(
    commercial: tuple[Quality, Course], page: Page, interface: Interface, attack: Attack
) -> None:
    one, course = commercial
    late(one, "sterility_compendial", "growth")
    alert = Alert.objects.get()
    assert (alert.moment, alert.state, bags(one)) == ("before_infusion", "raised", {"quarantined"})
    assert Deviation.objects.filter(source__startswith="result:", state="open").count() == 1
    thaw: dict[str, Any] = {"order_id": course.order.pk, "scanned_bag": course.bags[0].code}
    attack("orders.bag_not_released", "orders.thaw_product", "celllab.rj", **thaw)
    work = page.client("physician.rj").get("/").content.decode()
    assert "Acknowledge the late finding" in work
    assert "late finding" not in page.client("coordinator.rj").get("/").content.decode()
    shown = page.client("physician.rj").get(f"/quality/alerts/{alert.pk}").content.decode()
    assert "do not thaw it, do not infuse it" in shown
    _called_until_acknowledged(one, alert, page)
    named: dict[str, Any] = {"alert_id": alert.pk}
    attack("quality.physician_does_not_know", REPORT, "qp", **named, reference="NMPA-1")
    attack("quality.not_found", ACKNOWLEDGE, "physician.bj", **named, **CARE)
    assert page.act(ACKNOWLEDGE, "physician.rj2", **named, **CARE).done
    attack("quality.alert_state", ACKNOWLEDGE, "physician.rj", **named, **CARE)
    attack("quality.alert_not_reported", CLOSE, "qp", **named, reason="done")
    assert interface.act(REPORT, "qp", **named, reference="NMPA-2026-0815").done
    assert Obligation.objects.get(code="commercial_late_positive").state == "fulfilled"
    again: dict[str, Any] = {"decision": ProductHold.RELEASE_AGAIN, "reason": "perhaps a contaminated tube"}
    attack("quality.finding_stands", DECIDE, "qp", **named, **again)
    attack("quality.product_undecided", CLOSE, "qp", **named, reason="done")
    assert Command().act(DECIDE, "qp", **named, decision=ProductHold.RECALL, reason="growth is confirmed").done
    assert bags(one) == {"rejected"}
    assert Container.objects.get(coi_id=one.batch.coi_id, role="reserve_bag").disposition == "rejected"
    assert Order.objects.get(pk=one.batch.order_id).state == "stopped"
    assert "Decide how the course goes on" in page.client("physician.rj").get("/").content.decode()
    attack("quality.deviation_open", CLOSE, "qp", **named, reason="done")
    one.settle()
    assert page.act(CLOSE, "qp", **named, reason="patient told, product recalled").done
    told = [entry.fact for entry in list_stream(f"coi:{one.batch.coi_id}", limit=5000) if "Alert" in entry.fact]
    assert told == [f"quality.Alert{each}" for each in ("Raised", "Escalated", "Escalated", "Acknowledged")] + [
        "quality.AlertReported",
        "quality.AlertClosed",
    ]


def _called_until_acknowledged(one: Quality, alert: Alert, page: Page) -> None:
    """An alert that nobody acknowledges calls more people, hour by hour."""
    one.clock.advance(timedelta(minutes=30))
    tasks.escalate(0)
    alert.refresh_from_db()
    assert alert.level == 0
    for level, people in ((1, ("coordinator.rj", "qp")), (2, ("admin", "qareviewer"))):
        one.clock.advance(timedelta(minutes=61))
        tasks.escalate(0)
        alert.refresh_from_db()
        assert alert.level == level
        for person in people:
            assert "Reach the physician: late finding" in page.client(person).get("/").content.decode(), person
    assert "Acknowledge the late finding" in page.client("physician.rj").get("/").content.decode()
    assert "late finding" not in page.client("physician.bj").get("/").content.decode()


@pytest.mark.requirement("N17")
def test_a_finding_that_was_an_error_of_the_laboratory_lets_the_product_go_again(
    commercial: tuple[Quality, Course], page: Page
) -> None:
    one, _course = commercial
    late(one, "sterility_compendial", "growth")
    alert = Alert.objects.get()
    test = one.lab.test("sterility_compendial")
    one.act("laboratory.open_investigation", "analyst", test_id=test.pk, suspicion="growth in the negative control")
    code = Investigation.objects.get().code
    given: dict[str, Any] = {"investigation": code, "conclusion": Conclusion.LABORATORY_ERROR}
    one.act("laboratory.conclude_investigation", "qareviewer", **given, finding="control and hood contaminated")
    one.act("laboratory.invalidate_result", "qcreviewer", test_id=test.pk, investigation=code)
    journal.run_followers()
    named: dict[str, Any] = {"alert_id": alert.pk}
    again: dict[str, Any] = {"decision": ProductHold.RELEASE_AGAIN, "reason": "invalidated"}
    assert "quality.deviation_open" in page.act(DECIDE, "qp", **named, **again).codes
    one.settle()
    assert page.act(DECIDE, "qp", **named, **again).done
    assert bags(one) == {"released"}
    assert one.lab.test("sterility_compendial").attempt == 2


@pytest.mark.requirement("N17")
def test_growth_after_the_infusion_is_told_treated_and_reported(
    trial: Quality, clock_at: SimulatedClock, page: Page, interface: Interface, attack: Attack
) -> None:
    course_of("two_stage", clock_at).to("thawed").infuse(Container.objects.get(state="thawed", kind="final_product"))
    late(trial, "sterility", "growth")
    alert = Alert.objects.get()
    assert (alert.moment, alert.held_containers) == ("after_infusion", [])
    owed = Obligation.objects.get(code="two_stage_late_positive")
    assert owed.due_at - owed.opened_at == timedelta(hours=24)
    complete: dict[str, Any] = {"batch_id": trial.batch.pk, "reason": "in a hurry"}
    attack("quality.second_stage_failed", "quality.complete_second_stage", "qp", **complete)
    address = f"/quality/alerts/{alert.pk}"
    shown = page.client("physician.sg").get(address, headers={"accept-language": "zh-hans"})
    assert "产品已回输" in shown.content.decode()
    for person, wanted in (("physician.sg", True), ("physician.sg2", True), ("physician.rj", False)):
        work = page.client(person).get("/").content.decode()
        assert ("Acknowledge the late finding" in work) is wanted, person
    named: dict[str, Any] = {"alert_id": alert.pk}
    attack("quality.no_text", ACKNOWLEDGE, "physician.sg", **named, treatment=" ")
    attack(
        "quality.nothing_held", DECIDE, "qp", **named, decision=ProductHold.RECALL, reason="nothing is there to recall"
    )
    assert interface.act(ACKNOWLEDGE, "physician.sg", **named, **CARE).done
    assert page.act(REPORT, "qp", **named, reference="HSA-SAE-9").done
    waiting = page.client("qp").get(address).content.decode()
    assert "it is closed when its deviation is" in waiting
    assert 'data-code="quality.deviation_open"' in waiting
    trial.settle()
    assert interface.act(CLOSE, "qp", **named, reason="patient recovered").done
    owed.refresh_from_db()
    assert owed.reference == "HSA-SAE-9"
