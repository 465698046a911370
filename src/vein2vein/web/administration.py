"""The administrator's first page: what is due or not in order, each with the page where it is put right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import N_, Blocker, NotAllowed
from vein2vein.doors.pages import actor_of
from vein2vein.doors.performing import spec_of
from vein2vein.doors.work import Menu, WorkItem, place, work
from vein2vein.network.reads import list_due_equipment, list_ending_authorisations, list_ending_sites
from vein2vein.people.overseeing import (
    list_ending_training,
    list_standing_delegations,
    list_without_roles,
    list_without_training,
)
from vein2vein.quality.reads import last_whole_review
from vein2vein.therapies.reads import list_definitions
from vein2vein.therapies.states import DefinitionState
from vein2vein.web.access import signed_in
from vein2vein.web.health import parts
from vein2vein.web.health_page import TITLES

ROLES = frozenset({Role.ADMINISTRATOR, Role.QA_REVIEWER, Role.QUALIFIED_PERSON})
place("administration", N_("Administration"), Menu.BASE, roles=ROLES)

AHEAD = timedelta(days=30)
"""How far ahead of its day a thing is shown as due."""
SOON = timedelta(days=14)
"""How far ahead it stands on the work list of whoever puts it right."""
REVIEWED_EVERY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due: what it is, the day, whether that day has passed, and where it is put right."""

    what: str
    detail: str
    on: date | None
    late: bool
    url: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field of administration: its title, where it is kept, and what is due in it."""

    title: str
    url: str
    due: tuple[Due, ...]

    @property
    def late(self) -> int:
        """Return how many things are past their day."""
        return sum(one.late for one in self.due)


@require_GET
@signed_in
def administration(request: HttpRequest) -> HttpResponse:
    """Show every field of administration with what is due in the next thirty days, what is late first."""
    by = actor_of(request)
    if not by.has_any(ROLES):
        message, mend = N_("This page is for administrators and quality"), N_("Ask an administrator for the role")
        raise NotAllowed(Blocker("web.administration", message, "role", mend=mend))
    now = clock.now()
    fields = [
        Field(
            gettext(title),
            reverse(url) if url != "health_page" or Role.ADMINISTRATOR in by.roles else "",
            tuple(sorted(find(by, now), key=lambda one: (not one.late, one.on or date.max))),
        )
        for title, url, find, _ in FIELDS
    ]
    context = {"fields": fields, "now": now, "late": sum(one.late for one in fields)}
    return render(request, "web/administration.html", context | {"total": sum(len(one.due) for one in fields)})


@work("web.administration")
def waiting(by: Actor) -> list[WorkItem]:
    """Return what is late or due within a fortnight: all of it to an administrator, to others what is their own act."""
    if not by.has_any(ROLES | {Role.SUPERVISOR}):
        return []
    now = clock.now()
    soon = (now + SOON).date()
    found = [one for _, _, find, action in FIELDS if by.has_any(_whose(action)) for one in find(by, now)]
    return [
        WorkItem(
            one.what, one.detail or gettext("Audit trail review"), one.url, due_at=_end_of(one.on), urgent=one.urgent
        )
        for one in found
        if one.on is None or one.on <= soon
    ]


def _whose(action: str) -> frozenset[Role]:
    return frozenset({Role.ADMINISTRATOR, *(spec_of(action).roles if action else ())})


def _end_of(day: date | None) -> datetime | None:
    return None if day is None else timezone.make_aware(datetime.combine(day, time.max.replace(microsecond=0)))


def _equipment(by: Actor, now: datetime) -> Iterator[Due]:
    del by
    for one in list_due_equipment((now + AHEAD).date()):
        url = reverse("network:piece", args=[one.code])
        for what, on in (
            (N_("Calibration due"), one.calibration_due_on),
            (N_("Requalification due"), one.requalification_due_on),
        ):
            if on is not None and on <= (now + AHEAD).date():
                yield Due(gettext(what), f"{one.code} · {one.site.code}", on, on < now.date(), url)


def _sites(by: Actor, now: datetime) -> Iterator[Due]:
    del by
    for one in list_ending_sites((now + AHEAD).date()):
        on = one.qualified_until
        late = on is not None and on < now.date()
        yield Due(gettext("Site's qualification ends"), one.code, on, late, reverse("network:network"))


def _routes(by: Actor, now: datetime) -> Iterator[Due]:
    del by
    for one in list_ending_authorisations(now.date(), (now + AHEAD).date()):
        detail = f"{one.therapy_code} · {one.market.code} · {gettext(one.route.replace('_', ' '))}"
        yield Due(gettext("Authorisation ends"), detail, one.valid_to_on, False, reverse("network:routes"))


def _training(by: Actor, now: datetime) -> Iterator[Due]:
    del by
    today = now.date()
    for account in list_without_roles():
        url = reverse("people:person", args=[account.pk])
        yield Due(gettext("Account without a role"), account.printed_name, None, False, url)
    for one in list_ending_training((now + AHEAD).date()):
        url = reverse("people:person", args=[one.account_id])
        detail = f"{one.account.printed_name} · {gettext(one.code.replace('_', ' '))}"
        yield Due(gettext("Training ends"), detail, one.valid_until_on, one.valid_until_on < today, url)
    for account, code in list_without_training():
        detail = f"{account.printed_name} · {gettext(code.replace('_', ' '))}"
        yield Due(gettext("Not trained in"), detail, None, False, reverse("people:person", args=[account.pk]))


def _delegations(by: Actor, now: datetime) -> Iterator[Due]:
    del by
    for one in list_standing_delegations(now):
        detail = f"{one.delegator_name} → {one.delegate_name}"
        ends = timezone.localtime(one.ends_at).date()
        what = gettext("Delegation ends") if one.ends_at <= now + SOON else gettext("Delegation stands")
        yield Due(what, detail, ends, False, reverse("people:delegations"))


def _definitions(by: Actor, now: datetime) -> Iterator[Due]:
    del now
    for one in list_definitions(state=DefinitionState.DRAFT, limit=100, by=by):
        url = reverse("therapies:definition", args=[one.id])
        yield Due(gettext("Waits for approval"), f"{one.therapy_code} {one.version}", None, False, url)


def _trail(by: Actor, now: datetime) -> Iterator[Due]:
    del by
    until = last_whole_review()
    if until is None or until < now - REVIEWED_EVERY:
        on = None if until is None else (until + REVIEWED_EVERY).date()
        yield Due(gettext("The whole trail waits for its review"), "", on, True, reverse("audit_trail"))


def _health(by: Actor, now: datetime) -> Iterator[Due]:
    del now
    for name, part in parts().items():
        url = reverse("health_page") if Role.ADMINISTRATOR in by.roles else ""
        if not part["ok"]:
            yield Due(gettext("Not well"), gettext(TITLES[name]), None, True, url, urgent=True)
        elif part.get("copies") == 0:
            yield Due(gettext("No back-up was made yet"), gettext(TITLES[name]), None, False, url)


FIELDS: tuple[tuple[str, str, Callable[[Actor, datetime], Iterator[Due]], str], ...] = (
    (N_("People, roles and training"), "people:people", _training, "people.assign_role"),
    (N_("Delegations"), "people:delegations", _delegations, "people.end_delegation"),
    (N_("Equipment and calibration"), "network:equipment", _equipment, "network.record_calibration"),
    (N_("Sites and lanes"), "network:network", _sites, "network.qualify_site"),
    (N_("Markets and routes"), "network:routes", _routes, "network.record_authorisation"),
    (N_("Definitions"), "therapies:definitions", _definitions, "therapies.approve_definition"),
    (N_("Audit trail review"), "audit_trail", _trail, "quality.review_audit_trail"),
    (N_("Health of the installation"), "health_page", _health, ""),
)
"""Each field: its title, its page, what is due in it, and the act that puts it right, which says whose work it is."""
