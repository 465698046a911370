"""What a database lacks of what was known before: of an export, or of the heads kept beside a backup."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from vein2vein.core import canonical
from vein2vein.journal.sealing import latest_seal

_SEEN = """
SELECT h.stream, h.seq, encode(e.hash, 'hex'), coalesce(s.seq, 0)
FROM unnest(%s::text[], %s::bigint[]) AS h(stream, seq)
LEFT JOIN journal_entry e ON e.stream = h.stream AND e.seq = h.seq LEFT JOIN journal_stream s ON s.stream = h.stream
"""
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Lack:
    """One stream of which entries `first` to `last` are missing, or in which entry `last` is another (`differs`)."""

    stream: str
    first: int
    last: int
    differs: bool
    told: tuple[str, ...] = ()
    """What the missing entries say, where the file that is compared with has them."""

    def __str__(self) -> str:
        """Return it as a line, with what the entries say below it."""
        if self.differs:
            return f"{self.stream}: entry {self.last} is another one: two histories"
        which = f"entry {self.first}" if self.first == self.last else f"entries {self.first} to {self.last}"
        return "\n    ".join((f"{self.stream}: {which} missing", *self.told))


def heads() -> Iterator[str]:
    """Yield the newest seal and the head of every stream as JSON lines, in the form in which an export has them."""
    seal = latest_seal()
    if seal is not None:
        sealed_at = canonical.plain(seal.sealed_at)
        yield _line(kind="seal", id=seal.id, root=seal.root, sealed_at=sealed_at, streams=seal.streams)
    with connection.cursor() as cursor:
        cursor.execute("SELECT stream, seq, encode(hash, 'hex') FROM journal_stream ORDER BY stream COLLATE \"C\"")
        for stream, seq, shown in cursor.fetchall():
            yield _line(kind="head", stream=stream, seq=seq, hash=shown)


def lacks(lines: Iterable[str]) -> list[Lack]:
    """Return what this database lacks of an export or of heads; empty when it has everything of it, unaltered.

    Raises ValueError for what is neither.
    """
    known: dict[str, tuple[int, str]] = {}
    seals: list[tuple[int, str]] = []
    entries: dict[str, list[tuple[int, str]]] = {}
    for text in lines:
        line = json.loads(text)
        if line["kind"] == "head":
            known[line["stream"]] = (int(line["seq"]), str(line["hash"]))
        elif line["kind"] == "seal":
            seals.append((int(line["id"]), str(line["root"])))
        elif line["kind"] == "entry":
            entries.setdefault(line["stream"], []).append((int(line["seq"]), _told(line)))
    found = _lacks_of_streams(known, entries) + [lack for seal in seals for lack in _lack_of_seal(*seal)]
    return sorted(found, key=lambda lack: lack.stream)


def _lacks_of_streams(known: dict[str, tuple[int, str]], entries: dict[str, list[tuple[int, str]]]) -> list[Lack]:
    found = []
    streams = sorted(known)
    for begin in range(0, len(streams), _AT_ONCE):
        part = streams[begin : begin + _AT_ONCE]
        with connection.cursor() as cursor:
            cursor.execute(_SEEN, [part, [known[stream][0] for stream in part]])
            for stream, seq, shown, head in cursor.fetchall():
                if shown is None:
                    told = tuple(text for number, text in entries.get(stream, ()) if number > head)
                    found.append(Lack(stream, head + 1, seq, differs=False, told=told))
                elif shown != known[stream][1]:
                    found.append(Lack(stream, seq, seq, differs=True))
    return found


def _lack_of_seal(seal_id: int, root: str) -> list[Lack]:
    """Return nothing for a seal that is missing: what it sealed is told by the streams."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(root, 'hex') FROM journal_seal WHERE id = %s", [seal_id])
        row = cursor.fetchone()
    return [] if row is None or row[0] == root else [Lack("seal", seal_id, seal_id, differs=True)]


def _told(line: dict[str, Any]) -> str:
    payload = json.loads(line["payload"]) if isinstance(line["payload"], str) else line["payload"]
    return f"{line['seq']}  {line['recorded_at']}  {payload.get('action')}  {payload.get('fact')}"


def _line(**values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"
