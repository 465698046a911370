"""A tested batch ready for its disposition, on a simulated clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vein2vein.core import clock
from vein2vein.core.clock import SimulatedClock
from vein2vein.laboratory.tests import worlds
from vein2vein.laboratory.tests.assays import Laboratory
from vein2vein.quality.tests.ready import Quality

WORLD = "quality"


def _prepare(lab: Laboratory) -> None:
    lab.finish(without=("sterility_compendial",))
    Quality(lab).prepare()


@pytest.fixture(scope="session")
def _worker_database(template: str) -> Iterator[str]:
    with worlds.world(template, WORLD, _prepare) as name:
        yield name


@pytest.fixture
def made(_worker_database: str) -> str:
    """Give the name of the database in which the batch is made."""
    return _worker_database


@pytest.fixture
def clock_at(db: None) -> Iterator[SimulatedClock]:
    with clock.use(SimulatedClock(worlds.FOUND[WORLD][0])) as simulated:
        yield simulated


@pytest.fixture
def quality(clock_at: SimulatedClock) -> Quality:
    """Give a batch that lacks nothing but the release."""
    return Quality(worlds.laboratory(WORLD, clock_at))
