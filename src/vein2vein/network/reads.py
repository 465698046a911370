"""Reading the network: get_ (one, or `NotFound`), find_ (maybe none), list_."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Func, QuerySet, Value

from vein2vein.core.actor import Actor
from vein2vein.core.ids import AuthorisationId, EquipmentId, ReservationId, SiteId
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.doors.preparing import Prepared
from vein2vein.doors.reading import page, read
from vein2vein.network.models import Authorisation, Equipment, Lane, Market, Reservation, Resource, Room, Site
from vein2vein.network.rules import PERSON, Booking, EquipmentView, Span
from vein2vein.network.states import ReservationState, Route, SiteKind, TemperatureClass

FOR_EVER = datetime.max.replace(tzinfo=UTC)
"""The end of a span that has none yet."""
ReservationRow = Reservation
SiteRow = Site
EquipmentRow = Equipment
AuthorisationRow = Authorisation
"""A reservation, as contexts above name it; they import no models."""


def _missing(what: str, field: str, value: object) -> NotFound:
    return NotFound(
        Blocker(
            code="network.not_found",
            message=N_("The network has no such %(what)s: %(value)s"),
            field=field,
            value=str(value)[:80],
            mend=N_("Check the code, or scan it"),
            params={"what": what, "value": str(value)[:80]},
        )
    )


_SITE = Prepared(lambda code: Site.objects.select_related("market").filter(code=code), str)


def find_site(code: str) -> Site | None:
    """Return the site of that code, with its market, or None."""
    return _SITE.first(code)


def find_site_by_gln(gln: str) -> Site | None:
    """Return the site with that GS1 location number, with its market, or None."""
    return None if not gln else Site.objects.select_related("market").filter(gln=gln).first()


def get_site(code: str) -> Site:
    """Return the site of that code, with its market, or raise `NotFound`."""
    found = find_site(code)
    if found is None:
        raise _missing("site", "site", code)
    return found


def get_site_by_id(site_id: SiteId) -> Site:
    """Return the site of that id, with its market, or raise `NotFound`."""
    found = Site.objects.select_related("market").filter(pk=site_id).first()
    if found is None:
        raise _missing("site", "site_id", site_id)
    return found


def get_market(code: str) -> Market:
    """Return the market of that code, or raise `NotFound`."""
    found = Market.objects.filter(code=code).first()
    if found is None:
        raise _missing("market", "market", code)
    return found


def get_room(site_code: str, code: str) -> Room:
    """Return a room of a site, or raise `NotFound`."""
    found = Room.objects.select_related("site").filter(site__code=site_code, code=code).first()
    if found is None:
        raise _missing("room", "room", code)
    return found


def list_rooms(site_code: str) -> list[Room]:
    """Return a site's rooms by code."""
    return list(Room.objects.filter(site__code=site_code).order_by("code"))


def _equipment() -> QuerySet[Equipment]:
    return Equipment.objects.select_related("site", "room")


_EQUIPMENT_BY_CODE = Prepared(lambda code: _equipment().filter(code=code), str)
_EQUIPMENT_BY_ID = Prepared(lambda equipment_id: _equipment().filter(pk=equipment_id), UUID)


def find_equipment(code: str) -> Equipment | None:
    """Return the equipment of that code, with site and room, or None."""
    return _EQUIPMENT_BY_CODE.first(code)


def get_equipment(code: str) -> Equipment:
    """Return the equipment of that code, with site and room, or raise `NotFound`."""
    found = find_equipment(code)
    if found is None:
        raise _missing("equipment", "equipment", code)
    return found


def get_equipment_by_id(equipment_id: EquipmentId) -> Equipment:
    """Return the equipment of that id, with site and room, or raise `NotFound`."""
    found = _EQUIPMENT_BY_ID.first(equipment_id)
    if found is None:
        raise _missing("equipment", "equipment_id", equipment_id)
    return found


