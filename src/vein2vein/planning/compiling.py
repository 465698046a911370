"""What is live, as the scheduling engine's problem: definitions, units, people, lots, bookings, every open course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from vein2vein.engines.definitions.model.process import Consume
from vein2vein.engines.definitions.values import Quantity
from vein2vein.engines.definitions.vocabulary import DoseBasis
from vein2vein.engines.scheduling import Batch, Draw, Limit, Lot, Operation, Placed, Recipe, SchedulingProblem
from vein2vein.materials.reads import Scarce, doses_of, list_held, list_scarce
from vein2vein.materials.rules import scarce
from vein2vein.network.reads import ReservationRow, get_site
from vein2vein.orders.rules import ordered_total
from vein2vein.planning import chains, history
from vein2vein.planning.bookable import Bookable, as_resources, bookable, close_for_bookings
from vein2vein.planning.chains import BED, SLOT, Chain
from vein2vein.planning.courses import (
    BEFORE_MANUFACTURE,
    Course,
    carriers,
    happened,
    open_courses,
    surroundings,
)
from vein2vein.planning.current import current_chains
from vein2vein.planning.frame import GRID_MIN, Frame
from vein2vein.planning.history import Standing
from vein2vein.planning.models import Promise
from vein2vein.planning.states import PromiseState

HORIZON = timedelta(weeks=16)
LONGEST_PAST = timedelta(weeks=12)
OFF_GRID_MIN = 2 * GRID_MIN
"""How far a booked slot may stand from its place in the plan and still be that: bookings need not keep the grid."""
LATE_WEIGHT = 4
"""What a minute after a promised end costs, where one of waiting costs one."""


@dataclass(frozen=True)
class Compiled:
    """The problem, the courses in it by their codes, and where each operation is placed so far."""

    plant: str
    frame: Frame
    now: datetime
    problem: SchedulingProblem
    courses: dict[str, Course]
    made: dict[str, Chain]
    bookable: Bookable
    before: tuple[Placed, ...]

    @property
    def order_ids(self) -> dict[str, str]:
        """Return the ids of the orders by their codes."""
        return {code: str(one.order.pk) for code, one in self.courses.items()}


def compile_plant(plant: str, now: datetime, extra: Iterable[Course] = ()) -> Compiled:
    """Return what a plant has before it as a problem to be planned, `extra` courses among its own."""
    courses = {one.order.code: one for one in [*open_courses(plant), *extra]}
    began = {code: happened(one) for code, one in courses.items()}
    earliest = min((each.started_at for told in began.values() for each in told), default=now)
    frame = Frame.around(max(min(earliest, now), now - LONGEST_PAST), get_site(plant).zone)
    latest = max((one.order.collection_planned_at for one in courses.values()), default=now)
    until = max(now, latest) + HORIZON
    found = bookable(plant, carriers(list(courses.values())), frame, now=now, until=until)
    stock = Stock(frame, now)
    made = {code: stock.chain_of(one, found) for code, one in courses.items()}
    standing = {
        code: history.standing(
            made[code],
            began[code],
            code=code,
            ready_at=one.order.collection_planned_at,
            now=now,
            frame=frame,
        )
        for code, one in courses.items()
    }
    expected = _expected(courses, standing, frame)
    close_for_bookings(found, frame, now=now, free=_movable(courses, found.standing), expected=expected)
    problem = _problem(courses, standing, found, stock, frame, now, until)
    before = _before(plant, problem, courses, made, found, frame)
    return Compiled(plant, frame, now, problem, courses, made, found, before)


Lots = dict[tuple[UUID, str, str], list[Scarce]]


class Stock:
    """The lots that courses take from, counted in batches: what is kept for an order is a lot of its own."""

    def __init__(self, frame: Frame, now: datetime, lots: Lots | None = None) -> None:
        self.frame, self.now = frame, now
        self.lots: dict[str, Lot] = {}
        self._lots: Lots = {} if lots is None else lots
        """The lots that a definition may take from in a market; kept by whoever gives them."""
        self._asked: set[tuple[UUID, str, str]] = set()

    def chain_of(self, course: Course, found: Bookable) -> Chain:
        """Return a course's chain, with what it takes from lots."""
        around = surroundings(course, found.kinds)
        return chains.chain_of(course.definition, course.order.starting_material, around, self.draws_of(course))

    def draws_of(self, course: Course) -> dict[str, tuple[Draw, ...]]:
        """Return what each operation of a course is to take from lots, where manufacture has not begun."""
        if course.order.state not in BEFORE_MANUFACTURE:
            return {}
        wanted = scarce(course.definition, course.order.starting_material)
        kept = {one.lot.material_code: one for one in list_held(course.holder)} if course.order.slot_id else {}
        draws: dict[str, tuple[Draw, ...]] = {}
        for material, steps in wanted.items():
            operation = _operation_of(course, steps[0])
            holding = kept.get(material)
            if holding is not None:
                name = f"{material} for {course.order.code}"
                self._add(f"{holding.lot.number} for {course.order.code}", name, 1, holding.lot.expires_at)
            else:
                name = f"{material} for {course.order.market}"
                if not self._count(course, name):
                    continue
            draws[operation] = (*draws.get(operation, ()), Draw(material=name))
        return draws

    def _count(self, course: Course, name: str) -> bool:
        """Count the lots of a market; say whether they bound anything."""
        order = course.order
        asked = (UUID(str(order.definition_id)), order.starting_material, order.market)
        if asked not in self._asked:
            self._asked.add(asked)
            total = ordered_total(DoseBasis(order.dose_basis), order.dose_amount, order.weight_kg)
            if asked not in self._lots:
                self._lots[asked] = list_scarce(
                    course.definition, order.starting_material, market=order.market, at=self.now
                )
            given = {"ordered_dose": Quantity(total, "cell"), "patient_weight": Quantity(order.weight_kg, "kg")}
            for one in doses_of(course.definition, order.starting_material, self._lots[asked], given=given):
                material = f"{one.material_code} for {order.market}"
                self._add(f"{one.number} for {order.market}", material, one.batches, one.expires_at)
        return any(one.material == name for one in self.lots.values())

    def _add(self, code: str, material: str, quantity: int, expires_at: datetime) -> None:
        self.lots[code] = Lot(code=code, material=material, quantity=quantity, expires_min=self.frame.floor(expires_at))


