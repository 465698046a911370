"""The life of an order, its visits, and the words an order may use."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.transitions import transitions
from vein2vein.engines.definitions import vocabulary

Moment = vocabulary.Moment
"""What a site's reconfirmation comes before."""


class OrderState(StrEnum):
    """How far a treatment course (治疗疗程) has come."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    COLLECTING = "collecting"
    COLLECTED = "collected"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    MATERIAL_ACCEPTED = "material_accepted"
    IN_MANUFACTURE = "in_manufacture"
    MANUFACTURED = "manufactured"
    RELEASED = "released"
    DISPATCHED = "dispatched"
    AT_SITE = "at_site"
    CLEARED = "cleared"
    THAWED = "thawed"
    INFUSED = "infused"
    CLOSED = "closed"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


_S = OrderState

_WAY = (
    (_S.DRAFTED, "submit", _S.SUBMITTED),
    (_S.SUBMITTED, "accept", _S.ACCEPTED),
    (_S.ACCEPTED, "start_collection", _S.COLLECTING),
    (_S.COLLECTING, "record_collection", _S.COLLECTED),
    (_S.COLLECTED, "start_collection", _S.COLLECTING),
    (_S.COLLECTED, "mark_in_transit", _S.IN_TRANSIT),
    (_S.IN_TRANSIT, "mark_received", _S.RECEIVED),
    (_S.RECEIVED, "accept_material", _S.MATERIAL_ACCEPTED),
    (_S.MATERIAL_ACCEPTED, "start_manufacture", _S.IN_MANUFACTURE),
    (_S.IN_MANUFACTURE, "finish_manufacture", _S.MANUFACTURED),
    (_S.MANUFACTURED, "record_release", _S.RELEASED),
    (_S.RELEASED, "mark_dispatched", _S.DISPATCHED),
    (_S.DISPATCHED, "mark_at_site", _S.AT_SITE),
    (_S.AT_SITE, "clear_for_lymphodepletion", _S.CLEARED),
    (_S.CLEARED, "thaw", _S.THAWED),
    (_S.THAWED, "thaw", _S.THAWED),
    (_S.THAWED, "infuse", _S.INFUSED),
    (_S.INFUSED, "close", _S.CLOSED),
)

SECURED = frozenset({_S.AT_SITE, _S.CLEARED, _S.THAWED, _S.INFUSED, _S.CLOSED})
"""States in which the released product is on site: before them nobody may start lymphodepletion (N12)."""

BEFORE_APHERESIS = (_S.DRAFTED, _S.SUBMITTED, _S.ACCEPTED)
"""States in which an order is cancelled without more ado; later its physician ends the course by signature."""

STOPPABLE = (
    _S.COLLECTING,
    _S.COLLECTED,
    _S.IN_TRANSIT,
    _S.RECEIVED,
    _S.MATERIAL_ACCEPTED,
    _S.IN_MANUFACTURE,
    _S.MANUFACTURED,
    _S.RELEASED,
    _S.DISPATCHED,
    _S.AT_SITE,
    _S.CLEARED,
    _S.THAWED,
)
"""States in which something can go so wrong that the treating physician decides how the course goes on."""

ENDABLE = (*STOPPABLE, _S.STOPPED)
ENDED = (_S.CLOSED, _S.CANCELLED)

_WAYS_OUT = (
    *((state, "stop", _S.STOPPED) for state in STOPPABLE),
    (_S.STOPPED, "remanufacture", _S.MATERIAL_ACCEPTED),
    (_S.STOPPED, "recollect", _S.ACCEPTED),
    (_S.STOPPED, "continue_at_plant", _S.RELEASED),
    (_S.STOPPED, "continue_on_site", _S.AT_SITE),
    (_S.STOPPED, "continue_at_bedside", _S.CLEARED),
    (_S.STOPPED, "await_reserve", _S.MANUFACTURED),
    (_S.DISPATCHED, "mark_at_bedside", _S.CLEARED),
    *((state, "cancel", _S.CANCELLED) for state in (*BEFORE_APHERESIS, *ENDABLE)),
)

ORDER = transitions("order", [_S.DRAFTED], *_WAY, *_WAYS_OUT)


class EndCause(StrEnum):
    """Why a treatment course ended without its whole dose, or its follow-up was broken off."""

    HOSPITAL_DECISION = "hospital_decision"
    TOO_ILL = "too_ill"
    PATIENT_DIED = "patient_died"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ELIGIBILITY_LAPSED = "eligibility_lapsed"
    MATERIAL_REJECTED = "material_rejected"
    BATCH_FAILED = "batch_failed"
    PRODUCT_LOST = "product_lost"
    INFUSION_REFUSED = "infusion_refused"


class StopCause(StrEnum):
    """What stopped a treatment course."""

    COLLECTION_FAILED = "collection_failed"
    MATERIAL_REJECTED = "material_rejected"
    SHIPMENT_LOST = "shipment_lost"
    BATCH_TERMINATED = "batch_terminated"
    BATCH_REJECTED = "batch_rejected"
    PRODUCT_REJECTED = "product_rejected"
    PRODUCT_RECALLED = "product_recalled"
    INFUSION_REFUSED = "infusion_refused"


class CourseDecision(StrEnum):
    """How a stopped course goes on: with the good bags, the reserve, what is left of the cells, new ones, or not."""

    REMANUFACTURE = "remanufacture"
    RECOLLECT = "recollect"
    CONTINUE = "continue"
    RESERVE = "reserve"
    CLOSE = "close"


class ObstacleKind(StrEnum):
    """What keeps a hospital from going on for the time being."""

    PATIENT_UNFIT = "patient_unfit"
    SITE_NOT_READY = "site_not_ready"


class RefusalCause(StrEnum):
    """Why a thawed product is not infused."""

    PATIENT_REFUSED = "patient_refused"
    PATIENT_UNFIT = "patient_unfit"
    BAG_DAMAGED = "bag_damaged"
    TOO_LATE = "too_late"


OF_THE_BAG = frozenset({RefusalCause.BAG_DAMAGED, RefusalCause.TOO_LATE})
"""Causes that lie with one bag: another good one may still be given."""


class UnusedDecision(StrEnum):
    """What quality decides about product or material that is not used."""

    RETURN = "return"
    DESTROY = "destroy"


class VisitState(StrEnum):
    """Whether a follow-up visit is due, was held, or was missed."""

    DUE = "due"
    HELD = "held"
    MISSED = "missed"
    WAIVED = "waived"


VISIT = transitions(
    "visit",
    [VisitState.DUE],
    (VisitState.DUE, "hold", VisitState.HELD),
    (VisitState.DUE, "miss", VisitState.MISSED),
    (VisitState.DUE, "waive", VisitState.WAIVED),
    (VisitState.MISSED, "hold", VisitState.HELD),
)


class VirologyResult(StrEnum):
    """What the laboratory found for a marker."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    INDETERMINATE = "indeterminate"


