"""A database with the tables and nothing in them, for whoever loads a site of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import call_command

from tests import template as worlds
from vein2vein.driver.database import point_to


@pytest.fixture(scope="module")
def tables() -> Iterator[str]:
    """Make a database with the tables and nothing in them; return its name."""
    name, home = f"v2v_tables_{secrets.token_hex(4)}", settings.DATABASES["owner"]["NAME"]
    worlds.create(name, "template0")
    point_to(name)
    call_command("migrate", database="owner", verbosity=0)
    point_to(home)
    yield name
    worlds.drop(name)


@pytest.fixture
def empty(tables: str) -> Iterator[str]:
    """Point to a copy of those tables; return its name."""
    name, home = f"v2v_empty_{secrets.token_hex(4)}", settings.DATABASES["owner"]["NAME"]
    worlds.create(name, tables)
    point_to(name)
    yield name
    point_to(home)
    worlds.drop(name)
