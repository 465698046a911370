"""What comes after the release: the last results, a second stage, and growth that is found late (N17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vein2vein.core.ids import AlertId, TestId
from vein2vein.driver import figures
from vein2vein.driver.agenda import Play
from vein2vein.driver.bench import Bench
from vein2vein.driver.settling import settle
from vein2vein.laboratory import reads as laboratory
from vein2vein.laboratory.states import Conclusion, InvestigationState
from vein2vein.quality import reads as quality
from vein2vein.quality import tasks
from vein2vein.quality.states import AlertMoment, AlertState, Decision, ProductHold

if TYPE_CHECKING:
    from vein2vein.driver.course import Course
    from vein2vein.quality.models import Alert

GROWTH = "growth"


def late_results(course: Course) -> Play:
    """Do the tests that end after the release; what does not conform calls the physician until they know."""
    crew, draws, bench, batch_id = course.crew, course.draws, course.bench, course.batch_id
    for alert in open_alerts(course):
        yield from _called(course, bench, alert)
    bench.receive()
    ends = course.moments["manufactured"] + draws.span("compendial tests", figures.COMPENDIAL_RELEASE_TESTS)
    if second_stage_awaited(course):
        yield draws.span("tests left open", figures.TESTS_LEFT_OPEN)
        grew = draws.happens("late growth", figures.LATE_GROWTH)
        yield from _tested(course, bench, "release", grew=grew)
        if not grew:
            yield draws.span("second stage", figures.SECOND_STAGE)
            yield from settle(course, bench.batch_id)
            reason = "the tests left open have ended and conform"
            crew.act("quality.complete_second_stage", "qp", batch_id=batch_id, reason=reason)
            course.happened["second stage of a release completed"] += 1
    elif bench.planned("release"):
        yield from bench.test("release")
    yield ends - timedelta(hours=14)
    yield from _tested(course, bench, "delayed", grew=draws.happens("late growth at last", figures.LATE_GROWTH))


def _tested(course: Course, bench: Bench, stage: str, *, grew: bool) -> Play:
    """Test what a stage has left; growth is invented where it is to be found."""
    sound = bench.shown
    if grew:
        found = {name: GROWTH if name.startswith("sterility") else value for name, value in sound.values.items()}
        bench.shown = replace(sound, values=found)
    yield from bench.test(stage)
    bench.shown = sound
    for alert in open_alerts(course):
        if alert.state == AlertState.RAISED:
            yield from _called(course, bench, alert)


def open_alerts(course: Course) -> list[Alert]:
    """Return the late findings on the course's batch that are not closed, oldest first."""
    found = quality.list_alerts(order_id=course.order_id, limit=200, by=course.crew.who("qp"))
    return [one for one in found if one.state != AlertState.CLOSED and one.batch_id == course.batch_id]


def second_stage_awaited(course: Course) -> bool:
    """Say whether a release that left tests open waits for its second stage: nothing was found since."""
    found = quality.list_alerts(order_id=course.order_id, limit=200, by=course.crew.who("qp"))
    done = Decision.COMPLETE_SECOND_STAGE in quality.decisions_of(course.batch_id)
    return bool(course.left_open) and not done and not any(one.batch_id == course.batch_id for one in found)


def _called(course: Course, bench: Bench, alert: Alert) -> Play:
    """Go from the call to the physician to the end of the finding: treated, reported, the product decided about."""
    crew, draws = course.crew, course.draws
    before = alert.moment == AlertMoment.BEFORE_INFUSION
    course.held = before and not alert.product_decision
    named: dict[str, Any] = {"alert_id": AlertId(alert.pk)}
    if alert.state == AlertState.RAISED:
        yield from _acknowledged(course, named, before=before)
    if alert.state != AlertState.REPORTED:
        yield timedelta(hours=5)
        crew.act("quality.report_alert", "qp", "", **named, reference=f"DEMO-LATE-{course.number}")
    stands = quality.finding_stands(alert)
    error = not stands or draws.happens("growth was the laboratory's", figures.LATE_GROWTH_INVALID)
    if error and stands and not alert.product_decision:
        yield from _invalidated(course, bench, alert)
    yield from settle(course, bench.batch_id)
    if before and not alert.product_decision:
        decision = ProductHold.RELEASE_AGAIN if error else ProductHold.RECALL
        reason = "the finding was invalidated" if error else "the finding is confirmed"
        crew.act("quality.decide_held_product", "qp", "", **named, decision=decision, reason=reason)
        course.happened["held product released again" if error else "held product recalled"] += 1
    crew.act("quality.close_alert", "qp", "", **named, reason="told, reported, decided")
    course.refresh()
    if course.order.state == "stopped" and before and not error:
        course.failure = "recalled for a late finding"
    course.held = False
    if error:
        yield timedelta(days=7)
        yield from bench.test("release")
        yield from bench.test("delayed")


def _acknowledged(course: Course, named: dict[str, Any], *, before: bool) -> Play:
    """Call the physician, and others where they are out of reach, until they know and treat."""
    course.happened["late finding before the infusion" if before else "late finding after the infusion"] += 1
    if course.draws.happens("physician out of reach", figures.PHYSICIAN_OUT_OF_REACH):
        yield timedelta(minutes=61)
        tasks.escalate(0)
        course.happened["late finding escalated"] += 1
    yield timedelta(minutes=25)
    care = "cultures drawn, watched closely" if before else "cultures drawn, antibiotics begun, stable"
    course.crew.act("quality.acknowledge_alert", course.staff("physician"), "", **named, treatment=care)


def _invalidated(course: Course, bench: Bench, alert: Alert) -> Play:
    """Find that the growth was the laboratory's own: the result is invalid, and the test is done again."""
    crew = course.crew
    test_id = TestId(bench.test_of(alert.test_code).pk)
    known = laboratory.list_investigations(batch_id=bench.batch_id, limit=200, by=crew.who("analyst"))
    found = next((one for one in known if one.test_id == test_id), None)
    if found is None:
        suspicion = "growth in the negative control too"
        found = crew.act("laboratory.open_investigation", "analyst", test_id=test_id, suspicion=suspicion)
    if found.state == InvestigationState.OPEN:
        yield course.draws.span("investigation of the growth", figures.INVESTIGATION)
        told: dict[str, Any] = {"investigation": found.code, "conclusion": Conclusion.LABORATORY_ERROR}
        finding = "control and hood were contaminated"
        crew.act("laboratory.conclude_investigation", "qareviewer", "", **told, finding=finding)
    crew.act("laboratory.invalidate_result", "qcreviewer", test_id=test_id, investigation=found.code)
    course.happened[f"invalid assay repeated: {alert.test_code}"] += 1
