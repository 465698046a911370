"""The review of the audit trail, signed."""

from __future__ import annotations

from datetime import datetime

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AccountId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.journal.sealing import latest_seal
from vein2vein.journal.searching import Sieve, extent
from vein2vein.quality import facts
from vein2vein.quality.models import AuditReview
from vein2vein.quality.rules.auditing import review_blockers
from vein2vein.quality.states import AuditConclusion


@journal.action(
    "quality.review_audit_trail",
    roles={Role.QA_REVIEWER, Role.QUALIFIED_PERSON},
    signed=N_("audit trail reviewed"),
)
def review_audit_trail(
    *,
    since_at: datetime,
    until_at: datetime,
    conclusion: AuditConclusion,
    account_id: AccountId | None = None,
    what: str = "",
    subject: str = "",
    comment: str = "",
    by: Actor,
) -> AuditReview:
    """Sign that the entries of a span that pass a filter were reviewed: how many, what fixes which, and the root."""
    at = journal.current().at
    seen = extent(Sieve(since_at, until_at, account_id, what, subject))
    refuse_any(
        review_blockers(
            since_at=since_at,
            until_at=until_at,
            at=at,
            entries=seen.entries,
            conclusion=conclusion,
            comment=comment,
            own=account_id == by.account_id,
        )
    )
    seal = latest_seal()
    row = AuditReview(
        since_at=since_at,
        until_at=until_at,
        account_id=account_id,
        what=what,
        subject=subject,
        entries=seen.entries,
        digest=seen.digest,
        root="" if seal is None else seal.root,
        conclusion=conclusion.value,
        comment=comment,
        reviewed_at=at,
        reviewed_by_id=by.account_id,
        reviewed_by_name=by.name,
    )
    journal.record(
        facts.AuditTrailReviewed(
            review_id=row.pk,
            since_at=since_at,
            until_at=until_at,
            account_id=account_id,
            what=what,
            subject=subject,
            entries=row.entries,
            digest=row.digest,
            root=row.root,
            conclusion=row.conclusion,
            comment=comment,
        ),
        stream=f"audit:{row.pk}",
        refs=[one for one in (f"account:{account_id}" if account_id else "", subject) if one],
        inserts=[row],
    )
    return row
