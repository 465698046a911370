"""One answer for one code: what it is, the courses it touched, what touched it, and how all that hangs together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from vein2vein.core.actor import Actor
from vein2vein.doors.reading import read
from vein2vein.tracing.reads.asking import rows
from vein2vein.tracing.reads.back import Course, Thing, trace_course
from vein2vein.tracing.reads.forward import LOTS_BELOW, MOST, Touched, list_touched
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
SELECT DISTINCT parent_id, child_id FROM materials_lotparentage
WHERE parent_id = ANY(%(lots)s) AND child_id = ANY(%(lots)s)
"""

_DRAWN_INTO = """
SELECT DISTINCT lot_id, substr(holder, 7) AS batch FROM materials_movement
WHERE lot_id = ANY(%(lots)s) AND kind IN ('thaw', 'consumption') AND holder = ANY(%(holders)s)
"""

_RECORDED_INTO = """
SELECT DISTINCT r.lot_id, r.container_id, s.batch_id FROM manufacturing_batchstep s
JOIN manufacturing_recording r ON r.step_id = s.id
WHERE s.batch_id = ANY(%(batches)s) AND r.lot_id IS NOT NULL
"""

_PARENTAGE = "SELECT parent_id, child_id FROM identity_parentage WHERE coi_id = %(coi)s"


@read("tracing.trace", roles=PLANT_ROLES)
def trace(*, code: str, limit: int = 200, after: UUID | None = None, by: Actor) -> Trace:
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
        below = [row["id"] for row in rows(LOTS_BELOW, {"subject": subject.id})]
        things, edges = _genealogy_of_lot(lots, below, touched[:DRAWN])
        return Trace(subject, total, tuple(touched), None, lots, things, edges)
    return Trace(subject, total, tuple(touched), None, (), (), ())


def _edges(pairs: Iterable[tuple[str, str]]) -> tuple[Edge, ...]:
    return tuple(Edge(parent, child) for parent, child in sorted(set(pairs)))


def _lot_edges(lots: Iterable[UUID]) -> set[tuple[str, str]]:
    found = rows(_LOT_EDGES, {"lots": list(lots)})
    return {(f"lot:{row['parent_id']}", f"lot:{row['child_id']}") for row in found}


def _genealogy_of_lot(
    lots: tuple[Thing, ...], below: list[UUID], touched: list[Touched]
) -> tuple[tuple[Thing, ...], tuple[Edge, ...]]:
    pairs = _lot_edges(one.id for one in lots)
    batches = {str(one.id): one for course in touched for one in course.batches if one.touched}
    drawn = rows(_DRAWN_INTO, {"lots": below, "holders": [f"batch:{one}" for one in batches]})
    pairs |= {(f"lot:{row['lot_id']}", f"batch:{row['batch']}") for row in drawn}
    things = list(lots)
    for course in touched:
        mine = [one for one in course.batches if one.touched]
        things += [Thing("batch", one.id, one.number, course.order, one.state, course.hospital) for one in mine]
        of = {one.number: one.id for one in mine}
        for dose in course.doses:
            if dose.batch_number in of and (dose.in_dose or dose.state == "infused"):
                things.append(Thing("container", dose.id, dose.code, course.order, dose.state, course.hospital))
                pairs.add((f"batch:{of[dose.batch_number]}", f"container:{dose.id}"))
    return tuple(things), _edges(pairs)


def _genealogy_of_course(course: Course, touched: Touched) -> tuple[tuple[Thing, ...], tuple[Edge, ...]]:
    pairs = _lot_edges(one.id for one in course.lots)
    containers = tuple(one for one in course.containers if one.kind != "sample")
    known = {one.id for one in containers}
    for row in rows(_RECORDED_INTO, {"batches": [one.id for one in course.batches]}):
        into = row["container_id"] if row["container_id"] in known else None
        child = f"container:{into}" if into is not None else f"batch:{row['batch_id']}"
        pairs.add((f"lot:{row['lot_id']}", child))
    for row in rows(_PARENTAGE, {"coi": course.coi_id}):
        if row["parent_id"] in known and row["child_id"] in known:
            pairs.add((f"container:{row['parent_id']}", f"container:{row['child_id']}"))
    numbers = {one.number: one.id for one in touched.batches}
    for dose in touched.doses:
        if dose.batch_number in numbers:
            pairs.add((f"batch:{numbers[dose.batch_number]}", f"container:{dose.id}"))
    return (*course.lots, *course.batches, *containers), _edges(pairs)
