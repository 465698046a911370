"""Tracing both ways among a million journal entries: one course, carried by real acts, cloned below the actions."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench.place import STATE, settle
from bench.registry import Figure, Options, Report

PROJECT = Path(__file__).parents[1]
ORDER = PROJECT / "examples" / "order-rapid-myeloma.json"
PER_LOT = 250
"""Courses that one vector lot is enough for (50 L of suspension culture: about 280)."""
ASKED = 200
"""Traces of each kind that are timed."""
PAGE = 50
"""Courses of one answer, as the page and the API give them."""
WITHIN_MS = 50.0

CLONED = (
    "identity_chain",
    "identity_container",
    "identity_parentage",
    "orders_order",
    "orders_dosebag",
    "manufacturing_batch",
    "manufacturing_batchoperation",
    "manufacturing_batchstep",
    "manufacturing_recording",
    "logistics_shipment",
    "materials_movement",
)
"""Tables that a trace reads, lower ones first: what else a course has is not needed here."""

OF_COURSE = {
    "identity_chain": "id = %(coi)s",
    "orders_order": "coi_id = %(coi)s",
    "orders_dosebag": "order_id IN (SELECT id FROM orders_order WHERE coi_id = %(coi)s)",
    "manufacturing_batchoperation": "batch_id IN (SELECT id FROM manufacturing_batch WHERE coi_id = %(coi)s)",
    "manufacturing_batchstep": "batch_id IN (SELECT id FROM manufacturing_batch WHERE coi_id = %(coi)s)",
    "manufacturing_recording": "step_id IN (SELECT s.id FROM manufacturing_batchstep s "
    "JOIN manufacturing_batch b ON b.id = s.batch_id WHERE b.coi_id = %(coi)s)",
    "materials_movement": "holder IN (SELECT 'batch:' || id FROM manufacturing_batch WHERE coi_id = %(coi)s)",
}
EMPTIED = {"orders_order": {"slot_id": "NULL"}, "manufacturing_recording": {"attachment_id": "NULL"}}
ALTERED = {
    "identity_container": {
        "donation_number": "''",
        "code": "t.code || '-' || g.i",
        "batch_number": "t.batch_number || '-' || g.i",
    },
    "identity_chain": {"code": "t.code || '-' || g.i", "order_ref": "t.order_ref || '-' || g.i"},
    "orders_order": {"code": "t.code || '-' || g.i"},
    "manufacturing_batch": {"number": "t.number || '-' || g.i"},
    "logistics_shipment": {
        "code": "t.code || '-' || g.i",
        "sscc": "t.sscc || '-' || g.i",
        "seal": "t.seal || '-' || g.i",
    },
    "materials_movement": {
        "ordinal": "100000 + g.i * 100 + t.ordinal",
        "holder": "'batch:' || md5(substr(t.holder, 7) || ':' || g.i)::uuid",
    },
}

HELPERS = """
CREATE TABLE bench_own (id uuid PRIMARY KEY);
CREATE TABLE bench_entry AS SELECT * FROM journal_entry LIMIT 0;
ALTER TABLE bench_entry ADD COLUMN own int[];
"""

PROTOTYPES = """
INSERT INTO bench_entry SELECT e.*, ARRAY(
    SELECT CASE WHEN r !~ '^[a-z]+:[0-9a-f-]{36}$' THEN 0 WHEN split_part(r, ':', 2) = %(vector)s THEN 2
        WHEN split_part(r, ':', 2)::uuid IN (SELECT id FROM bench_own) THEN 1 ELSE 0 END
    FROM unnest(e.refs) WITH ORDINALITY AS named(r, place) ORDER BY place)
FROM journal_entry e WHERE e.stream = 'coi:' || %(coi)s::text
"""

LOTS = """
INSERT INTO materials_lot (id, code, material_code, kind, number, state, supplier, unit, vial_quantity, "values",
    received_at, expires_at, certificate_filename, certificate_sha256, certificate, on_hand, reserved, site_id)
SELECT md5(id::text || ':' || j)::uuid, code || '-' || j, material_code, kind, number || '-' || j, state, supplier,
    unit, vial_quantity, "values", received_at, expires_at, certificate_filename, certificate_sha256, certificate,
    0, 0, site_id
