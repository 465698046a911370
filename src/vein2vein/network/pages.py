"""Pages of the network: sites, lanes and routes, and the equipment with what stands in its way."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from vein2vein.core import clock
from vein2vein.doors.pages import actor_of, offer
from vein2vein.doors.presenting import shown
from vein2vein.network import reads, rules


def network(request: HttpRequest) -> HttpResponse:
    """Show sites, lanes and authorisations."""
    by = actor_of(request)
    context = {
        "sites": reads.list_sites(limit=200, by=by),
        "lanes": reads.list_lanes(limit=200, by=by),
        "authorisations": reads.list_authorisations(limit=200, by=by),
        "today": clock.now().date(),
    }
    return render(request, "network/network.html", context)


def equipment(request: HttpRequest) -> HttpResponse:
    """List equipment with the blockers that would refuse its use now."""
    by, at = actor_of(request), clock.now()
    rows = reads.list_equipment(site=request.GET.get("site") or None, limit=200, by=by)
    found = [(row, [shown(one) for one in rules.equipment_blockers(reads.view_equipment(row), at)]) for row in rows]
    return render(request, "network/equipment.html", {"equipment": found})


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
    context = {"row": row, "blockers": [shown(one) for one in blockers], "offers": offers}
    return render(request, "network/piece.html", context)


urlpatterns = [
    path("network", network, name="network"),
    path("equipment", equipment, name="equipment"),
    path("equipment/<str:code>", piece, name="piece"),
]
