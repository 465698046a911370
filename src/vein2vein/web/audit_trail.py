"""The audit trail as it is reviewed: filtered by who, what, when and subject; exported; the review signed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from vein2vein.core import canonical, clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import AccountId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, NotFound, Refused
from vein2vein.doors.labels import title
from vein2vein.doors.pages import actor_of, offer
from vein2vein.doors.presenting import shown
from vein2vein.doors.telling import tell, tell_all
from vein2vein.doors.work import Menu, place
from vein2vein.journal import ACTIONS
from vein2vein.journal.exporting import export
from vein2vein.journal.reads import EntryView
from vein2vein.journal.sealing import latest_seal
from vein2vein.journal.searching import Sieve, extent, sift_all, streams_of
from vein2vein.people.reads import find_account
from vein2vein.quality.reads import AUDITORS, last_whole_review, list_audit_reviews, list_audit_trail
from vein2vein.quality.rules.auditing import SETTLED
from vein2vein.tracing.reads import find_subject
from vein2vein.web.access import signed_in

place("audit_trail", N_("Audit trail review"), Menu.QUALITY, roles=frozenset(AUDITORS))

PAGE = 50
_KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json", "jsonl": "application/jsonl"}
_WEEK = timedelta(days=7)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of a formula."""
_COLUMNS = (
    *("id", "recorded_at", "performed_at", "who", "action", "entry"),
    *("signatures", "reason", "stream", "seq", "hash"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks for, as it was typed, and the sieve that it makes; `blockers` say what was not understood."""

    sieve: Sieve
    who: str
    what: str
    subject: str
    blockers: tuple[Blocker, ...] = ()

    @property
    def query(self) -> str:
        """Return the filter as the query of an address."""
        told = {"who": self.who, "what": self.what, "subject": self.subject}
        for name, at in (("since", self.sieve.since_at), ("until", self.sieve.until_at)):
            if at is not None:
                told[name] = _typed(at)
        return urlencode(told)


@require_GET
@signed_in
def audit_trail(request: HttpRequest) -> HttpResponse:
    """Show the entries that pass the filter, newest first, how many there are, and the form that signs their review."""
    by = _auditor(request)
    asked = _asked(request)
    sieve = asked.sieve
    seen = extent(sieve)
    found = list_audit_trail(
        since_at=sieve.since_at,
        until_at=sieve.until_at,
        account_id=None if sieve.account_id is None else AccountId(sieve.account_id),
        what=sieve.what,
        subject=sieve.subject,
        before=_before(request),
        limit=PAGE + 1,
        by=by,
    )
    given: dict[str, object] = {"since_at": sieve.since_at, "until_at": sieve.until_at, "account_id": sieve.account_id}
    given |= {"what": sieve.what, "subject": sieve.subject}
    context = {
        "asked": asked,
        "since": _typed(sieve.since_at),
        "until": _typed(sieve.until_at),
        "extent": seen,
        "seal": latest_seal(),
        "lines": [] if asked.blockers else tell_all(found[:PAGE]),
        "earlier": found[PAGE - 1].id if len(found) > PAGE else None,
        "blockers": [shown(one) for one in asked.blockers],
        "choices": _choices(),
        "whole_until": last_whole_review(),
        "reviews": list_audit_reviews(limit=20, newest=True, by=by),
        "sign": None if asked.blockers else offer("quality.review_audit_trail", by=by, given=given),
    }
    return render(request, "web/audit_trail.html", context, status=422 if asked.blockers else 200)


@require_GET
@signed_in
def audit_trail_file(request: HttpRequest, form: str) -> HttpResponse:
    """Return what passes the filter as CSV or JSON, or the whole streams of it as an export that can be proved."""
    _auditor(request)
    asked = _asked(request)
    if asked.blockers:
        raise Refused(asked.blockers)
    if form not in _KINDS:
        raise NotFound(Blocker("web.no_form", N_("There is no such form of the audit trail"), value=form[:20]))
    lines = {"csv": _as_csv, "json": _as_json}
    made = export(streams_of(asked.sieve)) if form == "jsonl" else lines[form](asked)
    answer = cast("HttpResponse", StreamingHttpResponse(made, content_type=_KINDS[form]))
    answer["Content-Disposition"] = f'attachment; filename="audit-trail.{form}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _auditor(request: HttpRequest) -> Actor:
    by = actor_of(request)
    if not by.has_any(frozenset(AUDITORS)):
        message, mend = N_("This page is for reviewers of the audit trail"), N_("Ask an administrator for the role")
        raise NotAllowed(Blocker("web.audit_trail", message, "role", mend=mend))
    return by


def _asked(request: HttpRequest) -> Asked:
    """Return the filter of a request; without a span that of the last week, up to what is settled by now."""
    told = {name: request.GET.get(name, "").replace("\x00", "").strip()[:200] for name in ("who", "what", "subject")}
    blockers: list[Blocker] = []
    until = _time(request, "until", blockers) or (clock.now() - SETTLED).replace(second=0, microsecond=0)
    since = _time(request, "since", blockers) or until - _WEEK
    account = find_account(told["who"]) if told["who"] else None
    if told["who"] and account is None:
        mend = N_("Give a user name as the list of people has it")
        blockers.append(Blocker("web.no_person", N_("Nobody has this user name"), "who", told["who"], mend))
    subject = ""
    if told["subject"]:
        found = find_subject(told["subject"])
        subject = "" if found is None else f"{found.kind.value}:{found.id}"
        if found is None:
            mend = N_("Scan it, or give its whole code")
            blockers.append(Blocker("web.no_subject", N_("Nothing has this code"), "subject", told["subject"], mend))
    sieve = Sieve(since, until, None if account is None else account.pk, told["what"], subject)
    return Asked(sieve, told["who"], told["what"], told["subject"], tuple(blockers))


def _time(request: HttpRequest, name: str, blockers: list[Blocker]) -> datetime | None:
    text = request.GET.get(name, "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        mend = N_("Write it as 2026-11-23T08:00")
        blockers.append(Blocker("web.no_time", N_("This is no time"), name, text[:40], mend))
        return None
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _before(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _typed(at: datetime | None) -> str:
    return "" if at is None else timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


def _choices() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return each context with its name and the actions that it has, to choose from."""
    found: dict[str, list[tuple[str, str]]] = {}
    for spec in ACTIONS.values():
        found.setdefault(spec.name.partition(".")[0], []).append((spec.name, gettext(title(spec.verb))))
    return [(one, gettext(one.capitalize()), sorted(actions, key=lambda two: two[1])) for one, actions in found.items()]


def _head(asked: Asked) -> dict[str, object]:
    """Return what an export says of itself: filter, count, what fixes the entries, and the root to prove them by."""
    sieve, seen, seal = asked.sieve, extent(asked.sieve), latest_seal()
    return {
        "exported_at": canonical.plain(clock.now()),
        "since_at": canonical.plain(sieve.since_at),
        "until_at": canonical.plain(sieve.until_at),
        "who": asked.who,
        "what": sieve.what,
        "subject": asked.subject,
        "entries": seen.entries,
        "digest": seen.digest,
        "root": None if seal is None else seal.root,
        "sealed_at": None if seal is None else canonical.plain(seal.sealed_at),
    }


def _as_json(asked: Asked) -> Iterator[str]:
    yield json.dumps(_head(asked), ensure_ascii=False)[:-1] + ', "trail": ['
    for place_, one in enumerate(sift_all(asked.sieve)):
        told = {"id": one.id, "stream": one.stream, "seq": one.seq, "recorded_at": canonical.plain(one.recorded_at)}
        yield ("," if place_ else "") + "\n" + json.dumps(told | {"hash": one.hash} | one.payload, ensure_ascii=False)
    yield "\n]}\n"


def _as_csv(asked: Asked) -> Iterator[str]:
    yield "\ufeff"
    for name, value in _head(asked).items():
        yield _row([f"# {name}", "" if value is None else str(value)])
    yield _row(list(_COLUMNS))
    for one in sift_all(asked.sieve):
        yield _row(_told(one))


def _told(one: EntryView) -> list[str]:
    line, times = tell(one), [canonical.plain(one.recorded_at), canonical.plain(one.performed_at)]
    said = [line.text, "; ".join(line.signatures), line.reason]
    return [str(one.id), *map(str, times), line.who, one.action, *said, one.stream, str(one.seq), one.hash]


def _row(cells: list[str]) -> str:
    """Return a line of CSV in which no cell is a formula."""
    text = io.StringIO()
    csv.writer(text).writerow([f"'{one}" if one.startswith(_FORMULA) else one for one in cells])
    return text.getvalue()
