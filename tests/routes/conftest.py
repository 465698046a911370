"""Batches of every release route on a simulated clock, and the doors to go through."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.attack.doors import Attack, Command, Interface, Page
from tests.routes import world
from tests.static_files import plain_static_files
from vein2vein.core import clock
from vein2vein.core.clock import SimulatedClock
from vein2vein.quality.tests.ready import Quality

__all__ = ["plain_static_files"]


@pytest.fixture(scope="session")
def _worker_database(routes_database: str) -> str:
    return routes_database


@pytest.fixture
def clock_at(db: None) -> Iterator[SimulatedClock]:
    with clock.use(SimulatedClock(world.FOUND["commercial"].at)) as simulated:
        yield simulated


@pytest.fixture
def quality(clock_at: SimulatedClock) -> Callable[[str], Quality]:
    """Give the batch of a way."""
    return lambda name: world.quality_of(name, clock_at)


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def interface() -> Interface:
    return Interface()


@pytest.fixture
def attack() -> Attack:
    """Try an act through every door: each must refuse by the same blocker, and leave nothing changed."""
    return Attack((Page(), Interface(), Command()))