def _operation_of(course: Course, step: Consume) -> str:
    return next(one.id for one, each in course.definition.process.all_steps() if each.id == step.id)


def _movable(courses: Mapping[str, Course], standing: list[ReservationRow]) -> set[UUID]:
    """Return the bookings that a plan may move: slots before manufacture, beds before the infusion."""
    holders = {one.holder: one for one in courses.values()}
    found = set()
    for row in standing:
        course = holders.get(row.holder)
        if course is None or row.state != "held":
            continue
        state = course.order.state
        if (row.resource.kind == SLOT and state in BEFORE_MANUFACTURE) or (
            row.resource.kind == BED and state != "thawed"
        ):
            found.add(row.pk)
    return found


def _expected(courses: Mapping[str, Course], standing: Mapping[str, Standing], frame: Frame) -> dict[str, datetime]:
    """Return until when what goes on now will go on, by who holds its units."""
    found = {}
    for code, one in courses.items():
        fixed = standing[code].fixed
        if one.batch is None or not fixed:
            continue
        took = {each.operation: each.duration_min for each in standing[code].batch.took}
        lasts = {each.code: each.duration_min for each in standing[code].operations}
        last = fixed[-1]
        found[f"batch:{one.batch.pk}"] = frame.at(last.start_min + took.get(last.operation, lasts[last.operation]))
    return found


def _problem(
    courses: Mapping[str, Course],
    standing: Mapping[str, Standing],
    found: Bookable,
    stock: Stock,
    frame: Frame,
    now: datetime,
    until: datetime,
) -> SchedulingProblem:
    definitions = {
        (one.order.definition_id, one.order.starting_material): (one.definition, one.order.starting_material)
        for one in courses.values()
    }
    resources, calendars = as_resources(found, definitions.values())
    recipes: dict[tuple[tuple[Operation, ...], tuple[Limit, ...]], Recipe] = {}
    dues = _dues(courses, frame)
    batches = []
    for code, one in standing.items():
        told = (one.operations, one.limits)
        therapy = courses[code].order.therapy_code
        made = recipes.setdefault(
            told, Recipe(code=f"{therapy} {len(recipes) + 1}", operations=told[0], limits=told[1])
        )
        batches.append(_batch(one.batch, made, dues.get(code)))
    return SchedulingProblem(
        horizon_min=frame.ceil(until),
        calendars=calendars,
        resources=resources,
        recipes=tuple(recipes.values()),
        batches=tuple(batches),
        lots=tuple(stock.lots.values()),
        fixed=tuple(each for one in standing.values() for each in one.fixed),
        now_min=frame.ceil(now),
        frozen_until_min=frame.ceil(now),
    )


def _batch(batch: Batch, recipe: Recipe, due_min: int | None) -> Batch:
    made = replace(batch, recipe=recipe.code)
    if due_min is None:
        return made
    return replace(made, due_min=due_min + recipe.operations[-1].duration_min, late_weight=LATE_WEIGHT)


def _dues(courses: Mapping[str, Course], frame: Frame) -> dict[str, int]:
    """Return until when the infusion is to begin of those who were promised a date."""
    ids = {one.order.pk: code for code, one in courses.items()}
    rows = Promise.objects.filter(state=PromiseState.STANDING, order_id__in=list(ids))
    return {ids[one.order_id]: frame.ceil(one.infusion_at) for one in rows}


def _before(
    plant: str,
    problem: SchedulingProblem,
    courses: Mapping[str, Course],
    made: Mapping[str, Chain],
    found: Bookable,
    frame: Frame,
) -> tuple[Placed, ...]:
    """Return where everything is placed so far; the slot that is booked has the last word over plans and promises."""
    known = current_chains(plant, frame)
    gone = {(one.batch, one.operation) for one in problem.fixed}
    before = []
    for code, course in courses.items():
        placed = {one.operation: one for one in known.get(code, ())}
        first = made[code].making[0] if made[code].making else ""
        slot = course.order.slot
        if slot is not None and slot.state == "held" and (code, first) not in gone:
            booked = Placed(
                batch=code,
                operation=first,
                start_min=frame.floor(slot.during.lower),
                resources=tuple(found.code_of(slot.resource_id)),
            )
            there = placed.get(first)
            if (
                there is None
                or abs(there.start_min - booked.start_min) > OFF_GRID_MIN
                or not set(booked.resources) & set(there.resources)
            ):
                placed = {first: booked}
        # What was to have begun by now and has not stands nowhere any more.
        to_come = (one for name, one in placed.items() if (code, name) not in gone)
        before += [one for one in to_come if one.start_min >= problem.now_min]
    return (*problem.fixed, *before)
