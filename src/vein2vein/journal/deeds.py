"""A deed: one outermost action, its entries buffered and written once, sorted by stream, before it commits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol, cast
from uuid import UUID

from django.contrib.postgres.fields.ranges import RangeField
from django.db import connection, models

from vein2vein.core import canonical
from vein2vein.core.actor import Actor
from vein2vein.core.facts import Fact
from vein2vein.core.gates import Manifest
from vein2vein.core.refusals import N_, Blocker, Conflict
from vein2vein.core.transitions import Transitions


class Stateful(Protocol):
    """A model whose `state` moves only by its table of transitions."""

    transitions: ClassVar[Transitions]
    state: str


@dataclass(slots=True)
class Late:
    """A late entry: when it was done, why it is written only now, and who saw it."""

    performed_at: datetime
    reason: str
    witness: Manifest


@dataclass(slots=True)
class Deed:
    """What is going on in this transaction: who, when, signed how, and what is to be written."""

    id: UUID
    action: str
    by: Actor
    at: datetime
    reason: str = ""
    late: Late | None = None
    signatures: list[Manifest] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)


_current: ContextVar[Deed | None] = ContextVar("deed", default=None)
_hooks: ContextVar[tuple[Callable[[Any], None], ...]] = ContextVar("deed_hooks", default=())


def current() -> Deed:
    """Return the deed under way; writing outside of one is a programming error."""
    deed = _current.get()
    if deed is None:
        raise RuntimeError("nothing is written outside an action")
    return deed


def record(
    fact: Fact,
    *,
    stream: str,
    refs: Iterable[str] = (),
    inserts: Sequence[models.Model] = (),
    changes: Sequence[tuple[models.Model, Mapping[str, Any]]] = (),
) -> None:
    """Write rows and the entry that tells of them: what was, what became.

    `refs` name what else the act touches ("lot:…", "account:…", "equipment:…"). `inserts` are unsaved
    rows; `changes` pairs a row with its new columns, compared and swapped. Raises `Conflict` when a row
    changed since it was read. A `state` is changed by `transition` only.
    """
    effects = [_insert(row) for row in inserts]
    for row, columns in changes:
        if "state" in columns:
            raise TypeError("a state is assigned by transition() alone")
        effects.append(_swap(row, columns))
    _buffer(fact, stream, refs, effects)


def transition(
    row: models.Model,
    verb: str,
    fact: Fact,
    *,
    stream: str,
    refs: Iterable[str] = (),
    inserts: Sequence[models.Model] = (),
    changes: Sequence[tuple[models.Model, Mapping[str, Any]]] = (),
    **columns: Any,
) -> None:
    """Move `row` along its table by `verb`, with other columns, and write the entry; the only assigner of states.

    Raises `Conflict` when the table has no such way, or when somebody else moved the row first.
    """
    living = cast("Stateful", row)
    state = living.state
    target = living.transitions.target(state, verb)
    if target is None:
        raise Conflict(
            Blocker(
                code="journal.no_such_transition",
                message=N_("This is %(state)s: it cannot be done now (%(verb)s)"),
                field="state",
                value=state,
                mend=N_("Load the page again: somebody may have been quicker"),
                params={"state": state, "verb": verb},
            )
        )
    effects = [_swap(row, {"state": str(target), **columns}, always=("state",))]
    effects += [_insert(other) for other in inserts]
    effects += [_swap(other, values) for other, values in changes]
    _buffer(fact, stream, refs, effects)


def _buffer(fact: Fact, stream: str, refs: Iterable[str], effects: list[dict[str, Any]]) -> None:
    deed = current()
    deed.entries.append(
        {
            "stream": stream,
            "fact": fact.fact_name,
            "version": fact.fact_version,
            "data": canonical.plain(fact),
            "refs": sorted(set(refs)),
            "effects": effects,
        }
    )


def _column(item: models.Field[Any, Any], value: Any) -> Any:
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


def excluded(model: type[models.Model]) -> frozenset[str]:
    """Return the columns of `model` that the journal does not carry: encrypted identifiers, secrets, caches."""
    return frozenset(getattr(model, "journal_excluded", ()))


def _insert(row: models.Model) -> dict[str, Any]:
    if hasattr(row, "transitions"):
        living = cast("Stateful", row)
        if living.state not in living.transitions.initial:
            raise TypeError(f"{living.transitions.name} does not begin as {living.state}")
    row.save(force_insert=True)
    hidden = excluded(type(row))
    became = {
        item.column: _column(item, getattr(row, item.attname))
        for item in row._meta.concrete_fields
        if item.column not in hidden
    }
    return {"table": row._meta.db_table, "id": str(row.pk), "was": None, "became": became}


def _swap(row: models.Model, columns: Mapping[str, Any], always: tuple[str, ...] = ()) -> dict[str, Any]:
    meta, hidden = row._meta, excluded(type(row))
    conditions: dict[str, Any] = {"pk": row.pk}
    was, became, values = {}, {}, {}
    for name, value in columns.items():
        item = meta.get_field(name)
        assert isinstance(item, models.Field)  # noqa: S101 - a column, not a relation to one
        old = getattr(row, item.attname)
        new = value.pk if isinstance(value, models.Model) else value
        values[item.attname] = new
        if isinstance(item, models.JSONField | models.BinaryField):
            pass
        elif old is None:
            conditions[f"{item.attname}__isnull"] = True
        else:
            conditions[item.attname] = old
        if str(item.column) not in hidden and (new != old or name in always):
            was[str(item.column)], became[str(item.column)] = _column(item, old), _column(item, new)
    done = type(row)._default_manager.filter(**conditions).update(**values)
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
    for name, value in values.items():
        setattr(row, name, value)
    return {"table": meta.db_table, "id": str(row.pk), "was": was, "became": became}


def flush(deed: Deed) -> None:
    """Write the deed's entries, sorted by stream (heads are locked in that order by everybody)."""
    common = {
        "action": deed.action,
        "deed": str(deed.id),
        "at": canonical.plain(deed.at),
        "by": {"account": str(deed.by.account_id), "name": deed.by.name, "roles": sorted(deed.by.roles)},
        "signatures": canonical.plain(deed.signatures),
    }
    if deed.reason:
        common["reason"] = deed.reason
    if deed.late is not None:
        common["late"] = {"reason": deed.late.reason, "witness": canonical.plain(deed.late.witness)}
    rows: list[str] = []
    for entry in sorted(deed.entries, key=lambda one: str(one["stream"])):
        stream = entry.pop("stream")
        rows += [stream, canonical.dumps({**common, **entry})]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_entry (stream, payload) VALUES "  # noqa: S608 - places only
            + ", ".join(["(%s, %s)"] * (len(rows) // 2)),
            rows,
        )
