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
from vein2vein.laboratory.states import Conclusion
from vein2vein.quality import reads as quality
from vein2vein.quality import tasks
from vein2vein.quality.states import AlertMoment, ProductHold

if TYPE_CHECKING:
    from vein2vein.driver.course import Course
    from vein2vein.quality.models import Alert

GROWTH = "growth"


def late_results(course: Course) -> Play:
    """Do the tests that end after the release; what does not conform calls the physician until they know."""
    crew, draws, bench, batch_id = course.crew, course.draws, course.bench, course.batch_id
    bench.receive()
    ends = course.moments["manufactured"] + draws.span("compendial tests", figures.COMPENDIAL_RELEASE_TESTS)
    if course.left_open:
        yield draws.span("tests left open", figures.TESTS_LEFT_OPEN)
        grew = draws.happens("late growth", figures.LATE_GROWTH)
        yield from _tested(course, bench, "release", grew=grew)
        if not grew:
            yield draws.span("second stage", figures.SECOND_STAGE)
            yield from settle(course, bench.batch_id)
            reason = "the tests left open have ended and conform"
            crew.act("quality.complete_second_stage", "qp", batch_id=batch_id, reason=reason)
            course.happened["second stage of a release completed"] += 1
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
    for alert in quality.list_alerts(order_id=course.order_id, limit=200, by=course.crew.who("qp")):
        if alert.state == "raised" and alert.batch_id == bench.batch_id:
            yield from _called(course, bench, alert)


def _called(course: Course, bench: Bench, alert: Alert) -> Play:
    """Go from the call to the physician to the end of the finding: treated, reported, the product decided about."""
    crew, draws = course.crew, course.draws
    before = alert.moment == AlertMoment.BEFORE_INFUSION
    course.happened["late finding before the infusion" if before else "late finding after the infusion"] += 1
    course.held = before
    named: dict[str, Any] = {"alert_id": AlertId(alert.pk)}
    if draws.happens("physician out of reach", figures.PHYSICIAN_OUT_OF_REACH):
        yield timedelta(minutes=61)
        tasks.escalate(0)
        course.happened["late finding escalated"] += 1
    yield timedelta(minutes=25)
    care = "cultures drawn, watched closely" if before else "cultures drawn, antibiotics begun, stable"
    crew.act("quality.acknowledge_alert", course.staff("physician"), "", **named, treatment=care)
    yield timedelta(hours=5)
    crew.act("quality.report_alert", "qp", "", **named, reference=f"DEMO-LATE-{course.number}")
    error = draws.happens("growth was the laboratory's", figures.LATE_GROWTH_INVALID)
    if error:
        yield from _invalidated(course, bench, alert)
    yield from settle(course, bench.batch_id)
    if before:
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


def _invalidated(course: Course, bench: Bench, alert: Alert) -> Play:
    """Find that the growth was the laboratory's own: the result is invalid, and the test is done again."""
    crew = course.crew
    test_id = TestId(bench.test_of(alert.test_code).pk)
    suspicion = "growth in the negative control too"
    opened = crew.act("laboratory.open_investigation", "analyst", test_id=test_id, suspicion=suspicion)
    yield course.draws.span("investigation of the growth", figures.INVESTIGATION)
    crew.act(
        "laboratory.conclude_investigation",
        "qareviewer",
        investigation=opened.code,
        conclusion=Conclusion.LABORATORY_ERROR,
        finding="control and hood were contaminated",
    )
    crew.act("laboratory.invalidate_result", "qcreviewer", test_id=test_id, investigation=opened.code)
    course.happened[f"invalid assay repeated: {alert.test_code}"] += 1
