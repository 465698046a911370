"""A simulated database with a batch in it, so that there is something to trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tests.static_files import plain_static_files
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.manufacturing.tests.conftest import opened
from vein2vein.people.models import Account

__all__ = ["plain_static_files"]


@pytest.fixture(scope="session")
def _worker_database(simulated_database: str) -> str:
    return simulated_database


@pytest.fixture
def clock_at(db: None) -> Iterator[SimulatedClock]:
    with clock.use(SimulatedClock(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))) as simulated:
        yield simulated


@pytest.fixture
def bench(clock_at: SimulatedClock, actor: Callable[[str], Actor], sign: Callable[..., Actor]) -> Bench:
    """Give a batch of the Shanghai hospital into which vector went."""
    made = opened(clock_at, actor, sign, "rj")[0]
    made.to("consume_vector")
    made.once(made.next())
    return made


@pytest.fixture
def page() -> Callable[[str], Client]:
    """Give the browser of a person."""

    def of(username: str) -> Client:
        client = Client()
        client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of
