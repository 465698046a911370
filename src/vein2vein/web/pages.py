"""The work list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from vein2vein.core import clock
from vein2vein.doors.keeping import kept
from vein2vein.doors.pages import actor_of
from vein2vein.doors.work import grouped, work_of
from vein2vein.web.access import signed_in
from vein2vein.web.beginning import beginnings_of


@signed_in
@kept
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
