"""Fixtures of every test: real PostgreSQL, acting as the run-time role, the network blocked.

One database with the demonstration site is kept between runs (`tests/template.py`) and cloned for each worker.
`db` gives it inside a transaction that is rolled back; `committed_db` gives a clone of its own, for races, kills and
servers.
"""

from __future__ import annotations

import inspect
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import Any

# Compiling the application anew takes four of the six seconds of an import: keep it, whatever the surroundings say.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["V2V_TEST_CLUSTER"] = "1"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vein2vein.settings")
os.environ.setdefault("V2V_DEMONSTRATION_PATIENTS", "0")
os.environ.setdefault("V2V_ARGON2_TIME_COST", "1")
os.environ.setdefault("V2V_ARGON2_MEMORY_KIB", "64")

import django
import pytest
from django.db import connections, transaction

from tests import template as worlds
from vein2vein.core.actor import Actor
from vein2vein.settings import databases

django.setup()  # before any other conftest is read: they import models

RUN = os.environ.setdefault("V2V_TEST_RUN", uuid.uuid4().hex[:8])
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw")


def pytest_configure() -> None:
    """Let the cluster of the tests run."""
    databases.ensure_ready()
    worlds.begin()


@pytest.fixture(scope="session")
def template() -> str:
    """Give the name of the database with the demonstration site, to be cloned and never to be entered."""
    return worlds.ensure()


@pytest.fixture(scope="session")
def simulated_database(template: str) -> Iterator[str]:
    """Give the worker's database that is marked simulated, so that days may pass in it; return its name.

    A folder whose `db` is to be that one overrides `_worker_database` by this.
    """
    name = f"{template}_{RUN}_{WORKER}_simulated"
    worlds.create(name, template)
    worlds.simulate(name)
    yield name
    worlds.point_to("postgres")
    worlds.drop(name)


@pytest.fixture(scope="session")
def routes_database(template: str) -> Iterator[str]:
    """Give the worker's database with a tested batch of each release route (`tests/routes/world.py`); return its name.

    A folder whose `db` is to be that one overrides `_worker_database` by this.
    """
    from tests.routes import world

    with world.world(template, world.WAYS) as name:
        yield name


@pytest.fixture(scope="session")
def _worker_database(template: str) -> Iterator[str]:
    name = f"{template}_{RUN}_{WORKER}"
    worlds.create(name, template)
    yield name
    worlds.point_to("postgres")
    worlds.drop(name)


@pytest.fixture
def db(_worker_database: str) -> Iterator[None]:
    """Give the demonstration site within a transaction that is rolled back."""
    if connections["default"].settings_dict["NAME"] != _worker_database:
        worlds.point_to(_worker_database)
    outer = transaction.atomic()
    setattr(outer, "_from_testcase", True)  # noqa: B010 - as Django's own TestCase: durable blocks may nest in it
    from vein2vein.doors import keeping

    keeping.forget()
    with outer:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def committed_db(template: str) -> Iterator[str]:
    """Give a clone of its own, in which acts really commit; return its name."""
    name = f"{template}_{RUN}_{WORKER}_{uuid.uuid4().hex[:6]}"
    worlds.create(name, template)
    before = connections["default"].settings_dict["NAME"]
    worlds.point_to(name)
    yield name
    worlds.point_to(before)
    worlds.drop(name)


@pytest.fixture
def simulated_db(committed_db: str) -> str:
    """Give a clone of its own, marked simulated, in which acts really commit; return its name."""
    worlds.simulate(committed_db)
    return committed_db


@pytest.fixture
def as_owner() -> Callable[..., list[tuple[Any, ...]]]:
    """Run SQL as the owner of the database under test (for tampering and preparing), committed at once."""

    def run(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        with connections["owner"].cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def actor(request: pytest.FixtureRequest) -> Callable[..., Actor]:
    """Give the actor of a demonstration account, by username, from whichever database fixture is in use."""
    if "committed_db" not in request.fixturenames:
        request.getfixturevalue("db")

    def find(username: str) -> Actor:
        from vein2vein.people import reads

        return reads.actor_named(username)

    return find


@pytest.fixture
def sign() -> Callable[..., Actor]:
    """Give an actor carrying a valid grant for exactly this action with these arguments."""

    def granted(who: Actor, action: str, **arguments: Any) -> Actor:
        from vein2vein.journal import ACTIONS
        from vein2vein.people import reads, signing

        parameters = inspect.signature(ACTIONS[action].body).parameters.values()
        defaults = {one.name: one.default for one in parameters if one.default is not one.empty}
        username = reads.get_account(who.account_id).username
        secret = reads.demonstration_password()
        given = {name: value for name, value in (defaults | arguments).items() if name not in ("by", "witness")}
        signed = signing.witness(username, secret=secret, action=action, arguments=given)
        return who.signing(str(signed.grant))

    return granted
