"""A database of the driver's own, marked simulated: made for one run, dropped after it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from vein2vein.core import clock
from vein2vein.driver.site import PATIENTS_A_YEAR, load_if_empty, times_for
from vein2vein.journal.reads import database_kind, list_recent
from vein2vein.settings import databases

PREFIX = "v2v_simulated_"


class NotKept(LookupError):
    """No simulated database has this name."""


def point_to(name: str) -> None:
    """Let both connections use another database of the same server."""
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        connections.settings[alias]["NAME"] = name


@contextmanager
def simulated(
    at: clock.SimulatedClock,
    *,
    keep: bool,
    say: Callable[[str], None],
    tables_of: str = "template1",
    per_year: float = PATIENTS_A_YEAR,
) -> Iterator[str]:
    """Make a simulated database with a demonstration site for `per_year` patients, then drop it unless `keep`.

    `tables_of` names a database with the tables and nothing in them, to be copied instead of migrating.
    """
    name = f"{PREFIX}{secrets.token_hex(4)}"
    with _server() as server:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(create.format(sql.Identifier(name), sql.Identifier(tables_of)))
        # It is dropped, or made again by its seed: nobody waits for a disk.
        server.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit TO off").format(sql.Identifier(name)))
    with _pointed_to(name, keep=keep):
        say(f"database {name}, marked simulated")
        with clock.use(at):
            load_if_empty("simulated", times=times_for(per_year), say=say)
            yield name


@contextmanager
def reopened(at: clock.SimulatedClock, name: str, *, keep: bool, say: Callable[[str], None]) -> Iterator[str]:
    """Go on in a simulated database that an earlier run has kept, from its newest entry's time; then as `simulated`.

    Raises `NotKept` where there is no such database, or nothing in it is simulated.
    """
    with _server() as server:
        found = server.execute("SELECT true FROM pg_database WHERE datname = %s", [name]).fetchone()
    if not name.startswith(PREFIX) or found is None:
        raise NotKept(name)
    with _pointed_to(name, keep=keep):
        newest = list_recent(limit=1)
        if database_kind() != "simulated" or not newest:
            raise NotKept(name)
        at.move_to(newest[0].performed_at)
        say(f"database {name}, resumed at {at.at:%Y-%m-%d %H:%M}Z")
        with clock.use(at):
            yield name


@contextmanager
def _pointed_to(name: str, *, keep: bool) -> Iterator[None]:
    """Let this process work in another database whose tables are up to date, which is dropped at last unless `keep`."""
    home = settings.DATABASES["owner"]["NAME"]
    settings.DATABASES["default"]["OPTIONS"].pop("pool", None)  # one connection, to a database that will be gone
    point_to(name)
    try:
        call_command("migrate", database="owner", verbosity=0)
        yield
    finally:
        point_to(home)
        if not keep:
            with _server() as server:
                server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _server() -> psycopg.Connection:
    return psycopg.connect(databases.conninfo(settings.DATABASES["owner"], "postgres"), autocommit=True)
