"""A simulated database with a batch in it, so that there is something to trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.manufacturing.tests.conftest import opened
from vein2vein.people.models import Account


@pytest.fixture(scope="session")
def _worker_database(simulated_database: str) -> str:
    return simulated_database


@pytest.fixture(autouse=True)
def _plain_files() -> Iterator[None]:
    """Serve static files by their own names: nothing was collected."""
    plain: dict[str, Any] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    files: dict[str, Any] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    with override_settings(STORAGES={"default": files, "staticfiles": plain}):
        yield


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
