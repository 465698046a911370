"""A database with the tables and nothing in them, for whoever loads a site of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from psycopg import sql

from vein2vein.driver.database import point_to
from vein2vein.settings import databases


@pytest.fixture(scope="module")
def tables() -> Iterator[str]:
    """Make a database with the tables and nothing in them; return its name."""
    name = f"v2v_tables_{secrets.token_hex(4)}"
    owner, home = settings.DATABASES["owner"], settings.DATABASES["owner"]["NAME"]
    with psycopg.connect(databases.conninfo(owner, "postgres"), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        point_to(name)
        call_command("migrate", database="owner", verbosity=0)
        point_to(home)
        yield name
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def empty(tables: str) -> Iterator[str]:
    """Point to a copy of those tables; return its name."""
    name = f"v2v_empty_{secrets.token_hex(4)}"
    owner, home = settings.DATABASES["owner"], settings.DATABASES["owner"]["NAME"]
    with psycopg.connect(databases.conninfo(owner, "postgres"), autocommit=True) as server:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(create.format(sql.Identifier(name), sql.Identifier(tables)))
        point_to(name)
        yield name
        point_to(home)
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
