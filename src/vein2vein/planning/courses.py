"""The live courses that are planned: what happened to each, and where it happens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from vein2vein import journal
from vein2vein.core.ids import SiteId
from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.engines.definitions import Definition
from vein2vein.logistics.reads import shipments_seen
from vein2vein.logistics.rules import temperature_class_of
from vein2vein.manufacturing.reads import batches_seen
from vein2vein.network.reads import find_lane, get_site
from vein2vein.network.states import TemperatureClass
from vein2vein.orders.reads import OrderRow, orders_seen
from vein2vein.orders.states import STOPPABLE, OrderState
from vein2vein.planning import chains
from vein2vein.planning.chains import Journey, Surroundings
from vein2vein.planning.history import Begun
from vein2vein.therapies.reads import get_definition

PLANT = "CN-LG"
"""The plant that an order is planned at before it is accepted."""
_S = OrderState
PLANNED = (_S.SUBMITTED, _S.ACCEPTED, *STOPPABLE)
"""A course that stands still waits for its physician, not for a place."""
BEFORE_MANUFACTURE = (_S.DRAFTED, *PLANNED[: PLANNED.index(_S.IN_MANUFACTURE)])
_RANK = {state: rank for rank, state in enumerate(PLANNED)}


@dataclass
class Course:
    """An open order with its definition, its batch and shipments where there are any."""

    order: OrderRow
    definition: Definition
    batch: Any = None
    shipments: dict[str, Any] = field(default_factory=dict)
    expected: dict[str, datetime] = field(default_factory=dict)
    ways: dict[tuple[str, str, str], Journey] = field(default_factory=dict)
    """The ways between two sites at a temperature, asked once for all courses."""

    @property
    def holder(self) -> str:
        """Return the name under which the order books."""
        return f"order:{self.order.pk}"

    @property
    def plant(self) -> str:
        """Return the code of the plant that makes it."""
        site = self.order.manufacturing_site
        return PLANT if site is None else str(site.code)


def open_courses(plant: str) -> list[Course]:
    """Return the courses that a plant has before it, oldest order first."""
    by = journal.system("planning")
    rows = orders_seen(by).filter(state__in=PLANNED).prefetch_related("collections__container")
    ways: dict[tuple[str, str, str], Journey] = {}
    courses = {one.pk: Course(one, get_definition(one.definition_id), ways=ways) for one in rows}
    courses = {pk: one for pk, one in courses.items() if one.plant == plant}
    told_of(courses)
    return list(courses.values())


def told_of(courses: dict[UUID, Course]) -> None:
    """Add batches, and shipments with what is expected of them, to courses by the id of their order."""
    by = journal.system("planning")
    batches = batches_seen(by).filter(order_id__in=list(courses)).exclude(state="terminated")
    for batch in batches.prefetch_related("operations"):
        courses[batch.order_id].batch = batch
    shipments = shipments_seen(by).filter(order_id__in=list(courses), departed_at__isnull=False)
    for one in shipments.exclude(state__in=("cancelled", "rejected", "lost")).prefetch_related("incidents"):
        course = courses[one.order_id]
        course.shipments[one.kind] = one
        for told in sorted(one.incidents.all(), key=lambda each: each.reported_at):
            if told.expected_at is not None:
                course.expected[one.kind] = told.expected_at


def carriers(courses: list[Course]) -> set[str]:
    """Return the hospitals and carriers that courses need."""
    found = set()
    for one in courses:
        inward, outward = journeys(one)
        found |= {one.order.hospital.code, inward.carrier, outward.carrier}
    return found - {""}


def journeys(course: Course) -> tuple[Journey, Journey]:
    """Return the ways of a course's cells to the plant and of its product back, by the quickest lane of each."""
    supply, order = course.definition.supply, course.order
    rule = supply.starting_material(order.starting_material)
    conditions = ("" if rule is None else rule.condition, supply.product_shipment.condition)
    ends = (order.hospital.code, course.plant)
    ways = []
    for condition, (origin, destination) in zip(conditions, (ends, ends[::-1]), strict=True):
        kept = supply.condition(condition)
        warmest = None if kept is None else kept.temperature.high
        cold = temperature_class_of(None if warmest is None else warmest.to("degC").magnitude)
        asked = (origin, destination, cold)
        if asked not in course.ways:
            course.ways[asked] = _way(*asked)
        ways.append(course.ways[asked])
    return ways[0], ways[1]


