"""Reading for those who oversee people: who is trained in what until when, what is missing, who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.doors.reading import read
from vein2vein.journal import ACTIONS
from vein2vein.people.models import Account, AccountRole, Delegation, Training, TrainingRequirement
from vein2vein.people.reads import OVERSEERS, DelegationSummary, summary
from vein2vein.people.states import AccountState, DelegationState


@dataclass(frozen=True, slots=True)
class Row:
    """A person's line in the training matrix: for each code the last good day, or None; `needed`: asked for."""

    account_id: UUID
    username: str
    name: str
    name_zh: str
    site: str
    roles: tuple[str, ...]
    until: dict[str, date | None]
    needed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who is trained in what: the codes, a line for each active person, and the actions that ask for each code."""

    codes: tuple[str, ...]
    rows: tuple[Row, ...]
    asked_by: dict[str, tuple[str, ...]]


def _newest() -> dict[tuple[UUID, str], Training]:
    rows = Training.objects.select_related("account").order_by("account_id", "code", "-valid_until_on")
    return {(one.account_id, one.code): one for one in rows.distinct("account_id", "code")}


def list_ending_training(until: date) -> list[Training]:
    """Return the trainings of active people that end until a day, or have ended, and were not renewed."""
    found = [one for one in _newest().values() if one.valid_until_on <= until]
    return [one for one in found if one.account.state == AccountState.ACTIVE]


def _asked() -> dict[str, list[str]]:
    """Return for each training code the actions that ask for it."""
    found: dict[str, list[str]] = {}
    for one in TrainingRequirement.objects.order_by("action"):
        found.setdefault(one.code, []).append(one.action)
    return found


def _roles(at: datetime) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    for account_id, role in AccountRole.objects.filter(valid__contains=at).values_list("account_id", "role"):
        found.setdefault(account_id, set()).add(role)
    return found


def _needed(roles: set[str], asked: dict[str, list[str]]) -> Iterator[str]:
    """Yield the codes without which somebody of these roles may not do what the roles are for."""
    for code, actions in asked.items():
        if any(roles & set(ACTIONS[one].roles) for one in actions if one in ACTIONS):
            yield code


def list_without_roles() -> list[Account]:
    """Return the active people whom nobody has trusted with a role yet, or whose roles have all ended."""
    at = clock.now()
    holding = AccountRole.objects.filter(valid__contains=at).values("account_id")
    standing_in = Delegation.objects.filter(state=DelegationState.ACTIVE, during__contains=at).values("delegate_id")
    found = Account.objects.filter(state=AccountState.ACTIVE, employer__isnull=False)
    return list(found.exclude(pk__in=holding).exclude(pk__in=standing_in).order_by("username"))


def list_without_training() -> list[tuple[Account, str]]:
    """Return each active person who never had a training that their role asks for, with its code."""
    asked, roles, had = _asked(), _roles(clock.now()), _newest()
    people = Account.objects.filter(state=AccountState.ACTIVE).order_by("username")
    return [
        (one, code)
        for one in people
        for code in sorted(_needed(roles.get(one.pk, set()), asked))
        if (one.pk, code) not in had
    ]


@read("people.training_matrix", roles=OVERSEERS)
def training_matrix(*, site: str = "", by: Actor) -> Matrix:
    """Return who is trained in what until when, of one site where it is given by its code."""
    del by
    asked, roles, had = _asked(), _roles(clock.now()), _newest()
    people = Account.objects.select_related("employer").filter(state=AccountState.ACTIVE, employer__isnull=False)
    people = people.filter(employer__code=site) if site else people
    codes = tuple(sorted({code for _, code in had} | set(asked)))
    rows = []
    for one in people.order_by("employer__code", "username"):
        own = roles.get(one.pk, set())
        until = {code: had[one.pk, code].valid_until_on if (one.pk, code) in had else None for code in codes}
        where = "" if one.employer is None else one.employer.code
        needed = frozenset(_needed(own, asked))
        rows.append(Row(one.pk, one.username, one.name, one.name_zh, where, tuple(sorted(own)), until, needed))
    return Matrix(codes, tuple(rows), {code: tuple(actions) for code, actions in asked.items()})


def list_standing_delegations(at: datetime) -> list[DelegationSummary]:
    """Return the delegations that stand at a time or are to come, the one that ends first at the head."""
    rows = Delegation.objects.select_related("delegator", "delegate")
    rows = rows.filter(state=DelegationState.ACTIVE, during__endswith__gt=at).order_by("during", "id")
    return sorted(map(summary, rows), key=lambda one: one.ends_at)