class OrderRoute(StrEnum):
    """By which legal way this patient gets the product; there is no order without one."""

    CLINICAL_TRIAL = "clinical_trial"
    NAMED_PATIENT = "named_patient"
    CONDITIONAL = "conditional"
    COMMERCIAL = "commercial"


class VisitOutcome(StrEnum):
    """What became of a follow-up visit."""

    HELD = "held"
    MISSED = "missed"


class InfusionEnd(StrEnum):
    """How an infusion ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"


class DateRequestState(StrEnum):
    """What became of a hospital's request to move a date."""

    REQUESTED = "requested"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


DATE_REQUEST = transitions(
    "request to move a date",
    [DateRequestState.REQUESTED],
    (DateRequestState.REQUESTED, "agree", DateRequestState.AGREED),
    (DateRequestState.REQUESTED, "decline", DateRequestState.DECLINED),
    (DateRequestState.REQUESTED, "withdraw", DateRequestState.WITHDRAWN),
)


class DocumentKind(StrEnum):
    """What a document that hospital and base exchange about an order is."""

    CONSENT = "consent"
    REFERRAL = "referral"
    LABORATORY_REPORT = "laboratory_report"
    MEDICAL_REPORT = "medical_report"
    APHERESIS_RECORD = "apheresis_record"
    CERTIFICATE = "certificate"
    CORRESPONDENCE = "correspondence"
