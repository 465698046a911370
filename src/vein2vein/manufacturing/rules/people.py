"""Who may do, check, review and rule: nobody looks a second time at their own work (N14)."""

from __future__ import annotations

from collections.abc import Iterable

from vein2vein.core.actor import Role
from vein2vein.core.refusals import N_, Blocker


def role_blockers(needed: Role, held: Iterable[Role]) -> list[Blocker]:
    """Return why this person may not do a step: the definition names another role."""
    if needed in set(held):
        return []
    return [
        Blocker(
            code="manufacturing.wrong_role",
            message=N_("This step is for the role %(role)s"),
            field="role",
            value=", ".join(sorted(held)),
            mend=N_("Ask somebody who holds the role"),
            params={"role": needed.value},
        )
    ]


def witness_blockers(*, needed: bool, present: bool) -> list[Blocker]:
    """Return that a second person is missing at a step where two look at once."""
    if present or not needed:
        return []
    return [
        Blocker(
            code="manufacturing.second_person_missing",
            message=N_("Two people look at this step together"),
            field="witness",
            mend=N_("Ask a second person to check and sign now"),
        )
    ]


def checker_blockers(name: str, *, of_plant: bool) -> list[Blocker]:
    """Return that a second person does not work in the plant, at this site."""
    if of_plant:
        return []
    return [
        Blocker(
            code="manufacturing.checker_not_of_plant",
            message=N_("The second person must work at this site, in production or quality"),
            field="witness",
            value=name,
            mend=N_("Ask a colleague of the plant"),
        )
    ]


def verifier_blockers(verifier: str, doer: str) -> list[Blocker]:
    """Return that somebody would check their own work (N14)."""
    if verifier != doer:
        return []
    return [
        Blocker(
            code="manufacturing.own_work",
            message=N_("Nobody checks their own work"),
            field="by",
            value=verifier,
            mend=N_("Ask somebody who did not do this step"),
        )
    ]


def reviewer_blockers(reviewer: str, executed_by: Iterable[str]) -> list[Blocker]:
    """Return that the reviewer took part in making the batch (N14)."""
    if reviewer not in set(executed_by):
        return []
    return [
        Blocker(
            code="manufacturing.own_batch",
            message=N_("Nobody reviews a batch that they took part in making"),
            field="by",
            value=reviewer,
            mend=N_("Ask another QA reviewer"),
        )
    ]


def review_blockers(exceptions: int, comment: str) -> list[Blocker]:
    """Return that a review that found exceptions says nothing about them."""
    if not exceptions or comment.strip():
        return []
    return [
        Blocker(
            code="manufacturing.review_without_comment",
            message=N_("The record has %(exceptions)s exceptions: say what you found"),
            field="comment",
            mend=N_("Go through the exceptions and write your conclusion"),
            params={"exceptions": str(exceptions)},
        )
    ]


def quality_blockers(held: Iterable[Role]) -> list[Blocker]:
    """Return that somebody outside quality would decide on the age of starting material (N8)."""
    if {Role.QA_REVIEWER, Role.QUALIFIED_PERSON} & set(held):
        return []
    return [
        Blocker(
            code="manufacturing.quality_decides",
            message=N_("Quality alone decides whether starting material past its limit is processed"),
            field="by",
            value=", ".join(sorted(held)),
            mend=N_("Ask a QA reviewer or the qualified person"),
        )
    ]
