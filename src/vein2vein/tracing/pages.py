"""Pages of tracing: one code traced both ways, a recalled lot with what must be done, and a hospital's notices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import N_, NotFound
from vein2vein.doors.pages import actor_of, offer
from vein2vein.doors.presenting import shown
from vein2vein.doors.work import Menu, WorkItem, place, work
from vein2vein.tracing import reads
from vein2vein.tracing.drawing import draw
from vein2vein.tracing.states import Kind, NoticeState

PAGE = 50

place("tracing:trace", N_("Trace"), Menu.QUALITY, roles=frozenset(reads.PLANT_ROLES))
_ACKNOWLEDGING = frozenset({Role.PHYSICIAN, Role.QA_REVIEWER, Role.QUALIFIED_PERSON})
place("tracing:notices", N_("Recalls"), Menu.TREATMENT, roles=_ACKNOWLEDGING)


@require_GET
def trace(request: HttpRequest) -> HttpResponse:
    """Show what a code stands for, what it touched and what touched it, drawn and listed."""
    by = actor_of(request)
    code = request.GET.get("code", "").replace("\x00", "").strip()
    if not code:
        return render(request, "tracing/trace.html", {"code": ""})
    try:
        found = reads.trace(code=code, limit=PAGE, after=_after(request), by=by)
    except NotFound as unknown:
        refused = {"code": code, "blockers": [shown(one) for one in unknown.blockers]}
        return render(request, "tracing/trace.html", refused, status=404)
    context: dict[str, Any] = {
        "code": code,
        "trace": found,
        "drawing": draw(found.things, found.edges, subject=f"{found.subject.kind.value}:{found.subject.id}"),
        "next": found.touched[-1].coi_id if found.total > len(found.touched) else None,
    }
    return render(request, "tracing/trace.html", context)


def _after(request: HttpRequest) -> UUID | None:
    """Return the course behind which a page begins; the first page for what is no id."""
    try:
        return UUID(request.GET.get("after", ""))
    except ValueError:
        return None


@require_GET
def trace_thing(request: HttpRequest, kind: str, subject: UUID) -> HttpResponse:
    """Go to the trace of what has this id, as its timeline names it."""
    by = actor_of(request)
    if kind not in set(Kind):
        raise reads.unknown(kind)
    found = reads.get_subject(Kind(kind), subject, by=by)
    return redirect(f"{reverse('tracing:trace')}?{urlencode({'code': found.code})}")


@require_GET
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Show one notice of a recall to the hospital, and offer to acknowledge it."""
    by = actor_of(request)
    found = reads.get_notice(notice_id, by=by)
    offers = []
    if found.state == NoticeState.OPEN:
        offers.append(offer("tracing.acknowledge_recall", by=by, given={"notice_id": found.pk}))
    return render(request, "tracing/notice.html", {"notice": found, "offers": offers})


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """List the notices of recalls that this person may see, open ones first."""
    by = actor_of(request)
    found = sorted(reads.list_notices(limit=500, by=by), key=lambda one: (one.state != NoticeState.OPEN, one.opened_at))
    return render(request, "tracing/notices.html", {"notices": found})


@work("tracing.recalls")
def waiting(by: Actor) -> list[WorkItem]:
    """Return the recalls that a physician has not acknowledged yet; to quality, those no hospital has."""
    if not by.has_any(_ACKNOWLEDGING):
        return []
    physician = by.has_any(frozenset({Role.PHYSICIAN}))
    title = gettext("Acknowledge the recall") if physician else gettext("Recall not acknowledged by the hospital")
    return [
        WorkItem(
            title,
            f"{one.order.code} · {one.lot.number}",
            reverse("tracing:notice", args=[one.pk]),
            urgent=True,
        )
        for one in reads.list_open_notices(by)
    ]


urlpatterns = [
    path("trace", trace, name="trace"),
    path("trace/<str:kind>/<uuid:subject>", trace_thing, name="thing"),
    path("recalls", notices, name="notices"),
    path("recalls/<uuid:notice_id>", notice, name="notice"),
]
