"""What is free at a plant and around it, kept in memory: made once, then renewed by what the journal tells since.

It only finds: whoever books is held by the database's constraints, so that what is kept may be a moment old.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from vein2vein.engines.scheduling import Recipe, Resource
from vein2vein.engines.scheduling.availability import Able, Reservation, Steps, able_of, steps_of
from vein2vein.journal.reads import Seen, list_unseen, seen_now
from vein2vein.network.reads import ReservationRow, get_site, list_standing
from vein2vein.planning import chains
from vein2vein.planning.bookable import IN_USE_FOR, Bookable, as_resources, bookable
from vein2vein.planning.chains import Chain, Journey
from vein2vein.planning.compiling import Lots, Stock
from vein2vein.planning.courses import Course, carriers, surroundings
from vein2vein.planning.current import Taken, planned_taken, promised_taken, promises_named, standing_promises
from vein2vein.planning.frame import Frame

REACH = timedelta(weeks=30)
AGE = timedelta(hours=12)
"""How long it is renewed before it is made anew: trainings and roles begin and end without an entry."""
MADE = "network.ResourceReserved"
BOOKED = (
    MADE,
    "network.ReservationReleased",
    "network.ReservationUsed",
    "network.ResourceTaken",
    "network.ResourceGivenBack",
)
PROMISED = ("planning.DatePromised", "planning.PromiseEnded")
MATERIALS = "materials."
ANEW = (
    "planning.PlanAdopted",
    "planning.AbsenceRecorded",
    "planning.AbsenceWithdrawn",
    "planning.DateMoved",
    "network.SiteEntered",
    "network.EquipmentEntered",
    "network.ResourcesEntered",
    "network.LaneEntered",
    "network.EquipmentTakenOutOfService",
    "network.EquipmentReturnedToService",
    "people.AccountCreated",
    "people.AccountDeactivated",
    "people.RoleAssigned",
    "people.RoleRevoked",
    "people.TrainingRecorded",
    "people.RoleDelegated",
    "people.DelegationEnded",
)
"""What changes who and what can be planned at all."""
MOST_NEWS = 5_000


Promised = Mapping[str, tuple[datetime, list[Taken]]]
"""What promises occupy, with when they were given, by order."""


class Booked(NamedTuple):
    """A booking of the network that stands."""

    holder: str
    held: bool
    starts_at: datetime
    ends_at: datetime | None


@dataclass
class Ground:
    """All units of a plant and the sites around it with what is free of each, on the minutes of a frame."""

    found: Bookable
    frame: Frame
    made_at: datetime
    now: datetime
    until_min: int
    plan_made_at: datetime | None
    planned: dict[str, list[Taken]]
    booked: dict[UUID, dict[UUID, Booked]] = field(default_factory=lambda: defaultdict(dict))
    codes: dict[UUID, list[str]] = field(default_factory=lambda: defaultdict(list))
    resources: dict[str, Resource] = field(default_factory=dict)
    steps: dict[str, Steps] = field(default_factory=dict)
    asked: dict[Any, tuple[Chain, Recipe, tuple[Resource, ...], Able]] = field(default_factory=dict)
    """What was compiled of a therapy on a way, by what it follows from."""

    def __post_init__(self) -> None:
        """Count every unit."""
        resources, calendars = as_resources(self.found, [])
        self.resources = {one.code: one for one in resources}
        self._calendars = {one.code: one for one in calendars}
        self._by_unit: dict[str, dict[str, list[Reservation]]] = defaultdict(lambda: defaultdict(list))
        self._units_of: dict[str, set[str]] = {}
        """The units that an order occupies."""
        self._holders: dict[str, set[UUID]] = defaultdict(set)
        """The resources that a holder has, or had, booked."""
        for unit in self.found.units.values():
            self.codes[unit.booked_as].append(unit.code)
        for row in self.found.standing:
            self._note(row.resource_id, row.pk, _booked(row))
        promised = promised_taken(standing_promises())
        for order in {*self.planned, *promised}:
            self._place(order, self._taken(order, promised))
        for code in self.resources:
            self.count(code)

    def _taken(self, order: str, promised: Promised) -> list[Taken]:
        """Return what an order occupies: by its promise, or by the plan in force where that is newer."""
        if order not in promised:
            return self.planned.get(order, [])
        given_at, taken = promised[order]
        planned = order in self.planned and self.plan_made_at is not None and given_at <= self.plan_made_at
        return self.planned[order] if planned else taken

    def _note(self, resource_id: UUID, key: UUID, one: Booked) -> None:
        self.booked[resource_id][key] = one
        self._holders[one.holder].add(resource_id)

    def _place(self, order: str, taken: Iterable[Taken]) -> set[str]:
        units = set()
        for one in taken:
            first, last = self.frame.floor(one.starts_at), self.frame.ceil(one.ends_at)
            if one.unit in self.resources and last > 0:
                self._by_unit[one.unit][order].append(Reservation(one.unit, first, last, one.units))
                units.add(one.unit)
        self._units_of[order] = units
        return units

    def _held(self, code: str, without: str) -> list[Reservation]:
        """Return what bookings keep of a unit; all of it, however much there is."""
        unit = self.found.units[code]
        if unit.kind == chains.COURIER:
            return []
        return [
            self._span(code, one)
            for one in self.booked[unit.booked_as].values()
            if not (one.held and one.holder == without)
        ]

    def _span(self, code: str, one: Booked) -> Reservation:
        ends = one.ends_at or self.now + IN_USE_FOR
        first, last = self.frame.floor(max(one.starts_at, self.now)), self.frame.ceil(ends)
        return Reservation(code, first, last, self.resources[code].capacity)

    def counted(self, code: str, *, order: str = "", holder: str = "") -> Steps:
        """Return what is free of a unit, what an order has of it itself left out."""
        taken = self._held(code, holder)
        for whose, spans in self._by_unit[code].items():
            if whose != order:
                taken += spans
        resource = self.resources[code]
        return steps_of(resource, self._calendars[resource.calendar], self.until_min, taken)

    def count(self, code: str) -> None:
        """Count a unit anew."""
        self.steps[code] = self.counted(code)

    def at(self, now: datetime) -> None:
        """Move on to a time: what is in use stays so for a while longer."""
        moved = self.frame.floor(now) != self.frame.floor(self.now)
        self.now = now
        if moved:
            for resource_id, rows in self.booked.items():
                if any(one.ends_at is None for one in rows.values()):
                    for code in self.codes[resource_id]:
                        self.count(code)

    def reserve(self, resource_id: UUID, key: UUID, one: Booked) -> None:
        """Take over a reservation that was made."""
        if key in self.booked[resource_id]:
            return
        self._note(resource_id, key, one)
        for code in self.codes.get(resource_id, ()):
            if self.found.units[code].kind != chains.COURIER:
                span = self._span(code, one)
                self.steps[code] = self.steps[code].less(span.from_min, span.to_min, span.units)

    def rebook(self, touched: set[UUID]) -> None:
        """Read anew which bookings of some resources stand."""
        for one in touched:
            self.booked[one] = {}
        for row in list_standing(touched, self.now, self.frame.at(self.until_min)):
            self._note(row.resource_id, row.pk, _booked(row))
        for one in touched:
            for code in self.codes[one]:
                self.count(code)

    def retake(self, orders: Iterable[str], promised: Promised) -> None:
        """Take over what some orders occupy now."""
        for order in orders:
            freed = self._units_of.pop(order, set())
            for code in freed:
                del self._by_unit[code][order]
            placed = self._place(order, self._taken(order, promised))
            for code in freed:
                self.count(code)
            for code in placed - freed:
                for span in self._by_unit[code][order]:
                    self.steps[code] = self.steps[code].less(span.from_min, span.to_min, span.units)

    def free_for(self, order: str, holder: str) -> dict[str, Steps]:
        """Return what is free for an order: what it has itself counts as free."""
        found = dict(self.steps)
        own = set(self._units_of.get(order, ()))
        for resource_id in self._holders.get(holder, ()):
            own |= set(self.codes.get(resource_id, ()))
        for code in own:
            found[code] = self.counted(code, order=order, holder=holder)
        return found

    def compiled(self, course: Course, stock: Stock) -> tuple[Chain, Recipe, tuple[Resource, ...], Able]:
        """Return a course's chain as a recipe, the units with what they are able to do, and who can serve which use."""
        order = course.order
        draws = stock.draws_of(course)
        key = (order.definition_id, order.starting_material, order.hospital.code, order.market, tuple(draws.items()))
        found = self.asked.get(key)
        if found is None:
            around = surroundings(course, self.found.kinds)
            chain = chains.chain_of(course.definition, order.starting_material, around, draws)
            recipe = Recipe(code=order.therapy_code, operations=chain.operations, limits=chain.limits)
            resources, _ = as_resources(self.found, [(course.definition, order.starting_material)])
            found = self.asked[key] = (chain, recipe, resources, able_of(resources, [recipe]))
        return found


