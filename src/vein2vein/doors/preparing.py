"""Queries that are written once and asked again with other values: writing one costs more than asking it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=Model)


def _mark(kind: type) -> Any:
    """Return a value of a kind that stands nowhere else in a query."""
    made = uuid4()
    if issubclass(kind, UUID):
        return made
    if issubclass(kind, datetime):
        return datetime.fromtimestamp(made.int % 2**31, UTC)
    return str(made)


@dataclass(frozen=True, slots=True)
class _Written:
    """A query with its SQL; `places` says of each of its values which one given it is, or None for one of its own."""

    alias: str
    compiler: Any
    sql: str
    own: Sequence[Any]
    places: Sequence[int | None]
    locks: bool


class Prepared(Generic[M]):
    """A query that differs from call to call in its values alone.

    `build` is given one value of each of `kinds` (`str`, `UUID` or `datetime`, never None) and returns the query; it is
    called once, and its SQL kept with the places where those values stand.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], *kinds: type) -> None:
        self._build, self._kinds = build, kinds

    def all(self, *values: Any) -> list[M]:
        """Return the rows for these values, in the query's order."""
        written = self._written
        if written.locks and not connections[written.alias].in_atomic_block:
            raise TransactionManagementError("rows are locked inside a transaction only")
        filled = tuple(
            own if place is None else values[place] for own, place in zip(written.own, written.places, strict=True)
        )
        compiler = copy.copy(written.compiler)
        compiler.connection = connections[written.alias]
        compiler.as_sql = lambda: (written.sql, filled)
        query = SimpleNamespace(get_compiler=lambda using: compiler)  # noqa: ARG005 - called so
        asked: Any = SimpleNamespace(db=written.alias, query=query, _known_related_objects={})
        return list(ModelIterable(asked))

    def first(self, *values: Any) -> M | None:
        """Return the first row for these values, or None; the query itself says which is the first, if several fit."""
        found = self.all(*values)
        return found[0] if found else None

    @cached_property
    def _written(self) -> _Written:
        marks = [_mark(kind) for kind in self._kinds]
        rows = self._build(*marks)
        compiler = rows.query.get_compiler(using=rows.db)
        compiler.setup_query()
        sql, params = compiler.as_sql()
        if not all(mark in params for mark in marks):
            raise TypeError("a value of a prepared query does not stand in it")
        places = [marks.index(one) if one in marks else None for one in params]
        return _Written(rows.db, compiler, sql, params, places, rows.query.select_for_update)
