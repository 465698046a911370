"""The open and the past courses of a base, read from orders and journal, as stories that the twin learns from."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from vein2vein import journal
from vein2vein.engines.definitions import Definition
from vein2vein.engines.twin.learning import Observation
from vein2vein.engines.twin.model import Delay, Model, Operation, Together
from vein2vein.engines.twin.presence import Present, Thread
from vein2vein.forecasting.modelling import YEAR, Base, Kind
from vein2vein.forecasting.passages import FACTS, Event, Story, Subject, told
from vein2vein.journal.reads import list_facts
from vein2vein.orders import reads as orders
from vein2vein.orders.states import ENDED
from vein2vein.therapies import reads as therapies
from vein2vein.therapies import routes

CUSTOMS_H = 4.8
"""The mean of the customs' log-normal duration, which a journey across a border has besides the lane's own."""
_COLUMNS = (
    "id", "code", "coi_id", "state", "therapy_code", "indication_code", "hospital__code", "starting_material",
    "drafted_at", "collection_planned_at", "definition_id", "market", "manufacturing_site__market__code",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Course:
    """An order and its story."""

    order_id: UUID
    story: Story


def gather(base: Base, at: datetime) -> list[Course]:
    """Return the courses that are open at a time or were ordered in the year before, oldest order first."""
    by = journal.system("twin")
    demands = {one.name: one for one in base.model.demand}
    rows = [
        dict(zip(_COLUMNS, row, strict=True))
        for row in orders.orders_seen(by)
        .filter(drafted_at__lte=at, drafted_at__gt=at - 2 * YEAR)
        .order_by("drafted_at", "id")
        .values_list(*_COLUMNS)
    ]
    recent = [row for row in rows if row["drafted_at"] > at - YEAR or row["state"] not in ENDED]
    events = _events(recent, at)
    found = []
    for row in recent:
        kind = Kind(
            therapy=row["therapy_code"],
            indication=row["indication_code"],
            hospital=row["hospital__code"],
            alternative=row["starting_material"],
        )
        demand = demands.get(kind.name)
        if demand is not None:
            definition = therapies.get_definition(row["definition_id"])
            row["collection_planned_at"] = _first_planned(row, events[row["id"]])
            subject = _subject(row, kind.name, definition, dict(demand.instead))
            found.append(Course(row["id"], told(subject, events[row["id"]])))
    return found


def _first_planned(row: dict[str, Any], events: list[Event]) -> datetime:
    """Return for when the collection was planned first: what has moved it since is told by the events."""
    moved = next((one for one in events if one.fact == "orders.CollectionRescheduled"), None)
    planned: datetime = row["collection_planned_at"]
    return planned if moved is None else datetime.fromisoformat(str(moved.data["was_at"]))


def _events(rows: list[dict[str, Any]], at: datetime) -> dict[UUID, list[Event]]:
    streams = {f"order:{row['id']}": row["id"] for row in rows}
    streams |= {f"coi:{row['coi_id']}": row["id"] for row in rows if row["coi_id"] is not None}
    found: dict[UUID, list[Event]] = defaultdict(list)
    for entry in list_facts(FACTS, list(streams)):
        if entry.performed_at <= at:
            found[streams[entry.stream]].append(Event(entry.fact, entry.performed_at, entry.data))
    return found


def _subject(row: dict[str, Any], demand: str, definition: Definition, instead: dict[str, str]) -> Subject:
    alternative = row["starting_material"]
    operations = tuple(one.id for one, _ in definition.process.for_alternative(alternative))
    therapy = definition.therapy.id
    tests = {group: frozenset(one.id for one in tests) for group, tests in routes.grouped_tests(definition).items()}
    own = {name: f"{therapy}/{name}" for name in (*operations, *tests, "review", "lymphodepletion")}
    crosses = row["manufacturing_site__market__code"] not in {None, row["market"]}
    return Subject(
        name=row["code"],
        demand=demand,
        ordered_at=row["drafted_at"],
        planned_at=row["collection_planned_at"],
        operations=operations,
        tests=tests,
        figures=own | instead,
        customs_h=CUSTOMS_H if crosses else 0.0,
    )


def observations(courses: list[Course], base: Base, at: datetime) -> list[Observation]:
    """Return what the courses showed of every figure that the model has and nobody set."""
    figures = base.model.figures
    return [
        one
        for course in courses
        for one in course.story.observations(at)
        if one.figure in figures and one.figure not in base.kept
    ]


def present(courses: list[Course], base: Base, at: datetime) -> tuple[Present, dict[str, UUID]]:
    """Return where the open courses stand, and the order of each by its name; those that stand nowhere are left out."""
    known = {one.name: _durations(base.model, one.route) for one in base.model.demand}
    threads: list[Thread] = []
    order_of: dict[str, UUID] = {}
    for course in courses:
        thread = course.story.thread()
        if thread is not None and all(place.operation in known[thread.demand] for place in thread.at):
            threads.append(thread)
            order_of[thread.name] = course.order_id
    on_hand = {one.name: one.deliveries[0].amount for one in base.model.stocks}
    return Present(as_of=at, threads=tuple(threads), on_hand=on_hand), order_of


def _durations(model: Model, route: str) -> set[str]:
    (found,) = (one for one in model.routes if one.name == route)
    return set(_delays(found.operations))


def _delays(operations: tuple[Operation, ...]) -> set[str]:
    names = {one.name for one in operations if isinstance(one, Delay)}
    for one in operations:
        if isinstance(one, Together):
            names = names.union(*(_delays(branch) for branch in one.branches))
    return names
