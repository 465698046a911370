"""Search from the field in the head of every page: one thing leads straight there, several are told apart."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from vein2vein.core.actor import Actor
from vein2vein.doors.naming import named
from vein2vein.doors.pages import actor_of
from vein2vein.doors.presenting import shown
from vein2vein.tracing.reads import PLANT_ROLES, Hit, search
from vein2vein.tracing.states import Kind, Sought
from vein2vein.web.access import signed_in

MOST = 50
"""How many of one kind are listed when somebody asks for all of them."""

_PAGES = {
    Sought.ORDER: "orders:order",
    Sought.BATCH: "manufacturing:batch",
    Sought.CONTAINER: "identity:container",
    Sought.SAMPLE: "laboratory:batch",
    Sought.LABEL: "identity:chain",
    Sought.KIT: "identity:chain",
    Sought.LOT: "materials:lot",
    Sought.SHIPMENT: "logistics:shipment",
    Sought.ACCOUNT: "people:person",
    Sought.DEVIATION: "quality:deviation",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A hit as the page lists it: what tells it apart, and its page, timeline and trace ("" where there is none)."""

    hit: Hit
    note: str
    url: str
    timeline: str
    trace: str


@dataclass(frozen=True, slots=True)
class Kindred:
    """The hits of one kind, and where all of them are listed ("" where they are)."""

    kind: Sought
    lines: tuple[Line, ...]
    all: str


@require_GET
@signed_in
def find(request: HttpRequest) -> HttpResponse:
    """Go to the one thing whose code this is, or list by kind what begins so, or say what was looked for and where."""
    by = actor_of(request)
    text, asked = request.GET.get("text", ""), request.GET.get("kind", "")
    if not text.strip():
        return redirect("/")
    kind = Sought(asked) if asked in set(Sought) else None
    findings = search(text=text, kind=kind, limit=MOST if kind else 8, by=by)
    lines = [line_of(one, by) for one in findings.hits]
    if len(lines) == 1 and lines[0].hit.exact and lines[0].url:
        return redirect(lines[0].url)
    context = {
        "findings": findings,
        "kinds": [
            Kindred(
                one,
                tuple(line for line in lines if line.hit.kind is one),
                f"{reverse('find')}?{urlencode({'text': findings.text, 'kind': one})}" if one in findings.more else "",
            )
            for one in findings.looked_in
            if any(line.hit.kind is one for line in lines)
        ],
        "everywhere": by.sites is None,
        "blockers": [shown(findings.refused)] if findings.refused else [],
        "most": MOST if kind else 0,
    }
    return render(request, "web/found.html", context, status=200 if lines else 404)


def line_of(hit: Hit, by: Actor) -> Line:
    """Return where a hit leads: its own page, its timeline, and its trace for those who may follow traces."""
    base = by.sites is None
    timeline = trace = ""
    if hit.kind in (Sought.LABEL, Sought.KIT):
        timeline = reverse("timeline", args=["coi", hit.leads_to])
    elif hit.kind is Sought.COI or (base and hit.kind.value in set(Kind)):
        timeline = reverse("timeline", args=[hit.kind.value, hit.id])
    elif base and hit.kind is Sought.SAMPLE:
        timeline = reverse("timeline", args=["container", hit.id])
    traced = Kind.CONTAINER if hit.kind is Sought.SAMPLE else hit.kind
    if base and by.has_any(frozenset(PLANT_ROLES)) and traced.value in set(Kind):
        trace = reverse("tracing:thing", args=[traced.value, hit.id])
    return Line(hit, _note(hit), page_of(hit, base=base), timeline, trace)


def _note(hit: Hit) -> str:
    if hit.kind is Sought.ACCOUNT:
        return ", ".join(named(role) for role in hit.note.split())
    return named(hit.note) if hit.kind in (Sought.DEVIATION, Sought.SITE) else hit.note


def page_of(hit: Hit, *, base: bool) -> str:
    """Return the page that shows a hit to the base's staff, or to others; "" where there is none."""
    if hit.kind is Sought.COI:
        return reverse("timeline", args=["coi", hit.id])
    if hit.kind is Sought.EQUIPMENT:
        return reverse("network:piece", args=[hit.code])
    if hit.kind is Sought.POSITION:
        return reverse("network:piece", args=[hit.note]) if hit.note else ""
    if hit.kind is Sought.SITE:
        return reverse("network:network")
    if hit.kind is Sought.BATCH:
        return reverse("manufacturing:batch", args=[hit.id]) if base else reverse("orders:order", args=[hit.leads_to])
    if hit.kind is Sought.SAMPLE and (not base or hit.leads_to == hit.id):
        return reverse("identity:container", args=[hit.id])
    if hit.kind is Sought.CONTAINER:
        return reverse("identity:container", args=[hit.id])
    return reverse(_PAGES[hit.kind], args=[hit.leads_to])
