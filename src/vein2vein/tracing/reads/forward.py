"""Forward: every course that a lot, a person, a piece of equipment, a container or a shipment touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
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
    """A course that was touched: patient's order and hospital, batches, doses, and what a recall asks for."""

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
WITH RECURSIVE below (id) AS (
    SELECT %(subject)s::uuid
    UNION SELECT p.child_id FROM below b JOIN materials_lotparentage p ON p.parent_id = b.id)
"""

LOTS_BELOW = f"{_BELOW} SELECT id FROM below"  # noqa: S608 - fixed texts

_OF_LOT = f"""{_BELOW}, touching (coi) AS (
    SELECT k.coi FROM below b JOIN tracing_link k ON k.kind = 'lot' AND k.subject = b.id
    UNION SELECT o.coi_id FROM below b JOIN materials_holding h ON h.lot_id = b.id AND h.state = 'held'
        JOIN orders_order o ON o.id = CASE WHEN h.holder LIKE 'order:%%' THEN substr(h.holder, 7)::uuid END
        WHERE o.coi_id IS NOT NULL
    UNION SELECT t.coi_id FROM below b JOIN materials_holding h ON h.lot_id = b.id AND h.state = 'held'
        JOIN manufacturing_batch t ON t.id = CASE WHEN h.holder LIKE 'batch:%%' THEN substr(h.holder, 7)::uuid END)
SELECT coi, count(*) OVER () AS total FROM touching WHERE coi > %(after)s ORDER BY coi LIMIT %(limit)s
"""  # noqa: S608 - fixed texts

_OF_OTHERS = """
SELECT coi, count(*) OVER () AS total FROM tracing_link WHERE kind = %(kind)s AND subject = %(subject)s
    AND coi > %(after)s ORDER BY coi LIMIT %(limit)s
"""

_OWN = {
    Kind.COI: "SELECT id AS coi, 1 AS total FROM identity_chain WHERE id = %(subject)s",
    Kind.ORDER: "SELECT coi_id AS coi, 1 AS total FROM orders_order WHERE id = %(subject)s AND coi_id IS NOT NULL",
    Kind.BATCH: "SELECT coi_id AS coi, 1 AS total FROM manufacturing_batch WHERE id = %(subject)s",
    Kind.CONTAINER: "SELECT coi_id AS coi, 1 AS total FROM identity_container WHERE id = %(subject)s",
    Kind.SHIPMENT: "SELECT coi_id AS coi, 1 AS total FROM logistics_shipment WHERE id = %(subject)s",
}

_COURSES = """
SELECT c.id AS coi_id, c.code AS coi, o.id AS order_id, o.code AS "order", o.state AS order_state,
    h.code AS hospital, o.market, n.state AS notice
FROM identity_chain c JOIN orders_order o ON o.coi_id = c.id JOIN network_site h ON h.id = o.hospital_id
LEFT JOIN tracing_recallnotice n ON n.coi_id = c.id AND n.lot_id = %(lot)s
WHERE c.id = ANY(%(courses)s) ORDER BY c.id
"""

_BATCHES = """
SELECT id, coi_id, number, state FROM manufacturing_batch WHERE coi_id = ANY(%(courses)s) ORDER BY opened_at
"""

_DRAWN = """
SELECT DISTINCT substr(holder, 7) AS batch FROM materials_movement
WHERE lot_id = ANY(%(lots)s) AND kind IN ('thaw', 'consumption') AND holder LIKE 'batch:%%'
UNION SELECT substr(holder, 7) FROM materials_holding
WHERE lot_id = ANY(%(lots)s) AND state = 'held' AND holder LIKE 'batch:%%'
"""

_DOSES = """
SELECT k.id, k.coi_id, k.code, k.batch_number, k.state, k.disposition, d.id IS NOT NULL AS in_dose
FROM identity_container k LEFT JOIN orders_dosebag d ON d.container_id = k.id
WHERE k.coi_id = ANY(%(courses)s) AND k.kind = 'final_product' ORDER BY k.id
"""

_FIRST = UUID(int=0)


def list_touched(subject: Subject, *, limit: int = MOST, after: UUID | None = None) -> tuple[int, list[Touched]]:
    """Return how many courses a subject touched behind `after`, and the first of them with what each asks for."""
    told: dict[str, Any] = {
        "subject": subject.id,
        "kind": subject.kind.value,
        "after": after or _FIRST,
        "limit": max(1, min(limit, MOST)),
    }
    statement = _OF_LOT if subject.kind is Kind.LOT else _OWN.get(subject.kind, _OF_OTHERS)
    found = rows(statement, told)
    lots = _lots_below(subject.id) if subject.kind is Kind.LOT else []
    courses = [row["coi"] for row in found]
    return (int(found[0]["total"]) if found else 0), _told(courses, lots, subject)


def touched_by_lots(lot_id: UUID) -> list[Touched]:
    """Return every course that a lot, or anything made from it, touched: what a recall is about."""
    subject = Subject(Kind.LOT, lot_id, "")
    found: list[Touched] = []
    while True:
        _, page = list_touched(subject, after=found[-1].coi_id if found else None)
        found += page
        if len(page) < MOST:
            return found


def _lots_below(lot_id: UUID) -> list[UUID]:
    return [row["id"] for row in rows(LOTS_BELOW, {"subject": lot_id})]


def _told(courses: Collection[UUID], lots: list[UUID], subject: Subject) -> list[Touched]:
    if not courses:
        return []
    told = {"courses": list(courses), "lot": subject.id, "lots": lots}
    drawn = {row["batch"] for row in rows(_DRAWN, told)} if lots else None
    batches: dict[UUID, list[BatchSeen]] = defaultdict(list)
    for row in rows(_BATCHES, told):
        touched = drawn is None or str(row["id"]) in drawn
        batches[row.pop("coi_id")].append(BatchSeen(**row, touched=touched))
    doses: dict[UUID, list[Dose]] = defaultdict(list)
    for row in rows(_DOSES, told):
        doses[row.pop("coi_id")].append(Dose(**row))
    return [_course(row, batches[row["coi_id"]], doses[row["coi_id"]]) for row in rows(_COURSES, told)]


def _course(row: Mapping[str, Any], batches: list[BatchSeen], doses: list[Dose]) -> Touched:
    stands = rules.standing(row["order_state"], frozenset(one.state for one in batches if one.touched))
    numbers = {one.number for one in batches if one.touched}
    return Touched(
        **{**row, "notice": row["notice"] or ""},
        standing=stands,
        must=rules.MUST[stands],
        batches=tuple(batches),
        doses=tuple(one for one in doses if not one.batch_number or one.batch_number in numbers),
    )