def view_equipment(equipment: Equipment) -> EquipmentView:
    """Return what the rules need to know of a piece of equipment."""
    return EquipmentView(
        equipment.code,
        equipment.equipment_class,
        equipment.state,
        equipment.calibration_due_on,
        equipment.requalification_due_on,
        equipment.hold_time_h,
    )


def list_equipment_of_class(equipment_class: str, site_id: SiteId | None = None) -> list[Equipment]:
    """Return all equipment of a class, at one site or everywhere, by code."""
    found = Equipment.objects.filter(equipment_class=equipment_class).order_by("code")
    return list(found if site_id is None else found.filter(site_id=site_id))


def list_equipment_due(before: date) -> list[Equipment]:
    """Return the equipment whose calibration or requalification is due before a day, by code."""
    due = models.Q(calibration_due_on__lt=before) | models.Q(requalification_due_on__lt=before)
    return list(Equipment.objects.filter(due).order_by("code"))


def find_authorisation(
    *, therapy_code: str, market: str, indication_code: str, route: str, on: date
) -> Authorisation | None:
    """Return the authorisation in force on a day for exactly this route, with market and holder, or None."""
    return (
        Authorisation.objects.select_related("market", "holder")
        .exclude(route=Route.NONE)
        .filter(
            models.Q(valid_to_on__isnull=True) | models.Q(valid_to_on__gte=on),
            therapy_code=therapy_code,
            market__code=market,
            indication_code=indication_code,
            route=route,
            valid_from_on__lte=on,
        )
        .first()
    )


def list_resources(kind: str, site: str) -> list[Resource]:
    """Return the units of a kind at the site of code `site`, in the order in which they are reserved."""
    return list(Resource.objects.filter(kind=kind, site__code=site).order_by("code"))


def list_units_of_site(site: str) -> list[Resource]:
    """Return every unit of the site of code `site`, with the equipment that it is, in the order of reservation."""
    rows = Resource.objects.select_related("equipment").filter(site__code=site)
    return list(rows.order_by("kind", "code"))


def list_sites_of_kind(kind: SiteKind) -> list[Site]:
    """Return the sites of a kind with their markets, by code."""
    return list(Site.objects.select_related("market").filter(kind=kind).order_by("code"))


def list_authorised(on: date) -> list[Authorisation]:
    """Return the authorisations in force on a day by which patients may be treated, with their markets."""
    rows = Authorisation.objects.select_related("market").exclude(route=Route.NONE).filter(valid_from_on__lte=on)
    in_force = rows.filter(models.Q(valid_to_on__isnull=True) | models.Q(valid_to_on__gte=on))
    return list(in_force.order_by("therapy_code", "market__code", "indication_code", "route"))


def find_lane(*, origin_id: SiteId, destination_id: SiteId, temperature_class: TemperatureClass) -> Lane | None:
    """Return the quickest lane between two sites at a temperature, with its carrier, or None."""
    return (
        Lane.objects.select_related("carrier", "origin", "destination")
        .filter(origin_id=origin_id, destination_id=destination_id, temperature_class=temperature_class)
        .order_by("longest_hours", "code")
        .first()
    )


def get_lane(code: str) -> Lane:
    """Return the lane of that code, with carrier and both ends, or raise `NotFound`."""
    found = Lane.objects.select_related("carrier", "origin", "destination").filter(code=code).first()
    if found is None:
        raise _missing("lane", "lane", code)
    return found


def get_reservation(reservation_id: ReservationId) -> Reservation:
    """Return a reservation with its resource, or raise `NotFound`."""
    found = _RESERVATION.first(reservation_id)
    if found is None:
        raise _missing("reservation", "reservation_id", reservation_id)
    return found


def list_reservations_of(holder: str) -> list[Reservation]:
    """Return a holder's reservations, earliest first."""
    return _OF_HOLDER.all(holder)


_RESERVATION = Prepared(lambda key: Reservation.objects.select_related("resource").filter(pk=key), UUID)
_OF_HOLDER = Prepared(
    lambda holder: Reservation.objects.select_related("resource").filter(holder=holder).order_by("during", "id"), str
)


