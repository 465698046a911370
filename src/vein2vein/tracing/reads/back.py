"""Back: everything that touched a course: lots and what they were made from, people, equipment, rooms, containers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from vein2vein.tracing.reads.asking import rows
from vein2vein.tracing.states import Kind


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


_LOTS = """
WITH RECURSIVE above (id, depth) AS (
    SELECT subject, 0 FROM tracing_link WHERE coi = %(coi)s AND kind = 'lot'
    UNION SELECT p.parent_id, a.depth + 1 FROM above a JOIN materials_lotparentage p ON p.child_id = a.id)
SELECT 'lot' AS kind, l.id, l.number AS code, l.material_code AS name, l.state, max(a.depth) AS depth
FROM above a JOIN materials_lot l ON l.id = a.id GROUP BY l.id ORDER BY max(a.depth), l.material_code, l.number
"""

_PEOPLE = """
SELECT 'account' AS kind, p.id, p.username AS code, p.name, coalesce(s.code, '') AS place
FROM tracing_link k JOIN people_account p ON p.id = k.subject LEFT JOIN network_site s ON s.id = p.employer_id
WHERE k.coi = %(coi)s AND k.kind = 'account' AND p.username <> 'system' ORDER BY p.username
"""

_EQUIPMENT = """
SELECT 'equipment' AS kind, e.id, e.code, e.equipment_class AS name, e.state, coalesce(r.code, '') AS place
FROM tracing_link k JOIN network_equipment e ON e.id = k.subject LEFT JOIN network_room r ON r.id = e.room_id
WHERE k.coi = %(coi)s AND k.kind = 'equipment' ORDER BY e.code
"""

_ROOMS = """
SELECT DISTINCT 'room' AS kind, r.id, r.code, r.name_en AS name, r.grade AS state, s.code AS place
FROM tracing_link k JOIN network_equipment e ON e.id = k.subject JOIN network_room r ON r.id = e.room_id
JOIN network_site s ON s.id = r.site_id WHERE k.coi = %(coi)s AND k.kind = 'equipment' ORDER BY r.code
"""

_CONTAINERS = """
WITH RECURSIVE tree (id, depth) AS (
    SELECT c.id, 0 FROM identity_container c WHERE c.coi_id = %(coi)s
        AND NOT EXISTS (SELECT FROM identity_parentage p WHERE p.child_id = c.id)
    UNION SELECT p.child_id, t.depth + 1 FROM tree t JOIN identity_parentage p ON p.parent_id = t.id)
SELECT c.kind, c.id, c.code, c.role AS name, c.state, max(t.depth) AS depth
FROM tree t JOIN identity_container c ON c.id = t.id GROUP BY c.id ORDER BY max(t.depth), c.id
"""

_BATCHES = """
SELECT 'batch' AS kind, b.id, b.number AS code, '' AS name, b.state, s.code AS place
FROM manufacturing_batch b JOIN network_site s ON s.id = b.site_id WHERE b.coi_id = %(coi)s ORDER BY b.opened_at
"""

_SHIPMENTS = """
SELECT 'shipment' AS kind, id, code, kind AS name, state FROM logistics_shipment WHERE coi_id = %(coi)s ORDER BY id
"""

_SITES = """
SELECT 'site' AS kind, s.id, s.code, s.name_en AS name FROM tracing_link k JOIN network_site s ON s.id = k.subject
WHERE k.coi = %(coi)s AND k.kind = 'site' ORDER BY s.code
"""


def trace_course(coi_id: UUID) -> Course:
    """Return everything that touched a course, each kind by one query."""
    told = {"coi": coi_id, "kinds": [one.value for one in Kind]}

    def things(statement: str) -> tuple[Thing, ...]:
        return tuple(Thing(**row) for row in rows(statement, told))

    return Course(
        coi_id=coi_id,
        lots=things(_LOTS),
        people=things(_PEOPLE),
        equipment=things(_EQUIPMENT),
        rooms=things(_ROOMS),
        containers=things(_CONTAINERS),
        batches=things(_BATCHES),
        shipments=things(_SHIPMENTS),
        sites=things(_SITES),
    )
