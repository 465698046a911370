"""One answer for one code: what it is, the courses it touched, what touched it, and how all that hangs together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from vein2vein.core.actor import Actor
from vein2vein.doors.reading import read
from vein2vein.tracing.reads.asking import rows
from vein2vein.tracing.reads.back import Course, Thing, trace_course
from vein2vein.tracing.reads.forward import MOST, Touched, list_touched
from vein2vein.tracing.reads.subjects import PLANT_ROLES, Subject, find_subject, seen, unknown
from vein2vein.tracing.states import Kind

DRAWN = 12
"""The most courses of one lot that are drawn; the others are listed."""

ON_A_COURSE = frozenset({Kind.COI, Kind.ORDER, Kind.BATCH, Kind.CONTAINER, Kind.SHIPMENT})


@dataclass(frozen=True, slots=True)
class Edge:
    """From what was there before to what came of it; both ends as "kind:id"."""

    parent: str
    child: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What a code stands for; the courses it touched (`total` of them); for one course everything that touched it.

    `things` and `edges` are the genealogy: plasmid to vector to batch to dose.
    """

    subject: Subject
    total: int
    touched: tuple[Touched, ...]
    course: Course | None
    lots: tuple[Thing, ...]
    things: tuple[Thing, ...]
    edges: tuple[Edge, ...]


_RELATED = """
WITH RECURSIVE above (id) AS (
    SELECT %(lot)s::uuid UNION SELECT p.parent_id FROM above a JOIN materials_lotparentage p ON p.child_id = a.id
), below (id) AS (
    SELECT %(lot)s::uuid UNION SELECT p.child_id FROM below b JOIN materials_lotparentage p ON p.parent_id = b.id)
SELECT 'lot' AS kind, id, number AS code, material_code AS name, state FROM materials_lot
WHERE id IN (SELECT id FROM above UNION SELECT id FROM below) ORDER BY material_code, number
"""

_LOT_EDGES = """
SELECT 'lot:' || parent_id AS parent, 'lot:' || child_id AS child FROM materials_lotparentage
WHERE parent_id = ANY(%(lots)s) AND child_id = ANY(%(lots)s)
"""

_DRAWN_INTO = f"""{_LOT_EDGES} UNION
SELECT 'lot:' || lot_id, holder FROM materials_movement
WHERE lot_id = ANY(%(lots)s) AND kind IN ('thaw', 'consumption') AND holder = ANY(%(holders)s)
"""  # noqa: S608 - fixed texts

_RECORDED_INTO = f"""{_LOT_EDGES} UNION
SELECT 'lot:' || r.lot_id, CASE WHEN r.container_id = ANY(%(containers)s) THEN 'container:' || r.container_id
    ELSE 'batch:' || s.batch_id END
FROM manufacturing_batchstep s JOIN manufacturing_recording r ON r.step_id = s.id
WHERE s.batch_id = ANY(%(batches)s) AND r.lot_id IS NOT NULL UNION
SELECT 'container:' || parent_id, 'container:' || child_id FROM identity_parentage
WHERE coi_id = %(coi)s AND parent_id = ANY(%(containers)s) AND child_id = ANY(%(containers)s)
"""  # noqa: S608 - fixed texts


@read("tracing.trace", roles=PLANT_ROLES)
def trace(*, code: str, limit: int = 50, after: UUID | None = None, by: Actor) -> Trace:
    """Trace a code both ways: a lot, chain of identity, order, batch, container, shipment, equipment or person.

    Courses come in the order of their ids, at most `limit` behind the course `after`.
    """
    subject = find_subject(code)
    if subject is None:
        raise unknown(code)
    return trace_of(seen(subject, by), limit=limit, after=after)


def trace_of(subject: Subject, *, limit: int = MOST, after: UUID | None = None) -> Trace:
    """Return the trace of a subject."""
    total, touched = list_touched(subject, limit=limit, after=after)
    if subject.kind in ON_A_COURSE and touched:
        course = trace_course(touched[0].coi_id)
        things, edges = _genealogy_of_course(course, touched[0])
        return Trace(subject, total, tuple(touched), course, course.lots, things, edges)
    if subject.kind is Kind.LOT:
        lots = tuple(Thing(**row) for row in rows(_RELATED, {"lot": subject.id}))
        things, edges = _genealogy_of_lot(lots, touched[:DRAWN])
        return Trace(subject, total, tuple(touched), None, lots, things, edges)
    return Trace(subject, total, tuple(touched), None, (), (), ())


def _edges(statement: str, told: Mapping[str, Any], doses: Iterable[tuple[str, str]]) -> tuple[Edge, ...]:
    pairs = {(str(row["parent"]), str(row["child"])) for row in rows(statement, told)}
    return tuple(Edge(parent, child) for parent, child in sorted(pairs | set(doses)))


def _genealogy_of_lot(lots: tuple[Thing, ...], touched: list[Touched]) -> tuple[tuple[Thing, ...], tuple[Edge, ...]]:
    things, doses, holders = list(lots), [], []
    for course in touched:
        mine = [one for one in course.batches if one.touched]
        things += [Thing("batch", one.id, one.number, course.order, one.state, course.hospital) for one in mine]
        holders += [f"batch:{one.id}" for one in mine]
        of = {one.number: one.id for one in mine}
        for dose in course.doses:
            if dose.batch_number in of and (dose.in_dose or dose.state == "infused"):
                things.append(Thing("container", dose.id, dose.code, course.order, dose.state, course.hospital))
                doses.append((f"batch:{of[dose.batch_number]}", f"container:{dose.id}"))
    return tuple(things), _edges(_DRAWN_INTO, {"lots": [one.id for one in lots], "holders": holders}, doses)


def _genealogy_of_course(course: Course, touched: Touched) -> tuple[tuple[Thing, ...], tuple[Edge, ...]]:
    containers = tuple(one for one in course.containers if one.kind != "sample")
    numbers = {one.number: one.id for one in touched.batches}
    told = {
        "coi": course.coi_id,
        "lots": [one.id for one in course.lots],
        "batches": [one.id for one in course.batches],
        "containers": [one.id for one in containers],
    }
    doses = [
        (f"batch:{numbers[one.batch_number]}", f"container:{one.id}")
        for one in touched.doses
        if one.batch_number in numbers
    ]
    return (*course.lots, *course.batches, *containers), _edges(_RECORDED_INTO, told, doses)
