"""The sealer: all stream heads under one Merkle root."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from vein2vein.core import chain, clock


@dataclass(frozen=True, slots=True)
class SealView:
    """A seal: its number, when it was made, its root in hexadecimal, and over how many streams."""

    id: int
    sealed_at: datetime
    root: str
    streams: int


_LEAVES = """
SELECT DISTINCT ON (stream) stream, seq, hash FROM journal_leaf WHERE seal_id <= %s
ORDER BY stream, seal_id DESC
"""


def sealed_leaves(seal_id: int) -> list[tuple[str, int, bytes]]:
    """Return (stream, seq, hash) of every stream as seal `seal_id` saw it, sorted by stream."""
    with connection.cursor() as cursor:
        cursor.execute(_LEAVES, [seal_id])
        return sorted((str(stream), int(seq), bytes(head)) for stream, seq, head in cursor.fetchall())


def latest_seal() -> SealView | None:
    """Return the newest seal, or None before the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, sealed_at, encode(root, 'hex'), streams FROM journal_seal ORDER BY id DESC LIMIT 1")
        row = cursor.fetchone()
    return None if row is None else SealView(*row)


def seal() -> SealView | None:
    """Seal all heads if any moved since the last seal; return the newest seal (None when nothing was ever written)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('journal.seal'))")
        last = latest_seal()
        known = {} if last is None else {stream: (seq, head) for stream, seq, head in sealed_leaves(last.id)}
        cursor.execute("SELECT stream, seq, hash FROM journal_stream")
        heads = {str(stream): (int(seq), bytes(head)) for stream, seq, head in cursor.fetchall()}
        moved = {stream: head for stream, head in heads.items() if known.get(stream) != head}
        if not moved:
            return last
        leaves = [chain.leaf_hash(stream, *heads[stream]) for stream in sorted(heads)]
        cursor.execute(
            "INSERT INTO journal_seal (sealed_at, root, streams) VALUES (%s, %s, %s) RETURNING id",
            [clock.now(), chain.merkle_root(leaves), len(heads)],
        )
        row = cursor.fetchone()
        assert row is not None  # noqa: S101 - RETURNING gives a row
        cursor.executemany(
            "INSERT INTO journal_leaf (seal_id, stream, seq, hash) VALUES (%s, %s, %s, %s)",
            [(row[0], stream, *moved[stream]) for stream in sorted(moved)],
        )
    return latest_seal()
