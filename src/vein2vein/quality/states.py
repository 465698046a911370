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
    REJECT = "reject"


RELEASE_OF: dict[Decision, Release] = {
    Decision.RELEASE_BY_MANUFACTURER: Release.MANUFACTURER,
    Decision.RELEASE_BY_MAH: Release.MAH,
    Decision.RELEASE_BY_SPONSOR: Release.SPONSOR,
}
DECISION_OF: dict[Release, Decision] = {release: decision for decision, release in RELEASE_OF.items()}


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
