"""Reading accounts: who somebody is now, with the roles and sites that hold at this moment."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils.crypto import salted_hmac

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AccountId, SiteId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, NotFound
from vein2vein.doors.preparing import Prepared
from vein2vein.doors.reading import page, read
from vein2vein.people import rules
from vein2vein.people.models import Account, AccountRole, ApiToken, Delegation, Training
from vein2vein.people.rules import DelegationView, TrainingView
from vein2vein.people.states import BASE_ROLES, AccountState, DelegationState

REVEALED_FOR = timedelta(minutes=10)
"""How long after its issue a token can be shown to its owner."""
OVERSEERS = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.QA_REVIEWER, Role.QUALIFIED_PERSON})


_BY_USERNAME = Prepared(lambda username: Account.objects.select_related("employer").filter(username=username), str)
_BY_ID = Prepared(lambda account_id: Account.objects.select_related("employer").filter(pk=account_id), UUID)


def find_account(username: str) -> Account | None:
    """Return the account of that user name, with its employer, or None."""
    return _BY_USERNAME.first(username)


def get_account(account_id: AccountId) -> Account:
    """Return an account with its employer, or raise `NotFound`."""
    found = _BY_ID.first(account_id)
    if found is None:
        raise NotFound(no_account(str(account_id)))
    return found


def no_account(value: str) -> Blocker:
    """Return what is said where no account is found, or none that one may see."""
    return Blocker(
        "people.no_account", N_("There is no such account"), "account", value[:60], N_("Choose it from the list")
    )


def _held(account_ids: Iterable[UUID], at: datetime) -> list[AccountRole]:
    return list(AccountRole.objects.filter(account_id__in=list(account_ids), valid__contains=at))


def own_roles(account_id: UUID, at: datetime) -> frozenset[Role]:
    """Return the roles that an account holds in its own right at `at`, delegated ones not counted."""
    return frozenset(Role(row.role) for row in _held([account_id], at))


def _delegated(account_id: UUID, at: datetime) -> frozenset[Role]:
    rows = list(
        Delegation.objects.select_related("delegator__employer").filter(
            delegate_id=account_id, state=DelegationState.ACTIVE, during__contains=at
        )
    )
    held = {(row.account_id, row.role) for row in _held({row.delegator_id for row in rows}, at)} if rows else set()
    return frozenset(
        Role(row.role)
        for row in rows
        if rules.delegation_in_force(
            DelegationView(
                role=row.role,
                starts_at=row.during.lower,
                ends_at=row.during.upper,
                cover=row.cover,
                zone=row.delegator.employer.zone if row.delegator.employer is not None else "UTC",
                active=row.state == DelegationState.ACTIVE,
                delegator_active=row.delegator.is_active,
                delegator_holds=(row.delegator_id, row.role) in held,
            ),
            at,
        )
    )


_WHO = """
SELECT a.state, a.username, a.name, a.name_zh, EXISTS (SELECT 1 FROM people_delegation d
    WHERE d.delegate_id = a.id AND d.state = %s AND d.during @> %s::timestamptz),
    ARRAY(SELECT t.code FROM people_trainingrequirement t WHERE t.action = %s ORDER BY t.code), r.role, r.site_id
FROM people_account a LEFT JOIN people_accountrole r ON r.account_id = a.id AND r.valid @> %s::timestamptz
WHERE a.id = %s
"""
"""Asked at every act: the account, whether any role was passed on to it, the trainings that the act asks for, and each
role that the account holds now."""


def actor_for(account_id: AccountId) -> Actor:
    """Return the person behind an account as an actor, with the roles and sites that hold now.

    Staff of a hospital or carrier see their own site only (`sites`); the base's staff see all. Raises
    `NotAllowed` for an account that is not active, and for the system's own, in whose name no door acts.
    """
    return actor_about_to(account_id, "")[0]


def actor_about_to(account_id: AccountId, action: str) -> tuple[Actor, list[str]]:
    """Return the person behind an account, as `actor_for` does, and the trainings that `action` asks for."""
    at = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_WHO, [DelegationState.ACTIVE, at, action, at, account_id])
        rows = cursor.fetchall()
    if not rows or rows[0][0] != AccountState.ACTIVE:
        raise NotAllowed(
            Blocker(
                "people.not_active",
                N_("This account is not active"),
                "account",
                rows[0][1] if rows else str(account_id),
                N_("Ask an administrator"),
            )
        )
    _, username, name, name_zh, delegated, trainings, *_ = rows[0]
    printed = Account(username=username, name=name, name_zh=name_zh).printed_name
    roles = frozenset(Role(row[6]) for row in rows if row[6] is not None)
    if roles & BASE_ROLES:
        roles |= _delegated(account_id, at) if delegated else frozenset()
        return Actor(AccountId(account_id), printed, roles), trainings
    sites = frozenset(SiteId(row[7]) for row in rows if row[7] is not None)
    return Actor(AccountId(account_id), printed, roles, sites), trainings


def actor_named(username: str) -> Actor:
    """Return the person of that user name as an actor; raises `NotFound` or, when not active, `NotAllowed`."""
    account = find_account(username)
    if account is None:
        raise NotFound(no_account(username))
    return actor_for(AccountId(account.pk))


def training_view(account_id: UUID) -> list[TrainingView]:
    """Return what a person has been trained in."""
    rows = Training.objects.filter(account_id=account_id)
    return [TrainingView(row.code, row.valid_from_on, row.valid_until_on) for row in rows]


def training_blockers(account_id: AccountId, code: str, at: datetime) -> list[Blocker]:
    """Return why an account may not do at `at` what asks for training `code`; empty when trained."""
    return rules.training_blockers(training_view(account_id), code, at.date(), get_account(account_id).printed_name)


def bearer(token_id: UUID) -> str:
    """Return the text of a token; it is derived from the installation's secret and stored nowhere."""
    return f"v2v_{token_id.hex}_{salted_hmac('people.token', token_id.hex, algorithm='sha256').hexdigest()}"


