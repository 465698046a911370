"""`verify`: the chain, the seals and the fold, computed in the database."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from vein2vein.core import canonical, chain
from vein2vein.journal.rows import excluded
from vein2vein.journal.sealing import latest_seal, sealed_leaves

_CHAIN = """
SELECT stream, seq, id, gap, detached, altered, derived FROM (
    SELECT stream, seq, id, seq <> place AS gap, previous <> coalesce(before, ''::bytea) AS detached,
        hash <> sha256(
            int8send(octet_length(convert_to(stream, 'UTF8'))::bigint) || convert_to(stream, 'UTF8')
            || int8send(octet_length(seq::text)::bigint) || convert_to(seq::text, 'UTF8') || int8send(27::bigint)
            || convert_to(to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'UTF8')
            || int8send(octet_length(bytes)::bigint) || bytes
            || int8send(octet_length(previous)::bigint) || previous) AS altered,
        (action, fact, deed::text, account::text, to_jsonb(refs)) IS DISTINCT FROM
            (said->>'action', said->>'fact', said->>'deed', said#>>'{by,account}', said->'refs') AS derived
    FROM (SELECT *, row_number() OVER w AS place, lag(hash) OVER w AS before FROM journal_entry
          WINDOW w AS (PARTITION BY stream ORDER BY seq)) e,
        LATERAL (SELECT convert_to(payload, 'UTF8') AS bytes, payload::jsonb AS said OFFSET 0) p
    OFFSET 0
) looked WHERE gap OR detached OR altered OR derived ORDER BY stream, seq LIMIT 100
"""

_HEADS = """
SELECT coalesce(s.stream, e.stream), s.seq, e.seq FROM journal_stream s FULL JOIN
  (SELECT DISTINCT ON (stream) stream, seq, hash FROM journal_entry ORDER BY stream, seq DESC) e ON e.stream = s.stream
WHERE (s.seq, s.hash) IS DISTINCT FROM (e.seq, e.hash) ORDER BY 1 LIMIT 100
"""

_TELL = """
CREATE TEMPORARY TABLE journal_told ON COMMIT DROP AS
SELECT x.effect->>'table' AS of_table, x.effect->>'id' AS row_id,
    journal_merge(x.effect->'became' ORDER BY e.id, x.place) AS columns
FROM journal_entry e, jsonb_array_elements(e.payload::jsonb->'effects') WITH ORDINALITY AS x(effect, place)
GROUP BY 1, 2
"""

_FOLD = """
WITH folded AS (
    SELECT row_id, columns FROM journal_told WHERE of_table = %(table)s
), compared AS (
    SELECT coalesce(f.row_id, t.{pk}::text) AS row_id, f.row_id IS NULL AS unwritten, t.{pk} IS NULL AS missing,
        to_jsonb(jsonb_populate_record(NULL::{table}, %(begun)s::jsonb || f.columns)) - %(hidden)s::text[] AS told,
        to_jsonb(t) - %(hidden)s::text[] AS stands
    FROM folded f FULL JOIN {table} t ON t.{pk}::text = f.row_id
)
SELECT row_id, unwritten, missing,
    ARRAY(SELECT key FROM jsonb_each(stands) WHERE told->key IS DISTINCT FROM value) FROM compared
WHERE unwritten OR missing OR told IS DISTINCT FROM stands LIMIT 100
"""


def verify_chain() -> list[str]:
    """Return every fault of the chain: altered, removed, reordered or inserted entries, tails cut, seals broken."""
    faults = []
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN)
        for stream, seq, entry, gap, detached, altered, derived in cursor.fetchall():
            said = [
                word
                for word, wrong in (
                    ("out of order, or entries before it are missing", gap),
                    ("not the successor of the entry before it", detached),
                    ("altered", altered),
                    ("its derived columns disagree with its payload", derived),
                )
                if wrong
            ]
            faults.append(f"{stream} entry {seq} (id {entry}): {'; '.join(said)}")
        cursor.execute(_HEADS)
        faults += [
            f"{stream}: its head says entry {head}, its newest entry is {newest}: tail cut or added"
            for stream, head, newest in cursor.fetchall()
        ]
    return faults + _verify_seals()


def _verify_seals() -> list[str]:
    seal = latest_seal()
    if seal is None:
        return []
    leaves = sealed_leaves(seal.id)
    faults = []
    if chain.merkle_root([chain.leaf_hash(*leaf) for leaf in leaves]).hex() != seal.root:
        faults.append(f"seal {seal.id}: its leaves do not make its root")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.stream, l.seq, l.seal_id FROM journal_leaf l LEFT JOIN journal_entry e "
            "ON e.stream = l.stream AND e.seq = l.seq WHERE e.hash IS DISTINCT FROM l.hash ORDER BY l.id LIMIT 100"
        )
        faults += [
            f"{stream} entry {seq}: not as seal {number} saw it: altered or removed"
            for stream, seq, number in cursor.fetchall()
        ]
    return faults


def folded_models() -> list[type[models.Model]]:
    """Return every model whose rows the journal must explain: those of the contexts, unless declared apart."""
    return [
        model
        for config in apps.get_app_configs()
        if config.name.startswith("vein2vein.") and config.label not in ("journal", "doors")
        for model in config.get_models(include_auto_created=True)
        if not getattr(model, "journal_apart", False)
    ]


def _begun(model: type[models.Model]) -> str:
    """Return, as JSON, what each column holds before any entry tells of it.

    A row older than a column was given the column's default by the migration that added it, and no entry tells so.
    """
    fields = [field for field in model._meta.concrete_fields if field.has_default()]
    return json.dumps({field.column: canonical.plain(field.get_default()) for field in fields})


def verify_fold() -> list[str]:
    """Return every row that the journal does not explain: unwritten, missing, or with columns that differ."""
    faults: list[str] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute("DROP TABLE IF EXISTS journal_told")
        cursor.execute(_TELL)  # the journal is read once; each table is then compared with what is told of it
        cursor.execute("CREATE INDEX ON journal_told (of_table)")
        cursor.execute("ANALYZE journal_told")
        for model in folded_models():
            faults += _verify_table(cursor, model)
        cursor.execute("DROP TABLE journal_told")
    return faults


def _verify_table(cursor: Any, model: type[models.Model]) -> list[str]:
    quote, meta = connection.ops.quote_name, model._meta
    assert meta.pk is not None  # noqa: S101 - every model has one
    statement = _FOLD.format(table=quote(meta.db_table), pk=quote(str(meta.pk.column)))
    values: dict[str, Any] = {"table": meta.db_table, "hidden": sorted(excluded(model)), "begun": _begun(model)}
    cursor.execute(statement, values)
    faults = []
    for row_id, unwritten, missing, columns in cursor.fetchall():
        if unwritten:
            said = "stands in the table, but no entry tells of it"
        elif missing:
            said = "is told of, but does not stand in the table"
        else:
            said = f"differs from what the journal tells in {', '.join(columns)}"
        faults.append(f"{meta.db_table} {row_id} {said}")
    return faults
