"""A finished batch and the laboratory that tests it, on a simulated clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vein2vein.core import clock
from vein2vein.core.clock import SimulatedClock
from vein2vein.laboratory.tests import worlds
from vein2vein.laboratory.tests.assays import Laboratory

WORLD = "laboratory"


@pytest.fixture(scope="session")
def _worker_database(template: str) -> Iterator[str]:
    with worlds.world(template, WORLD, lambda lab: None) as name:
        yield name


@pytest.fixture
def clock_at(db: None) -> Iterator[SimulatedClock]:
    with clock.use(SimulatedClock(worlds.FOUND[WORLD][0])) as simulated:
        yield simulated


@pytest.fixture
def lab(clock_at: SimulatedClock) -> Laboratory:
    """Give a laboratory with the samples of a finished batch, none received yet."""
    return worlds.laboratory(WORLD, clock_at)
