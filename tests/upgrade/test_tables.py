"""The tables of an empty database are made at once, and are what the migrations would have made.

Renew the record by `V2V_RENEW=1 PYTHONPATH=src .local/venv/bin/python -m pytest tests/upgrade/test_tables.py`.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from tests import template as worlds
from vein2vein.journal import tables


@pytest.fixture
def empty() -> Iterator[None]:
    """Point this process to an empty database."""
    name, before = f"v2v_world_empty_{uuid.uuid4().hex[:8]}", connections["default"].settings_dict["NAME"]
    worlds.create(name, "template0")
    worlds.point_to(name)
    yield
    worlds.point_to(before)
    worlds.drop(name)


def test_the_record_is_what_the_migrations_do(empty: None) -> None:
    made = tables.recorded(connections["owner"])
    if os.environ.get("V2V_RENEW"):
        tables.FILE.write_text(made, encoding="utf-8")
    assert made == tables.FILE.read_text(encoding="utf-8"), __doc__


def test_an_empty_database_is_made_at_once_and_lacks_nothing(empty: None) -> None:
    assert tables.make_at_once(connections["owner"])
    executor = MigrationExecutor(connections["owner"])
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert not tables.make_at_once(connections["owner"])
