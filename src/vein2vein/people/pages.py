"""Pages of the people: who there is, one person, and one's own account."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AccountId
from vein2vein.core.refusals import NotFound
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.people import reads, rules


def people(request: HttpRequest) -> HttpResponse:
    """List the people that one works with."""
    by = actor_of(request)
    found = reads.list_accounts(limit=200, by=by)
    may_create = Role.ADMINISTRATOR in by.roles
    create = offer("people.create_account", by=by) if may_create else None
    return render(request, "people/people.html", {"people": found, "create": create})


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
    path("people/<uuid:account_id>", person, name="person"),
]