def _way(origin: str, destination: str, cold: str) -> Journey:
    lane = find_lane(
        origin_id=SiteId(get_site(origin).pk),
        destination_id=SiteId(get_site(destination).pk),
        temperature_class=TemperatureClass(cold),
    )
    if lane is None:
        raise Refused(
            Blocker(
                "planning.no_lane",
                N_("The network has no %(cold)s lane from %(origin)s to %(destination)s"),
                "lane",
                f"{origin} – {destination}",
                N_("Have a lane qualified between these two sites"),
                {"cold": cold, "origin": origin, "destination": destination},
            )
        )
    return Journey(carrier=lane.carrier.code, typical=timedelta(hours=float(lane.typical_hours)))


def surroundings(course: Course, units: dict[str, frozenset[str]]) -> Surroundings:
    """Return what there is around a course."""
    inward, outward = journeys(course)
    order = course.order
    return Surroundings(
        plant=course.plant,
        hospital=order.hospital.code,
        market=order.market,
        inward=inward,
        outward=outward,
        units=units,
    )


def happened(course: Course) -> list[Begun]:
    """Return which operations of a course began, and when."""
    return list(_happened(course))


def _happened(course: Course) -> Iterator[Begun]:
    order, rank = course.order, _RANK.get(OrderState(course.order.state), -1)
    collections = sorted(order.collections.all(), key=lambda one: one.ordinal)
    if rank >= _RANK[_S.COLLECTING] and collections:
        last = collections[-1]
        yield Begun(chains.COLLECTION, last.started_at, last.ended_at or last.failed_at)
    if rank >= _RANK[_S.IN_TRANSIT]:
        yield from _travelled(course, chains.TRANSPORT_IN, "starting_material", over=rank >= _RANK[_S.RECEIVED])
    if rank >= _RANK[_S.IN_MANUFACTURE] and course.batch is not None:
        yield from _made(course)
    if rank >= _RANK[_S.MANUFACTURED] and course.batch is not None:
        yield from _released(course)
    if rank >= _RANK[_S.DISPATCHED]:
        yield from _travelled(course, chains.TRANSPORT_OUT, "product", over=rank >= _RANK[_S.AT_SITE])
    if rank >= _RANK[_S.THAWED]:
        thawed = [one.thawed_at for one in order.dose_bags if one.thawed_at is not None]
        if thawed:
            yield Begun(chains.INFUSION, min(thawed))


def _travelled(course: Course, code: str, kind: str, *, over: bool) -> Iterator[Begun]:
    one = course.shipments.get(kind)
    if one is not None:
        ended = (one.received_at or one.delivered_at) if over else None
        yield Begun(code, one.departed_at, ended, None if over else course.expected.get(kind))


def _made(course: Course) -> Iterator[Begun]:
    for one in sorted(course.batch.operations.all(), key=lambda each: each.ordinal):
        if one.started_at is None:
            return
        yield Begun(one.code, one.started_at, one.ended_at)


def _released(course: Course) -> Iterator[Begun]:
    made, released = course.batch.completed_at, course.order.released_at
    if made is None:
        return
    if released is None:
        yield Begun(chains.RELEASE_TESTS, made)
        return
    reviewed = min(course.batch.reviewed_at or released, released)
    yield Begun(chains.RELEASE_TESTS, made, reviewed)
    yield Begun(chains.REVIEW, reviewed, released)
    yield Begun(chains.RELEASE, released, released)


def by_holder(courses: list[Course]) -> dict[str, list[Course]]:
    """Return courses by the names under which they book: order, batch, shipments."""
    found: dict[str, list[Course]] = defaultdict(list)
    for one in courses:
        found[one.holder].append(one)
        if one.batch is not None:
            found[f"batch:{one.batch.pk}"].append(one)
    return dict(found)
