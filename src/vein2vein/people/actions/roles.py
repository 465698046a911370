"""What people are trusted with, and trained in."""

from __future__ import annotations

from datetime import date, datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import HOSPITAL_ROLES, Actor, Role
from vein2vein.core.ids import AccountId
from vein2vein.core.refusals import N_, Blocker, NotFound, refuse_any
from vein2vein.people import facts, reads, rules
from vein2vein.people.models import Account, AccountRole, Training, TrainingRequirement
from vein2vein.people.states import CARRIER_ROLES, AccountState

TRAINERS = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.QA_REVIEWER})


@journal.action("people.assign_role", roles={Role.ADMINISTRATOR})
def assign_role(*, account_id: AccountId, role: Role, valid_until_at: datetime | None = None, by: Actor) -> AccountRole:
    """Trust another person with a role from now on; staff of hospitals and carriers hold it at their own site."""
    account = reads.get_account(account_id)
    kind = "" if account.employer is None else account.employer.kind
    found = rules.assignment_blockers(role, kind, own=account.pk == by.account_id)
    if account.state != AccountState.ACTIVE:
        found.append(Blocker("people.not_active", N_("This account is not active"), "account_id", account.username))
    if valid_until_at is not None and valid_until_at <= clock.now():
        found.append(
            Blocker(
                "people.role_over",
                N_("A role cannot end before it begins"),
                "valid_until_at",
                valid_until_at.isoformat(),
                N_("Give a time in the future, or none"),
            )
        )
    refuse_any(found)
    return enter_role(account, role, valid_until_at)


def enter_role(account: Account, role: Role, valid_until_at: datetime | None = None) -> AccountRole:
    """Write a role that begins now, within a deed."""
    scoped = role in HOSPITAL_ROLES | CARRIER_ROLES
    now = clock.now()
    row = AccountRole(
        account=account,
        role=role,
        site_id=account.employer_id if scoped else None,
        valid=DateTimeTZRange(now, valid_until_at, "[)"),
    )
    journal.record(
        facts.RoleAssigned(
            account_id=account.pk,
            username=account.username,
            role=role,
            site=account.employer.code if scoped and account.employer is not None else "",
            valid_from_at=now,
            valid_until_at=valid_until_at,
        ),
        stream=f"account:{account.pk}",
        inserts=[row],
    )
    return row


@journal.action("people.revoke_role", roles={Role.ADMINISTRATOR})
def revoke_role(*, account_id: AccountId, role: Role, reason: str, by: Actor) -> AccountRole:
    """Take a role back from another person, at once."""
    account = reads.get_account(account_id)
    refuse_any(rules.own_blockers(own=account.pk == by.account_id) + rules.reason_blockers(reason))
    now = clock.now()
    row = AccountRole.objects.filter(account=account, role=role, valid__contains=now, valid__startswith__lt=now).first()
    if row is None:
        raise NotFound(
            Blocker(
                "people.role_not_held",
                N_("This person does not hold the role now"),
                "role",
                str(role),
                N_("Look again"),
            )
        )
    journal.record(
        facts.RoleRevoked(account_id=account.pk, username=account.username, role=role, reason=reason),
        stream=f"account:{account.pk}",
        changes=[(row, {"valid": DateTimeTZRange(row.valid.lower, now, "[)")})],
    )
    return row


@journal.action("people.record_training", roles=TRAINERS)
def record_training(*, account_id: AccountId, code: str, passed_on: date, valid_until_on: date, by: Actor) -> Training:
    """Record that another person passed the training `code`, good from the day it was passed to a last day."""
    account = reads.get_account(account_id)
    found = rules.own_blockers(own=account.pk == by.account_id)
    if not code.strip() or passed_on > clock.now().date() or valid_until_on < passed_on:
        found.append(
            Blocker(
                "people.training_dates",
                N_("A training has a code, was passed in the past, and is good until a later day"),
                "passed_on",
                passed_on.isoformat(),
                N_("Correct code and days"),
            )
        )
    refuse_any(found)
    return enter_training(account, code.strip(), passed_on, valid_until_on)


def enter_training(account: Account, code: str, passed_on: date, valid_until_on: date) -> Training:
    """Write a training, within a deed."""
    row = Training(account=account, code=code, valid_from_on=passed_on, valid_until_on=valid_until_on)
    journal.record(
        facts.TrainingRecorded(
            account_id=account.pk,
            username=account.username,
            code=code,
            valid_from_on=passed_on,
            valid_until_on=valid_until_on,
        ),
        stream=f"account:{account.pk}",
        inserts=[row],
    )
    return row


@journal.action("people.require_training", roles={Role.QA_REVIEWER, Role.ADMINISTRATOR})
def require_training(*, action: str, code: str, by: Actor) -> TrainingRequirement:
    """Let an action be performed only by who is trained in `code`, from now on."""
    if action not in journal.ACTIONS:
        raise NotFound(Blocker("people.no_action", N_("There is no such action"), "action", action[:80]))
    row = TrainingRequirement(action=action, code=code)
    journal.record(facts.TrainingRequired(action=action, code=code), stream=f"training:{code}", inserts=[row])
    return row


journal.explain(
    "people_role_once",
    Blocker("people.role_held", N_("This person holds the role already"), "role", mend=N_("Look at their roles")),
)
journal.explain(
    "people_training_requirement_once",
    Blocker("people.training_required", N_("The action asks for this training already"), "code"),
)
journal.explain(
    "people_account_username_key",
    Blocker("people.username_taken", N_("This user name is taken"), "username", mend=N_("Choose another user name")),
)
