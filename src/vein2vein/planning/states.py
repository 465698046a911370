"""The life of plans, promises and disruptions: plain Python."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.transitions import transitions


class PlanState(StrEnum):
    """Whether a plan is being worked on, is in force, or was."""

    DRAFT = "draft"
    REVISED = "revised"
    """A later draft was made of it; undone, that one gives way to it again."""
    WITHDRAWN = "withdrawn"
    ADOPTED = "adopted"
    SUPERSEDED = "superseded"


class PromiseState(StrEnum):
    """Whether a promised date stands."""

    STANDING = "standing"
    MOVED = "moved"
    EXPIRED = "expired"
    RELEASED = "released"
    KEPT = "kept"


class DisruptionState(StrEnum):
    """Whether the planner has dealt with what happened."""

    OPEN = "open"
    SETTLED = "settled"


class DisruptionKind(StrEnum):
    """What happened to the plan."""

    BATCH_TERMINATED = "batch_terminated"
    COURSE_STOPPED = "course_stopped"
    ORDER_ENDED = "order_ended"
    EQUIPMENT_OUT = "equipment_out"
    SHIPMENT_LATE = "shipment_late"
    OUT_OF_SPECIFICATION = "out_of_specification"
    PERSON_OFF = "person_off"
    UNIT_CLOSED = "unit_closed"
    COLLECTION_MOVED = "collection_moved"
    DATE_AT_RISK = "date_at_risk"


PLAN = transitions(
    "planning.plan",
    [PlanState.DRAFT],
    (PlanState.DRAFT, "revise", PlanState.REVISED),
    (PlanState.REVISED, "restore", PlanState.DRAFT),
    (PlanState.REVISED, "withdraw", PlanState.WITHDRAWN),
    (PlanState.DRAFT, "withdraw", PlanState.WITHDRAWN),
    (PlanState.DRAFT, "adopt", PlanState.ADOPTED),
    (PlanState.ADOPTED, "supersede", PlanState.SUPERSEDED),
)

PROMISE = transitions(
    "planning.promise",
    [PromiseState.STANDING],
    (PromiseState.STANDING, "move", PromiseState.MOVED),
    (PromiseState.STANDING, "expire", PromiseState.EXPIRED),
    (PromiseState.STANDING, "release", PromiseState.RELEASED),
    (PromiseState.STANDING, "keep", PromiseState.KEPT),
)

DISRUPTION = transitions(
    "planning.disruption",
    [DisruptionState.OPEN],
    (DisruptionState.OPEN, "settle", DisruptionState.SETTLED),
)
