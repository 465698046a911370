"""Exports: JSON lines that anybody can verify without this program's database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction

from vein2vein.core import canonical, chain, clock
from vein2vein.journal.reads import database_kind
from vein2vein.journal.sealing import latest_seal, sealed_leaves

_ENTRIES = """
SELECT stream, seq, to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), payload,
    encode(hash, 'hex') FROM journal_entry {where} ORDER BY stream, seq
"""
_quoted: Callable[[str], str] = json.encoder.encode_basestring
"""Text as a JSON string with UTF-8 kept, as `json.dumps` writes it."""


def export(streams: Sequence[str] | None = None) -> Iterator[str]:
    """Yield the lines of an export of `streams`, or of everything: header, entries, heads with proofs, seal, end."""
    seal = latest_seal()
    leaves = [] if seal is None else sealed_leaves(seal.id)
    levels = chain.merkle_levels([chain.leaf_hash(*leaf) for leaf in leaves])
    places = {stream: place for place, (stream, _, _) in enumerate(leaves)}
    yield _line(
        kind="header",
        format=chain.FORMAT,
        scope="all" if streams is None else "streams",
        database=database_kind(),
        exported_at=canonical.plain(clock.now()),
    )
    entries = 0
    heads: dict[str, tuple[int, str]] = {}
    for stream, seq, recorded_at, payload, shown in _entries(streams):
        entries += 1
        heads[stream] = (seq, shown)
        yield (
            f'{{"kind":"entry","stream":{_quoted(stream)},"seq":{seq},"recorded_at":"{recorded_at}",'
            f'"payload":{_quoted(payload)},"hash":"{shown}"}}\n'
        )
    for stream in sorted(heads):
        head: dict[str, Any] = {"kind": "head", "stream": stream, "seq": heads[stream][0], "hash": heads[stream][1]}
        if stream in places:
            head["sealed_seq"] = leaves[places[stream]][1]
            head["proof"] = chain.merkle_path(levels, places[stream])
        yield _line(**head)
    if seal is not None:
        yield _line(
            kind="seal", id=seal.id, root=seal.root, sealed_at=canonical.plain(seal.sealed_at), streams=seal.streams
        )
    yield _line(kind="end", entries=entries, streams=len(heads))


def _entries(streams: Sequence[str] | None) -> Iterator[tuple[str, int, str, str, str]]:
    where = "" if streams is None else "WHERE stream = ANY(%s)"
    with transaction.atomic(), connection.chunked_cursor() as cursor:  # never the whole journal in memory
        cursor.execute(_ENTRIES.format(where=where), [] if streams is None else [list(streams)])
        while rows := cursor.fetchmany(5000):
            yield from rows


def _line(**values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"