def token_digest(token: str) -> str:
    """Return what is stored of a token or grant."""
    return sha256(token.encode()).hexdigest()


def account_of_token(token: str) -> AccountId | None:
    """Return the active account that a token speaks for, or None when it is unknown, expired, revoked or orphaned."""
    digest = token_digest(token)
    row = ApiToken.objects.select_related("account").filter(digest=digest, revoked_at__isnull=True).first()
    if row is None or not hmac.compare_digest(row.digest, digest):
        return None
    if row.expires_at <= datetime.now(UTC) or not row.account.is_active:
        return None
    return AccountId(row.account_id)


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account as a list shows it."""

    id: UUID
    username: str
    name: str
    name_zh: str
    employer: str
    state: str
    roles: list[str]


@dataclass(frozen=True, slots=True)
class DelegationSummary:
    """A delegation as a list shows it."""

    id: UUID
    delegator: str
    delegate: str
    role: str
    cover: str
    starts_at: datetime
    ends_at: datetime
    state: str
    reason: str
    delegator_name: str
    delegate_name: str


@dataclass(frozen=True, slots=True)
class TrainingSummary:
    """A training as a list shows it."""

    id: UUID
    username: str
    code: str
    valid_from_on: date
    valid_until_on: date


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that a person holds now, where ("" is everywhere), until when (None: open), and whether by delegation."""

    role: str
    site: str
    valid_until_at: datetime | None
    delegated: bool = False


@dataclass(frozen=True, slots=True)
class TokenSummary:
    """A token as its owner sees it; the token itself is shown only soon after its issue."""

    id: UUID
    label: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def list_roles(account_id: AccountId) -> list[HeldRole]:
    """Return the roles that a person holds now, in their own right and by delegation."""
    at = clock.now()
    rows = AccountRole.objects.select_related("site").filter(account_id=account_id, valid__contains=at)
    own = [HeldRole(row.role, "" if row.site is None else row.site.code, row.valid.upper) for row in rows]
    passed = [HeldRole(role, "", None, delegated=True) for role in sorted(_delegated(account_id, at))]
    return sorted(own, key=lambda one: one.role) + passed


@read("people.list_accounts")
def list_accounts(*, limit: int = 50, after: UUID | None = None, by: Actor) -> list[AccountSummary]:
    """List the people one works with: all for the base's staff, those of the own site for others."""
    rows = Account.objects.select_related("employer").exclude(state=AccountState.MACHINE)
    if by.sites is not None:
        rows = rows.filter(employer_id__in=list(by.sites))
    found = page(rows, limit, after)
    roles: dict[UUID, list[str]] = {row.pk: [] for row in found}
    for held in _held(roles, clock.now()):
        roles[held.account_id].append(held.role)
    return [
        AccountSummary(
            row.pk,
            row.username,
            row.name,
            row.name_zh,
            row.employer.code if row.employer is not None else "",
            row.state,
            sorted(roles[row.pk]),
        )
        for row in found
    ]


@read("people.list_delegations", roles=OVERSEERS)
def list_delegations(*, limit: int = 50, after: UUID | None = None, by: Actor) -> list[DelegationSummary]:
    """List who passed on which role to whom, and for how long."""
    rows = Delegation.objects.select_related("delegator", "delegate")
    return [summary(row) for row in page(rows, limit, after)]


def summary(row: Delegation) -> DelegationSummary:
    """Return a delegation as a list shows it."""
    return DelegationSummary(
        row.pk,
        row.delegator.username,
        row.delegate.username,
        row.role,
        row.cover,
        row.during.lower,
        row.during.upper,
        row.state,
        row.reason,
        row.delegator.printed_name,
        row.delegate.printed_name,
    )


