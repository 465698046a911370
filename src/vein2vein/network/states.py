"""The words of the network: kinds of site, states of equipment and reservations, routes to a market."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.transitions import transitions


class SiteKind(StrEnum):
    """What a site is for."""

    MANUFACTURING = "manufacturing"
    INNOVATION = "innovation"
    HOSPITAL = "hospital"
    CARRIER = "carrier"
    MAH = "mah"


class EquipmentState(StrEnum):
    """Whether a piece of equipment may be used at all; dates of calibration are looked at besides."""

    AVAILABLE = "available"
    OUT_OF_SERVICE = "out_of_service"


class ReservationState(StrEnum):
    """The life of a reservation; it keeps others out unless it is released; in use, its end is not known yet."""

    HELD = "held"
    IN_USE = "in_use"
    RELEASED = "released"
    USED = "used"


class TemperatureClass(StrEnum):
    """How a lane keeps its goods: 2–8 °C, or in liquid-nitrogen vapour."""

    CHILLED = "chilled"
    CRYOGENIC = "cryogenic"


class Route(StrEnum):
    """On what ground a therapy may be given in a market, for one indication."""

    NONE = "none"
    CLINICAL_TRIAL = "clinical_trial"
    NAMED_PATIENT = "named_patient"
    CONDITIONAL = "conditional"
    COMMERCIAL = "commercial"


EQUIPMENT = transitions(
    "network.equipment",
    [EquipmentState.AVAILABLE, EquipmentState.OUT_OF_SERVICE],
    (EquipmentState.AVAILABLE, "take_out", EquipmentState.OUT_OF_SERVICE),
    (EquipmentState.OUT_OF_SERVICE, "return", EquipmentState.AVAILABLE),
)

RESERVATION = transitions(
    "network.reservation",
    [ReservationState.HELD, ReservationState.IN_USE],
    (ReservationState.HELD, "release", ReservationState.RELEASED),
    (ReservationState.HELD, "use", ReservationState.USED),
    (ReservationState.IN_USE, "release", ReservationState.RELEASED),
    (ReservationState.IN_USE, "end", ReservationState.USED),
)
