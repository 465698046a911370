"""What is said of the open courses, as a record that is kept: needs no simulation to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is said of one course: where it stands, how likely its dose is, and when; `order_id` is a UUID."""

    order_id: str
    stage: str
    chance: float
    p10: datetime | None
    p50: datetime | None
    p90: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of all open courses at one time."""

    told: tuple[Course, ...]
