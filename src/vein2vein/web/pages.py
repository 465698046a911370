"""The pages that cross contexts: the work list, and finding by scan."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from vein2vein.core import clock
from vein2vein.core.refusals import Refusal
from vein2vein.doors.pages import actor_of
from vein2vein.doors.presenting import problem
from vein2vein.doors.work import grouped, work_of
from vein2vein.identity import reads as identity
from vein2vein.web.access import signed_in
from vein2vein.web.beginning import beginnings_of


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Show what needs this person now."""
    by = actor_of(request)
    items, now = work_of(by), clock.now()
    context = {
        "groups": grouped(items),
        "total": len(items),
        "urgent": sum(one.urgent for one in items),
        "late": sum(one.due_at is not None and one.due_at < now for one in items),
        "now": now,
        "beginnings": beginnings_of(by),
    }
    return render(request, "web/home.html", context)


@signed_in
def find(request: HttpRequest) -> HttpResponse:
    """Go to what a scanned code stands for."""
    by = actor_of(request)
    scanned = request.GET.get("scanned", "").strip()
    if not scanned:
        return redirect("/")
    try:
        thing = identity.resolve_scan(scanned=scanned, by=by)
    except Refusal as refusal:
        return render(request, "doors/refused.html", {"problem": problem(refusal)}, status=refusal.http_status)
    if thing.coi_id is None:
        return render(request, "web/found.html", {"thing": thing})
    return redirect("timeline", "coi", thing.coi_id)