FROM materials_lot, generate_series(0, %(lots)s) j WHERE id = %(vector)s::uuid;
INSERT INTO materials_lotmarket (id, lot_id, market, released_at)
SELECT gen_random_uuid(), md5(lot_id::text || ':' || j)::uuid, market, released_at
FROM materials_lotmarket, generate_series(0, %(lots)s) j WHERE lot_id = %(vector)s::uuid;
INSERT INTO materials_lotparentage (id, child_id, parent_id)
SELECT gen_random_uuid(), md5(child_id::text || ':' || j)::uuid, parent_id
FROM materials_lotparentage, generate_series(0, %(lots)s) j WHERE child_id = %(vector)s::uuid;
"""

ENTRIES = f"""
INSERT INTO journal_entry (stream, seq, recorded_at, payload, previous, hash, action, fact, deed, account, refs)
SELECT 'coi:' || md5(%(coi)s::text || ':' || g.i)::uuid, t.seq, t.recorded_at, left(t.payload, 200), t.previous, t.hash,
    t.action, t.fact, t.deed, t.account, ARRAY(
        SELECT CASE own WHEN 0 THEN r ELSE split_part(r, ':', 1) || ':' || md5(split_part(r, ':', 2) || ':'
            || CASE own WHEN 1 THEN g.i ELSE g.i / {PER_LOT} END)::uuid END FROM unnest(t.refs, t.own) AS named(r, own))
FROM bench_entry t, generate_series(%(first)s, %(last)s) g(i)
"""

LINKS = f"""
INSERT INTO tracing_link (coi, kind, subject)
SELECT DISTINCT md5(k.coi::text || ':' || g.i)::uuid, k.kind,
    CASE WHEN k.subject = %(vector)s::uuid THEN md5(k.subject::text || ':' || g.i / {PER_LOT})::uuid
        WHEN o.id IS NOT NULL THEN md5(k.subject::text || ':' || g.i)::uuid ELSE k.subject END
