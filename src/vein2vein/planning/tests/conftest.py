"""Planning's tests carry courses as the tests of orders do."""

from __future__ import annotations

import pytest

from vein2vein.core.clock import SimulatedClock
from vein2vein.orders.tests.conftest import Course, Find, Sign, _worker_database, clock_at

__all__ = ["_worker_database", "clock_at"]


@pytest.fixture
def course(clock_at: SimulatedClock, actor: Find, sign: Sign) -> Course:
    """Give a course at the first demonstration hospital."""
    return Course(clock_at, actor, sign)
