"""The life of one invented patient at the site: the straight course, or one of the ways out of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from vein2vein.core.ids import DefinitionId, DeviationId, OrderId, ShipmentId
from vein2vein.core.refusals import Conflict
from vein2vein.driver import figures
from vein2vein.driver.agenda import Play
from vein2vein.driver.base import Base
from vein2vein.driver.course import Course
from vein2vein.driver.draws import Draws
from vein2vein.driver.invention import Wish, sound
from vein2vein.logistics.states import ReviewDecision
from vein2vein.orders.states import CourseDecision, EndCause, UnusedDecision
from vein2vein.quality.reads import blocking_deviations
from vein2vein.quality.states import Decision, Severity
from vein2vein.therapies.reads import content_of, effective_definition, get_definition

ROUNDS = 3
"""How often a course is begun with an apheresis at the most [assumed]."""
IN_DOUBT = Decimal("0.25")
"""Dead cells beside the living in material whose viability misses its limit by little."""
TRIES = 12
"""How often the hospital asks again, some days later, when no manufacturing slot is free."""
LEAVING = ("manufacture", "disposition", "product on its way", "infusion")
"""Stages before which a patient may be lost after collection."""
ODD = {
    "rapid-bcma-cd19": ("measure_incubator_temperature", "38.4"),
    "cd19-lupus": ("measure_selected_purity", "84.0"),
}
"""A step and a value out of its limits with which QA lets a batch go on, by therapy."""


@dataclass(slots=True)
class Life:
    """One patient: what was wished, what chance brings, how it ended."""

    base: Base
    wish: Wish
    draws: Draws
    course: Course = field(init=False)
    ending: str = ""
    leaving: str = ""
    failure: str = ""

    def __post_init__(self) -> None:
        """Prepare the course."""
        wish, draws = self.wish, self.draws
        patient = wish.patient
        if draws.happens("in-process deviation", figures.IN_PROCESS_DEVIATION):
            step, value = ODD[wish.treatment.therapy]
            patient = replace(patient, measured={**patient.measured, step: value}, odd=frozenset({step}))
        self.course = Course(
            crew=self.base.crew,
            floor=self.base.floor,
            person=wish.person,
            patient=patient,
            draws=draws,
            number=wish.number,
        )

    def live(self) -> Play:
        """Go through treatment until it ends in one way or another; then the visits."""
        if not self.base.admits():
            self.base.under_way -= 1
            return
        self.base.begun(self)
        yield from self._treated()
        self.base.ended(self)
        if self.ending == "infused":
            yield from self.course.follow_up(self.base.ends_at)

    def _treated(self) -> Play:
        course, draws = self.course, self.draws
        yield from self._ordered()
        if self.ending:
            return
        if draws.happens("withdrawn", figures.WITHDRAWN_BEFORE_COLLECTION):
            yield timedelta(days=1)
            self._cancel("patient prefers another treatment")
            self.ending = "withdrawn before collection"
            return
        self.leaving = self._leaves()
        for _ in range(ROUNDS):
            yield from self._round()
            if self.ending:
                break
            if course.infused:
                self.ending = "infused"
                break
            yield from self._decide()
            if self.ending:
                break
        if self.ending != "infused":
            self.ending = self.ending or "not infused"
            yield from self._destroy()

    def _leaves(self) -> str:
        lost = self.draws.happens("lost", figures.NOT_INFUSED_AFTER_COLLECTION)
        return self.draws.choose("leaving", LEAVING) if lost else ""

    def _round(self) -> Play:
        """Go from collection to infusion, or as far as it goes: a failure leaves the course stopped."""
        course = self.course
        stages = (
            ("collection", course.collect),
            ("starting material on its way", course.send_material),
            ("receipt gate", self._gate),
            ("manufacture", self._made),
            ("release tests", self._tested),
            ("disposition", course.release),
            ("product on its way", course.send_product),
            ("infusion", self._infused),
        )
        for name, stage in stages:
            if name == self.leaving:
                yield timedelta(hours=8)
                self._lose()
                return
            self.failure = ""
            yield from stage()
            if self.failure:
                return

    def _lose(self) -> None:
        """The patient dies, withdraws consent, or is too ill to go on."""
        course, given = self.course, {"order_id": self.course.order_id}
        today = self.base.crew.clock.at.date()
        cause = self.draws.choose("cause of the loss", ("died", "too ill", "consent withdrawn"))
        if cause == "died":
            self.base.crew.act("orders.report_death", course.staff("physician"), "", **given, died_on=today)
        elif cause == "too ill":
            told = {"cause": EndCause.TOO_ILL, "reason": "the disease progressed"}
            self.base.crew.act("orders.end_course", course.staff("physician"), "", **given, **told)
        else:
            self.base.crew.act("orders.withdraw_consent", course.staff("coordinator"), "", **given, withdrawn_on=today)
        self.ending = f"lost after collection: {cause}"

    def _decide(self) -> Play:
        """The treating physician decides about a course that failed: another apheresis, or the end."""
        course, crew = self.course, self.base.crew
        self.base.happened[self.failure] += 1
        yield self.draws.span("physician's decision", figures.DECISION)
        course.refresh()
        physician, given = course.staff("physician"), {"order_id": course.order_id}
        if course.order.state != "stopped":
            told = {"cause": EndCause.BATCH_FAILED, "reason": self.failure}
            crew.act("orders.end_course", physician, "", **given, **told)
            self.ending = self.failure
            return
        if not self.draws.happens("collected again", figures.COLLECTED_AGAIN):
            told = {"decision": CourseDecision.CLOSE, "reason": "too ill for another apheresis"}
            crew.act("orders.decide_course", physician, "", **given, **told)
            self.ending = self.failure
            return
        self.base.happened["collected again"] += 1
        yield from self._destroy()
        again = _morning(crew.clock.at + timedelta(days=9))
        today = crew.clock.at.date().isoformat()
        markers = get_definition(DefinitionId(course.order.definition_id)).therapy.eligibility.virology
        lines = [f"{one.id} = negative, {today}" for one in markers]
        crew.act("orders.renew_eligibility", physician, "", **given, virology=lines)
        course.weigh(course.staff("nurse"), course.staff("nurse", "2"))
        crew.act(
            "orders.decide_course",
            physician,
            "",
            **given,
            decision=CourseDecision.RECOLLECT,
            reason="another apheresis is possible",
            collection_planned_at=again,
        )
        course.refresh()

    def _destroy(self) -> Play:
        """Quality decides about every container that is left, and two people destroy it."""
        course, crew = self.course, self.base.crew
        if course.order.coi_id is None:
            return
        yield timedelta(days=2)
        at_site = "at site" in course.moments
        one = course.staff("celllab") if at_site else "warehouse"
        two = course.staff("celllab", "2") if at_site else "warehouse2"
        reason = "the course is over"
        for left in course.cells():
            given: dict[str, Any] = {"order_id": course.order_id, "scanned_container": left.code, "reason": reason}
            if left.disposition != "rejected":
                crew.act("orders.decide_unused", "qareviewer2", "", **given, decision=UnusedDecision.DESTROY)
            crew.act("orders.destroy_unused", one, two, **given)
            self.base.happened["unused container destroyed"] += 1

    def _ordered(self) -> Play:
        course, crew, wish = self.course, self.base.crew, self.wish
        collection = crew.clock.at + self.draws.span("lead time", figures.ORDER_BEFORE_COLLECTION)
        for attempt in range(TRIES):
            at = _morning(collection + timedelta(days=3 * attempt))
            version = effective_definition(wish.treatment.therapy, crew.clock.at.date())
            assert version is not None  # noqa: S101 - the demonstration's definitions are in force
            draft = wish.draft(content_of(version), now=crew.clock.at, collection_at=at)
            course.order = crew.act("orders.draft_order", course.staff("coordinator"), **draft)
            try:
                yield from course.prescribe()
            except Conflict:
                self.base.happened["no slot free, asked again"] += 1
                self._cancel("no manufacturing slot is free then")
                continue
            return
        self.ending = "no slot found"

    def _gate(self) -> Play:
        course, draws = self.course, self.draws
        rejected = draws.happens("material rejected", figures.MATERIAL_REJECTED)
        doubtful = rejected or draws.happens("material in doubt", figures.MATERIAL_UNDER_DEVIATION)
        if not doubtful:
            yield from course.count_material()
            return
        live = course.patient.received_live_per_ml
        yield from course.count_material(dead=live if rejected else live * IN_DOUBT, action="logistics.refer_material")
        yield timedelta(hours=2)
        decision = ReviewDecision.REJECTED if rejected else ReviewDecision.ACCEPTED
        for who in ("qareviewer",) if rejected else (course.staff("physician"), "qareviewer"):
            self.base.crew.act(
                "logistics.judge_material",
                who,
                shipment_id=ShipmentId(course.shipment.pk),
                scanned_container=course.containers("starting_material")[-1],
                decision=decision,
                reason="viability below its limit; weighed against the patient's need",
            )
        if rejected:
            self.failure = "starting material rejected"
        else:
            self.base.happened["material accepted under deviation"] += 1

    def _made(self) -> Play:
        course = self.course
        course.open_batch()
        plant = course.plant
        if self.draws.happens("terminated", figures.BATCH_TERMINATED):
            steps = int(plant.steps * (0.3 + 0.5 * self.draws.share("terminated at")))
            yield from plant.make(stop_before=steps)
            self.base.crew.act(
                "manufacturing.terminate_batch",
                "supervisor",
                batch_id=course.batch_id,
                reason="bag leaks; the closed system was opened",
            )
            plant.leave()
            self.failure = "batch terminated"
            return
        yield from course.manufacture()

    def _tested(self) -> Play:
        course, crew = self.course, self.base.crew
        yield from course.test()
        for code in course.bench.invalid:
            self.base.happened[f"invalid assay repeated: {code}"] += 1
        if self.wish.fails:
            yield self.draws.span("deviation", figures.DEVIATION)
            crew.act("quality.assess_batch", "qareviewer", batch_id=course.batch_id)
            crew.act(
                "quality.dispose_batch",
                "qp",
                batch_id=course.batch_id,
                decision=Decision.REJECT,
                reason=f"out of specification: {self.wish.fails}",
            )
            self.failure = "out of specification"
            self.wish = replace(self.wish, fails="")
            course.patient = sound(course.patient, self.wish)
            return
        yield from self._settle()

    def _settle(self) -> Play:
        """Investigate and close what deviations stand in the way of the release."""
        course, crew = self.course, self.base.crew
        found = blocking_deviations(course.batch_id, course.coi_id)
        if not found:
            return
        yield self.draws.span("deviation", figures.DEVIATION)
        for deviation in found:
            self.base.happened["deviation closed"] += 1
            given = {"deviation_id": DeviationId(deviation.pk)}
            if deviation.severity == Severity.UNCLASSIFIED:
                crew.act(
                    "quality.classify_deviation",
                    "qareviewer2",
                    "",
                    **given,
                    severity=Severity.MINOR,
                    reason="no effect on the product is to be expected",
                )
            if deviation.state == "open":
                crew.act(
                    "quality.investigate_deviation",
                    "qareviewer2",
                    "",
                    **given,
                    root_cause="found in the demonstration's records",
                    impact="none on the product: within the validated range",
                )
            crew.act("quality.close_deviation", "qareviewer2", "", **given, reason="cause known, no effect")

    def _infused(self) -> Play:
        wait = self.draws.span("release to infusion", figures.RELEASE_TO_INFUSION)
        released = self.course.moments["released"]
        ready = released + wait - timedelta(days=4, hours=13)
        yield max(ready, self.base.crew.clock.at)
        yield from self.course.infuse()

    def _cancel(self, reason: str) -> None:
        order_id = OrderId(self.course.order.pk)
        self.base.crew.act("orders.cancel_order", self.course.staff("coordinator"), order_id=order_id, reason=reason)


def _morning(at: datetime) -> datetime:
    """Return 01:00 UTC of that day: nine in the morning where the demonstration's hospitals are."""
    return at.replace(hour=1, minute=0, second=0, microsecond=0)
