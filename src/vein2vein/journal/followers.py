"""`@follow`: what an upper context does when a lower one journals something.

A cursor for each (follower, stream) stands on the gap-free seq. A follower that fails halts its own stream
and raises an alarm; nothing is skipped. `caught_up` closes the race between a gate and its followers.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AccountId
from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.journal.reads import COLUMNS, EntryView

SYSTEM_ACCOUNT = AccountId(UUID(int=1))
"""The account in whose name followers and jobs act; nobody can sign in with it."""

_log = logging.getLogger(__name__)


class SystemActor(Actor):
    """The system itself; only `system` makes one, and no door does: the permission gate asks for this very type."""

    __slots__ = ()


def system(name: str) -> Actor:
    """Return the system itself as an actor, named after what it is doing."""
    return SystemActor(SYSTEM_ACCOUNT, f"system: {name}", frozenset({Role.SYSTEM}))


@dataclass(frozen=True, slots=True)
class Follower:
    """A subscription: a name ("context.verb_noun"), the facts it reads, and what it does with each.

    One that `holds` may take from a lower context what it could do before: acts there wait for it. One that only
    `tells` people something speaks against no act: no gate waits for it.
    """

    name: str
    facts: frozenset[str]
    handle: Callable[..., None]
    holds: bool = False
    tells: bool = False

    @property
    def swept(self) -> str:
        """Return the name under which is kept how far everything was swept for these very facts."""
        return "swept:" + hashlib.sha256(" ".join(sorted(self.facts)).encode()).hexdigest()[:16]


FOLLOWERS: dict[str, Follower] = {}


def follow(
    name: str, *facts: str, holds: bool = False, tells: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Subscribe `handle(entry: EntryView, *, by: Actor)` to facts; it must be idempotent and act only by actions."""

    def declare(handle: Callable[..., None]) -> Callable[..., None]:
        FOLLOWERS[name] = Follower(name, frozenset(facts), handle, holds, tells)
        return handle

    return declare


def subscribed(fact: str) -> list[Follower]:
    """Return who follows `fact`, by name."""
    return sorted((one for one in FOLLOWERS.values() if fact in one.facts), key=lambda one: one.name)


_woken: ContextVar[set[str] | None] = ContextVar("woken_streams", default=None)
_at_once: ContextVar[bool] = ContextVar("followers_at_once", default=False)


@contextmanager
def followers_at_once() -> Iterator[set[str]]:
    """Give the streams that deeds within the block wrote for followers, and queue no job for them.

    For whoever lets followers read before anything else is done, and moves the clock: jobs keep real time. What
    stays unread is read by the sweep like anything else.
    """
    streams: set[str] = set()
    woken, at_once = _woken.set(streams), _at_once.set(True)
    try:
        yield streams
    finally:
        _woken.reset(woken)
        _at_once.reset(at_once)


def defer(touched: Iterable[tuple[str, str]]) -> None:
    """Queue, in this transaction, the work of those who follow what was written."""
    streams = sorted({stream for stream, fact in touched if subscribed(fact)})
    if not streams:
        return
    woken = _woken.get()
    if woken is not None:
        woken.update(streams)
    if not _at_once.get():
        from vein2vein.journal.tasks import follow_streams

        follow_streams.defer(streams=streams)


_NEXT = """
SELECT f.name, {columns} FROM jsonb_to_recordset(%s::jsonb) AS f(name text, facts text[], swept text)
LEFT JOIN journal_cursor s ON s.follower = f.name AND s.stream = f.swept, LATERAL (
    SELECT e.* FROM journal_entry e LEFT JOIN journal_cursor c ON c.follower = f.name AND c.stream = e.stream
    WHERE e.fact = ANY(f.facts) AND e.seq > coalesce(c.seq, 0) AND coalesce(c.halted, '') = '' {only}
    ORDER BY e.id LIMIT {most}) e
ORDER BY e.id, f.name
"""
_AT_ONCE = 100
"""How many entries of each follower are asked for at once."""
_UNDER_WAY = 10_000
"""How many entries may at most be numbered while one that got its number before is still to be committed."""
_SWEPT = """
INSERT INTO journal_cursor AS c (follower, stream, seq, halted)
SELECT f.name, f.swept, %s, '' FROM jsonb_to_recordset(%s::jsonb) AS f(name text, swept text)
ON CONFLICT (follower, stream) DO UPDATE SET seq = excluded.seq WHERE c.seq < excluded.seq
"""


