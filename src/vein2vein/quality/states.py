"""The words of quality: deviations, environment, dispositions; plain Python."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.transitions import transitions


class DeviationState(StrEnum):
    """How far a deviation (偏差) has come."""

    OPEN = "open"
    INVESTIGATED = "investigated"
    CLOSED = "closed"


class Severity(StrEnum):
    """How grave a deviation is; nobody has said so yet while it is unclassified."""

    UNCLASSIFIED = "unclassified"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class EnvironmentVerdict(StrEnum):
    """What environmental monitoring (环境监测) of a room found."""

    WITHIN = "within"
    ALERT = "alert"
    ACTION = "action"


class Release(StrEnum):
    """On whose behalf a batch is released: 出厂放行, 上市放行, or for a sponsor's trial."""

    MANUFACTURER = "manufacturer"
    MAH = "mah"
    SPONSOR = "sponsor"


class Decision(StrEnum):
    """What the qualified person decides about a batch."""

    RELEASE_BY_MANUFACTURER = "release_by_manufacturer"
    RELEASE_BY_MAH = "release_by_mah"
    RELEASE_BY_SPONSOR = "release_by_sponsor"
    EXCEPTIONAL_BY_MANUFACTURER = "exceptional_release_by_manufacturer"
    EXCEPTIONAL_BY_MAH = "exceptional_release_by_mah"
    COMPLETE_SECOND_STAGE = "complete_second_stage"
    RELEASE_RESERVE = "release_reserve"
    REJECT_RESERVE = "reject_reserve"
    REJECT = "reject"


DECISION_OF: dict[Release, Decision] = {
    Release.MANUFACTURER: Decision.RELEASE_BY_MANUFACTURER,
    Release.MAH: Decision.RELEASE_BY_MAH,
    Release.SPONSOR: Decision.RELEASE_BY_SPONSOR,
}
EXCEPTIONAL_OF: dict[Release, Decision] = {
    Release.MANUFACTURER: Decision.EXCEPTIONAL_BY_MANUFACTURER,
    Release.MAH: Decision.EXCEPTIONAL_BY_MAH,
}
"""Releases of a product that does not conform, where the route knows one (例外放行)."""
EXCEPTIONAL = frozenset(EXCEPTIONAL_OF.values())


class GateState(StrEnum):
    """How one condition of a release stands."""

    MET = "met"
    NOT_MET = "not_met"


DEVIATION = transitions(
    "quality.deviation",
    [DeviationState.OPEN],
    (DeviationState.OPEN, "investigate", DeviationState.INVESTIGATED),
    (DeviationState.INVESTIGATED, "reopen", DeviationState.OPEN),
    (DeviationState.INVESTIGATED, "close", DeviationState.CLOSED),
)


class AlertState(StrEnum):
    """How far an alert to the physician has come: nobody knows of it for certain until it is acknowledged."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    REPORTED = "reported"
    CLOSED = "closed"


class AlertMoment(StrEnum):
    """When a late finding was made: before the infusion the product is held, after it the patient is treated."""

    BEFORE_INFUSION = "before_infusion"
    AFTER_INFUSION = "after_infusion"


class ObligationState(StrEnum):
    """Whether what a release obliges to was done."""

    OPEN = "open"
    FULFILLED = "fulfilled"


class RequestState(StrEnum):
    """How far a request for a product that does not conform has come."""

    REQUESTED = "requested"
    SUPPORTED = "supported"
    EVALUATED = "evaluated"
    DECLINED = "declined"


class ReserveDecision(StrEnum):
    """What is decided about the reserve of a batch when the physician asks for it."""

    RELEASE = "release"
    REJECT = "reject"


class ProductHold(StrEnum):
    """What is decided about a product that is held for a late finding."""

    RECALL = "recall"
    RELEASE_AGAIN = "release_again"


ALERT = transitions(
    "quality.alert",
    [AlertState.RAISED],
    (AlertState.RAISED, "acknowledge", AlertState.ACKNOWLEDGED),
    (AlertState.ACKNOWLEDGED, "report", AlertState.REPORTED),
    (AlertState.REPORTED, "close", AlertState.CLOSED),
)

OBLIGATION = transitions(
    "quality.obligation",
    [ObligationState.OPEN],
    (ObligationState.OPEN, "fulfil", ObligationState.FULFILLED),
)

REQUEST = transitions(
    "quality.exceptional_request",
    [RequestState.REQUESTED],
    (RequestState.REQUESTED, "support", RequestState.SUPPORTED),
    (RequestState.SUPPORTED, "evaluate", RequestState.EVALUATED),
    (RequestState.REQUESTED, "decline", RequestState.DECLINED),
    (RequestState.SUPPORTED, "decline", RequestState.DECLINED),
    (RequestState.EVALUATED, "decline", RequestState.DECLINED),
)


class AuditConclusion(StrEnum):
    """What the review of a part of the audit trail (审计追踪) came to."""

    NOTHING_FOUND = "nothing_found"
    FINDINGS = "findings"
