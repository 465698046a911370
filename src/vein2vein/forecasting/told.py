"""What is said of the open courses, as a record that is kept: needs no simulation to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is said of one course: where it stands, how likely its dose is, and when; `order_id` is a UUID.

    `bare_p10` and `bare_p90` are the interval as the futures gave it; both its halves were lengthened by `widened_by`
    of themselves, as learned from the scored forecasts of so many courses (`engines.twin.widening`).
    """

    order_id: str
    stage: str
    chance: float
    p10: datetime | None
    p50: datetime | None
    p90: datetime | None
    bare_p10: datetime | None = None
    bare_p90: datetime | None = None
    widened_by: float = 0.0
    widened_from: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of all open courses at one time."""

    told: tuple[Course, ...]
