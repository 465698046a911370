"""Where a course stands when a lot is called back, and the life of a notice: plain Python."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.transitions import transitions


class Kind(StrEnum):
    """What can be traced; the words are those of the journal's references."""

    LOT = "lot"
    COI = "coi"
    ORDER = "order"
    BATCH = "batch"
    CONTAINER = "container"
    EQUIPMENT = "equipment"
    ACCOUNT = "account"
    SHIPMENT = "shipment"


class Standing(StrEnum):
    """How far the product of a course has come: what is to be done about it follows from that."""

    RESERVED = "reserved"
    OPEN = "not_released"
    RELEASED = "released"
    INFUSED = "infused"
    ENDED = "ended"


class NoticeState(StrEnum):
    """Whether the hospital has taken note."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"


NOTICE = transitions(
    "recall notice",
    [NoticeState.OPEN],
    (NoticeState.OPEN, "acknowledge", NoticeState.ACKNOWLEDGED),
)


class Sought(StrEnum):
    """What the search knows, in the order in which it lists what it found."""

    COI = "coi"
    ORDER = "order"
    BATCH = "batch"
    CONTAINER = "container"
    SAMPLE = "sample"
    LABEL = "label"
    KIT = "kit"
    LOT = "lot"
    SHIPMENT = "shipment"
    EQUIPMENT = "equipment"
    POSITION = "position"
    ACCOUNT = "account"
    DEVIATION = "deviation"
    SITE = "site"
