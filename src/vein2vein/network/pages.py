"""Pages of the network: sites, lanes and routes, and the equipment with what stands in its way."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.doors.arranging import END, fold
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.presenting import shown
from vein2vein.doors.reading import MOST_ROWS
from vein2vein.engines.codes import Kind, make
from vein2vein.network import reads, rules

fold(END, "network.take_equipment_out_of_service")


def network(request: HttpRequest) -> HttpResponse:
    """Show sites, lanes and authorisations."""
    by = actor_of(request)
    sites = reads.list_sites(limit=200, by=by)
    qualify = offer("network.qualify_site", by=by, choices={"site_id": [(str(one.pk), one.code) for one in sites]})
    context = {
        "sites": sites,
        "qualify": qualify if qualify.allowed else None,
        "lanes": reads.list_lanes(limit=200, by=by),
        "authorisations": reads.list_authorisations(limit=200, by=by),
        "today": clock.now().date(),
    }
    return render(request, "network/network.html", context)


def equipment(request: HttpRequest) -> HttpResponse:
    """List equipment with the blockers that would refuse its use now; `?due=yes` what is due soon, late first."""
    by, at = actor_of(request), clock.now()
    site, due = request.GET.get("site") or None, request.GET.get("due") == "yes"
    soon = (at + _AHEAD).date()
    rows = reads.list_equipment(site=site, limit=MOST_ROWS, by=by)
    found = [
        (row, [shown(one) for one in rules.equipment_blockers(reads.view_equipment(row), at)], _soonest(row))
        for row in rows
    ]
    if due:
        found = sorted(
            (one for one in found if one[2] is not None and one[2] <= soon),
            key=lambda one: (one[2] or soon, one[0].code),
        )
    sites = [one.code for one in reads.list_sites(limit=MOST_ROWS, by=by)]
    context = {"equipment": found, "site": site, "due": due, "sites": sites, "today": at.date(), "soon": soon}
    return render(request, "network/equipment.html", context)


_AHEAD = timedelta(days=30)


def _soonest(row: reads.EquipmentRow) -> date | None:
    """Return the next day on which a piece is due for calibration or requalification."""
    return min((one for one in (row.calibration_due_on, row.requalification_due_on) if one is not None), default=None)


@require_GET
def routes(request: HttpRequest) -> HttpResponse:
    """Show by market which therapy may be given for what, on which route, until when."""
    by, today = actor_of(request), clock.now().date()
    found = reads.list_authorisations(limit=MOST_ROWS, by=by)
    markets = []
    for market in reads.list_markets(limit=MOST_ROWS, by=by):
        own = sorted(
            (one for one in found if one.market_id == market.pk),
            key=lambda one: (one.therapy_code, one.indication_code, one.route, one.valid_from_on),
        )
        markets.append((market, [(one, _standing(one, today), _end(one, today, by)) for one in own]))
    enter = offer("network.record_authorisation", by=by)
    return render(request, "network/routes.html", {"markets": markets, "enter": enter if enter.allowed else None})


def _standing(one: reads.AuthorisationRow, today: date) -> str:
    """Return whether an authorisation is to come, stands, ends soon, or is over."""
    if one.valid_from_on > today:
        return "ahead"
    if one.valid_to_on is None:
        return "stands"
    return "over" if one.valid_to_on < today else "soon" if one.valid_to_on <= today + _AHEAD else "stands"


def _end(one: reads.AuthorisationRow, today: date, by: Actor) -> Offer | None:
    found = offer("network.end_authorisation", by=by, given={"authorisation_id": one.pk})
    return found if found.allowed and _standing(one, today) != "over" else None


def piece(request: HttpRequest, code: str) -> HttpResponse:
    """Show one piece of equipment and what may be done with it."""
    by, at = actor_of(request), clock.now()
    row = reads.get_equipment(code)
    blockers = rules.equipment_blockers(reads.view_equipment(row), at)
    due = [one for one in blockers if one.code != "network.equipment_out_of_service"]
    given = {"equipment_id": row.pk}
    if row.state == "available":
        offers = [offer("network.take_equipment_out_of_service", by=by, given=given)]
    else:
        offers = [offer("network.return_equipment_to_service", by=by, given=given, blockers=due)]
    offers.append(offer("network.record_calibration", by=by, given=given))
    context = {
        "row": row,
        "label": make(Kind.EQUIPMENT, row.code),
        "blockers": [shown(one) for one in blockers],
        "offers": offers,
    }
    return render(request, "network/piece.html", context)


urlpatterns = [
    path("network", network, name="network"),
    path("network/routes", routes, name="routes"),
    path("equipment", equipment, name="equipment"),
    path("equipment/<str:code>", piece, name="piece"),
]
