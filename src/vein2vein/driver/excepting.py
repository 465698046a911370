"""A product that does not conform, supplied all the same: asked for, assessed, evaluated, labelled, released."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vein2vein.core.ids import LabelId, ObligationId, RequestId
from vein2vein.driver import figures
from vein2vein.driver.agenda import Play
from vein2vein.identity import reads as identity
from vein2vein.laboratory.cases import release_rule
from vein2vein.quality import reads as quality
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.states import ObligationState

if TYPE_CHECKING:
    from vein2vein.driver.course import Course


def may_be_asked_for(course: Course) -> bool:
    """Say whether the order's market and route know the release of a product that does not conform."""
    batch, specification = course.plant.batch, course.plant.definition.specification
    return release_rule(specification, batch.market, batch.route, exceptional=True) is not None


def release_all_the_same(course: Course) -> Play:
    """Go from the physician's request to the release and the report to the authority."""
    crew, batch_id = course.crew, course.batch_id
    crew.act("quality.assess_batch", "qareviewer", batch_id=batch_id)
    asked = crew.act(
        "quality.request_exceptional_release",
        course.staff("physician"),
        "",
        batch_id=batch_id,
        reason="no time for another batch",
        alternatives="another apheresis takes weeks; the lymphocytes are too few",
        consent_reference=f"DEMO-ICF-OOS-{course.number}",
        consent_signed_on=crew.clock.at.date(),
    )
    named: dict[str, Any] = {"request_id": RequestId(asked.pk)}
    yield course.draws.span("second physician", figures.DECISION)
    told = {"medical_assessment": "agreed: the benefit outweighs the risk"}
    crew.act("quality.support_exceptional_request", course.staff("physician", "2"), "", **named, **told)
    yield course.draws.span("risk evaluation", figures.DECISION)
    told = {"risk_evaluation": "no new hazard; the finding is on the label"}
    crew.act("quality.evaluate_exceptional_risk", "qareviewer", "", **named, **told)
    course.weigh(course.staff("infusion"), course.staff("infusion", "2"))
    crew.act("quality.declare_dose", "qareviewer", batch_id=batch_id)
    yield timedelta(hours=1)
    _label_again(course)
    dossier = Dossier(course.plant.batch, by=crew.who("qp"), at=crew.clock.at, exceptional=True)
    for decision in dossier.awaited:
        yield timedelta(hours=2)
        reason = "requested by two physicians; benefit outweighs risk"
        crew.act("quality.dispose_batch", "qp", batch_id=batch_id, decision=decision, reason=reason)
    course.refresh()
    course.over("released")
    yield timedelta(hours=20)
    qp = crew.who("qp")
    for owed in quality.list_obligations(batch_id=batch_id, state=ObligationState.OPEN, by=qp):
        reference = f"DEMO-OOS-{course.number}"
        crew.act("quality.fulfil_obligation", "qp", obligation_id=ObligationId(owed.pk), reference=reference)


def _label_again(course: Course) -> None:
    """Print the label of each bag again: it says now what does not conform."""
    crew = course.crew
    bags = {one.pk: one.code for one in course.cells() if one.kind == "final_product" and one.disposition != "rejected"}
    for label in identity.list_labels(coi_id=course.coi_id, limit=500, by=crew.who("supervisor")):
        if label.container_id in bags and label.state == "used":
            given: dict[str, Any] = {"label_id": LabelId(label.pk), "reason": "statement of the supply"}
            new = crew.act("identity.reprint_label", "warehouse", "warehouse2", **given)
            course.labels[bags[label.container_id]] = new.code
