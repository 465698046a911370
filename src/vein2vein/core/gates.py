"""Protocols that `people` fulfils at start-up, so that the journal can ask without knowing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vein2vein.core.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a signature shows for ever: whose it is, what it means, and when it was given.

    Source: 21 CFR 11.50 (printed name, date and time, meaning).
    """

    account_id: str
    printed_name: str
    meaning: str
    signed_at: datetime
    method: str


class PermissionGate(Protocol):
    """Decides whether an actor may perform an action."""

    def check(self, by: Actor, *, action: str, roles: frozenset[Role]) -> None:
        """Raise `NotAllowed` unless the account is active, holds one of `roles`, and is trained."""


class SignatureGate(Protocol):
    """Turns a grant into a manifest, once."""

    def consume(self, signer: Actor, *, action: str, digest: str, meaning: str) -> Manifest:
        """Use up the signer's grant for exactly this act, or raise `NotAllowed`."""


_permission: PermissionGate | None = None
_signature: SignatureGate | None = None


def register(permission: PermissionGate, signature: SignatureGate) -> None:
    """Install the gates; called once at start-up by `people`."""
    global _permission, _signature
    _permission, _signature = permission, signature


def permission() -> PermissionGate:
    """Return the permission gate, or fail: there is no acting without one."""
    if _permission is None:
        raise RuntimeError("no permission gate is registered: vein2vein.people must be installed")
    return _permission


def signature() -> SignatureGate:
    """Return the signature gate, or fail: there is no signing without one."""
    if _signature is None:
        raise RuntimeError("no signature gate is registered: vein2vein.people must be installed")
    return _signature
