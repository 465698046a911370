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
from vein2vein.settings import databases


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
    owner = settings.DATABASES["owner"]
    name, home = f"v2v_simulated_{secrets.token_hex(4)}", owner["NAME"]
    options = settings.DATABASES["default"]["OPTIONS"]
    options.pop("pool", None)  # one connection, to a database that will be gone
    with psycopg.connect(databases.conninfo(owner, "postgres"), autocommit=True) as server:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(create.format(sql.Identifier(name), sql.Identifier(tables_of)))
        # It is dropped, or made again by its seed: nobody waits for a disk.
        server.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit TO off").format(sql.Identifier(name)))
    point_to(name)
    try:
        say(f"database {name}, marked simulated")
        call_command("migrate", database="owner", verbosity=0)
        with clock.use(at):
            load_if_empty("simulated", times=times_for(per_year), say=say)
            yield name
    finally:
        point_to(home)
        if not keep:
            with psycopg.connect(databases.conninfo(owner, "postgres"), autocommit=True) as server:
                server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
