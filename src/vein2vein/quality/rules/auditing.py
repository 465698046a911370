"""What stands in the way of signing a review of the audit trail."""

from __future__ import annotations

from datetime import datetime, timedelta

from vein2vein.core.refusals import N_, Blocker
from vein2vein.quality.states import AuditConclusion

SETTLED = timedelta(minutes=1)
"""How long ago a reviewed span must have ended: what was being recorded then has been written by now."""


def review_blockers(
    *,
    since_at: datetime,
    until_at: datetime,
    at: datetime,
    entries: int,
    conclusion: AuditConclusion,
    comment: str,
    own: bool,
) -> list[Blocker]:
    """Return why a review is not signed: its span, nothing in it, findings untold, or one's own acts alone."""
    found = []
    if not since_at < until_at <= at - SETTLED:
        message, mend = N_("The span has no length, or ends less than a minute ago"), N_("Choose a span that is over")
        found.append(Blocker("quality.audit_span", message, field="until_at", mend=mend))
    if own:
        message, mend = N_("Nobody reviews the trail of their own acts"), N_("Let another reviewer sign it")
        found.append(Blocker("quality.audit_own", message, field="account_id", mend=mend))
    if entries == 0:
        message, mend = N_("No entry passes this filter: there is nothing to review"), N_("Choose another filter")
        found.append(Blocker("quality.audit_empty", message, field="entries", mend=mend))
    if conclusion is AuditConclusion.FINDINGS and not comment.strip():
        message, mend = N_("Findings are not told"), N_("Say what was found, and open a deviation for it")
        found.append(Blocker("quality.audit_findings", message, field="comment", mend=mend))
    return found
