"""The administrator's first page: what is due or not in order, each with the page where it is put right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import N_, Blocker, NotAllowed
from vein2vein.doors.pages import actor_of
from vein2vein.doors.work import Menu, place
from vein2vein.network.reads import list_due_equipment, list_ending_authorisations, list_ending_sites
from vein2vein.people.overseeing import list_ending_training, list_standing_delegations, list_without_training
from vein2vein.quality.reads import last_whole_review
from vein2vein.therapies.reads import list_definitions
from vein2vein.therapies.states import DefinitionState
from vein2vein.web.access import signed_in
from vein2vein.web.health import parts

ROLES = frozenset({Role.ADMINISTRATOR, Role.QA_REVIEWER, Role.QUALIFIED_PERSON})
place("administration", N_("Administration"), Menu.BASE, roles=ROLES)

AHEAD = timedelta(days=30)
"""How far ahead of its day a thing is shown as due."""
REVIEWED_EVERY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due: what it is, the day, whether that day has passed, and where it is put right."""

    what: str
    detail: str
    on: date | None
    late: bool
    url: str


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
        for title, url, find in FIELDS
    ]
    context = {"fields": fields, "now": now, "late": sum(one.late for one in fields)}
    return render(request, "web/administration.html", context | {"total": sum(len(one.due) for one in fields)})


def _sorted(found: Iterator[Due]) -> tuple[Due, ...]:
    """Return what is late first, then by its day."""
    return tuple(sorted(found, key=lambda one: (not one.late, one.on or date.max, one.detail)))


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
        yield Due(gettext("Delegation stands"), detail, one.ends_at.date(), False, reverse("people:delegations"))


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
        if not part["ok"]:
            url = reverse("health_page") if Role.ADMINISTRATOR in by.roles else ""
            yield Due(gettext("Not well"), gettext(name.capitalize()), None, True, url)


FIELDS: tuple[tuple[str, str, Callable[[Actor, datetime], Iterator[Due]]], ...] = (
    (N_("People, roles and training"), "people:people", _training),
    (N_("Delegations"), "people:delegations", _delegations),
    (N_("Equipment and calibration"), "network:equipment", _equipment),
    (N_("Sites and lanes"), "network:network", _sites),
    (N_("Markets and routes"), "network:routes", _routes),
    (N_("Definitions"), "therapies:definitions", _definitions),
    (N_("Audit trail review"), "audit_trail", _trail),
    (N_("Health of the installation"), "health_page", _health),
)
