"""How fast a long journal is verified, exported, and verified again without its database."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import place
from bench.registry import Figure, Options, Report

LEAST = 40_000
OF_A_STREAM = 50
DATABASE = "bench_journal"


def measure(options: Options) -> Report:
    """Clone entries below the actions, in a database of their own, then verify, export and verify the export."""
    place.settle()
    os.environ["V2V_DATABASE"] = DATABASE
    _opened()
    cloned = _timed(lambda: _clone(options.entries))
    from vein2vein.journal import sealing, verification

    sealed = _timed(sealing.seal)
    chain = _timed(verification.verify_chain)
    fold = _timed(verification.verify_fold)
    count, file = _count(), place.STATE / "journal.jsonl"
    exported = _timed(lambda: _export(file))
    root = sealing.latest_seal()
    assert root is not None
    offline = _timed(lambda: _offline(file, root.root))
    faults = [*chain.result, *fold.result, *offline.result]
    size_mb = file.stat().st_size / 1e6
    file.unlink()
    _dropped()
    rates = {name: count / one.processor_s for name, one in (("chain", chain), ("fold", fold), ("offline", offline))}
    return Report(
        "Verification of the journal",
        [
            Figure("chain, heads and seals, in the database", rates["chain"], "entries/s/core", LEAST),
            Figure("offline, from an export, against the root", rates["offline"], "entries/s/core", LEAST),
            Figure("fold: every row equals what the entries tell", rates["fold"], "entries/s/core"),
            Figure("export", count / exported.processor_s, "entries/s/core"),
            Figure("seal of all streams' heads", sealed.wall_s, "s"),
        ],
        [
            f"{count:,} entries in streams of {OF_A_STREAM}, cloned in {cloned.wall_s:.0f} s; export {size_mb:,.0f} MB",
            f"by the clock: chain {chain.wall_s:.1f} s, fold {fold.wall_s:.1f} s, offline {offline.wall_s:.1f} s",
            "per core: by the processor time of the program and its database session together",
            f"faults found: {len(faults)}",
        ],
    )


class _Timed:
    def __init__(self, result: Any, wall_s: float, processor_s: float) -> None:
        self.result, self.wall_s, self.processor_s = result, wall_s, processor_s


def _timed(work: Callable[[], Any]) -> _Timed:
    session = _session()
    wall, ours, theirs = time.perf_counter(), time.process_time(), place.processor_seconds(session)
    result = work()
    spent = time.process_time() - ours + place.processor_seconds(session) - theirs
    return _Timed(result, time.perf_counter() - wall, max(spent, 0.01))


def _session() -> int:
    from django.db import connection

    connection.ensure_connection()
    raw: Any = connection.connection
    return int(raw.info.backend_pid)


def _opened() -> None:
    """Make the database anew, with the demonstration site, and without parallel workers: per core means one."""
    import django

    from vein2vein.settings import databases

    databases.ensure_ready()
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from vein2vein.driver.site import load_if_empty

    call_command("migrate", database="owner", verbosity=0)
    load_if_empty()
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")


def _dropped() -> None:
    import psycopg
    from django.conf import settings
    from django.db import connections
    from django.db.backends.postgresql.base import DatabaseWrapper

    from vein2vein.settings import databases

    connections.close_all()
    pooled = connections["default"]
    assert isinstance(pooled, DatabaseWrapper)
    pooled.close_pool()
    with psycopg.connect(databases.conninfo(settings.DATABASES["owner"], "postgres"), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


CLONE = """
WITH made AS (
    INSERT INTO people_training (id, account_id, code, valid_from_on, valid_until_on)
    SELECT gen_random_uuid(), %(account)s, 'bench-' || n, '2026-01-01', '2027-01-01'
    FROM generate_series(%(first)s, %(last)s) n RETURNING id, code
), told AS (
    SELECT id, substr(code, 7)::int AS n, turn FROM made, generate_series(1, 2) turn
)
INSERT INTO journal_entry (stream, payload)
SELECT 'bench:' || (2 * n + turn - 3) / %(of_a_stream)s, format(
    CASE turn WHEN 1 THEN %(insert)s ELSE %(change)s END, gen_random_uuid(), n, id)
FROM told ORDER BY 1, n, turn
"""
"""Rows of a table and two entries for each: one that tells of its making, one that changes it to what it is."""


def _clone(entries: int) -> None:
    from django.db import transaction

    values = _templates()
    step = 50_000
    for first in range(1, entries // 2 + 1, step):
        with transaction.atomic():
            _cursor_execute(CLONE, values | {"first": first, "last": min(first + step - 1, entries // 2)})
        print(f"{min(2 * (first + step - 1), entries)} entries cloned", flush=True)


def _cursor_execute(statement: str, values: dict[str, Any]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _templates() -> dict[str, Any]:
    """Return payloads as an action writes them, with places for the deed, a number and the row's id."""
    from vein2vein.core import canonical
    from vein2vein.people import reads

    who = reads.actor_named("supervisor")
    account = str(who.account_id)
    common = {
        "action": "people.record_training",
        "deed": "%1$s",
        "at": "2026-01-01T08:00:00.000000Z",
        "by": {"account": account, "name": who.name, "roles": sorted(who.roles)},
        "signatures": [],
        "fact": "people.TrainingRecorded",
        "version": 1,
        "data": {
            "account_id": account,
            "username": "supervisor",
            "code": "bench-%2$s",
            "valid_from_on": "2026-01-01",
            "valid_until_on": "2027-01-01",
        },
        "refs": [f"account:{account}", f"site:{uuid.uuid4()}"],
    }
    became = {
        "id": "%3$s",
        "account_id": account,
        "code": "bench-%2$s",
        "valid_from_on": "2026-01-01",
        "valid_until_on": "2026-12-01",
    }
    told = {"table": "people_training", "id": "%3$s"}
    insert = common | {"effects": [told | {"was": None, "became": became}]}
    was, now = {"valid_until_on": "2026-12-01"}, {"valid_until_on": "2027-01-01"}
    change = common | {"effects": [told | {"was": was, "became": now}]}
    texts = {"insert": canonical.dumps(insert), "change": canonical.dumps(change)}
    return texts | {"account": account, "of_a_stream": OF_A_STREAM}


def _count() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_entry")
        return int(cursor.fetchone()[0])


def _export(file: Path) -> int:
    from vein2vein.journal.exporting import export

    lines = 0
    with file.open("w", encoding="utf-8") as out:
        for line in export():
            out.write(line)
            lines += 1
    return lines


def _offline(file: Path, root: str) -> list[str]:
    from vein2vein.core import chain

    with file.open(encoding="utf-8") as text:
        found = chain.verify_lines(text, root)
    return found.faults if found.anchored else [*found.faults, "not anchored"]