def name_of(account_id: UUID) -> str:
    """Return a person's name as it is printed beside a signature; "" where there is no such account."""
    found = Account.objects.filter(pk=account_id).first()
    return "" if found is None else found.printed_name


def delegations_of(account_id: UUID) -> list[DelegationSummary]:
    """Return the delegations that stand or are to come, from and to a person."""
    rows = Delegation.objects.select_related("delegator", "delegate").filter(
        Q(delegator_id=account_id) | Q(delegate_id=account_id),
        state=DelegationState.ACTIVE,
        during__endswith__gt=clock.now(),
    )
    return [summary(row) for row in rows.order_by("id")]


@read("people.list_training", roles=OVERSEERS)
def list_training(
    *, account_id: AccountId | None = None, limit: int = 50, after: UUID | None = None, by: Actor
) -> list[TrainingSummary]:
    """List trainings, of one person where given."""
    rows = Training.objects.select_related("account")
    rows = rows if account_id is None else rows.filter(account_id=account_id)
    return [
        TrainingSummary(row.pk, row.account.username, row.code, row.valid_from_on, row.valid_until_on)
        for row in page(rows, limit, after)
    ]


@read("people.list_tokens")
def list_tokens(*, limit: int = 50, after: UUID | None = None, by: Actor) -> list[TokenSummary]:
    """List one's own tokens."""
    rows = ApiToken.objects.filter(account_id=by.account_id)
    return [
        TokenSummary(row.pk, row.label, row.issued_at, row.expires_at, row.revoked_at)
        for row in page(rows, limit, after)
    ]


@read("people.reveal_token")
def reveal_token(*, token_id: UUID, by: Actor) -> str:
    """Show a token to its owner, within ten minutes of its issue; never again."""
    row = ApiToken.objects.filter(pk=token_id, account_id=by.account_id, revoked_at__isnull=True).first()
    if row is None or datetime.now(UTC) > row.issued_at + REVEALED_FOR or row.digest != token_digest(bearer(row.pk)):
        raise NotFound(
            Blocker(
                "people.token_not_shown",
                N_("There is no such token of yours to be shown"),
                "token_id",
                str(token_id),
                N_("Issue a new one; a token is shown only soon after its issue"),
            )
        )
    return bearer(row.pk)


def find_revealed(token_id: UUID, *, by: Actor) -> str | None:
    """Return a token that can still be shown to its owner, or None."""
    try:
        return reveal_token(token_id=token_id, by=by)
    except NotFound:
        return None


def demonstration_password() -> str:
    """Return the one password of the demonstration people."""
    return str(settings.DEMONSTRATION_PASSWORD)


def demonstration_pin() -> str:
    """Return the one PIN of the demonstration people."""
    return str(settings.DEMONSTRATION_PIN)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A demonstration sign-in, for the page and the console that print them."""

    role: str
    username: str
    name: str
    site: str


def demonstration_sign_ins() -> list[SignIn]:
    """Return the demonstration people with their roles, as they sign in; empty in a production database."""
    rows = list(Account.objects.select_related("employer").filter(demonstration=True).order_by("id"))
    held = _held([row.pk for row in rows], clock.now())
    by_account = {row.pk: row for row in rows}
    order = list(Role)
    return [
        SignIn(
            one.role,
            by_account[one.account_id].username,
            by_account[one.account_id].printed_name,
            site.code if (site := by_account[one.account_id].employer) is not None else "",
        )
        for one in sorted(held, key=lambda one: (order.index(Role(one.role)), by_account[one.account_id].username))
    ]


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person at work: the roles held now, and the trainings that are valid today."""

    id: UUID
    username: str
    name: str
    name_zh: str
    roles: frozenset[Role]
    trainings: frozenset[str]


def list_staff(site_id: SiteId) -> list[StaffMember]:
    """Return a site's active people by user name, with what they may do and are trained for now."""
    at = clock.now()
    rows = Account.objects.filter(employer_id=site_id, state=AccountState.ACTIVE).order_by("username")
    people = list(rows)
    ids = [one.pk for one in people]
    roles: dict[UUID, set[Role]] = {one: set() for one in ids}
    for held in _held(ids, at):
        roles[held.account_id].add(Role(held.role))
    trainings: dict[UUID, set[str]] = {one: set() for one in ids}
    valid = Training.objects.filter(account_id__in=ids, valid_from_on__lte=at.date(), valid_until_on__gte=at.date())
    for account_id, code in valid.values_list("account_id", "code"):
        trainings[account_id].add(code)
    return [
        StaffMember(one.pk, one.username, one.name, one.name_zh, frozenset(roles[one.pk]), frozenset(trainings[one.pk]))
        for one in people
    ]
