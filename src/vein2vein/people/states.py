"""The words of accounts, delegations and training."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.actor import HOSPITAL_ROLES, Role
from vein2vein.core.transitions import transitions


class AccountState(StrEnum):
    """The life of an account; `machine` is the system itself, which never signs in."""

    MACHINE = "machine"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"


class DelegationState(StrEnum):
    """Whether a delegation stands; its dates are looked at besides."""

    ACTIVE = "active"
    ENDED = "ended"


class Cover(StrEnum):
    """When a delegate may act: at all hours of the window, or only outside the working hours of the site."""

    ALWAYS = "always"
    OUT_OF_HOURS = "out_of_hours"


class SignatureMethod(StrEnum):
    """How a signature was given: with all components, or with one within a controlled session."""

    USERNAME_AND_PASSWORD = "username and password"  # noqa: S105 - the name of a method, not a secret
    PASSWORD_IN_SESSION = "password within a controlled session"  # noqa: S105
    PIN_IN_SESSION = "PIN within a controlled session"
    BADGE_AND_PIN_IN_SESSION = "badge and PIN within a controlled session"


ACCOUNT = transitions(
    "people.account",
    [AccountState.ACTIVE, AccountState.MACHINE],
    (AccountState.ACTIVE, "deactivate", AccountState.DEACTIVATED),
)

DELEGATION = transitions(
    "people.delegation", [DelegationState.ACTIVE], (DelegationState.ACTIVE, "end", DelegationState.ENDED)
)

DELEGABLE_ROLES = frozenset({Role.QUALIFIED_PERSON})
"""Roles that may be passed on for a time (转授权)."""

CARRIER_ROLES = frozenset({Role.CARRIER})
BASE_ROLES = frozenset(Role) - HOSPITAL_ROLES - CARRIER_ROLES - {Role.SYSTEM}
"""Roles that only staff of the manufacturing site, the innovation site or the authorisation holder may have."""
