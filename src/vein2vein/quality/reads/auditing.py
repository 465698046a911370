"""Reading the audit trail as it is reviewed, and the reviews that were signed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AccountId
from vein2vein.doors.reading import MOST_ROWS, page, read
from vein2vein.journal.reads import EntryView, first_recorded_at
from vein2vein.journal.searching import Sieve, sift
from vein2vein.quality.models import AuditReview

AUDITORS = (Role.ADMINISTRATOR, Role.QA_REVIEWER, Role.QUALIFIED_PERSON)
AuditReviewRow = AuditReview


@read("quality.list_audit_trail", roles=AUDITORS)
def list_audit_trail(
    *,
    since_at: datetime | None = None,
    until_at: datetime | None = None,
    account_id: AccountId | None = None,
    what: str = "",
    subject: str = "",
    before: int | None = None,
    limit: int = 50,
    by: Actor,
) -> list[EntryView]:
    """Return the entries of the audit trail that pass a filter, newest first, older than the entry `before`."""
    del by
    return sift(
        Sieve(since_at, until_at, account_id, what, subject), before=before, limit=max(1, min(limit, MOST_ROWS))
    )


@read("quality.list_audit_reviews", roles=AUDITORS)
def list_audit_reviews(
    *, limit: int = 50, after: UUID | None = None, newest: bool = False, by: Actor
) -> list[AuditReview]:
    """Return the signed reviews of the audit trail, oldest or newest first."""
    del by
    return page(AuditReview.objects.select_related("account"), limit, after, newest=newest)


def last_whole_review() -> datetime | None:
    """Return up to when every entry since the first was in an unfiltered review; None where there is a gap at once."""
    whole = AuditReview.objects.filter(account__isnull=True, what="", subject="").order_by("since_at")
    begun = first_recorded_at()
    covered = begun
    for since_at, until_at in whole.values_list("since_at", "until_at"):
        if covered is None or since_at > covered:
            break
        covered = max(covered, until_at)
    return None if covered == begun else covered
