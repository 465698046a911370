"""Back: everything that touched a course: lots and what they were made from, people, equipment, rooms, containers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from vein2vein.tracing.reads.asking import rows


@dataclass(frozen=True, slots=True)
class Thing:
    """Something on a course: the code people know it by, what it is, its state, where it stands."""

    kind: str
    id: UUID
    code: str
    name: str = ""
    state: str = ""
    place: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """All that touched one course; lots with `depth` 1 and more are what the used ones were made from."""

    coi_id: UUID
    lots: tuple[Thing, ...]
    people: tuple[Thing, ...]
    equipment: tuple[Thing, ...]
    rooms: tuple[Thing, ...]
    containers: tuple[Thing, ...]
    batches: tuple[Thing, ...]
    shipments: tuple[Thing, ...]
    sites: tuple[Thing, ...]


_ALL = """
WITH RECURSIVE linked AS MATERIALIZED (
    SELECT kind, subject FROM tracing_link WHERE coi = %(coi)s
), above (id, depth) AS (
    SELECT subject, 0 FROM linked WHERE kind = 'lot'
    UNION SELECT p.parent_id, a.depth + 1 FROM above a JOIN materials_lotparentage p ON p.child_id = a.id
), tree (id, depth) AS (
    SELECT c.id, 0 FROM identity_container c WHERE c.coi_id = %(coi)s
        AND NOT EXISTS (SELECT FROM identity_parentage p WHERE p.child_id = c.id)
    UNION SELECT p.child_id, t.depth + 1 FROM tree t JOIN identity_parentage p ON p.parent_id = t.id
), devices AS (
    SELECT e.* FROM linked k JOIN network_equipment e ON e.id = k.subject WHERE k.kind = 'equipment')
SELECT * FROM (
    SELECT 'lots' AS part, 'lot' AS kind, l.id, l.number AS code, l.material_code AS name, l.state, '' AS place,
        a.depth FROM (SELECT id, max(depth) AS depth FROM above GROUP BY id) a JOIN materials_lot l ON l.id = a.id
    UNION ALL SELECT 'people', 'account', p.id, p.username, p.name, '', coalesce(s.code, ''), 0
        FROM linked k JOIN people_account p ON p.id = k.subject LEFT JOIN network_site s ON s.id = p.employer_id
        WHERE k.kind = 'account' AND p.username <> 'system'
    UNION ALL SELECT 'equipment', 'equipment', e.id, e.code, e.equipment_class, e.state, coalesce(r.code, ''), 0
        FROM devices e LEFT JOIN network_room r ON r.id = e.room_id
    UNION ALL SELECT DISTINCT 'rooms', 'room', r.id, r.code, r.name_en, r.grade, s.code, 0
        FROM devices e JOIN network_room r ON r.id = e.room_id JOIN network_site s ON s.id = r.site_id
    UNION ALL SELECT 'containers', c.kind, c.id, c.code, c.role, c.state, '', t.depth
        FROM (SELECT id, max(depth) AS depth FROM tree GROUP BY id) t JOIN identity_container c ON c.id = t.id
    UNION ALL SELECT 'batches', 'batch', b.id, b.number, '', b.state, s.code, 0
        FROM manufacturing_batch b JOIN network_site s ON s.id = b.site_id WHERE b.coi_id = %(coi)s
    UNION ALL SELECT 'shipments', 'shipment', id, code, kind, state, '', 0
        FROM logistics_shipment WHERE coi_id = %(coi)s
    UNION ALL SELECT 'sites', 'site', s.id, s.code, s.name_en, '', '', 0
        FROM linked k JOIN network_site s ON s.id = k.subject WHERE k.kind = 'site'
) AS things ORDER BY part, depth, name, code
"""

PARTS = ("lots", "people", "equipment", "rooms", "containers", "batches", "shipments", "sites")


def trace_course(coi_id: UUID) -> Course:
    """Return everything that touched a course, by one statement."""
    found: dict[str, list[Thing]] = {part: [] for part in PARTS}
    for row in rows(_ALL, {"coi": coi_id}):
        found[row.pop("part")].append(Thing(**row))
    return Course(coi_id=coi_id, **{part: tuple(things) for part, things in found.items()})
