"""`verify`: the chain, the seals and the fold, computed in the database."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.db import connection, models

from vein2vein.core import canonical, chain
from vein2vein.journal.deeds import excluded
from vein2vein.journal.sealing import latest_seal, sealed_leaves

_CHAIN = """
SELECT stream, seq, id, seq <> place, previous <> coalesce(before, ''::bytea),
       hash <> journal_hash(stream, seq, recorded_at, payload, previous),
       (action, fact, deed::text, account::text) IS DISTINCT FROM
       (payload::jsonb->>'action', payload::jsonb->>'fact', payload::jsonb->>'deed', payload::jsonb#>>'{by,account}')
       OR refs IS DISTINCT FROM ARRAY(SELECT jsonb_array_elements_text(payload::jsonb->'refs'))
FROM (SELECT *, row_number() OVER w AS place, lag(hash) OVER w AS before FROM journal_entry
      WINDOW w AS (PARTITION BY stream ORDER BY seq)) e
WHERE seq <> place OR previous <> coalesce(before, ''::bytea)
   OR hash <> journal_hash(stream, seq, recorded_at, payload, previous)
   OR (action, fact, deed::text, account::text) IS DISTINCT FROM
      (payload::jsonb->>'action', payload::jsonb->>'fact', payload::jsonb->>'deed', payload::jsonb#>>'{by,account}')
   OR refs IS DISTINCT FROM ARRAY(SELECT jsonb_array_elements_text(payload::jsonb->'refs'))
ORDER BY stream, seq LIMIT 100
"""

_HEADS = """
SELECT coalesce(s.stream, e.stream), s.seq, e.seq FROM journal_stream s FULL JOIN
  (SELECT DISTINCT ON (stream) stream, seq, hash FROM journal_entry ORDER BY stream, seq DESC) e ON e.stream = s.stream
WHERE (s.seq, s.hash) IS DISTINCT FROM (e.seq, e.hash) ORDER BY 1 LIMIT 100
"""

_FOLD = """
WITH effects AS (
    SELECT e.id AS entry, x.place, x.effect->>'id' AS row_id, x.effect->'became' AS became, x.effect->'was' AS was
    FROM journal_entry e, jsonb_array_elements(e.payload::jsonb->'effects') WITH ORDINALITY AS x(effect, place)
    WHERE x.effect->>'table' = %(table)s
), folded AS (
    SELECT row_id, jsonb_object_agg(key, value) AS columns FROM (
        SELECT DISTINCT ON (row_id, key) row_id, key, value FROM effects, jsonb_each(became)
        ORDER BY row_id, key, entry DESC, place DESC) latest GROUP BY row_id
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
    quote = connection.ops.quote_name
    for model in folded_models():
        meta = model._meta
        pk = meta.pk
        assert pk is not None  # noqa: S101 - every model has one
        statement = _FOLD.format(table=quote(meta.db_table), pk=quote(str(pk.column)))
        values: dict[str, Any] = {"table": meta.db_table, "hidden": sorted(excluded(model)), "begun": _begun(model)}
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            for row_id, unwritten, missing, columns in cursor.fetchall():
                if unwritten:
                    said = "stands in the table, but no entry tells of it"
                elif missing:
                    said = "is told of, but does not stand in the table"
                else:
                    said = f"differs from what the journal tells in {', '.join(columns)}"
                faults.append(f"{meta.db_table} {row_id} {said}")
    return faults
