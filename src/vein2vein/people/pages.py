"""Pages of the people: who there is, one person, and one's own account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AccountId
from vein2vein.core.refusals import NotFound
from vein2vein.doors.arranging import END, fold
from vein2vein.doors.collating import collated
from vein2vein.doors.labels import title
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.reading import MOST_ROWS
from vein2vein.people import reads, rules
from vein2vein.people.overseeing import Row, training_matrix
from vein2vein.people.states import DelegationState

fold(END, "people.revoke_role", "people.deactivate_account")


def people(request: HttpRequest) -> HttpResponse:
    """List the people that one works with, of one site, role and state where these are asked for."""
    by = actor_of(request)
    found = reads.list_accounts(limit=MOST_ROWS, by=by)
    asked = {name: request.GET.get(name, "") for name in ("site", "role", "state")}
    kept = [
        one
        for one in sorted(found, key=lambda each: collated(each.name, each.name_zh))
        if asked["site"] in ("", one.employer)
        and asked["state"] in ("", one.state)
        and (not asked["role"] or asked["role"] in one.roles)
    ]
    may_create = Role.ADMINISTRATOR in by.roles
    context = {
        "people": kept,
        "total": len(found),
        "asked": asked,
        "sites": sorted({one.employer for one in found if one.employer}),
        "roles": sorted({role for one in found for role in one.roles}),
        "states": sorted({one.state for one in found}),
        "oversees": by.has_any(reads.OVERSEERS),
        "create": offer("people.create_account", by=by) if may_create else None,
    }
    return render(request, "people/people.html", context)


@require_GET
def training(request: HttpRequest) -> HttpResponse:
    """Show who is trained in what until when, and what is missing or ends soon."""
    by = actor_of(request)
    site = request.GET.get("site", "")
    matrix = training_matrix(site=site, by=by)
    today = clock.now().date()
    rows = sorted(matrix.rows, key=lambda one: (one.site, collated(one.name, one.name_zh)))
    lines = [(row, [_cell(row, code, today) for code in matrix.codes]) for row in rows]
    require = offer("people.require_training", by=by)
    context = {
        "matrix": matrix,
        "lines": lines,
        "site": site,
        "sites": sorted({one.employer for one in reads.list_accounts(limit=MOST_ROWS, by=by) if one.employer}),
        "asked_by": [(code, _titles(matrix.asked_by.get(code, ()))) for code in matrix.codes],
        "require": require if require.allowed else None,
        "today": today,
    }
    return render(request, "people/training.html", context)


def _titles(actions: Sequence[str]) -> list[str]:
    return [gettext(title(one.partition(".")[2])) for one in actions]


_SOON = timedelta(days=30)


def _cell(row: Row, code: str, today: date) -> tuple[date | None, str]:
    """Return until when somebody is trained in a code, and what that means: good, soon, late, missing or nothing."""
    until = row.until[code]
    if until is None:
        return None, "missing" if code in row.needed else ""
    return until, "late" if until < today else "soon" if until <= today + _SOON else "good"


@require_GET
def delegations(request: HttpRequest) -> HttpResponse:
    """List who stands in for whom, and who did; what stands can be ended."""
    by = actor_of(request)
    found = reads.list_delegations(limit=MOST_ROWS, by=by)
    now = clock.now()
    lines = []
    for one in sorted(found, key=lambda each: each.ends_at, reverse=True):
        stands = one.state == DelegationState.ACTIVE and one.ends_at > now
        end = offer("people.end_delegation", by=by, given={"delegation_id": one.id}) if stands else None
        lines.append((one, stands, end if end is not None and end.allowed else None))
    return render(request, "people/delegations.html", {"lines": lines})


def person(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Show one person's roles, training and delegations, and what may be done about them."""
    by = actor_of(request)
    account = reads.get_account(AccountId(account_id))
    if by.sites is not None and account.employer_id not in by.sites:
        raise NotFound(reads.no_account(str(account_id)))
    roles = reads.list_roles(AccountId(account_id))
    context = {
        "account": account,
        "roles": roles,
        "shows_badge": by.has_any(frozenset({Role.ADMINISTRATOR})),
        "trainings": reads.training_view(account_id),
        "delegations": reads.delegations_of(account_id),
        "offers": _offers(AccountId(account_id), by) if by.sites is None else [],
        "today": clock.now().date(),
    }
    return render(request, "people/person.html", context)


def _offers(account_id: AccountId, by: Actor) -> list[Offer]:
    own = rules.own_blockers(own=account_id == by.account_id)
    given = {"account_id": account_id}
    named = ("assign_role", "revoke_role", "record_training", "deactivate_account")
    found = [offer(f"people.{name}", by=by, given=given, blockers=own) for name in named]
    if Role.QUALIFIED_PERSON in by.roles and account_id != by.account_id:
        fixed = {"delegate_id": account_id, "role": Role.QUALIFIED_PERSON}
        found.append(offer("people.delegate_role", by=by, given=fixed))
    return [one for one in found if one.allowed]


def me(request: HttpRequest) -> HttpResponse:
    """Show one's own account: password and PIN, tokens, and what one has delegated."""
    by = actor_of(request)
    delegations = reads.delegations_of(by.account_id)
    tokens = [one for one in reads.list_tokens(limit=200, by=by) if one.revoked_at is None]
    context = {
        "account": reads.get_account(by.account_id),
        "trainings": reads.training_view(by.account_id),
        "change": offer("people.change_password", by=by),
        "issue": offer("people.issue_token", by=by),
        "tokens": [
            (one, reads.find_revealed(one.id, by=by), offer("people.revoke_token", by=by, given={"token_id": one.id}))
            for one in tokens
        ],
        "delegations": [
            (one, offer("people.end_delegation", by=by, given={"delegation_id": one.id})) for one in delegations
        ],
    }
    return render(request, "people/me.html", context)


urlpatterns = [
    path("people", people, name="people"),
    path("people/me", me, name="me"),
    path("people/training", training, name="training"),
    path("people/delegations", delegations, name="delegations"),
    path("people/<uuid:account_id>", person, name="person"),
]
