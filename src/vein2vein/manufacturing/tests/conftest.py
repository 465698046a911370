"""A batch at the bench, on a simulated clock, in a database of these tests' own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.orders.tests.conftest import Course

Find = Callable[[str], Actor]
Sign = Callable[..., Actor]


@pytest.fixture(scope="session")
def _worker_database(simulated_database: str) -> str:
    """Days may pass in these tests."""
    return simulated_database


@pytest.fixture
def clock_at(db: None) -> Iterator[SimulatedClock]:
    with clock.use(SimulatedClock(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))) as simulated:
        yield simulated


@pytest.fixture
def bench(clock_at: SimulatedClock, actor: Find, sign: Sign) -> Bench:
    """Give the bench with an open batch of a patient of the first hospital."""
    return opened(clock_at, actor, sign, "rj")[0]


@pytest.fixture
def benches(clock_at: SimulatedClock, actor: Find, sign: Sign) -> list[Bench]:
    """Give two benches with the open batches of two hospitals' patients."""
    return opened(clock_at, actor, sign, "rj", "bj")


def opened(simulated: SimulatedClock, actor: Find, sign: Sign, *places: str) -> list[Bench]:
    """Carry courses side by side until their material is accepted, and open their batches."""
    courses = [Course(simulated, actor, sign, place=place) for place in places]
    for state in ("collecting", "material_accepted"):
        for course in courses:
            course.to(state)
    found = [Bench(simulated, actor, sign, place) for place, _ in enumerate(courses)]
    for bench, course in zip(found, courses, strict=True):
        bench.open(course.order)
    return found