def _booked(row: ReservationRow) -> Booked:
    return Booked(row.holder, row.state == "held", row.during.lower, row.during.upper)


def _told(data: Mapping[str, Any]) -> Booked:
    first, last = (datetime.fromisoformat(data[one]) for one in ("starts_at", "ends_at"))
    return Booked(data["holder"], held=True, starts_at=first, ends_at=last)


class Kept:
    """What one database has free, of every plant with the sites around it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.seen: Seen | None = None
        self.ways: dict[tuple[str, str, str], Journey] = {}
        self.sites: dict[Any, frozenset[str]] = {}
        self.lots: Lots = {}
        self.grounds: dict[tuple[str, frozenset[str]], Ground] = {}

    def _forget(self) -> None:
        self.ways, self.sites, self.lots, self.grounds = {}, {}, {}, {}

    def renew(self) -> None:
        """Take over what was committed since it was last looked at."""
        told = None if self.seen is None else list_unseen(self.seen, (*BOOKED, *PROMISED))
        if told is None or len(told[1]) > MOST_NEWS or any(fact in ANEW for fact, _ in told[1]):
            self._forget()
            self.seen = seen_now() if told is None else told[0]
            return
        self.seen, news = told
        if any(fact.startswith(MATERIALS) for fact, _ in news):
            self.lots = {}
        made = {UUID(data["reservation_id"]): data for fact, data in news if fact == MADE}
        others = {UUID(data["resource_id"]) for fact, data in news if fact in BOOKED and fact != MADE}
        promises = promises_named({UUID(data["promise_id"]) for fact, data in news if fact in PROMISED})
        promised = promised_taken(promises)
        for ground in self.grounds.values():
            for key, data in made.items():
                unit = UUID(data["resource_id"])
                if unit not in others and unit in ground.codes:
                    ground.reserve(unit, key, _told(data))
            if mine := others & ground.codes.keys():
                ground.rebook(mine)
            ground.retake({one.order.code for one in promises}, promised)

    def ground(self, course: Course, now: datetime, until: datetime) -> Ground:
        """Return the ground of a course, reaching at least until a time."""
        order, plant = course.order, course.plant
        way = (order.definition_id, order.starting_material, order.hospital.code, plant)
        if way not in self.sites:
            self.sites[way] = frozenset(carriers([course]))
        key = (plant, self.sites[way])
        found = self.grounds.get(key)
        if found is None or not timedelta(0) <= now - found.made_at <= AGE or found.frame.at(found.until_min) < until:
            found = self.grounds[key] = _ground(plant, key[1], now, max(until, now + REACH))
        found.at(now)
        return found


def _ground(plant: str, sites: frozenset[str], now: datetime, until: datetime) -> Ground:
    frame = Frame.around(now, get_site(plant).zone)
    found = bookable(plant, sites, frame, now=now, until=until)
    return Ground(found, frame, now, now, frame.ceil(until), *planned_taken(plant))


_kept: dict[str, Kept] = {}


def kept() -> Kept:
    """Return what is kept of the database that is used now."""
    return _kept.setdefault(str(connection.settings_dict["NAME"]), Kept())
