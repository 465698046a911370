"""Tokens for the programming interface; they always use real time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import N_, Blocker, NotFound, refuse_any
from vein2vein.people import facts, reads
from vein2vein.people.actions.accounts import EVERYBODY
from vein2vein.people.models import ApiToken

LONGEST_DAYS = 366


@journal.action("people.issue_token", roles=EVERYBODY, signed=N_("a token in my name"))
def issue_token(*, label: str, days: int = 30, by: Actor) -> ApiToken:
    """Issue a token in one's own name for some days; `people.reveal_token` shows it within ten minutes.

    A token reads and asks as its owner may; it never signs.
    """
    if not label.strip() or not 1 <= days <= LONGEST_DAYS:
        refuse_any(
            [
                Blocker(
                    "people.token_terms",
                    N_("A token has a label and lasts from 1 to %(most)s days"),
                    "days",
                    str(days),
                    N_("Correct label and days"),
                    {"most": str(LONGEST_DAYS)},
                )
            ]
        )
    account = reads.get_account(by.account_id)
    now = datetime.now(UTC)
    row = ApiToken(account=account, label=label.strip(), issued_at=now, expires_at=now + timedelta(days=days))
    row.digest = reads.token_digest(reads.bearer(row.pk))
    journal.record(
        facts.TokenIssued(
            account_id=account.pk,
            username=account.username,
            token_id=row.pk,
            label=row.label,
            expires_at=row.expires_at,
        ),
        stream=f"account:{account.pk}",
        inserts=[row],
    )
    return row


@journal.action("people.revoke_token", roles=EVERYBODY)
def revoke_token(*, token_id: UUID, by: Actor) -> ApiToken:
    """Withdraw a token: one's own, or anybody's for an administrator."""
    row = ApiToken.objects.select_related("account").filter(pk=token_id, revoked_at__isnull=True).first()
    if row is None or (row.account_id != by.account_id and Role.ADMINISTRATOR not in by.roles):
        raise NotFound(Blocker("people.no_token", N_("There is no such token"), "token_id", str(token_id)))
    journal.record(
        facts.TokenRevoked(account_id=row.account_id, username=row.account.username, token_id=row.pk, label=row.label),
        stream=f"account:{row.account_id}",
        changes=[(row, {"revoked_at": datetime.now(UTC)})],
    )
    return row
