"""The review of the audit trail: what a signature covers, and what is not signed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.refusals import NotAllowed, Refused
from vein2vein.journal.reads import first_recorded_at, list_recent, list_stream
from vein2vein.quality.models import AuditReview
from vein2vein.quality.reads import last_whole_review, list_audit_reviews
from vein2vein.quality.rules.auditing import SETTLED
from vein2vein.quality.states import AuditConclusion

Find = Callable[[str], Actor]
Sign = Callable[..., Actor]
REVIEW = "quality.review_audit_trail"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def given(**changed: Any) -> dict[str, Any]:
    """Return good arguments of a review of everything up to what is settled, with some changed."""
    told: dict[str, Any] = {"since_at": LONG_AGO, "until_at": clock.now() - SETTLED}
    return told | {"conclusion": AuditConclusion.NOTHING_FOUND} | changed


def test_a_signed_review_says_what_it_covered(clock_at: SimulatedClock, actor: Find, sign: Sign) -> None:
    told = given(what="network")
    row = journal.ACTIONS[REVIEW].run(**told, by=sign(actor("qareviewer"), REVIEW, **told))
    entry = list_stream(f"audit:{row.pk}")[-1]
    assert (entry.fact, entry.data["what"]) == ("quality.AuditTrailReviewed", "network")
    assert entry.data["digest"] == row.digest
    assert entry.payload["signatures"][0]["meaning"] == "audit trail reviewed"
    assert row.entries == entry.data["entries"] > 0
    begun = first_recorded_at()
    assert begun is not None
    late = given(since_at=begun + timedelta(seconds=1))
    journal.ACTIONS[REVIEW].run(**late, by=sign(actor("qp"), REVIEW, **late))
    assert last_whole_review() is None  # it leaves a gap at the beginning
    whole = given(comment="the week's routine")
    journal.ACTIONS[REVIEW].run(**whole, by=sign(actor("qp"), REVIEW, **whole))
    assert last_whole_review() == whole["until_at"]
    assert {one.what for one in list_audit_reviews(by=actor("admin"))} == {"network", ""}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"conclusion": AuditConclusion.FINDINGS}, "quality.audit_findings"),
        ({"subject": "batch:none"}, "quality.audit_empty"),
        ({"until_at": LONG_AGO - timedelta(days=1)}, "quality.audit_span"),
        ({"until_at": LONG_AGO + timedelta(days=36500)}, "quality.audit_span"),
        ({"account_id": "own"}, "quality.audit_own"),
    ],
)
def test_a_review_that_is_not_signed(
    clock_at: SimulatedClock, actor: Find, sign: Sign, changed: dict[str, Any], code: str
) -> None:
    by = actor("qareviewer")
    told = given(**changed)
    if told.get("account_id") == "own":
        told["account_id"] = by.account_id
    before = list_recent(limit=1)[0].id
    with pytest.raises(Refused) as caught:
        journal.ACTIONS[REVIEW].run(**told, by=sign(by, REVIEW, **told))
    assert code in [one.code for one in caught.value.blockers]
    for who in ("admin", "qcreviewer", "physician.rj", "supervisor", "qp"):
        with pytest.raises(NotAllowed):  # the wrong role, or no signature
            journal.ACTIONS[REVIEW].run(**given(), by=actor(who))
    assert (list_recent(limit=1)[0].id, AuditReview.objects.count()) == (before, 0)
