"""The life of one invented patient at the site: the straight course, or one of the ways out of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from vein2vein.core.ids import DeviationId, OrderId
from vein2vein.core.refusals import Conflict, Refused
from vein2vein.driver import figures
from vein2vein.driver.agenda import Play
from vein2vein.driver.base import Base
from vein2vein.driver.course import Course
from vein2vein.driver.draws import Draws
from vein2vein.driver.invention import Wish
from vein2vein.orders import reads as orders
from vein2vein.quality.reads import blocking_deviations
from vein2vein.quality.states import Decision, Severity
from vein2vein.therapies.reads import content_of, effective_definition

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

    def __post_init__(self) -> None:
        """Prepare the course."""
        wish, draws = self.wish, self.draws
        patient = wish.patient
        if draws.happens("material rejected", figures.MATERIAL_REJECTED):
            patient = replace(patient, received_dead_per_ml=patient.received_live_per_ml)
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
            self._call_off("withdrawn before collection", "patient prefers another treatment")
            return
        lost = draws.happens("lost", figures.NOT_INFUSED_AFTER_COLLECTION)
        leaving = draws.choose("leaving", LEAVING) if lost else ""
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
            if name == leaving:
                yield timedelta(hours=8)
                self._call_off("lost after collection", "disease progressed, the patient is too ill")
            if self.ending:
                return
            yield from stage()
        self.ending = self.ending or ("infused" if course.infused else "not infused")

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
        try:
            yield from self.course.count_material()
        except Refused:
            self._call_off("starting material rejected", "viability of the starting material below its limit")

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
            self._call_off("batch terminated", "no material is left for another batch")
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
            self._call_off("out of specification", f"batch rejected: {self.wish.fails}")
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

    def _call_off(self, ending: str, reason: str) -> None:
        self.ending = ending
        self._cancel(reason)
        self.course.order = orders.get_order(order_id=self.course.order_id, by=self.base.crew.who("planner"))


def _morning(at: datetime) -> datetime:
    """Return 01:00 UTC of that day: nine in the morning where the demonstration's hospitals are."""
    return at.replace(hour=1, minute=0, second=0, microsecond=0)
