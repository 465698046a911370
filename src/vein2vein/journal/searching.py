"""Looking through the journal: by who acted, what was done, when it was recorded, and what it concerned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from vein2vein.journal.reads import COLUMNS, EntryView


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which entries are looked at: recorded within [since, until), by an account, of an action or context, of a thing.

    None and "" let all through. `what` is an action's name ("orders.draft_order") or a context's ("orders"); `subject`
    a stream or reference ("batch:UUID").
    """

    since_at: datetime | None = None
    until_at: datetime | None = None
    account_id: UUID | None = None
    what: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Extent:
    """How many entries pass a sieve, and SHA-256 over their hashes in the order in which they were written."""

    entries: int
    digest: str


_LAST = 2**63 - 1
_COUNTED = "count(*), encode(sha256(coalesce(string_agg(e.hash, ''::bytea ORDER BY e.id), ''::bytea)), 'hex')"


def _where(sieve: Sieve) -> tuple[str, list[Any]]:
    clauses, values = ["TRUE"], list[Any]()
    for clause, given in (
        ("e.recorded_at >= %s", sieve.since_at),
        ("e.recorded_at < %s", sieve.until_at),
        ("e.account = %s", sieve.account_id),
    ):
        if given is not None:
            clauses.append(clause)
            values.append(given)
    if "\x00" in sieve.what + sieve.subject:  # which no text in the database has
        return "FALSE", []
    if sieve.what:
        clauses.append("(e.action = %s OR starts_with(e.action, %s))")
        values += [sieve.what, f"{sieve.what}."]
    if sieve.subject:
        clauses.append("(e.stream = %s OR e.refs @> ARRAY[%s])")
        values += [sieve.subject, sieve.subject]
    return " AND ".join(clauses), values


def sift(sieve: Sieve, *, before: int | None = None, limit: int = 50) -> list[EntryView]:
    """Return the newest entries that pass, newest first, older than id `before`."""
    where, values = _where(sieve)
    if before is not None:
        where, values = f"{where} AND e.id < %s", [*values, max(0, min(before, _LAST))]
    question = f"SELECT {COLUMNS} FROM journal_entry e WHERE {where} ORDER BY e.id DESC LIMIT %s"  # noqa: S608 - fixed texts
    with connection.cursor() as cursor:
        cursor.execute(question, [*values, limit])
        return [EntryView.of(row) for row in cursor.fetchall()]


def sift_all(sieve: Sieve) -> Iterator[EntryView]:
    """Yield every entry that passes, oldest first; never all of them in memory."""
    where, values = _where(sieve)
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM journal_entry e WHERE {where} ORDER BY e.id", values)  # noqa: S608 - fixed texts
        while rows := cursor.fetchmany(2000):
            yield from map(EntryView.of, rows)


def extent(sieve: Sieve) -> Extent:
    """Return how many entries pass, and what fixes which ones they are."""
    where, values = _where(sieve)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COUNTED} FROM journal_entry e WHERE {where}", values)  # noqa: S608 - fixed texts
        entries, digest = cursor.fetchone()
    return Extent(int(entries), str(digest))


def streams_of(sieve: Sieve) -> list[str]:
    """Return the streams in which entries pass, in their order."""
    where, values = _where(sieve)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT e.stream FROM journal_entry e WHERE {where} ORDER BY 1", values)  # noqa: S608 - fixed texts
        return [str(stream) for (stream,) in cursor.fetchall()]