def begins_of(kind: str, holders: Collection[str]) -> dict[str, datetime]:
    """Return when what each of these holders keeps of a kind of resource begins; nothing for who keeps none."""
    kept = Reservation.objects.filter(holder__in=list(holders), resource__kind=kind, state="held")
    return {one.holder: one.during.lower for one in kept.order_by("-during")}


def list_units(*, equipment_id: UUID) -> list[Resource]:
    """Return the units of capacity that a piece of equipment is; none where it can be shared without limit."""
    return list(Resource.objects.filter(equipment_id=equipment_id).order_by("code"))


def list_units_of_room(room_id: UUID) -> list[Resource]:
    """Return every unit that stands in a room: who books them all has the room to itself."""
    return list(Resource.objects.filter(equipment__room_id=room_id).order_by("kind", "code"))


def booked_classes(site_id: SiteId) -> set[str]:
    """Return the classes of equipment of a site of which a unit is one batch's at a time."""
    rows = Resource.objects.filter(site_id=site_id, equipment__isnull=False)
    return set(rows.values_list("equipment__equipment_class", flat=True))


def get_resource(kind: str, site_id: SiteId, code: str) -> Resource:
    """Return the unit of that kind and code at a site, or raise `NotFound`."""
    found = Resource.objects.filter(kind=kind, site_id=site_id, code=code).first()
    if found is None:
        raise _missing("resource", "resource", code)
    return found


def has_units(kind: str, site_id: SiteId) -> bool:
    """Say whether a site has entered units of a kind, so that they can be booked."""
    return Resource.objects.filter(kind=kind, site_id=site_id).exists()


def _in_use() -> QuerySet[Reservation]:
    return Reservation.objects.select_related("resource").filter(state=ReservationState.IN_USE)


_IN_USE_FOR = Prepared(
    lambda holder: _in_use().select_related("resource__equipment").filter(holder=holder).order_by("id"), str
)
_IN_USE = Prepared(lambda resource_id: _in_use().filter(resource_id=resource_id), UUID)


def list_in_use(holder: str) -> list[Reservation]:
    """Return what is in use for a holder now, oldest first."""
    return _IN_USE_FOR.all(holder)


def list_holders(kind: str) -> list[str]:
    """Return for whom something is in use now, of those whose names begin with `kind`."""
    rows = Reservation.objects.filter(state=ReservationState.IN_USE, holder__startswith=kind)
    return list(rows.order_by("holder").values_list("holder", flat=True).distinct())


def find_in_use(resource_id: UUID) -> Reservation | None:
    """Return for whom a resource is in use now, or None."""
    return _IN_USE.first(resource_id)


_called: list[Callable[[UUID], str]] = []


def register_people(find: Callable[[UUID], str]) -> None:
    """Install how a person is called who is booked: `find(id)` returns the name, "" where nobody is known by it."""
    _called.append(find)


def shown_resource(resource: Resource) -> str:
    """Return what people call a resource: a person by name, anything else by its code."""
    names = (find(resource.pk) for find in _called if resource.kind == PERSON)
    return next((name for name in names if name), str(resource.code))


def view_booking(reservation: Reservation) -> Booking:
    """Return what the rules need to know of a reservation that stands."""
    resource, during = reservation.resource, reservation.during
    return Booking(
        shown_resource(resource), resource.kind, reservation.held_for or reservation.holder, during.lower, during.upper
    )


def list_standing(resource_ids: Iterable[UUID], starts_at: datetime, ends_at: datetime | None) -> list[Reservation]:
    """Return the reservations of resources that stand and overlap a span, open-ended where it has no end."""
    wanted = list(resource_ids)
    if len(wanted) == 1 and ends_at is not None:
        return _STANDING_OF_ONE.all(wanted[0], starts_at, ends_at)
    return list(_standing(DateTimeTZRange(starts_at, ends_at, "[)")).filter(resource_id__in=wanted))


