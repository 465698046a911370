"""Raw SQL as the run-time role, and what it meets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from tests.attack.doors import everything


def sql(statement: str, *values: Any) -> None:
    """Run a statement as the run-time role."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def forbidden(constraint: str = "") -> Iterator[None]:
    """Require that the database refuses, now or at commit, by this constraint, a trigger, a missing right."""
    before = everything()
    with pytest.raises(DatabaseError) as caught, transaction.atomic():  # noqa: PT012 - what is tried is the caller's
        yield
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    cause: Any = caught.value.__cause__
    named = getattr(getattr(cause, "diag", None), "constraint_name", None)
    if constraint:
        assert named == constraint, cause
    else:
        assert getattr(cause, "sqlstate", "")[:2] in ("23", "42", "P0"), cause
    assert everything() == before
