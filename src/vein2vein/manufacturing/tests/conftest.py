"""A batch at the bench, on a simulated clock, in a database of these tests' own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from psycopg import sql

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.orders.tests.conftest import Course
from vein2vein.settings import databases

Find = Callable[[str], Actor]
Sign = Callable[..., Actor]


def simulate(name: str) -> None:
    """Mark a test database as simulated, so that days may pass in it."""
    with psycopg.connect(databases.conninfo(settings.DATABASES["owner"], name), autocommit=True) as made:
        made.execute("ALTER TABLE journal_database DISABLE TRIGGER USER")
        made.execute("UPDATE journal_database SET kind = 'simulated'")
        made.execute("ALTER TABLE journal_database ENABLE TRIGGER USER")


@pytest.fixture(scope="session")
def _worker_database(template: str) -> Iterator[str]:
    owner, name = settings.DATABASES["owner"], f"{template}_making_{os.getpid()}"
    with psycopg.connect(databases.conninfo(owner, "postgres"), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    simulate(name)
    yield name
    for connection in connections.all():
        connection.close()
    with psycopg.connect(databases.conninfo(owner, "postgres"), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


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
    found = [Bench(simulated, actor, sign) for _ in courses]
    for bench, course in zip(found, courses, strict=True):
        bench.open(course.order)
    return found