def _standing(span: Any) -> QuerySet[Reservation]:
    rows = Reservation.objects.select_related("resource").exclude(state=ReservationState.RELEASED)
    return rows.filter(during__overlap=span).order_by("during", "id")


def _span(first: datetime, last: datetime) -> Func:
    return Func(Value(first), Value(last), function="tstzrange", output_field=DateTimeRangeField())


_STANDING_OF_ONE = Prepared(
    lambda unit, first, last: _standing(_span(first, last)).filter(resource_id=unit), UUID, datetime, datetime
)


def taken_spans(resource_ids: Iterable[UUID], within: Span) -> dict[UUID, list[Span]]:
    """Return, for each resource, the spans within a window that are reserved or used."""
    found: dict[UUID, list[Span]] = {one: [] for one in resource_ids}
    rows = Reservation.objects.exclude(state=ReservationState.RELEASED).filter(
        resource_id__in=list(found), during__overlap=(within.starts_at, within.ends_at)
    )
    for resource_id, during in rows.values_list("resource_id", "during"):
        found[resource_id].append(Span(during.lower, during.upper or FOR_EVER))
    return found


@read("network.list_markets")
def list_markets(*, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Market]:
    """List the markets."""
    return page(Market.objects.all(), limit, after)


@read("network.list_sites")
def list_sites(*, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Site]:
    """List the sites of the network."""
    return page(Site.objects.select_related("market"), limit, after)


@read("network.list_equipment")
def list_equipment(
    *,
    site: str | None = None,
    equipment_class: str | None = None,
    limit: int = 50,
    after: UUID | None = None,
    by: Actor,
) -> list[Equipment]:
    """List equipment, of one site or one class where given."""
    rows = Equipment.objects.all()
    rows = rows if site is None else rows.filter(site__code=site)
    return page(rows if equipment_class is None else rows.filter(equipment_class=equipment_class), limit, after)


@read("network.list_lanes")
def list_lanes(
    *, origin: str | None = None, destination: str | None = None, limit: int = 50, after: UUID | None = None, by: Actor
) -> list[Lane]:
    """List lanes, from one site or to one where given."""
    rows = Lane.objects.select_related("carrier", "origin", "destination")
    rows = rows if origin is None else rows.filter(origin__code=origin)
    return page(rows if destination is None else rows.filter(destination__code=destination), limit, after)


@read("network.list_authorisations")
def list_authorisations(
    *, therapy_code: str | None = None, market: str | None = None, limit: int = 50, after: UUID | None = None, by: Actor
) -> list[Authorisation]:
    """List authorisations, of one therapy or one market where given."""
    rows = Authorisation.objects.select_related("market")
    rows = rows if therapy_code is None else rows.filter(therapy_code=therapy_code)
    return page(rows if market is None else rows.filter(market__code=market), limit, after)


def get_authorisation(authorisation_id: AuthorisationId) -> Authorisation:
    """Return an authorisation with market and holder, or raise `NotFound`."""
    found = Authorisation.objects.select_related("market", "holder").filter(pk=authorisation_id).first()
    if found is None:
        raise _missing("authorisation", "authorisation_id", authorisation_id)
    return found


def list_due_equipment(until: date) -> list[Equipment]:
    """Return the equipment to be calibrated or requalified until a day, by site and code."""
    due = models.Q(calibration_due_on__lte=until) | models.Q(requalification_due_on__lte=until)
    return list(Equipment.objects.select_related("site", "room").filter(due).order_by("site__code", "code"))


def list_ending_sites(until: date) -> list[Site]:
    """Return the sites whose qualification ends until a day, or has ended, by code."""
    return list(Site.objects.filter(qualified_until__lte=until).order_by("code"))


def list_ending_authorisations(first: date, last: date) -> list[Authorisation]:
    """Return the authorisations whose last good day lies within two days, both included."""
    rows = Authorisation.objects.select_related("market", "holder").filter(valid_to_on__range=(first, last))
    return list(rows.order_by("valid_to_on", "id"))
