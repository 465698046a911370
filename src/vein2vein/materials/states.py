"""The life of a lot, of a reservation and of a thaw: plain Python."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.transitions import transitions


class LotState(StrEnum):
    """Whether a lot may be used: only a released one, and only where it is released to."""

    QUARANTINED = "quarantined"
    RELEASED = "released"
    REJECTED = "rejected"
    RECALLED = "recalled"


class LotKind(StrEnum):
    """What a lot is a lot of: what cells are made with, and what those things are made from."""

    PLASMID = "plasmid"
    VECTOR = "vector"
    REAGENT = "reagent"
    MEDIUM = "medium"
    CYTOKINE = "cytokine"
    CRYOMEDIUM = "cryomedium"
    CONSUMABLE = "consumable"
    KIT = "kit"


class HoldingState(StrEnum):
    """Whether a quantity is still kept for its holder."""

    HELD = "held"
    USED = "used"
    RELEASED = "released"


class ThawState(StrEnum):
    """What became of thawed vials: nothing that was thawed goes back into stock."""

    THAWED = "thawed"
    USED = "used"
    DISCARDED = "discarded"


class MovementKind(StrEnum):
    """Why a lot's stock or its reserve changed."""

    RECEIPT = "receipt"
    RESERVATION = "reservation"
    RELEASE_OF_RESERVATION = "release_of_reservation"
    THAW = "thaw"
    CONSUMPTION = "consumption"
    DISCARD = "discard"
    ADJUSTMENT = "adjustment"


LOT = transitions(
    "lot",
    [LotState.QUARANTINED],
    (LotState.QUARANTINED, "release", LotState.RELEASED),
    (LotState.QUARANTINED, "reject", LotState.REJECTED),
    (LotState.QUARANTINED, "recall", LotState.RECALLED),
    (LotState.RELEASED, "recall", LotState.RECALLED),
)

HOLDING = transitions(
    "lot holding",
    [HoldingState.HELD],
    (HoldingState.HELD, "use", HoldingState.USED),
    (HoldingState.HELD, "release", HoldingState.RELEASED),
)

THAW = transitions(
    "thaw",
    [ThawState.THAWED],
    (ThawState.THAWED, "use", ThawState.USED),
    (ThawState.THAWED, "discard", ThawState.DISCARDED),
)
