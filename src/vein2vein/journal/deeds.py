"""A deed: one outermost action, its entries buffered and written once, sorted by stream, before it commits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import connection, models

from vein2vein.core import canonical
from vein2vein.core.actor import Actor
from vein2vein.core.facts import Fact
from vein2vein.core.gates import Manifest
from vein2vein.core.refusals import N_, Blocker, Conflict
from vein2vein.journal import rows

T = TypeVar("T")


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
    known: dict[object, Any] = field(default_factory=dict)


_current: ContextVar[Deed | None] = ContextVar("deed", default=None)
_hooks: ContextVar[tuple[Callable[[Any], None], ...]] = ContextVar("deed_hooks", default=())


def current() -> Deed:
    """Return the deed under way; writing outside of one is a programming error."""
    deed = _current.get()
    if deed is None:
        raise RuntimeError("nothing is written outside an action")
    return deed


def once(key: object, ask: Callable[[], T]) -> T:
    """Return what `ask` returns, asked once in a deed: for what no deed changes. Outside of one it is asked anew."""
    deed = _current.get()
    if deed is None:
        return ask()
    if key not in deed.known:
        deed.known[key] = ask()
    return cast("T", deed.known[key])


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
    effects = rows.insert(inserts)
    for row, columns in changes:
        if "state" in columns:
            raise TypeError("a state is assigned by transition() alone")
        effects.append(rows.swap(row, columns))
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
    living = cast("rows.Stateful", row)
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
    effects = [rows.swap(row, {"state": str(target), **columns}, always=("state",))]
    effects += rows.insert(inserts)
    effects += [rows.swap(other, values) for other, values in changes]
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
    written: list[str] = []
    for entry in sorted(deed.entries, key=lambda one: str(one["stream"])):
        stream = entry.pop("stream")
        written += [stream, canonical.dumps({**common, **entry})]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_entry (stream, payload) VALUES "  # noqa: S608 - places only
            + ", ".join(["(%s, %s)"] * (len(written) // 2)),
            written,
        )
