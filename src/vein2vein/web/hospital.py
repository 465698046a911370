"""The hospital's one page: its patients' courses in plain words, the dates that come next, every open therapy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.actor import HOSPITAL_ROLES, Actor, Role
from vein2vein.core.ids import SiteId
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.doors.collating import collated
from vein2vein.doors.pages import actor_of
from vein2vein.doors.performing import spec_of
from vein2vein.doors.spans import away
from vein2vein.doors.work import Menu, place
from vein2vein.logistics.reads import ShipmentRow, shipments_seen
from vein2vein.logistics.states import UNDER_WAY, ShipmentKind
from vein2vein.network.reads import SiteRow, list_authorisations, list_sites
from vein2vein.network.states import Route, SiteKind
from vein2vein.orders import hospital as asked
from vein2vein.orders.courses import DUE_WORDS, Course, Due, list_courses
from vein2vein.orders.states import DateRequestState, ObstacleKind, OrderState
from vein2vein.therapies.reads import effective_definition
from vein2vein.web.access import signed_in

place("hospital", N_("Our patients"), Menu.TREATMENT, roles=HOSPITAL_ROLES | {Role.PLANNER})

MOST = 500
_SOON = timedelta(hours=24)
_S = OrderState
WORDS: Mapping[OrderState, str] = {
    _S.DRAFTED: N_("Waits for the physician's prescription"),
    _S.SUBMITTED: N_("Prescribed; the manufacturing site is finding a slot"),
    _S.ACCEPTED: N_("Slot reserved; the collection is planned"),
    _S.COLLECTING: N_("Cells are being collected"),
    _S.COLLECTED: N_("Cells collected; they wait for the courier"),
    _S.IN_TRANSIT: N_("Cells are on their way to the manufacturing site"),
    _S.RECEIVED: N_("Cells have arrived and are being checked"),
    _S.MATERIAL_ACCEPTED: N_("Cells accepted; the manufacture begins next"),
    _S.IN_MANUFACTURE: N_("The product is being made"),
    _S.MANUFACTURED: N_("The product is made; it is being tested and released"),
    _S.RELEASED: N_("Released for infusion; the shipment is being prepared"),
    _S.DISPATCHED: N_("The product is on its way to you"),
    _S.AT_SITE: N_("The product is here; the physician clears lymphodepletion next"),
    _S.CLEARED: N_("Lymphodepletion cleared; dose and thaw come next"),
    _S.THAWED: N_("The product is thawed: infuse it now"),
    _S.INFUSED: N_("Infused; follow-up visits run"),
    _S.STOPPED: N_("Stands still: the physician decides how it goes on"),
}
"""How far a course is, as one would say it to a colleague."""
STANDS: Mapping[ObstacleKind, str] = {
    ObstacleKind.PATIENT_UNFIT: N_("Stands still: the patient is not fit for it now"),
    ObstacleKind.SITE_NOT_READY: N_("Stands still: your site has said that it is not ready"),
}
NO_SLOT = N_("The slot was given back: the manufacturing site gives the collection another time")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date that matters: what it is, when, how far away; `late` where it has passed, `soon` within a day."""

    what: str
    at: datetime
    away: str
    standing: str


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient's course on the page: status in words, the dates that come next, its newest request, documents."""

    course: Course
    words: str
    moments: tuple[Moment, ...]
    request: asked.DateRequestRow | None
    documents: int


@dataclass(frozen=True, slots=True)
class Open:
    """A therapy that may be ordered at this site's market: its routes, and the indications of each."""

    therapy_code: str
    version: str
    routes: tuple[tuple[str, tuple[str, ...]], ...]


@require_GET
@signed_in
def hospital(request: HttpRequest) -> HttpResponse:
    """Show a hospital's courses, most pressing first, and the therapies that it may order."""
    by = actor_of(request)
    sites = sorted(_sites(by), key=lambda one: collated(one.name_en, one.name_zh))
    chosen = _chosen(request.GET.get("site", ""), sites)
    patients = list(_patients(chosen, by)) if chosen is not None else []
    context = {
        "sites": sites if by.sites is None else [],
        "site": chosen,
        "patients": patients,
        "therapies": [] if chosen is None else _open_at(chosen, by),
        "may_share": by.has_any(spec_of("orders.share_document").roles),
        "may_order": by.has_any(spec_of("orders.draft_order").roles),
        "waiting": sum(one.request is not None and one.request.state == DateRequestState.REQUESTED for one in patients),
        "now": clock.now(),
    }
    return render(request, "web/hospital.html", context)


