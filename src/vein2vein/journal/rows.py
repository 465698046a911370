"""Rows written by a deed, and what became of each: the journal's effects.

The statements are written once for each table and set of columns: the mapper, writing each anew, takes longer than the
database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, ClassVar, Protocol, cast

from django.contrib.postgres.fields.ranges import RangeField
from django.db import connection, models

from vein2vein.core import canonical
from vein2vein.core.refusals import N_, Blocker, Conflict
from vein2vein.core.transitions import Transitions


class Stateful(Protocol):
    """A model whose `state` moves only by its table of transitions."""

    transitions: ClassVar[Transitions]
    state: str


def excluded(model: type[models.Model]) -> frozenset[str]:
    """Return the columns of `model` that the journal does not carry: encrypted identifiers, secrets, caches."""
    return frozenset(getattr(model, "journal_excluded", ()))


def insert(rows: Sequence[models.Model]) -> list[dict[str, Any]]:
    """Insert unsaved rows in their order, those of one table that follow each other at once; return their effects."""
    for row in rows:
        if hasattr(row, "transitions"):
            living = cast("Stateful", row)
            if living.state not in living.transitions.initial:
                raise TypeError(f"{living.transitions.name} does not begin as {living.state}")
    for _, of_one_table in groupby(rows, type):
        together = list(of_one_table)
        model = type(together[0])
        fields = model._meta.local_concrete_fields
        values = [item.get_db_prep_save(item.pre_save(row, True), connection) for row in together for item in fields]
        with connection.cursor() as cursor:
            cursor.execute(_insertion(model, len(together)), values)
        for row in together:
            row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001 - as the mapper's own save does
    return [_inserted(row) for row in rows]


def _inserted(row: models.Model) -> dict[str, Any]:
    hidden = excluded(type(row))
    became = {
        item.column: _plain(item, getattr(row, item.attname))
        for item in row._meta.concrete_fields
        if item.column not in hidden
    }
    return {"table": row._meta.db_table, "id": str(row.pk), "was": None, "became": became}


def swap(row: models.Model, columns: Mapping[str, Any], always: tuple[str, ...] = ()) -> dict[str, Any]:
    """Give a row new columns, if the old ones still stand in the database, and return the effect.

    What is in `always` is told even if it stays the same. Raises `Conflict` when the row changed since it was read.
    """
    meta, hidden = row._meta, excluded(type(row))
    was, became, values = {}, {}, {}
    given, expected = [], []
    for name, value in columns.items():
        item = meta.get_field(name)
        assert isinstance(item, models.Field)  # noqa: S101 - a column, not a relation to one
        old = getattr(row, item.attname)
        new = value.pk if isinstance(value, models.Model) else value
        values[item] = new
        given.append(item.get_db_prep_save(new, connection))
        if not isinstance(item, _UNCOMPARED):
            expected.append(item.get_db_prep_save(old, connection))
        if str(item.column) not in hidden and (new != old or name in always):
            was[str(item.column)], became[str(item.column)] = _plain(item, old), _plain(item, new)
    with connection.cursor() as cursor:
        cursor.execute(_swapping(type(row), tuple(values)), [*given, row.pk, *expected])
        done = cursor.rowcount
    if not done:
        raise Conflict(
            Blocker(
                code="journal.changed_meanwhile",
                message=N_("Somebody else changed this first"),
                field=meta.db_table,
                value=str(row.pk),
                mend=N_("Load the page again and look before you act"),
            )
        )
    for item, value in values.items():
        setattr(row, item.attname, value)
    return {"table": meta.db_table, "id": str(row.pk), "was": was, "became": became}


_UNCOMPARED = (models.JSONField, models.BinaryField)
"""Columns that stand for the row's other ones: what they were is not asked."""


@lru_cache(maxsize=1024)
def _insertion(model: type[models.Model], rows: int) -> str:
    quote, fields = connection.ops.quote_name, model._meta.local_concrete_fields
    columns = ", ".join(quote(str(item.column)) for item in fields)
    places = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * rows)
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {places}"  # noqa: S608 - names of our own


@lru_cache(maxsize=1024)
def _swapping(model: type[models.Model], items: tuple[models.Field[Any, Any], ...]) -> str:
    quote = connection.ops.quote_name
    given = ", ".join(f"{quote(str(item.column))} = %s" for item in items)
    compared = [quote(str(item.column)) for item in items if not isinstance(item, _UNCOMPARED)]
    still = "".join(f" AND {column} IS NOT DISTINCT FROM %s" for column in compared)
    key = quote(str(model._meta.pk.column))
    return f"UPDATE {quote(model._meta.db_table)} SET {given} WHERE {key} = %s{still}"  # noqa: S608 - names of our own


def _plain(item: models.Field[Any, Any], value: Any) -> Any:
    """Return a column's value as the JSON from which PostgreSQL makes the same value again."""
    if value is None:
        return None
    if isinstance(item, RangeField):
        lower = "" if value.lower is None else canonical.plain(value.lower)
        upper = "" if value.upper is None else canonical.plain(value.upper)
        return f"{'[' if value.lower_inc else '('}{lower},{upper}{']' if value.upper_inc else ')'}"
    if isinstance(item, models.JSONField):
        return canonical.plain(value)
    if isinstance(item, models.ForeignKey):
        item = item.target_field
    return (
        canonical.plain(item.to_python(value)) if not isinstance(item, models.BinaryField) else canonical.plain(value)
    )
