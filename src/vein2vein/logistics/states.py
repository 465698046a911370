"""The life of a shipment, and the words that logistics uses."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.transitions import transitions


class ShipmentKind(StrEnum):
    """What travels: the patient's cells to the manufacturing site, the product back, or unused product returned."""

    STARTING_MATERIAL = "starting_material"
    PRODUCT = "product"
    RETURN = "return"


class ShipmentState(StrEnum):
    """Where a shipment stands; what is quarantined may not be used before QA has reviewed it."""

    PLANNED = "planned"
    CANCELLED = "cancelled"
    PACKED = "packed"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    RECEIVED = "received"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"
    LOST = "lost"


_S = ShipmentState

SHIPMENT = transitions(
    "shipment",
    [_S.PLANNED],
    (_S.PLANNED, "pack", _S.PACKED),
    (_S.PLANNED, "cancel", _S.CANCELLED),
    (_S.PACKED, "cancel", _S.CANCELLED),
    (_S.PACKED, "hand_over", _S.IN_TRANSIT),
    (_S.IN_TRANSIT, "hand_over", _S.IN_TRANSIT),
    (_S.IN_TRANSIT, "deliver", _S.DELIVERED),
    (_S.IN_TRANSIT, "lose", _S.LOST),
    (_S.DELIVERED, "lose", _S.LOST),
    (_S.LOST, "find", _S.IN_TRANSIT),
    (_S.DELIVERED, "receive", _S.RECEIVED),
    (_S.DELIVERED, "quarantine", _S.QUARANTINED),
    (_S.QUARANTINED, "accept", _S.RECEIVED),
    (_S.QUARANTINED, "reject", _S.REJECTED),
)

ON_THE_WAY = (_S.PLANNED, _S.PACKED, _S.IN_TRANSIT, _S.DELIVERED)
"""States in which shipping container and logger belong to this shipment and to no other."""

UNDER_WAY = (*ON_THE_WAY, _S.QUARANTINED)
"""States in which an order has this shipment of the kind and no other."""

ENDED = (_S.CANCELLED, _S.REJECTED, _S.LOST)
"""States after which a shipment brings nothing any more."""


class MilestoneKind(StrEnum):
    """What happened to a shipment on its way."""

    PACKED = "packed"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    RECEIVED = "received"


class TraceVerdict(StrEnum):
    """What the temperature trace says of the journey; missing: there is none."""

    OK = "ok"
    EXCURSION = "excursion"
    INCOMPLETE = "incomplete"
    MISSING = "missing"


class Finding(StrEnum):
    """Why a shipment was quarantined at its receipt."""

    EXCURSION = "excursion"
    INCOMPLETE_TRACE = "incomplete_trace"
    MISSING_TRACE = "missing_trace"
    SEAL_BROKEN = "seal_broken"
    TIPPED = "tipped"
    CRACKED = "cracked"
    HOLD_TIME_OVER = "hold_time_over"
    INCIDENT = "incident"
    NOT_AWAITED = "not_awaited"


class IncidentKind(StrEnum):
    """What went wrong on the way, as whoever has the shipment saw it."""

    DELAYED = "delayed"
    TIPPED = "tipped"
    DAMAGED = "damaged"


class ReviewDecision(StrEnum):
    """What QA decided about a quarantined shipment."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
