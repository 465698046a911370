"""The pages that cross contexts: the work list, finding by scan, and the timeline of one thread."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from vein2vein.core.actor import HOSPITAL_ROLES, Role
from vein2vein.core.ids import CoiId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, NotFound, Refusal
from vein2vein.doors.naming import known_of
from vein2vein.doors.pages import actor_of
from vein2vein.doors.presenting import problem
from vein2vein.doors.telling import tell_all
from vein2vein.doors.work import work_of
from vein2vein.identity import reads as identity
from vein2vein.journal.reads import EntryView, list_touching
from vein2vein.tracing.reads import PLANT_ROLES
from vein2vein.tracing.states import Kind
from vein2vein.web.access import signed_in
from vein2vein.web.beginning import beginnings_of

KINDS = ("coi", "order", "lot", "account", "equipment", "site", "definition", "container", "batch", "shipment")


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Show what needs this person now."""
    by = actor_of(request)
    return render(request, "web/home.html", {"items": work_of(by), "beginnings": beginnings_of(by)})


@signed_in
def timeline(request: HttpRequest, kind: str, subject: UUID) -> HttpResponse:
    """Show everything that happened to a thing: who, when, and on what it hangs."""
    by = actor_of(request)
    if kind not in KINDS:
        raise NotFound(
            Blocker("web.no_timeline", N_("There is no timeline of this kind"), field="kind", value=kind[:40])
        )
    chain = identity.get_chain_by_id(CoiId(subject), by=by) if kind == "coi" else None
    if chain is None and by.sites is not None:
        raise NotAllowed(
            Blocker(
                "web.timeline_of_the_base",
                N_("A hospital sees the timelines of its own patients only"),
                mend=N_("Open the timeline from the patient's order"),
            )
        )
    entries = list_touching(f"{kind}:{subject}")
    if not entries:
        raise NotFound(Blocker("web.empty_timeline", N_("Nothing is known of this"), field=kind, value=str(subject)))
    return render(
        request,
        "web/timeline.html",
        {
            "kind": kind,
            "subject": subject,
            "traced": kind in set(Kind) and by.sites is None and by.has_any(frozenset(PLANT_ROLES)),
            "known_as": _known_as(entries, subject),
            "chain": chain,
            "leads": frozenset(KINDS) if by.sites is None else frozenset({"coi"}),
            "lines": tell_all(entries),
        },
    )


def _known_as(entries: list[EntryView], subject: UUID) -> str:
    """Return the code, number or name by which a thing is known, else what the first entry tells of it."""
    known = known_of([subject]).get(subject)
    if known is not None:
        return known.code
    told = (entry.data.get(name) for entry in entries for name in ("code", "number", "username"))
    return next((str(one) for one in told if one), str(subject))


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


BASE_ROLES = frozenset(Role) - HOSPITAL_ROLES
