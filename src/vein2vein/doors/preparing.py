"""Queries that are written once and asked again with other values: writing one costs more than asking it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError

from vein2vein.core.actor import Actor
from vein2vein.core.ids import SiteId

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
    """A query as it is asked: its SQL, its own values, and at which of their places a given one stands instead."""

    alias: str
    sql: str
    own: Sequence[Any]
    places: Sequence[tuple[int, int]]
    locks: bool
    made: Callable[[Iterable[Any]], Iterator[Any]]


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
        connection = connections[written.alias]
        if written.locks and not connection.in_atomic_block:
            raise TransactionManagementError("rows are locked inside a transaction only")
        filled = list(written.own)
        for place, number in written.places:
            filled[place] = values[number]
        with connection.cursor() as cursor:
            cursor.execute(written.sql, filled)
            return list(written.made(cursor.fetchall()))

    def first(self, *values: Any) -> M | None:
        """Return the first row for these values, or None; the query itself says which is the first, if several fit."""
        found = self.all(*values)
        return found[0] if found else None

    @cached_property
    def _written(self) -> _Written:
        marks = [_mark(kind) for kind in self._kinds]
        rows = self._build(*marks)
        compiler = rows.query.get_compiler(using=rows.db)
        sql, params = compiler.as_sql()
        if not all(mark in params for mark in marks):
            raise TypeError("a value of a prepared query does not stand in it")
        places = [(place, marks.index(one)) for place, one in enumerate(params) if one in marks]
        return _Written(rows.db, sql, params, places, rows.query.select_for_update, _maker(rows, compiler))


def _maker(rows: QuerySet[Any], compiler: Any) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """Return what makes objects of database rows: as the mapper's `ModelIterable`, with all kept that never changes."""
    select, about, alias = compiler.select, compiler.klass_info, rows.db
    converters = compiler.get_converters([one[0] for one in select])
    begin, end = about["select_fields"][0], about["select_fields"][-1] + 1
    names = [one[0].target.attname for one in select[begin:end]]
    populators: Any = get_related_populators
    hanging = populators(about, select, alias)

    def made(found: Iterable[Any]) -> Iterator[Any]:
        for row in compiler.apply_converters(found, converters) if converters else found:
            one = rows.model.from_db(alias, names, row[begin:end])
            for populator in hanging:
                populator.populate(row, one)
            yield one

    return made


class Scoped(Generic[M]):
    """A prepared list that differs from actor to actor in the sites alone that they see.

    `build(by, *shape)` returns the query; it may use nothing of `by` but the sites. `shape` is what else gives
    it another form, such as a state; for each form, and each number of sites, it is called once.
    """

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        self._build = build
        self._known: dict[tuple[int | None, Hashable], Prepared[M]] = {}

    def of(self, by: Actor, *shape: Hashable) -> list[M]:
        """Return the rows that an actor sees."""
        sites = None if by.sites is None else sorted(by.sites)
        if sites == []:
            return []
        form = (None if sites is None else len(sites), shape)
        if form not in self._known:
            self._known[form] = self._prepared(by, shape)
        return self._known[form].all(*(sites or ()))

    def _prepared(self, by: Actor, shape: tuple[Hashable, ...]) -> Prepared[M]:
        if by.sites is None:
            return Prepared(lambda: self._build(by, *shape))

        def build(*sites: SiteId) -> QuerySet[M]:
            return self._build(replace(by, sites=frozenset(sites)), *shape)

        return Prepared(build, *[UUID] * len(by.sites))
