"""Two patients of two hospitals whose courses are carried as far as an attack needs, and the doors to attack by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.attack.courses import Treatment, side_by_side
from tests.attack.doors import Attack, Command, Interface, Page
from tests.static_files import plain_static_files
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.manufacturing.tests.bench import Bench

__all__ = ["plain_static_files"]

Find = Callable[[str], Actor]
Sign = Callable[..., Actor]


@pytest.fixture(scope="session")
def _worker_database(simulated_database: str) -> str:
    return simulated_database


@pytest.fixture
def clock_at(db: None) -> Iterator[SimulatedClock]:
    with clock.use(SimulatedClock(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))) as simulated:
        yield simulated


@pytest.fixture
def ours(clock_at: SimulatedClock, actor: Find, sign: Sign) -> Treatment:
    """A course at the Shanghai hospital."""
    return Treatment(clock_at, actor, sign, place="rj")


@pytest.fixture
def theirs(clock_at: SimulatedClock, actor: Find, sign: Sign) -> Treatment:
    """Another patient's course, at the Beijing hospital."""
    return Treatment(clock_at, actor, sign, place="bj")


@pytest.fixture
def benches(clock_at: SimulatedClock, actor: Find, sign: Sign) -> Callable[..., list[Bench]]:
    """Open the batches of courses, side by side."""

    def opened(*courses: Treatment) -> list[Bench]:
        found = [Bench(clock_at, actor, sign, place) for place, _ in enumerate(courses)]
        side_by_side(list(courses), "collecting", "material_accepted")
        for bench, course in zip(found, courses, strict=True):
            bench.open(course.order)
        return found

    return opened


@pytest.fixture
def attack(clock_at: SimulatedClock) -> Attack:
    """Try an act through every door: each must refuse by the same blocker, and leave nothing changed."""
    return Attack((Page(), Interface(), Command()))
