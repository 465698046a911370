"""The time, as an argument: real by default, simulated within `use()`.

Times are aware UTC. A simulated clock moves only when it is told to; the journal refuses one in a
database that is not marked simulated.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class SimulatedClock:
    """A clock that stands still until `advance` or `move_to` is called."""

    at: datetime

    def __post_init__(self) -> None:
        """Refuse a time without a zone."""
        if self.at.tzinfo is None:
            raise ValueError("a simulated clock needs an aware time")
        self.at = self.at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move forward by a span that is not negative."""
        if by < timedelta(0):
            raise ValueError("a clock does not run backwards")
        self.at += by

    def move_to(self, at: datetime) -> None:
        """Move forward to `at`; a time already past leaves the clock where it is."""
        self.at = max(self.at, at.astimezone(UTC))


_simulated: ContextVar[SimulatedClock | None] = ContextVar("simulated_clock", default=None)


def now() -> datetime:
    """Return the present, aware UTC, from the clock in force."""
    simulated = _simulated.get()
    return datetime.now(UTC) if simulated is None else simulated.at


def simulated() -> SimulatedClock | None:
    """Return the simulated clock in force, or None when time is real."""
    return _simulated.get()


@contextmanager
def use(clock: SimulatedClock) -> Iterator[SimulatedClock]:
    """Let `now()` read `clock` within the block."""
    token = _simulated.set(clock)
    try:
        yield clock
    finally:
        _simulated.reset(token)
