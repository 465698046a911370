"""Courses cloned below the actions, until there are many: everything that hangs on a chain or an order, as it stands.

What only one may have (a slot, a position, a shipper under way) is left out, and raw files are left empty.
"""

from __future__ import annotations

from typing import Any

import psycopg

ROOTS = {"identity_chain", "orders_order"}
LEFT_OUT = {"manufacturing_occupancy"}
"""Tables whose rows only one course may have at a time."""
CLEARED = {"donation_number": "''", "position_id": "NULL", "slot_id": "NULL"}
BATCH = 250
"""Copies of each course made by one statement."""

FOREIGN = """
SELECT c.conrelid::regclass::text, c.confrelid::regclass::text FROM pg_constraint c
WHERE c.contype = 'f' AND c.conrelid::regclass::text ~
    '^(identity|orders|manufacturing|laboratory|quality|logistics|tracing)_'
"""
COLUMNS = """
SELECT a.attname, format_type(a.atttypid, NULL), NOT a.attnotnull,
    EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indkey[0] = a.attnum
            AND i.indnatts = 1)
FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""
ENTRIES = """
INSERT INTO journal_entry (stream, seq, recorded_at, payload, previous, hash, action, fact, deed, account, refs)
SELECT split_part(t.stream, ':', 1) || ':' || md5(split_part(t.stream, ':', 2) || ':' || g.i)::uuid, t.seq,
    t.recorded_at, t.payload, t.previous, t.hash, t.action, t.fact, t.deed, t.account,
    ARRAY(SELECT CASE WHEN own THEN split_part(r, ':', 1) || ':' || md5(split_part(r, ':', 2) || ':' || g.i)::uuid
          ELSE r END FROM unnest(t.refs, t.own) AS named(r, own))
FROM bench_entry t, generate_series(%(first)s::int, %(last)s::int) g(i)
"""
CURSORS = """
INSERT INTO journal_cursor (follower, stream, seq, halted)
SELECT c.follower, split_part(c.stream, ':', 1) || ':' || md5(split_part(c.stream, ':', 2) || ':' || g.i)::uuid,
    c.seq, ''
FROM journal_cursor c, generate_series(%(first)s::int, %(last)s::int) g(i)
WHERE split_part(c.stream, ':', 2) IN (SELECT id::text FROM bench_own) ON CONFLICT DO NOTHING
"""
"""What followers have read of the originals they have read of the copies."""
PROTOTYPES = """
CREATE TABLE bench_entry AS SELECT e.*, ARRAY(
    SELECT r ~ '^[a-z]+:[0-9a-f-]{36}$' AND split_part(r, ':', 2) IN (SELECT id::text FROM bench_own)
    FROM unnest(e.refs) WITH ORDINALITY AS named(r, place) ORDER BY place) AS own
FROM journal_entry e WHERE split_part(e.stream, ':', 2) IN (SELECT id::text FROM bench_own)
"""


def clone(conninfo: str, orders: int) -> tuple[int, int]:
    """Clone all courses of a database until it has some `orders`; return how many there are, of how many entries.

    `conninfo` is a superuser's: triggers and foreign keys are passed by.
    """
    with psycopg.connect(conninfo) as server:
        server.execute("SET session_replication_role = replica")
        tables = _owned(server)
        server.execute("CREATE TABLE bench_own (id uuid PRIMARY KEY)")
        for table in tables:
            server.execute(f"INSERT INTO bench_own SELECT id FROM {table} ON CONFLICT DO NOTHING")
        server.execute(PROTOTYPES)
        copying = [_copying(server, table) for table in tables]
        copies = orders // _one(server, "SELECT count(*) FROM orders_order")
        for first in range(1, copies, BATCH):
            told = {"first": first, "last": min(copies - 1, first + BATCH - 1)}
            for statement in (*copying, ENTRIES, CURSORS):
                server.execute(statement, told)
            server.commit()
        server.execute("DROP TABLE bench_own, bench_entry")
        server.commit()
        server.autocommit = True
        server.execute("VACUUM ANALYZE")
        return _one(server, "SELECT count(*) FROM orders_order"), _one(server, "SELECT count(*) FROM journal_entry")


def _one(server: psycopg.Connection[Any], question: str) -> int:
    row = server.execute(question).fetchone()
    assert row is not None
    return int(row[0])


def _owned(server: psycopg.Connection[Any]) -> list[str]:
    """Return the roots and every table that hangs on them, directly or through others."""
    hanging = server.execute(FOREIGN).fetchall()
    owned = set(ROOTS)
    while more := {table for table, on in hanging if on in owned} - owned - LEFT_OUT:
        owned |= more
    return sorted(owned)


def _copying(server: psycopg.Connection[Any], table: str) -> str:
    values = {}
    for column, kind, empty, alone in server.execute(COLUMNS, [table]).fetchall():
        values[column] = f't."{column}"'
        if column in CLEARED:
            values[column] = CLEARED[column]
        elif column in ("shipper_id", "logger_id") and empty:
            values[column] = "NULL"
        elif kind == "uuid" and _points(server, table, column):
            values[column] = f"""md5(t."{column}"::text || ':' || g.i)::uuid"""
        elif kind == "bytea":
            values[column] = "''::bytea"
        elif column == "seal":
            values[column] = "CASE t.seal WHEN '' THEN '' ELSE t.seal || '-' || g.i END"
        elif alone and kind in ("text", "character varying"):
            values[column] = f"""t."{column}" || '-' || g.i"""
    columns, chosen = ", ".join(f'"{one}"' for one in values), ", ".join(values.values())
    return (
        f"INSERT INTO {table} ({columns}) SELECT {chosen} FROM {table} t, "
        "generate_series(%(first)s::int, %(last)s::int) g(i) WHERE t.id IN (SELECT id FROM bench_own) "
        "ON CONFLICT DO NOTHING"
    )


def _points(server: psycopg.Connection[Any], table: str, column: str) -> bool:
    asked = f'SELECT count(*) FROM {table} WHERE "{column}" IN (SELECT id FROM bench_own)'
    return bool(_one(server, asked))
