"""What planning wants of people now: what happened, dates to be confirmed, plans to be signed."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext

from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import N_
from vein2vein.doors.work import WorkItem, work
from vein2vein.planning import reads
from vein2vein.planning.courses import PLANT
from vein2vein.planning.current import find_draft
from vein2vein.planning.states import DisruptionKind as Kind

TITLES: dict[str, str] = {
    Kind.BATCH_TERMINATED: N_("Batch terminated: plan anew"),
    Kind.COURSE_STOPPED: N_("Course stopped: plan anew"),
    Kind.ORDER_ENDED: N_("Course ended: its slot is free"),
    Kind.EQUIPMENT_OUT: N_("Equipment out of service: plan anew"),
    Kind.SHIPMENT_LATE: N_("Shipment late: plan anew"),
    Kind.OUT_OF_SPECIFICATION: N_("Out of specification: look at the plan"),
    Kind.PERSON_OFF: N_("Person off: plan anew"),
    Kind.UNIT_CLOSED: N_("Unit closed: plan anew"),
    Kind.COLLECTION_MOVED: N_("Collection moved: look at the plan"),
    Kind.DATE_AT_RISK: N_("Promised date at risk"),
}


@work("planning.disruptions")
def disruptions_to_answer(by: Actor) -> list[WorkItem]:
    """List what happened to the plan, to the planner."""
    if not by.has_any(frozenset({Role.PLANNER})):
        return []
    return [
        WorkItem(gettext(TITLES[one.kind]), one.subject, reverse("planning:disruptions"), urgent=True)
        for one in reads.list_open_disruptions()
    ]


@work("planning.draft")
def draft_to_sign(by: Actor) -> list[WorkItem]:
    """List the draft that waits for the planner's signature."""
    if not by.has_any(frozenset({Role.PLANNER})):
        return []
    draft = find_draft(PLANT)
    if draft is None:
        return []
    return [WorkItem(gettext("Sign the plan"), f"{draft.number}", reverse("planning:plan", args=[draft.pk]))]
