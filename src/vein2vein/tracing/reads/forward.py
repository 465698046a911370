"""Forward: every course that a lot, a person, a piece of equipment, a container or a shipment touched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from vein2vein.tracing import rules
from vein2vein.tracing.reads.asking import rows
from vein2vein.tracing.reads.subjects import Subject
from vein2vein.tracing.states import Kind, Standing

MOST = 500
"""The most courses of one answer; the next begin behind the last one's id."""


@dataclass(frozen=True, slots=True)
class Dose:
    """A container of final product: its code, state, disposition, and whether it belongs to the released dose."""

    id: UUID
    code: str
    batch_number: str
    state: str
    disposition: str
    in_dose: bool


@dataclass(frozen=True, slots=True)
class BatchSeen:
    """A batch of a course; `touched` says whether the traced lots went into it (always, when no lot is traced)."""

    id: UUID
    number: str
    state: str
    touched: bool


@dataclass(frozen=True, slots=True)
class Touched:
    """A course that was touched: order, hospital, batches, doses, and what the recall of a lot asks for."""

    coi_id: UUID
    coi: str
    order_id: UUID
    order: str
    order_state: str
    hospital: str
    market: str
    standing: Standing
    must: tuple[str, ...]
    batches: tuple[BatchSeen, ...]
    doses: tuple[Dose, ...]
    notice: str = ""


_BELOW = """
below (id) AS (
    SELECT %(subject)s::uuid
    UNION SELECT p.child_id FROM below b JOIN materials_lotparentage p ON p.parent_id = b.id)
"""

_NO_LOTS = "below (id) AS (SELECT NULL::uuid WHERE false)"

_OF_LOT = """
    SELECT k.coi FROM below b JOIN tracing_link k ON k.kind = 'lot' AND k.subject = b.id
    UNION SELECT o.coi_id FROM below b JOIN materials_holding h ON h.lot_id = b.id AND h.state = 'held'
        JOIN orders_order o ON o.id = CASE WHEN h.holder LIKE 'order:%%' THEN substr(h.holder, 7)::uuid END
        WHERE o.coi_id IS NOT NULL
    UNION SELECT t.coi_id FROM below b JOIN materials_holding h ON h.lot_id = b.id AND h.state = 'held'
        JOIN manufacturing_batch t ON t.id = CASE WHEN h.holder LIKE 'batch:%%' THEN substr(h.holder, 7)::uuid END
"""

_OF_OTHERS = "SELECT coi FROM tracing_link WHERE kind = %(kind)s AND subject = %(subject)s"

_OWN = {
    Kind.COI: "SELECT id FROM identity_chain WHERE id = %(subject)s",
    Kind.ORDER: "SELECT coi_id FROM orders_order WHERE id = %(subject)s AND coi_id IS NOT NULL",
    Kind.BATCH: "SELECT coi_id FROM manufacturing_batch WHERE id = %(subject)s",
    Kind.CONTAINER: "SELECT coi_id FROM identity_container WHERE id = %(subject)s",
    Kind.SHIPMENT: "SELECT coi_id FROM logistics_shipment WHERE id = %(subject)s",
}

_COURSES = """
WITH RECURSIVE {below}, touching (coi) AS ({touching}), page AS (
    SELECT coi, count(*) OVER () AS total FROM touching WHERE coi > %(after)s ORDER BY coi LIMIT %(limit)s)
SELECT p.total, c.id AS coi_id, c.code AS coi, o.id AS order_id, o.code AS "order", o.state AS order_state,
    h.code AS hospital, o.market, coalesce(n.state, '') AS notice,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(b.id, b.number, b.state, NOT %(lots)s OR EXISTS (
        SELECT FROM materials_movement m WHERE m.holder = 'batch:' || b.id AND m.kind IN ('thaw', 'consumption')
            AND m.lot_id IN (SELECT id FROM below)) OR EXISTS (
        SELECT FROM materials_holding g WHERE g.holder = 'batch:' || b.id AND g.state = 'held'
            AND g.lot_id IN (SELECT id FROM below))) ORDER BY b.opened_at), '[]')
        FROM manufacturing_batch b WHERE b.coi_id = c.id) AS batches,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(k.id, k.code, k.batch_number, k.state, k.disposition,
        EXISTS (SELECT FROM orders_dosebag d WHERE d.container_id = k.id)) ORDER BY k.id), '[]')
        FROM identity_container k WHERE k.coi_id = c.id AND k.kind = 'final_product') AS doses
FROM page p JOIN LATERAL (SELECT * FROM identity_chain WHERE id = p.coi LIMIT 1) c ON true
JOIN LATERAL (SELECT * FROM orders_order WHERE coi_id = p.coi LIMIT 1) o ON true
JOIN network_site h ON h.id = o.hospital_id
LEFT JOIN tracing_recallnotice n ON n.coi_id = c.id AND n.lot_id = %(subject)s ORDER BY c.id
"""

_FIRST = UUID(int=0)


def list_touched(subject: Subject, *, limit: int = MOST, after: UUID | None = None) -> tuple[int, list[Touched]]:
    """Return how many courses a subject touched behind `after`, and the first; of a lot, what a recall asks for."""
    lots = subject.kind is Kind.LOT
    statement = _COURSES.format(
        below=_BELOW if lots else _NO_LOTS,
        touching=_OF_LOT if lots else _OWN.get(subject.kind, _OF_OTHERS),
    )
    told: dict[str, Any] = {
        "subject": subject.id,
        "kind": subject.kind.value,
        "lots": lots,
        "after": after or _FIRST,
        "limit": max(1, min(limit, MOST)),
    }
    found = rows(statement, told)
    return (int(found[0]["total"]) if found else 0), [_course(row, recalled=lots) for row in found]


def touched_by_lots(lot_id: UUID) -> list[Touched]:
    """Return every course that a lot, or anything made from it, touched: what a recall is about."""
    subject = Subject(Kind.LOT, lot_id, "")
    found: list[Touched] = []
    while True:
        _, page = list_touched(subject, after=found[-1].coi_id if found else None)
        found += page
        if len(page) < MOST:
            return found


def _course(row: Mapping[str, Any], *, recalled: bool) -> Touched:
    batches = tuple(BatchSeen(UUID(key), *others) for key, *others in _listed(row["batches"]))
    doses = tuple(Dose(UUID(key), *others) for key, *others in _listed(row["doses"]))
    stands = rules.standing(row["order_state"], frozenset(one.state for one in batches if one.touched))
    numbers = {one.number for one in batches if one.touched}
    return Touched(
        coi_id=row["coi_id"],
        coi=row["coi"],
        order_id=row["order_id"],
        order=row["order"],
        order_state=row["order_state"],
        hospital=row["hospital"],
        market=row["market"],
        notice=row["notice"],
        standing=stands,
        must=rules.MUST[stands] if recalled else (),
        batches=batches,
        doses=tuple(one for one in doses if not one.batch_number or one.batch_number in numbers),
    )


def _listed(found: Any) -> list[list[Any]]:
    return list(json.loads(found) if isinstance(found, str) else found)
