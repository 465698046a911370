"""Quick signatures: the grant that a password would yield, without hashing the password each time."""

from __future__ import annotations

from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.people import reads, signing
from vein2vein.people.models import Account
from vein2vein.people.states import SignatureMethod


class Staff:
    """The demonstration's people, looked up once; their roles do not change while they are used."""

    def __init__(self) -> None:
        self._actors: dict[str, Actor] = {}
        self._accounts: dict[Any, Account] = {}

    def find(self, username: str) -> Actor:
        """Return a person as an actor."""
        if username not in self._actors:
            self._actors[username] = reads.actor_named(username)
        return self._actors[username]

    def sign(self, who: Actor, action: str, **arguments: Any) -> Actor:
        """Return the person carrying a grant for this act with these arguments."""
        if who.account_id not in self._accounts:
            self._accounts[who.account_id] = reads.get_account(who.account_id)
        given = journal.with_defaults(journal.ACTIONS[action], arguments)
        method = SignatureMethod.USERNAME_AND_PASSWORD
        return who.signing(signing._grant(self._accounts[who.account_id], action, given, method))
