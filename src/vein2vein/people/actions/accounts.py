"""Accounts: made, closed, and their secrets changed."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AccountId
from vein2vein.core.refusals import N_, Blocker, refuse_any
from vein2vein.engines.codes.kinds import Kind
from vein2vein.engines.codes.own import issue
from vein2vein.network import reads as network
from vein2vein.people import facts, reads, rules
from vein2vein.people.models import Account
from vein2vein.people.states import AccountState

EVERYBODY = frozenset(Role) - {Role.SYSTEM}


@journal.action("people.create_account", roles={Role.ADMINISTRATOR})
def create_account(
    *,
    username: str,
    name: str,
    name_zh: str = "",
    employer: str,
    password: str,
    pin: str | None = None,
    by: Actor,
) -> Account:
    """Give a person of the site `employer` (its code) an account without any role; the password is theirs to change."""
    account = Account(
        username=username,
        name=name,
        name_zh=name_zh,
        employer=network.get_site(employer),
        badge_code=issue(Kind.BADGE),
        state=AccountState.ACTIVE,
    )
    found = rules.username_blockers(username) + password_blockers(password, account, "password")
    refuse_any(found + ([] if pin is None else rules.pin_blockers(pin)))
    account.password = make_password(password)
    account.pin = "" if pin is None else make_password(pin)
    enter_account(account)
    return account


def enter_account(account: Account) -> None:
    """Write a new account, within a deed."""
    journal.record(
        facts.AccountCreated(
            account_id=account.pk,
            username=account.username,
            name=account.name,
            name_zh=account.name_zh,
            employer="" if account.employer is None else account.employer.code,
            demonstration=account.demonstration,
        ),
        stream=f"account:{account.pk}",
        refs=[] if account.employer_id is None else [f"site:{account.employer_id}"],
        inserts=[account],
    )


@journal.action("people.deactivate_account", roles={Role.ADMINISTRATOR})
def deactivate_account(*, account_id: AccountId, reason: str, by: Actor) -> Account:
    """Close an account for good: no sign-in, no signature, no token works from now on."""
    account = reads.get_account(account_id)
    refuse_any(rules.own_blockers(own=account.pk == by.account_id) + rules.reason_blockers(reason))
    journal.transition(
        account,
        "deactivate",
        facts.AccountDeactivated(account_id=account.pk, username=account.username, reason=reason),
        stream=f"account:{account.pk}",
    )
    return account


@journal.action("people.change_password", roles=EVERYBODY, signed=N_("my own new password or PIN"))
def change_password(*, new_password: str | None = None, new_pin: str | None = None, by: Actor) -> Account:
    """Set one's own new password, PIN, or both, signed with the present password."""
    account = reads.get_account(by.account_id)
    found = [] if new_password is None else password_blockers(new_password, account, "new_password")
    found += [] if new_pin is None else rules.pin_blockers(new_pin)
    if new_password is None and new_pin is None:
        found.append(
            Blocker("people.nothing_new", N_("Neither a new password nor a new PIN was given"), "new_password")
        )
    refuse_any(found)
    columns = {} if new_password is None else {"password": make_password(new_password)}
    columns |= {} if new_pin is None else {"pin": make_password(new_pin)}
    journal.record(
        facts.PasswordChanged(
            account_id=account.pk,
            username=account.username,
            password=new_password is not None,
            pin=new_pin is not None,
        ),
        stream=f"account:{account.pk}",
        changes=[(account, columns)],
    )
    return account


def password_blockers(password: str, account: Account, field: str) -> list[Blocker]:
    """Return why a password is too weak, in the words of the validators that the settings name."""
    try:
        validate_password(password, account)
    except ValidationError as error:
        return [
            Blocker("people.weak_password", str(message), field, mend=N_("Choose another password"))
            for message in error.messages
        ]
    return []
