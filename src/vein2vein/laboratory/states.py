"""The life of samples, tests and laboratory investigations: plain Python."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.transitions import transitions


class SampleState(StrEnum):
    """Whether a sample has come to the laboratory."""

    TAKEN = "taken"
    RECEIVED = "received"


class TestState(StrEnum):
    """How far a test has come."""

    __test__ = False

    PLANNED = "planned"
    RESULTED = "resulted"
    REVIEWED = "reviewed"
    INVALIDATED = "invalidated"
    CANCELLED = "cancelled"


class InvestigationState(StrEnum):
    """Whether a laboratory investigation has come to a conclusion."""

    OPEN = "open"
    CONCLUDED = "concluded"


class Conclusion(StrEnum):
    """What an investigation found: an error in the laboratory makes a result invalid; without one it stands."""

    LABORATORY_ERROR = "laboratory_error"
    NO_LABORATORY_ERROR = "no_laboratory_error"


SAMPLE = transitions("laboratory.sample", [SampleState.TAKEN], (SampleState.TAKEN, "receive", SampleState.RECEIVED))

TEST = transitions(
    "laboratory.test",
    [TestState.PLANNED],
    (TestState.PLANNED, "record", TestState.RESULTED),
    (TestState.PLANNED, "cancel", TestState.CANCELLED),
    (TestState.RESULTED, "review", TestState.REVIEWED),
    (TestState.RESULTED, "correct", TestState.RESULTED),
    (TestState.RESULTED, "withdraw", TestState.PLANNED),
    (TestState.REVIEWED, "withdraw", TestState.PLANNED),
    (TestState.RESULTED, "invalidate", TestState.INVALIDATED),
    (TestState.REVIEWED, "invalidate", TestState.INVALIDATED),
)

INVESTIGATION = transitions(
    "laboratory.investigation",
    [InvestigationState.OPEN],
    (InvestigationState.OPEN, "conclude", InvestigationState.CONCLUDED),
)
