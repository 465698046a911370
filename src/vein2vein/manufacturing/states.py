"""The life of a batch, its operations, steps and holds: plain Python."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.transitions import transitions


class BatchState(StrEnum):
    """How far the batch record has come."""

    OPEN = "open"
    COMPLETED = "completed"
    REVIEWED = "reviewed"
    CLOSED = "closed"
    TERMINATED = "terminated"


class OperationState(StrEnum):
    """How far an operation has come."""

    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"


class StepState(StrEnum):
    """Whether a step is done, and looked at by a second person."""

    WAITING = "waiting"
    DONE = "done"
    VERIFIED = "verified"


class HoldState(StrEnum):
    """Whether a hold still keeps the batch."""

    OPEN = "open"
    LIFTED = "lifted"


class PackState(StrEnum):
    """What became of an offline pack: only the newest of a batch is in force, until it is accounted for."""

    ISSUED = "issued"
    SUPERSEDED = "superseded"
    RECONCILED = "reconciled"


class LimitVerdict(StrEnum):
    """How a value stands to its limits: an action limit missed is a deviation, an alert is looked at."""

    NONE = "none"
    WITHIN = "within"
    ALERT = "alert"
    ACTION = "action"


class Answer(StrEnum):
    """The answer to a question of the record."""

    YES = "yes"
    NO = "no"


class ClockDecision(StrEnum):
    """What is decided when a hold clock has run out."""

    CONTINUE = "continue"
    TERMINATE = "terminate"


UNDER_WAY = (BatchState.OPEN, BatchState.COMPLETED, BatchState.REVIEWED)
"""States of a batch that still may become a product; an order has at most one such batch."""

BATCH = transitions(
    "batch",
    [BatchState.OPEN],
    (BatchState.OPEN, "complete", BatchState.COMPLETED),
    (BatchState.OPEN, "terminate", BatchState.TERMINATED),
    (BatchState.COMPLETED, "terminate", BatchState.TERMINATED),
    (BatchState.REVIEWED, "terminate", BatchState.TERMINATED),
    (BatchState.COMPLETED, "review", BatchState.REVIEWED),
    (BatchState.REVIEWED, "reopen_review", BatchState.COMPLETED),
    (BatchState.REVIEWED, "close", BatchState.CLOSED),
)

OPERATION = transitions(
    "operation",
    [OperationState.WAITING],
    (OperationState.WAITING, "start", OperationState.OPEN),
    (OperationState.OPEN, "complete", OperationState.DONE),
)

STEP = transitions(
    "step",
    [StepState.WAITING],
    (StepState.WAITING, "record", StepState.DONE),
    (StepState.WAITING, "record_witnessed", StepState.VERIFIED),
    (StepState.DONE, "verify", StepState.VERIFIED),
    (StepState.DONE, "correct", StepState.DONE),
    (StepState.VERIFIED, "correct", StepState.DONE),
    (StepState.DONE, "correct_witnessed", StepState.VERIFIED),
    (StepState.VERIFIED, "correct_witnessed", StepState.VERIFIED),
)

HOLD = transitions(
    "hold",
    [HoldState.OPEN],
    (HoldState.OPEN, "lift", HoldState.LIFTED),
)

PACK = transitions(
    "offline_pack",
    [PackState.ISSUED],
    (PackState.ISSUED, "supersede", PackState.SUPERSEDED),
    (PackState.ISSUED, "reconcile", PackState.RECONCILED),
)
