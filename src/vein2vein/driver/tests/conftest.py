"""A database with the tables and nothing in them, for whoever loads a site of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests import template as worlds
from vein2vein.driver.database import point_to


@pytest.fixture
def tables() -> str:
    """Return the name of a database with the tables and nothing in them, to be copied."""
    return worlds.tables()


@pytest.fixture
def empty(tables: str) -> Iterator[str]:
    """Point to a copy of those tables; return its name."""
    name, home = f"v2v_empty_{secrets.token_hex(4)}", settings.DATABASES["owner"]["NAME"]
    worlds.create(name, tables)
    point_to(name)
    yield name
    point_to(home)
    worlds.drop(name)
