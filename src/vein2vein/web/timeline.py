"""The timeline of one thing: the newest entries first, a page at a time, or the whole story from its beginning."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import CoiId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, NotFound
from vein2vein.doors.naming import known_of
from vein2vein.doors.pages import actor_of
from vein2vein.doors.telling import tell, tell_all
from vein2vein.forecasting import reads as forecasting
from vein2vein.forecasting.drawing import band
from vein2vein.identity import reads as identity
from vein2vein.journal.reads import EntryView, find_touching, list_newest_touching, list_touching
from vein2vein.tracing.reads import PLANT_ROLES
from vein2vein.tracing.states import Kind
from vein2vein.web.access import signed_in

KINDS = ("coi", "order", "lot", "account", "equipment", "site", "definition", "container", "batch", "shipment")
PAGE = 50
"""How many entries one page shows; what each hangs on is fetched when it is unfolded."""


@signed_in
def timeline(request: HttpRequest, kind: str, subject: UUID) -> HttpResponse:
    """Show what happened to a thing, who, when, and on what it hangs: newest first, or with `?whole=yes` all of it."""
    by = actor_of(request)
    chain = _readable(kind, subject, by)
    whole = request.GET.get("whole") == "yes"
    thing = f"{kind}:{subject}"
    if whole:
        found, more = list_touching(thing), False
    else:
        found = list_newest_touching(thing, before=_before(request), limit=PAGE + 1)
        found, more = found[:PAGE], len(found) > PAGE
    if not found:
        raise NotFound(Blocker("web.empty_timeline", N_("Nothing is known of this"), field=kind, value=str(subject)))
    return render(
        request,
        "web/timeline.html",
        {
            "kind": kind,
            "subject": subject,
            "traced": kind in set(Kind) and by.sites is None and by.has_any(frozenset(PLANT_ROLES)),
            "known_as": _known_as(found, subject),
            "chain": chain,
            "leads": _leads(by),
            **_forecast(kind, subject),
            "whole": whole,
            "newest": not whole and _before(request) is None,
            "earlier": found[-1].id if more else None,
            "lines": tell_all(found) if whole else [tell(one) for one in found],
        },
    )


def _forecast(kind: str, subject: UUID) -> dict[str, object]:
    """Return what was said last of a course's infusion, drawn; nothing of anything else, nor once it is given."""
    if kind not in {"coi", "order"}:
        return {}
    find = forecasting.find_forecast_of_chain if kind == "coi" else forecasting.find_forecast_of_order
    said = find(subject)
    return {} if said is None else {"said": said, "drawn": band(said, clock.now())}


@signed_in
def entry(request: HttpRequest, kind: str, subject: UUID, number: int) -> HttpResponse:
    """Show one entry of a timeline with all that it carries and refers to."""
    by = actor_of(request)
    chain = _readable(kind, subject, by)
    found = find_touching(f"{kind}:{subject}", number)
    if found is None:
        raise NotFound(Blocker("web.no_entry", N_("There is no such entry here"), field="number", value=str(number)))
    context = {"kind": kind, "subject": subject, "chain": chain, "leads": _leads(by), "line": tell_all([found])[0]}
    return render(request, "web/entry.html", context | {"known_as": _known_as([found], subject)})


def _before(request: HttpRequest) -> int | None:
    """Return the entry before which a page begins; the newest ones for what is no number."""
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _leads(by: Actor) -> frozenset[str]:
    return frozenset(KINDS) if by.sites is None else frozenset({"coi"})


def _readable(kind: str, subject: UUID, by: Actor) -> identity.ChainRow | None:
    """Return the chain that a timeline is of, if it is of one; refused where this person may not read it."""
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
    return chain


def _known_as(entries: Sequence[EntryView], subject: UUID) -> str:
    """Return the code, number or name by which a thing is known, else what the first entry tells of it."""
    known = known_of([subject]).get(subject)
    if known is not None:
        return known.code
    told = (entry.data.get(name) for entry in entries for name in ("code", "number", "username"))
    return next((str(one) for one in told if one), str(subject))
