"""The life of one invented patient at the site: the straight course, or one of the ways out of it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from vein2vein.core.ids import DefinitionId, OrderId, ShipmentId
from vein2vein.core.refusals import Conflict, Refused
from vein2vein.doors.naming import in_both
from vein2vein.driver import figures
from vein2vein.driver.agenda import Pause, Play
from vein2vein.driver.base import Base
from vein2vein.driver.bedside import infuse
from vein2vein.driver.course import Course
from vein2vein.driver.deciding import decide, morning
from vein2vein.driver.draws import Draws
from vein2vein.driver.excepting import may_be_asked_for, release_all_the_same
from vein2vein.driver.invention import Wish, sound
from vein2vein.driver.late import late_results
from vein2vein.driver.leftovers import clear_away
from vein2vein.driver.queueing import lose, postpone
from vein2vein.driver.reserve import await_reserve
from vein2vein.driver.settling import settle
from vein2vein.logistics.states import ReviewDecision
from vein2vein.manufacturing.states import BatchState
from vein2vein.orders.states import OrderState
from vein2vein.quality.states import Decision
from vein2vein.therapies.reads import content_of, effective_definition, get_definition

ROUNDS = 3
"""How often a course is begun with an apheresis at the most [assumed]."""
IN_DOUBT = Decimal(5)
"""By how many points the viability of material in doubt misses its limit [assumed]."""
OLDEST = timedelta(hours=120)
"""The age up to which QA permits starting material that is past its limit."""
TRIES = 12
"""How often the hospital asks again, some days later, when no manufacturing slot is free."""
FARTHEST = timedelta(days=20)
"""How far ahead a collection is planned at the most: what was tested must still hold then [assumed]."""
LEAVING = ("manufacture", "disposition", "product on its way", "infusion")
"""Stages before which a patient may be lost after collection."""
AGAIN = 1_000_000
"""Added to a patient's number for the chance of the second course."""
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
    again: bool = False
    """Whether this is the second course of a patient."""
    course: Course = field(init=False)
    ending: str = ""
    leaving: str = ""
    exceptional: bool = False
    """Whether the product does not conform and its physician asks for it all the same."""

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
            happened=self.base.happened,
        )

    def live(self) -> Play:
        """Go through treatment until it ends in one way or another; then the visits."""
        if not self.base.admits():
            self.base.under_way -= 1
            return
        self.base.begun(self)
        yield from self._treated()
        self._return()
        self.base.ended(self)
        if self.ending == "infused":
            yield from self.course.follow_up(self.base.ends_at)

    def go_on(self, stage: str) -> Play:
        """Go on from a stage that an order stands at; "" is after the infusion."""
        self.base.begun(self)
        course = self.course
        self.leaving = self._leaves()
        if stage == "decision":
            stage = yield from decide(course, last=False)
            self.ending = "" if stage else course.failure
        elif stage == "order":
            stage = yield from self._accepted()
        elif stage == "reserve":
            stage = (yield from await_reserve(course)) or (yield from decide(course, last=False))
            self.ending = "" if stage else course.failure
        elif stage == "release tests" and course.plant.batch.state == BatchState.COMPLETED:
            yield from course.review()
        if stage:
            yield from self._through(stage)
        elif course.infused:
            self.ending = "infused"
        self._return()
        self.base.ended(self)
        if course.infused:
            yield from course.follow_up(self.base.ends_at)

    def _accepted(self) -> Generator[Pause, Any, str]:
        """Have a drafted order signed and accepted; return the stage that follows, or nothing where no slot is free."""
        try:
            yield from self.course.prescribe()
        except Conflict:
            self._cancel("no manufacturing slot is free then")
            self.ending = "no slot found"
            return ""
        return "collection"

    def go_on_late(self) -> Play:
        """Go on with what is tested after the release."""
        yield from late_results(self.course)
        self.base.under_way -= 1

    def _return(self) -> None:
        """Let a treated patient come back, some months after the infusion, for a second course."""
        back = self.draws.span("until the second course", figures.UNTIL_SECOND_COURSE)
        if self.again or self.ending != "infused" or not self.draws.happens("second course", figures.SECOND_COURSE):
            return
        self.base.happened["second course of a patient"] += 1
        draws = replace(self.draws, patient=self.draws.patient + AGAIN, _asked={})
        wish = replace(self.wish, fails="", patient=sound(self.wish.patient, self.wish))
        self.base.under_way += 1
        at = self.course.moments.get("infused", self.base.crew.clock.at) + back
        self.base.agenda.add(wish.number, Life(self.base, wish, draws, again=True).live(), at=at)

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
        if draws.happens("lost in the queue", figures.LOST_IN_THE_QUEUE):
            yield timedelta(days=2)
            self.ending = f"lost in the queue: {lose(course, queue=True)}"
            return
        if draws.happens("put off", figures.POSTPONED):
            yield timedelta(days=1)
            yield from postpone(course)
            self.ending = course.failure
            if self.ending:
                return
        self.leaving = self._leaves()
        yield from self._through("collection")

    def _through(self, stage: str) -> Play:
        """Go through everything from a stage on, until the course is over and what is left is away."""
        course = self.course
        yield from self._rounds(stage)
        if course.infused and course.partial:
            self.ending = "infused in part"
        if self.ending != "infused" or course.several:
            yield from clear_away(course)

    def _rounds(self, stage: str) -> Play:
        """Go through the stages, from one on, until the dose is infused or the course has ended."""
        course = self.course
        for attempt in range(1, ROUNDS + 1):
            yield from self._round(stage)
            if self.ending:
                return
            if course.infused:
                self.ending = "infused"
                return
            stage = yield from decide(course, last=attempt == ROUNDS)
            if not stage:
                self.ending = course.failure
                return

    def _leaves(self) -> str:
        lost = self.draws.happens("lost", figures.NOT_INFUSED_AFTER_COLLECTION)
        return self.draws.choose("leaving", LEAVING) if lost else ""

    def _round(self, first: str) -> Play:
        """Go from a stage to infusion, or as far as it goes: a failure leaves the course stopped."""
        course = self.course
        stages = {
            "collection": course.collect,
            "starting material on its way": course.send_material,
            "receipt gate": self._gate,
            "manufacture": self._made,
            "release tests": self._tested,
            "disposition": self._disposed,
            "product on its way": course.send_product,
            "infusion": self._infused,
        }
        course.failure = ""
        for name, stage in list(stages.items())[list(stages).index(first) :]:
            if name == self.leaving:
                yield timedelta(hours=8)
                self.ending = f"lost after collection: {lose(course, queue=False)}"
                return
            yield from stage()
            if course.failure:
                return

    def _ordered(self) -> Play:
        course, crew, wish = self.course, self.course.crew, self.wish
        collection = crew.clock.at + self.draws.span("lead time", figures.ORDER_BEFORE_COLLECTION)
        for attempt in range(TRIES):
            at = morning(collection + timedelta(days=3 * attempt))
            if at - crew.clock.at > FARTHEST:
                yield at - crew.clock.at - FARTHEST
            version = effective_definition(wish.treatment.therapy, crew.clock.at.date())
            assert version is not None  # noqa: S101 - the demonstration's definitions are in force
            draft = wish.draft(content_of(version), now=crew.clock.at, collection_at=at)
            referred = at - self.draws.span("referral", figures.REFERRAL_TO_COLLECTION)
            course.moments.setdefault("referred", min(referred, crew.clock.at))
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
        live = course.patient.received_live_per_ml
        dead = None if not doubtful else live if rejected else live * self._missing_its_limit()
        try:
            yield from course.count_material(
                dead, "logistics.refer_material" if doubtful else "logistics.accept_material"
            )
        except Refused as refused:
            if "logistics.too_old" not in {one.code for one in refused.blockers}:
                raise
            yield from self._too_old()
            return
        if doubtful:
            yield from self._judged(rejected=rejected)

    def _missing_its_limit(self) -> Decimal:
        """Return how many dead cells stand beside a living one in material whose viability misses its limit."""
        definition = get_definition(DefinitionId(self.course.order.definition_id))
        rule = definition.supply.starting_material(self.course.order.starting_material)
        assert rule is not None  # noqa: S101 - it was ordered by this definition
        share = (Decimal(rule.minimum_viability.to("%").magnitude) - IN_DOUBT) / 100
        return (1 - share) / share

    def _judged(self, *, rejected: bool) -> Play:
        """Let the treating physician and quality say whether material in doubt is used."""
        course = self.course
        yield timedelta(hours=2)
        decision = ReviewDecision.REJECTED if rejected else ReviewDecision.ACCEPTED
        for bag in course.uncounted():
            for who in ("qareviewer",) if rejected else (course.staff("physician"), "qareviewer"):
                self.course.crew.act(
                    "logistics.judge_material",
                    who,
                    shipment_id=ShipmentId(course.shipment.pk),
                    scanned_container=bag,
                    decision=decision,
                    reason="viability below its limit; weighed against the patient's need",
                )
        if rejected:
            course.failure = "starting material rejected"
        else:
            self.base.happened["material accepted under deviation"] += 1

    def _too_old(self) -> Play:
        """Let QA decide about material past its age limit: permitted for some hours more, or rejected."""
        course, act = self.course, self.course.crew.act
        yield timedelta(minutes=30)
        given = {"shipment_id": ShipmentId(course.shipment.pk)}
        if self.draws.happens("age permitted", figures.AGE_PERMITTED):
            most = Decimal(OLDEST / timedelta(hours=1)).quantize(Decimal(1))
            reason = "viability and count are good; the patient cannot wait"
            act("logistics.permit_aged_material", "qareviewer", "", **given, maximum_age_h=most, reason=reason)
            yield from course.count_material()
            self.base.happened["material used past its age limit"] += 1
            return
        for bag in course.uncounted():
            act("logistics.reject_material", "qareviewer", "", **given, scanned_container=bag, reason="too old")
        course.failure = "starting material rejected"

    def _made(self) -> Play:
        course = self.course
        if course.order.state != OrderState.IN_MANUFACTURE:
            course.open_batch()
        plant = course.plant
        if self.draws.happens("terminated", figures.BATCH_TERMINATED):
            steps = int(plant.steps * (0.3 + 0.5 * self.draws.share("terminated at")))
            yield from plant.make(stop_before=steps)
            self.course.crew.act(
                "manufacturing.terminate_batch",
                "supervisor",
                batch_id=course.batch_id,
                reason="bag leaks; the closed system was opened",
            )
            yield from plant.leave()
            course.failure = "batch terminated"
            return
        yield from course.manufacture()

    def _tested(self) -> Play:
        course, crew = self.course, self.course.crew
        yield from course.test()
        for code in course.bench.invalid:
            self.base.happened[f"invalid assay repeated: {code}"] += 1
        if self.wish.fails:
            fails, self.wish = self.wish.fails, replace(self.wish, fails="")
            course.patient = sound(course.patient, self.wish)
            yield self.draws.span("deviation", figures.DEVIATION)
            if may_be_asked_for(course) and self.draws.happens("asked for all the same", figures.SUPPLIED_ALL_THE_SAME):
                self.exceptional = True
                return
            crew.act("quality.assess_batch", "qareviewer", batch_id=course.batch_id)
            crew.act(
                "quality.dispose_batch",
                "qp",
                batch_id=course.batch_id,
                decision=Decision.REJECT,
                reason=f"out of specification: {' '.join(in_both(fails))}",
            )
            course.failure = "out of specification"
            return
        yield from settle(course, course.batch_id)

    def _disposed(self) -> Play:
        """Let the product be released, as it is asked for; what is tested later goes on beside the course."""
        course = self.course
        if self.exceptional:
            self.base.happened["supplied out of specification"] += 1
            yield from release_all_the_same(course)
        else:
            yield from course.release()
        self.exceptional = False
        if course.failure:
            return
        self.base.under_way += 1
        self.base.agenda.add(0, self.go_on_late())

    def _infused(self) -> Play:
        wait = self.draws.span("release to infusion", figures.RELEASE_TO_INFUSION)
        released = self.course.moments["released"]
        ready = released + wait - timedelta(days=4, hours=13)
        yield max(ready, self.base.crew.clock.at)
        yield from infuse(self.course)

    def _cancel(self, reason: str) -> None:
        order_id = OrderId(self.course.order.pk)
        self.course.crew.act("orders.cancel_order", self.course.staff("coordinator"), order_id=order_id, reason=reason)
