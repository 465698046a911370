"""What is there to plan with: units and people of the plant, its hospitals and carriers, and when they are free."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from vein2vein.core.actor import Role
from vein2vein.core.ids import SiteId
from vein2vein.engines.definitions import Definition
from vein2vein.engines.scheduling import Calendar, Resource
from vein2vein.network.reads import ReservationRow, get_site, list_standing, list_units_of_site
from vein2vein.network.rules import PERSON
from vein2vein.people.reads import StaffMember, list_staff
from vein2vein.planning import allowances, chains
from vein2vein.planning.frame import Frame
from vein2vein.planning.models import Absence

STAFF = (Role.OPERATOR, Role.QC_ANALYST, Role.QA_REVIEWER, Role.QUALIFIED_PERSON)
"""The roles whose people are planned; the others see to what is put before them."""
IN_USE_FOR = timedelta(hours=4)
"""How long what is in use is taken to stay so, where nobody knows better."""
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that can be planned: its code in the plan, what it is, and the resource that is booked for it."""

    code: str
    kind: str
    site: str
    booked_as: UUID
    staff: StaffMember | None = None
    out_of_service: bool = False
    capacity: int = 1


@dataclass
class Bookable:
    """All units by code, and what keeps them; `closed` grows by bookings, absences and repairs."""

    plant: str
    units: dict[str, Unit]
    standing: list[ReservationRow]
    closed: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))

    @property
    def kinds(self) -> dict[str, frozenset[str]]:
        """Return which kinds of units each site has."""
        found: dict[str, set[str]] = defaultdict(set)
        for one in self.units.values():
            found[one.site].add(one.kind)
        return {site: frozenset(kinds) for site, kinds in found.items()}

    def code_of(self, resource_id: UUID) -> list[str]:
        """Return the codes under which a booked resource is planned."""
        return [one.code for one in self.units.values() if one.booked_as == resource_id]


def bookable(plant: str, sites: Iterable[str], frame: Frame, *, now: datetime, until: datetime) -> Bookable:
    """Return what can be planned with at a plant and some hospitals and carriers, with the bookings that stand."""
    rows = [(site, row) for site in sorted({plant, *sites}) for row in list_units_of_site(site)]
    twice = {code for code, times in Counter(row.code for _, row in rows).items() if times > 1}
    units = {}
    couriers = Counter(site for site, row in rows if row.kind == chains.COURIER)
    for site, row in rows:
        if row.kind == PERSON:
            continue
        if row.kind == chains.COURIER:
            # Couriers are booked with their shipment, whichever is free: a plan counts them.
            units[site] = Unit(site, row.kind, site, row.pk, capacity=couriers[site])
            continue
        kind = row.kind if row.equipment is None else row.equipment.equipment_class
        code = f"{site} {row.code}" if row.code in twice else row.code
        idle = row.equipment is not None and row.equipment.state == "out_of_service"
        units[code] = Unit(code, kind, site, row.pk, out_of_service=idle)
    for member in list_staff(SiteId(get_site(plant).pk)):
        planned = [role for role in STAFF if role in member.roles]
        for role in planned:
            code = member.username if len(planned) == 1 else f"{member.username} ({role.value})"
            units[code] = Unit(code, role.value, plant, member.id, staff=member)
    ids = {one.booked_as for one in units.values()}
    found = Bookable(plant, units, list_standing(ids, now, until))
    last = frame.ceil(until)
    for one in units.values():
        if one.out_of_service:
            found.closed[one.code].append((frame.floor(now), last))
    for absence in Absence.objects.filter(ends_at__gt=now, withdrawn_at__isnull=True):
        if absence.unit in units:
            found.closed[absence.unit].append((frame.floor(absence.starts_at), frame.ceil(absence.ends_at)))
    return found


def close_for_bookings(
    found: Bookable, frame: Frame, *, now: datetime, free: set[UUID], expected: Mapping[str, datetime]
) -> None:
    """Close units for every booking but the `free` ones; `expected` is when a holder's use will end."""
    codes = defaultdict(list)
    for unit in found.units.values():
        codes[unit.booked_as].append(unit.code)
    for one in found.standing:
        if one.pk in free or one.resource.kind == chains.COURIER:
            continue
        ends = one.during.upper or max(expected.get(one.holder, now + IN_USE_FOR), now + timedelta(minutes=15))
        span = (frame.floor(max(one.during.lower, now)), frame.ceil(ends))
        for code in codes[one.resource_id]:
            found.closed[code].append(span)


def as_resources(
    found: Bookable, trained_for: Iterable[tuple[Definition, str]]
) -> tuple[tuple[Resource, ...], tuple[Calendar, ...]]:
    """Return the units as the engine's resources, with one calendar for all that are open at the same times."""
    asked = [
        (chains.trained(definition.therapy.id, operation), role, trainings)
        for definition, alternative in trained_for
        for operation, role, trainings in chains.trainings_of(definition, alternative)
    ]
    calendars: dict[tuple[tuple[Span, ...], tuple[Span, ...]], str] = {}
    resources = []
    for unit in found.units.values():
        weekly = allowances.WEEKLY.get(unit.kind, allowances.ALWAYS)
        when = (weekly, tuple(sorted(set(found.closed[unit.code]))))
        calendar = calendars.setdefault(when, f"calendar {len(calendars) + 1}")
        able = [chains.place(unit.site)]
        if unit.staff is not None:
            able += sorted(
                {name for name, role, wanted in asked if role == unit.kind and wanted <= unit.staff.trainings}
            )
        resources.append(
            Resource(
                code=unit.code,
                kind=unit.kind,
                calendar=calendar,
                capacity=unit.capacity,
                qualifications=tuple(able),
                cents_per_hour=allowances.CENTS_PER_HOUR.get(unit.kind, 0),
            )
        )
    made = tuple(Calendar(code=code, weekly=weekly, closed=closed) for (weekly, closed), code in calendars.items())
    return tuple(resources), made


def unit_codes(plant: str) -> tuple[set[str], set[str]]:
    """Return the user names of a plant's planned people, and the codes of its units."""
    staff = {one.username for one in list_staff(SiteId(get_site(plant).pk)) if one.roles & set(STAFF)}
    return staff, {one.code for one in list_units_of_site(plant) if one.kind != PERSON}