def _sites(by: Actor) -> Iterator[SiteRow]:
    """Return the hospitals whose patients this person may see."""
    for one in list_sites(limit=500, by=by):
        if one.kind == SiteKind.HOSPITAL and by.sees(SiteId(one.pk)):
            yield one


def _chosen(code: str, sites: list[SiteRow]) -> SiteRow | None:
    """Return the hospital asked for, else the first; raises `NotFound` for one that is not this person's."""
    if not code:
        return sites[0] if sites else None
    found = next((one for one in sites if one.code == code), None)
    if found is None:
        message, mend = N_("There is no such hospital, or it is not yours"), N_("Choose one from the list")
        raise NotFound(Blocker("web.no_hospital", message, field="site", value=code[:40], mend=mend))
    return found


def _patients(site: SiteRow, by: Actor) -> Iterator[Patient]:
    courses = list_courses(hospital=site.code, limit=MOST, by=by)
    ids = [one.order_id for one in courses]
    under_way: dict[UUID, list[ShipmentRow]] = defaultdict(list)
    for shipment in shipments_seen(by).filter(order_id__in=ids, state__in=UNDER_WAY):
        under_way[shipment.order_id].append(shipment)
    beds, visits, requests = asked.beds_of(ids), asked.next_visits(ids), asked.requests_of(ids)
    counted, obstacles, slotless = asked.count_documents(ids), asked.obstacles_of(ids), asked.without_slot(ids)
    now, zone = clock.now(), ZoneInfo(site.zone)
    found = []
    for one in courses:
        dates = dict[str, datetime]()
        if one.due is not None and one.due_at is not None:
            dates[gettext(DUE_WORDS[one.due])] = one.due_at
        for shipment in under_way[one.order_id]:
            dates |= _journey(shipment)
        if one.order_id in beds:
            dates[gettext("Infusion planned")] = beds[one.order_id]
        if one.order_id in visits:
            dates[gettext("Next visit")] = _midday(visits[one.order_id], zone)
        words = STANDS[obstacles[one.order_id]] if one.order_id in obstacles else WORDS[OrderState(one.state)]
        if one.order_id in slotless:
            words = NO_SLOT
        stands = one.order_id in obstacles or one.order_id in slotless
        if stands and one.due is Due.COLLECTION:
            dates.pop(gettext(DUE_WORDS[one.due]), None)
        found.append(
            Patient(one, gettext(words), _moments(dates, now), requests.get(one.order_id), counted.get(one.order_id, 0))
        )
    yield from sorted(found, key=lambda one: (not one.moments, one.moments[0].at if one.moments else now))


def _journey(shipment: ShipmentRow) -> dict[str, datetime]:
    """Return what a hospital waits for of a shipment: its arrival, or its pick-up."""
    if shipment.arrive_by is not None:
        product = shipment.kind == ShipmentKind.PRODUCT
        return {gettext("Product arrives by") if product else gettext("Cells arrive by"): shipment.arrive_by}
    return {}


def _midday(on: date, zone: ZoneInfo) -> datetime:
    return datetime(on.year, on.month, on.day, 12, tzinfo=zone)


def _moments(dates: Mapping[str, datetime], now: datetime) -> tuple[Moment, ...]:
    return tuple(
        Moment(what, at, away(at, now), "late" if at < now else "soon" if at < now + _SOON else "")
        for what, at in sorted(dates.items(), key=lambda one: one[1])
    )


def _open_at(site: SiteRow, by: Actor) -> list[Open]:
    """Return the therapies that have an authorisation in force at the site's market, with a definition in force."""
    today = clock.now().date()
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in list_authorisations(market=site.market.code, limit=500, by=by):
        ended = one.valid_to_on is not None and one.valid_to_on < today
        if one.route != Route.NONE and one.valid_from_on <= today and not ended:
            found[one.therapy_code][one.route].append(one.indication_code)
    return [
        Open(code, version.version, tuple((route, tuple(_known(all_))) for route, all_ in sorted(routes.items())))
        for code, routes in sorted(found.items())
        if (version := effective_definition(code, today)) is not None
    ]


def _known(codes: Iterable[str]) -> list[str]:
    return sorted(set(codes))
