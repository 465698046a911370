"""The two gates that every act passes: permission, asked of the database anew, and signature, spent once."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

from vein2vein.core import clock, gates
from vein2vein.core.actor import Actor, Role
from vein2vein.core.gates import Manifest
from vein2vein.core.refusals import N_, Blocker, NotAllowed
from vein2vein.journal.followers import SYSTEM_ACCOUNT, SystemActor
from vein2vein.people import reads, rules
from vein2vein.people.models import Account
from vein2vein.people.signing import keyed
from vein2vein.people.states import AccountState


class Permission:
    """Asks the database who somebody is now; what an actor says of itself is believed only where it agrees."""

    def check(self, by: Actor, *, action: str, roles: frozenset[Role]) -> None:
        """Raise `NotAllowed` unless the account is active, holds one of `roles` now, and is trained for `action`."""
        if by.account_id == SYSTEM_ACCOUNT or Role.SYSTEM in by.roles or isinstance(by, SystemActor):
            _check_system(by, action, roles)
            return
        if roles <= {Role.SYSTEM}:
            raise NotAllowed(_internal(action))
        now, trainings = reads.actor_about_to(by.account_id, action)
        if not now.has_any(roles):
            raise NotAllowed(
                Blocker(
                    "people.role_needed",
                    N_("This needs one of these roles: %(roles)s"),
                    "roles",
                    ", ".join(sorted(now.roles)),
                    N_("Ask somebody who has the role, or an administrator"),
                    {"roles": ", ".join(sorted(roles)), "action": action},
                )
            )
        if not by.roles <= now.roles or (now.sites is not None and (by.sites is None or not by.sites <= now.sites)):
            raise NotAllowed(
                Blocker(
                    "people.stale_actor",
                    N_("Your roles have changed meanwhile"),
                    "roles",
                    ", ".join(sorted(by.roles)),
                    N_("Load the page again"),
                )
            )
        _check_trainings(by, trainings)


def _check_system(by: Actor, action: str, roles: frozenset[Role]) -> None:
    genuine = isinstance(by, SystemActor) and by.account_id == SYSTEM_ACCOUNT and by.roles == {Role.SYSTEM}
    if not genuine or not roles <= {Role.SYSTEM}:
        raise NotAllowed(_internal(action))


def _internal(action: str) -> Blocker:
    return Blocker(
        "people.internal_action",
        N_("This is done by the system itself, as part of something else"),
        "action",
        action,
        N_("Perform the act that it belongs to"),
    )


def _check_trainings(by: Actor, codes: list[str]) -> None:
    if not codes:
        return
    trained = reads.training_view(by.account_id)
    today = clock.now().date()
    found = [one for code in codes for one in rules.training_blockers(trained, code, today, by.name)]
    if found:
        raise NotAllowed(found)


class Signature:
    """Spends grants: by one conditional UPDATE in the act's own transaction, so that of two only one wins."""

    def consume(self, signer: Actor, *, action: str, digest: str, meaning: str) -> Manifest:
        """Use up the signer's grant for exactly this act and return its manifest, or raise `NotAllowed`."""
        spent = _spend(signer, action, keyed(digest))
        if spent is None:
            raise NotAllowed(
                Blocker(
                    "people.grant_not_valid",
                    N_("This signature does not hold: it is used, older than a minute, or for another act"),
                    "signature",
                    signer.name,
                    N_("Sign again"),
                )
            )
        account, method = spent
        return Manifest(str(account.pk), account.printed_name, meaning, clock.now(), method)


def _spend(signer: Actor, action: str, digest: str) -> tuple[Account, str] | None:
    """Use the grant up by one conditional UPDATE; return the active account and how it signed, or None."""
    real = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_grant g SET used_at = %s FROM people_account a WHERE a.id = g.account_id AND a.state = %s"
            " AND g.digest = %s AND a.id = %s AND g.action = %s AND g.argument_digest = %s"
            " AND g.used_at IS NULL AND g.expires_at > %s RETURNING a.id, a.username, a.name, a.name_zh, g.method",
            [
                real,
                AccountState.ACTIVE,
                reads.token_digest(signer.grant or ""),
                signer.account_id,
                action,
                digest,
                real,
            ],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return Account(id=row[0], username=row[1], name=row[2], name_zh=row[3]), str(row[4])


def register() -> None:
    """Install both gates."""
    gates.register(Permission(), Signature())
