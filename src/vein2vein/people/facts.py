"""What the people's journal entries carry; never a password, a PIN, a token or its hash."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("people")
class AccountCreated(Fact):
    """A person was given an account."""

    says: ClassVar[str] = N_("Account %(username)s created for %(name)s")
    account_id: UUID
    username: str
    name: str
    name_zh: str
    employer: str
    demonstration: bool


@fact("people")
class AccountDeactivated(Fact):
    """An account was closed for good."""

    says: ClassVar[str] = N_("Account %(username)s deactivated: %(reason)s")
    account_id: UUID
    username: str
    reason: str


@fact("people")
class PasswordChanged(Fact):
    """A person set a new password, a new PIN, or both."""

    says: ClassVar[str] = N_("%(username)s changed their password or PIN")
    account_id: UUID
    username: str
    password: bool
    pin: bool


@fact("people")
class RoleAssigned(Fact):
    """A person was trusted with a role."""

    says: ClassVar[str] = N_("Role %(role)s given to %(username)s")
    account_id: UUID
    username: str
    role: str
    site: str
    valid_from_at: datetime
    valid_until_at: datetime | None


@fact("people")
class RoleRevoked(Fact):
    """A role was taken back."""

    says: ClassVar[str] = N_("Role %(role)s taken back from %(username)s: %(reason)s")
    account_id: UUID
    username: str
    role: str
    reason: str


@fact("people")
class TrainingRecorded(Fact):
    """A person passed a training."""

    says: ClassVar[str] = N_("%(username)s trained in %(code)s until %(valid_until_on)s")
    account_id: UUID
    username: str
    code: str
    valid_from_on: date
    valid_until_on: date


@fact("people")
class TrainingRequired(Fact):
    """An action now asks for a training."""

    says: ClassVar[str] = N_("%(action)s now asks for training %(code)s")
    action: str
    code: str


@fact("people")
class RoleDelegated(Fact):
    """A role was passed on for a time."""

    says: ClassVar[str] = N_("%(delegator)s delegated %(role)s to %(delegate)s until %(ends_at)s")
    delegation_id: UUID
    delegator_id: UUID
    delegate_id: UUID
    delegator: str
    delegate: str
    role: str
    cover: str
    starts_at: datetime
    ends_at: datetime
    reason: str


@fact("people")
class DelegationEnded(Fact):
    """A delegation was ended before its time."""

    says: ClassVar[str] = N_("Delegation of %(role)s to %(delegate)s ended: %(reason)s")
    delegation_id: UUID
    delegator_id: UUID
    delegate_id: UUID
    delegate: str
    role: str
    reason: str


@fact("people")
class TokenIssued(Fact):
    """A person was given a token for the programming interface."""

    says: ClassVar[str] = N_("Token %(label)s issued to %(username)s")
    account_id: UUID
    username: str
    token_id: UUID
    label: str
    expires_at: datetime


@fact("people")
class TokenRevoked(Fact):
    """A token was withdrawn."""

    says: ClassVar[str] = N_("Token %(label)s of %(username)s withdrawn")
    account_id: UUID
    username: str
    token_id: UUID
    label: str