FROM tracing_link k LEFT JOIN bench_own o ON o.id = k.subject, generate_series(1, %(courses)s) g(i)
WHERE k.coi = %(coi)s ON CONFLICT DO NOTHING
"""


@contextmanager
def journeyed() -> Iterator[Any]:
    """Carry one patient by real acts in a simulated database of its own; give the connection of its owner."""
    settle()
    from vein2vein.settings import databases, embedded

    STATE.mkdir(parents=True, exist_ok=True)
    with embedded.running(databases.state_folder()):
        databases.ensure_ready()
        import django

        django.setup()
        from django.conf import settings
        from django.db import connections

        from vein2vein.core.clock import SimulatedClock
        from vein2vein.core.ids import seeded
        from vein2vein.core.uploads import Upload
        from vein2vein.driver.crew import Crew
        from vein2vein.driver.database import simulated
        from vein2vein.driver.journey import Journey
        from vein2vein.engines.fhir.read_order import read_order

        settings.ARGON2_TIME_COST, settings.ARGON2_MEMORY_KIB = 1, 64
        upload = Upload(ORDER.name, ORDER.read_bytes())
        clock = SimulatedClock(read_order(upload.content).authored_at)
        with seeded(1), simulated(clock, keep=False, say=_say), tempfile.TemporaryDirectory() as folder:
            Journey(Crew(clock, lambda *_: None), upload).run(Path(folder), _say)
            yield connections["owner"]


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def clone(owner: Any, entries: int) -> tuple[str, int]:
    """Clone the only course until the journal holds about `entries`; return its chain's id and how many there are."""
    with owner.cursor() as cursor:
        cursor.execute("SELECT coi_id FROM orders_order WHERE coi_id IS NOT NULL")
        (coi,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM journal_entry WHERE stream = 'coi:' || %s::text", [coi])
        courses = entries // cursor.fetchone()[0]
        cursor.execute(HELPERS)
        cursor.execute("SELECT id::text FROM materials_lot WHERE number = 'DEMO-LV-001'")
        (vector,) = cursor.fetchone()
        told: dict[str, Any] = {"coi": coi, "courses": courses, "lots": courses // PER_LOT, "vector": vector}
        for table in (*CLONED, "journal_entry", "materials_lot", "materials_lotparentage", "materials_lotmarket"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table in CLONED:
            cursor.execute(
                f"INSERT INTO bench_own SELECT id FROM {table} WHERE {_where(table)} ON CONFLICT DO NOTHING", told
            )
        cursor.execute(PROTOTYPES, told)
        cursor.execute(LOTS, told)
        for table in CLONED:
            cursor.execute(_copying(cursor, table, told), told)
            _say(f"{table}: {cursor.rowcount} rows")
        for first in range(1, courses + 1, 200):
            cursor.execute(ENTRIES, told | {"first": first, "last": min(courses, first + 199)})
            _say(f"journal: course {min(courses, first + 199)} of {courses}")
        cursor.execute(LINKS, told)
        _say(f"links: {cursor.rowcount}")
    owner.commit()
    with owner.cursor() as cursor:
        cursor.execute("ANALYZE")
    return str(coi), courses


def _where(table: str) -> str:
    return OF_COURSE.get(table, "coi_id = %(coi)s")


def _copying(cursor: Any, table: str, told: dict[str, Any]) -> str:
    cursor.execute("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", [table])
    values = {}
    for column, kind in cursor.fetchall():
        values[column] = f't."{column}"'
        if kind == "uuid":
            cursor.execute(
                f'SELECT count(*) FROM {table} WHERE {_where(table)} AND "{column}" IN (SELECT id FROM bench_own)', told
            )
            if cursor.fetchone()[0]:
                values[column] = f"""md5(t."{column}"::text || ':' || g.i)::uuid"""
        if column == "lot_id":
            copy = f"md5(t.lot_id::text || ':' || g.i / {PER_LOT})::uuid"
            values[column] = f"CASE WHEN t.lot_id = %(vector)s::uuid THEN {copy} ELSE t.lot_id END"
    values |= EMPTIED.get(table, {}) | ALTERED.get(table, {})
    columns, chosen = ", ".join(f'"{one}"' for one in values), ", ".join(values.values())
    where = _where(table) if table in OF_COURSE else "t.coi_id = %(coi)s"
    return (
        f"INSERT INTO {table} ({columns}) SELECT {chosen} FROM {table} t, "
        f"generate_series(1, %(courses)s) g(i) WHERE {where}"
    )


def timed(traces: list[Callable[[], Any]]) -> list[float]:
    """Return how long each took, in milliseconds, in order of length."""
    waits = []
    for one in traces:
        began = time.perf_counter()
        one()
        waits.append(1000 * (time.perf_counter() - began))
    return sorted(waits)


def measure(options: Options) -> Report:
    """Trace lots, plasmids, equipment, people and courses, each `ASKED` times, by the read that the doors use."""
    os.environ.setdefault("V2V_ARGON2_TIME_COST", "1")
    with journeyed() as owner:
        _, courses = clone(owner, options.entries)
        from vein2vein.people.reads import actor_named
        from vein2vein.tracing import reads

        by, draw = actor_named("qareviewer"), random.Random(1)  # noqa: S311 - a sample, no secret
        with owner.cursor() as cursor:
            cursor.execute("SELECT code FROM identity_chain")
            chains = [row[0] for row in cursor.fetchall()]
            cursor.execute("SELECT number FROM materials_lot WHERE number LIKE 'DEMO-LV-001-%%'")
            vectors = [row[0] for row in cursor.fetchall()]
            cursor.execute("SELECT count(*), pg_total_relation_size('tracing_link') FROM journal_entry")
            entries, size = cursor.fetchone()

        def asking(codes: list[str], limit: int = PAGE) -> list[Callable[[], Any]]:
            return [partial(reads.trace, code=draw.choice(codes), limit=limit, by=by) for _ in range(ASKED)]

        kinds = {
            "a course, back to all that touched it": asking(chains),
            f"a vector lot that went into {PER_LOT} courses": asking(vectors),
            "a plasmid lot, forward through every vector": asking(["DEMO-PT-001", "DEMO-PR-001"]),
            "a reagent lot that went into every course": asking(["DEMO-SB-001", "DEMO-WB-001"]),
            "equipment used in every course": asking(["WS-01", "RB-01"]),
            "a person who worked on every course": asking(["operator1", "nurse.rj"]),
        }
        figures = []
        for what, traces in kinds.items():
            timed(traces[:20])
            waits = timed(traces)
            figures.append(Figure(f"{what}: half within", waits[len(waits) // 2], "ms"))
            figures.append(Figure(f"{what}: 99 % within", waits[int(0.99 * len(waits))], "ms"))
        worst = max(one.value for one in figures)
        figures.append(Figure("room below 50 ms of the slowest 99 %", WITHIN_MS - worst, "ms", least=0.0))
        note = (
            f"{entries:,} entries, {courses:,} courses, {len(vectors)} vector lots; links take {size / 2**20:.0f} MiB"
        )
        made = f"{PAGE} courses an answer; one course was carried by real acts, the others cloned with short payloads"
        return Report("Trace both ways", figures, [note, made])
