"""Reading the journal: single entries, a stream, whatever refers to a thing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry as it was written, with its place in the chain."""

    id: int
    stream: str
    seq: int
    recorded_at: datetime
    hash: str
    payload: dict[str, Any]

    @property
    def action(self) -> str:
        """Return the action's name."""
        return str(self.payload["action"])

    @classmethod
    def of(cls, row: Sequence[Any]) -> EntryView:
        """Return the entry of a row of `COLUMNS`."""
        number, stream, seq, at, shown, payload = row
        return cls(number, stream, seq, at, shown, json.loads(payload))

    @property
    def fact(self) -> str:
        """Return the fact's name."""
        return str(self.payload["fact"])

    @property
    def data(self) -> dict[str, Any]:
        """Return what the fact says, as plain JSON."""
        return dict(self.payload["data"])

    @property
    def deed(self) -> UUID:
        """Return the deed that wrote it."""
        return UUID(self.payload["deed"])

    @property
    def performed_at(self) -> datetime:
        """Return when it was done; earlier than `recorded_at` only for late entries."""
        return datetime.fromisoformat(self.payload["at"])


COLUMNS = "e.id, e.stream, e.seq, e.recorded_at, encode(e.hash, 'hex'), e.payload"
"""What `EntryView.of` is made from, of a `journal_entry e`."""


def _views(where: str, values: Sequence[Any]) -> list[EntryView]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM journal_entry e WHERE {where}", values)  # noqa: S608 - fixed texts
        return [EntryView.of(row) for row in cursor.fetchall()]


def list_stream(stream: str, *, after: int = 0, limit: int = 1000) -> list[EntryView]:
    """Return a stream's entries behind seq `after`, oldest first."""
    return _views("stream = %s AND seq > %s ORDER BY seq LIMIT %s", [stream, after, limit])


def find_head(stream: str) -> EntryView | None:
    """Return a stream's newest entry, whose hash covers all before it; None for an empty stream."""
    found = _views("stream = %s ORDER BY seq DESC LIMIT 1", [stream])
    return found[0] if found else None


def list_touching(ref: str, *, limit: int = 1000) -> list[EntryView]:
    """Return entries on the stream `ref` or referring to it, oldest first: the whole timeline of a thing."""
    return _views("(stream = %s OR refs @> ARRAY[%s]) ORDER BY id LIMIT %s", [ref, ref, limit])


def list_newest_touching(ref: str, *, before: int | None = None, limit: int = 50) -> list[EntryView]:
    """Return entries on the stream `ref` or referring to it, newest first, older than id `before`."""
    return _views(
        "(stream = %s OR refs @> ARRAY[%s]) AND id < coalesce(%s, 9223372036854775807) ORDER BY id DESC LIMIT %s",
        [ref, ref, before, limit],
    )


def find_touching(ref: str, number: int) -> EntryView | None:
    """Return the entry with id `number` if it is on the stream `ref` or refers to it."""
    found = _views("id = %s AND (stream = %s OR refs @> ARRAY[%s])", [number, ref, ref])
    return found[0] if found else None


def list_facts(facts: Sequence[str], streams: Sequence[str]) -> list[EntryView]:
    """Return the entries of some facts on some streams, oldest first."""
    return _views("fact = ANY(%s) AND stream = ANY(%s) ORDER BY id", [list(facts), list(streams)])


def list_recent(*, before: int | None = None, limit: int = 100) -> list[EntryView]:
    """Return the newest entries, newest first, older than id `before`."""
    return _views("id < coalesce(%s, 9223372036854775807) ORDER BY id DESC LIMIT %s", [before, limit])


def list_since(after: int, *, limit: int = 1000) -> list[EntryView]:
    """Return entries behind id `after`, oldest first."""
    return _views("id > %s ORDER BY id LIMIT %s", [after, limit])


def first_recorded_at() -> datetime | None:
    """Return when the first entry was recorded; None while there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT recorded_at FROM journal_entry ORDER BY id LIMIT 1")
        row = cursor.fetchone()
    return None if row is None else row[0]


@dataclass(frozen=True, slots=True)
class Position:
    """How far the journal has been written: its newest entry, and how many of the ids shortly before it are taken."""

    newest: int
    taken: int


def position() -> Position:
    """Return how far the journal has been written: another one after each deed that was committed.

    Ids are given out before a deed commits: one that commits late has a lower id than the newest, and is told by the
    count of the last few hundred.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(id), 0), count(*) FROM journal_entry"
            " WHERE id > (SELECT coalesce(max(id), 0) - 300 FROM journal_entry)"
        )
        newest, taken = cursor.fetchone()
    return Position(int(newest), int(taken))


def database_kind() -> str | None:
    """Return "production", "demonstration" or "simulated"; None while the database is not opened yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM journal_database")
        row = cursor.fetchone()
    return None if row is None else str(row[0])


def is_loading() -> bool:
    """Say whether a demonstration's site is being loaded, or its loading was cut short."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind = 'demonstration' AND NOT EXISTS (SELECT FROM journal_loaded) FROM journal_database"
        )
        row = cursor.fetchone()
    return row is not None and bool(row[0])


@dataclass(frozen=True, slots=True)
class Seen:
    """Which entries were read by somebody who asks for those that came since: the newest, and those shortly before."""

    newest: int
    ids: frozenset[int]


def list_unseen(seen: Seen, telling: Sequence[str]) -> tuple[Seen, list[tuple[str, dict[str, Any]]]] | None:
    """Return what was committed since, as names of facts with what they say where they are among those `telling`.

    As `position`, it finds what commits late among the last few hundred ids. None: entries that were seen are gone
    (they were rolled back, or the database is another one), so that everything is to be read anew.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, fact, CASE WHEN fact = ANY(%s) AND id <> ALL(%s) THEN payload END"
            " FROM journal_entry WHERE id > %s ORDER BY id",
            [list(telling), list(seen.ids), seen.newest - _LATE],
        )
        rows = cursor.fetchall()
    ids = [row[0] for row in rows]
    if not seen.ids <= set(ids):
        return None
    newest = max(ids, default=0)
    told = [(fact, {} if text is None else json.loads(text)["data"]) for key, fact, text in rows if key not in seen.ids]
    return Seen(newest, frozenset(key for key in ids if key > newest - _LATE)), told


def seen_now() -> Seen:
    """Return what there is to be seen now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM journal_entry WHERE id > (SELECT coalesce(max(id), 0) - %s FROM journal_entry)", [_LATE]
        )
        ids = frozenset(row[0] for row in cursor.fetchall())
    return Seen(max(ids, default=0), ids)


_LATE = 300
"""How many ids before the newest may still be of a deed that has not committed."""
