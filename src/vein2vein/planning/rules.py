"""Why something of planning is refused: pure functions of plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from vein2vein.core.refusals import N_, Blocker
from vein2vein.orders.states import OrderState
from vein2vein.planning.states import PlanState

GOOD_FOR = timedelta(hours=4)
"""A plan that is older is made again before it is signed."""
HELD_FOR = timedelta(hours=72)
"""How long a promise is kept for an order that is not accepted yet."""
PROMISABLE = (OrderState.DRAFTED, OrderState.SUBMITTED, OrderState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A promised date that a plan moves, as the rules see it."""

    order_code: str
    was_at: datetime
    becomes_at: datetime
    confirmed: bool


def promise_blockers(state: str, *, planner: bool) -> list[Blocker]:
    """Return why no date can be promised for an order in a state, by a planner or a hospital."""
    if state not in PROMISABLE:
        return [
            Blocker(
                "planning.not_promisable",
                N_("The order is %(state)s: its dates follow from the plan"),
                "order_id",
                state,
                N_("Look at the planner's board"),
                {"state": state},
            )
        ]
    if state == OrderState.ACCEPTED and not planner:
        return [
            Blocker(
                "planning.accepted",
                N_("The order is accepted: the planner moves its date"),
                "order_id",
                state,
                N_("Ask the planner"),
            )
        ]
    return []


def adoption_blockers(
    state: str,
    *,
    as_of_at: datetime,
    now: datetime,
    changes: Iterable[ChangeView],
    happened_since: int,
) -> list[Blocker]:
    """Return why a plan cannot be signed: no draft, too old, overtaken, or a promised date moves unconfirmed."""
    found = draft_blockers(state)
    if now - as_of_at > GOOD_FOR:
        found.append(
            Blocker(
                "planning.too_old",
                N_("The plan was made more than %(hours)s h ago"),
                "plan_id",
                as_of_at.isoformat(timespec="minutes"),
                N_("Make it again"),
                {"hours": str(GOOD_FOR // timedelta(hours=1))},
            )
        )
    if happened_since:
        found.append(
            Blocker(
                "planning.overtaken",
                N_("%(count)s disruptions came after the plan was made"),
                "plan_id",
                str(happened_since),
                N_("Make the plan again"),
                {"count": str(happened_since)},
            )
        )
    return [*found, *(_unconfirmed(one) for one in changes if not one.confirmed)]


def draft_blockers(state: str) -> list[Blocker]:
    """Return why a plan cannot be worked on: it is no draft."""
    if state == PlanState.DRAFT:
        return []
    return [
        Blocker(
            "planning.no_draft",
            N_("The plan is %(state)s, no draft"),
            "plan_id",
            state,
            N_("Make a plan"),
            {"state": state},
        )
    ]


def _unconfirmed(change: ChangeView) -> Blocker:
    return Blocker(
        "planning.date_unconfirmed",
        N_("The promised date of %(order)s would move from %(was)s to %(becomes)s, and nobody has confirmed it"),
        "plan_id",
        change.order_code,
        N_("Tell the hospital, then confirm the new date by name"),
        {
            "order": change.order_code,
            "was": change.was_at.isoformat(timespec="minutes"),
            "becomes": change.becomes_at.isoformat(timespec="minutes"),
        },
    )


def reason_blockers(reason: str) -> list[Blocker]:
    """Return why a reason is not enough."""
    if reason.strip():
        return []
    return [Blocker("planning.no_reason", N_("Say why"), "reason", "", N_("Write the reason in a sentence"))]


def undo_blockers(state: str, *, has_parent: bool) -> list[Blocker]:
    """Return why nothing can be undone."""
    if state == PlanState.DRAFT and not has_parent:
        return [
            Blocker(
                "planning.nothing_to_undo",
                N_("Nothing was moved in this plan"),
                "plan_id",
                "",
                N_("Only what is not signed can be undone, one move after the other"),
            )
        ]
    return draft_blockers(state)


def absence_blockers(unit: str, known: Iterable[str], starts_at: datetime, ends_at: datetime) -> list[Blocker]:
    """Return why an absence cannot be recorded: nobody and nothing of that code, or it ends before it begins."""
    found = []
    if unit not in set(known):
        found.append(
            Blocker(
                "planning.no_unit",
                N_("Nobody and nothing of this code is planned"),
                "unit_code",
                unit[:80],
                N_("Give a user name, or the code of a unit as the board shows it"),
            )
        )
    if ends_at <= starts_at:
        found.append(
            Blocker(
                "planning.absence_backwards",
                N_("It ends before it begins"),
                "ends_at",
                ends_at.isoformat(timespec="minutes"),
                N_("Give a later end"),
            )
        )
    return found


def gone_blockers(ended: bool) -> list[Blocker]:
    """Return why something cannot be ended: it is over already."""
    if not ended:
        return []
    return [Blocker("planning.over", N_("This is over already"), "", "", N_("Load the page again"))]


def release_blockers(state: str, *, planner: bool) -> list[Blocker]:
    """Return why a promised date cannot be given back: the order is accepted, so that another date is needed first."""
    if state in (OrderState.DRAFTED, OrderState.SUBMITTED):
        return []
    return (
        promise_blockers(state, planner=False)
        if not planner
        else [
            Blocker(
                "planning.needs_date",
                N_("The order is accepted: it needs a date"),
                "order_id",
                state,
                N_("Promise another date, or give the slot back"),
            )
        ]
    )