def run_followers(streams: Iterable[str] | None = None) -> int:
    """Let every follower read what it has not read, in `streams` or everywhere; return how many entries were read.

    Everywhere is what was written since the last sweep that left nothing unread: it does not grow with the journal.
    """
    newest = _newest() if streams is None else 0
    chosen = None if streams is None else sorted(set(streams))
    read = 0
    woken = set[str]()
    token = _woken.set(woken)
    try:
        while chosen != [] and (waiting := _unread(chosen)):
            for name, entry in waiting:
                _read(FOLLOWERS[name], entry)
                read += 1
            if chosen is not None:
                # Done with what was asked for, unless there was more; what followers write may wake others.
                rest = chosen if len(waiting) >= _AT_ONCE else []
                chosen = sorted({*rest, *woken})
                woken.clear()
    finally:
        _woken.reset(token)
    if streams is None:
        with connection.cursor() as cursor:
            cursor.execute(_SWEPT, [newest, _asking()])
    return read


def _newest() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM journal_entry")
        return int(cursor.fetchone()[0])


def _asking() -> str:
    return json.dumps(
        [{"name": one.name, "facts": sorted(one.facts), "swept": one.swept} for one in FOLLOWERS.values()]
    )


def _unread(streams: list[str] | None) -> list[tuple[str, EntryView]]:
    """Return, for each follower that is behind, its name with each entry that it reads next, asked at once for all."""
    only = "AND e.id > coalesce(s.seq, 0) - %s" if streams is None else "AND e.stream = ANY(%s)"
    values = [_asking(), _UNDER_WAY if streams is None else streams]
    with connection.cursor() as cursor:
        cursor.execute(_NEXT.format(columns=COLUMNS, only=only, most=_AT_ONCE), values)
        return [(str(name), EntryView.of(row)) for name, *row in cursor.fetchall()]


def _read(follower: Follower, entry: EntryView) -> None:
    try:
        with transaction.atomic():
            _consume(follower, entry)
    except OperationalError:
        raise  # the database went away, or its disk is full: the entry is not at fault and is read again later
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a follower, it halts its stream and says so
        _halt(follower, entry, error)


def _consume(follower: Follower, entry: EntryView) -> None:
    from vein2vein.journal.acting import follower_deed

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_cursor AS c (follower, stream, seq, halted) VALUES (%s, %s, %s, '') "
            "ON CONFLICT (follower, stream) DO UPDATE SET seq = excluded.seq "
            "WHERE c.seq < excluded.seq AND c.halted = ''",
            [follower.name, entry.stream, entry.seq],
        )
        if not cursor.rowcount:
            return  # another worker read it meanwhile
    by = system(follower.name)
    with follower_deed(follower.name, by):
        follower.handle(entry, by=by)


def _halt(follower: Follower, entry: EntryView, error: Exception) -> None:
    _log.error("follower %s halted at %s entry %s", follower.name, entry.stream, entry.seq, exc_info=error)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_cursor (follower, stream, seq, halted, halted_at) VALUES (%s, %s, 0, %s, %s) "
            "ON CONFLICT (follower, stream) DO UPDATE SET halted = excluded.halted, halted_at = excluded.halted_at",
            [follower.name, entry.stream, f"entry {entry.seq}: {type(error).__name__}: {error}", clock.now()],
        )


def resume(follower: str, stream: str) -> None:
    """Let a halted follower try its stream again, after what poisoned it was mended: the next sweep reads it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE journal_cursor SET seq = 0 WHERE follower = %s AND stream LIKE 'swept:%%'", [follower])
        cursor.execute(
            "UPDATE journal_cursor SET halted = '', halted_at = NULL WHERE follower = %s AND stream = %s",
            [follower, stream],
        )


def halted() -> list[dict[str, Any]]:
    """Return the alarms: follower, stream, what happened, since when."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT follower, stream, halted, halted_at FROM journal_cursor WHERE halted <> '' ORDER BY id")
        return [dict(zip(("follower", "stream", "error", "since"), row, strict=True)) for row in cursor.fetchall()]


def caught_up(stream: str, *, holding: bool = False) -> None:
    """Require that followers have read all they subscribe to on `stream`, and hold the stream still until commit.

    Those that only tell people something are not waited for.

    With `holding` only those that may take something away are waited for: what a lower context asks.
    Raises `Refused`. The stream's head is locked first, so that nothing can be written between the look and the act.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT journal_lock_head(%s)", [stream])
        cursor.execute("SELECT e.fact, max(e.seq) FROM journal_entry e WHERE e.stream = %s GROUP BY e.fact", [stream])
        newest = dict(cursor.fetchall())
        cursor.execute("SELECT follower, seq FROM journal_cursor WHERE stream = %s", [stream])
        read = dict(cursor.fetchall())
    behind = [
        one.name
        for one in FOLLOWERS.values()
        if (one.holds or not holding)
        and not one.tells
        and max((newest.get(fact, 0) for fact in one.facts), default=0) > read.get(one.name, 0)
    ]
    if behind:
        raise Refused(
            Blocker(
                code="journal.not_caught_up",
                message=N_("Follow-up work on this thread is not finished: %(followers)s"),
                field="stream",
                value=stream,
                mend=N_("Wait a moment and try again; if it stays, look at the health page for a halted follower"),
                params={"followers": ", ".join(sorted(behind))},
            )
        )
