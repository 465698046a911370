"""Asking the database in SQL: recursive walks are not what an ORM is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection


def rows(statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a statement with named places, each by column name."""
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(values))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
