"""What the records of a base do not say and its model needs: staffing, demand, vector supply, costs, with sources.

Numbers that are no durations or chances; they are edited like every figure of the model.
"""

from __future__ import annotations

from vein2vein.core.refusals import N_
from vein2vein.engines.twin.model import Figure, Shift

_INVENTED = "invented for a small base: replace it by the base's own"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = DAYS[:5]

OPERATORS_BY_DAY, OPERATORS_BY_NIGHT = "operators_by_day", "operators_by_night"
ANALYSTS, REVIEWERS, QUALIFIED_PERSONS = "analysts", "reviewers", "qualified_persons"
PATIENTS, LOT_DOSES, LOT_EVERY = "patients_per_year", "vector_lot_doses", "vector_lot_every"

COUNTS: dict[str, Figure] = {
    OPERATORS_BY_DAY: Figure(value=8.0, unit="people", source=f"operators from 06:00 to 22:00: {_INVENTED}"),
    OPERATORS_BY_NIGHT: Figure(value=4.0, unit="people", source=f"operators from 22:00 to 06:00: {_INVENTED}"),
    ANALYSTS: Figure(value=4.0, unit="people", source=f"analysts from 08:00 to 20:00, every day: {_INVENTED}"),
    REVIEWERS: Figure(value=3.0, unit="people", source=f"batch records under review at once, every day: {_INVENTED}"),
    QUALIFIED_PERSONS: Figure(value=1.0, unit="people", source=f"from 08:00 to 18:00, every day: {_INVENTED}"),
    PATIENTS: Figure(value=200.0, unit="1/y", source=f"orders of a year until the base's own are known: {_INVENTED}"),
    LOT_DOSES: Figure(
        value=280.0, unit="doses", source="a vector lot of 50 L makes some 280 batches; derived from typical titres"
    ),
    LOT_EVERY: Figure(
        value=150.0, unit="d", source="from one vector lot to the next, 4–6 months of lead time: from memory"
    ),
}
"""By name; units that the engine does not know."""

SHIFTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "operator": (
        (OPERATORS_BY_NIGHT, "00:00", "06:00"),
        (OPERATORS_BY_DAY, "06:00", "22:00"),
        (OPERATORS_BY_NIGHT, "22:00", "24:00"),
    ),
    "analyst": ((ANALYSTS, "08:00", "20:00"),),
    "reviewer": ((REVIEWERS, "00:00", "24:00"),),
    "qualified_person": ((QUALIFIED_PERSONS, "08:00", "18:00"),),
}
"""By resource: which count is there from when until when, in the plant's local time."""

COST_PER_HOUR: dict[str, float] = {
    "operator": 150.0,
    "operator_second": 150.0,
    "analyst": 160.0,
    "reviewer": 200.0,
    "qualified_person": 300.0,
    "workstation": 450.0,
    "manufacturing_slot": 450.0,
}
"""Invented, in yuan: what is paid for whether it is used or not."""
VECTOR_COST = 60000.0

NAMES: dict[str, str] = {
    "operator": N_("operator"),
    "operator_second": N_("second operator"),
    "analyst": N_("analyst"),
    "reviewer": N_("reviewer"),
    "qualified_person": N_("qualified person"),
    "manufacturing_slot": N_("manufacturing slot"),
    "workstation": N_("workstation"),
    "incubator": N_("incubator"),
    "receipt_bench": N_("receipt bench"),
    "cell_washer": N_("cell washer"),
    "closed_system": N_("closed system"),
    "freezer": N_("controlled-rate freezer"),
    "infusion_bed": N_("infusion bed"),
}
"""How resources are called where people read of them."""


def shifts_of(resource: str, counts: dict[str, float], part: int, parts: int) -> tuple[Shift, ...]:
    """Return a role's shifts; of pairs, `part` of `parts` of those who are there: the first gets the odd one."""
    return tuple(
        Shift(days=DAYS, begins=begins, until=until, capacity=(int(counts[name]) + parts - 1 - part) // parts)
        for name, begins, until in SHIFTS[resource]
    )
