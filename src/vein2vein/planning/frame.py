"""Between the calendar and the engine's minutes: minute 0 is a Monday at 00:00 in the plant's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

GRID_MIN = 15
"""Everything is planned on this grid: the scheduling engine's shortest slot."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where minute 0 is. Minutes are elapsed time; in a zone with summer time, weekly windows drift by its hour."""

    origin: datetime

    @classmethod
    def around(cls, earliest: datetime, zone: str) -> Frame:
        """Return the frame that begins on the last Monday not after a time."""
        local = earliest.astimezone(ZoneInfo(zone))
        monday = (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(monday.astimezone(UTC))

    def floor(self, at: datetime) -> int:
        """Return the last minute of the grid not after a time, 0 at the earliest."""
        return max(0, int((at - self.origin).total_seconds()) // (60 * GRID_MIN) * GRID_MIN)

    def ceil(self, at: datetime) -> int:
        """Return the first minute of the grid not before a time, 0 at the earliest."""
        return max(0, -(-int((at - self.origin).total_seconds()) // (60 * GRID_MIN)) * GRID_MIN)

    def at(self, minute: int) -> datetime:
        """Return the time of a minute."""
        return self.origin + timedelta(minutes=minute)


def up(span: timedelta) -> int:
    """Return a span in minutes of the grid, rounded up."""
    return -(-int(span.total_seconds()) // (60 * GRID_MIN)) * GRID_MIN


def down(span: timedelta) -> int:
    """Return a span in minutes of the grid, rounded down."""
    return int(span.total_seconds()) // (60 * GRID_MIN) * GRID_MIN
