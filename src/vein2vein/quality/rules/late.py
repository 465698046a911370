"""Late findings on released products (N17): who must know by when, what closes an alert, the second stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from vein2vein.core.actor import Role
from vein2vein.core.refusals import N_, Blocker
from vein2vein.quality.rules.deviations import reason_blockers
from vein2vein.quality.states import AlertMoment, AlertState, ProductHold

ACKNOWLEDGE_WITHIN = timedelta(hours=1)
"""How long a physician has before others are called: a house rule, the same at each level."""

CALLED: tuple[frozenset[Role], ...] = (
    frozenset({Role.PHYSICIAN}),
    frozenset({Role.PHYSICIAN, Role.COORDINATOR, Role.QUALIFIED_PERSON}),
    frozenset({Role.PHYSICIAN, Role.COORDINATOR, Role.QUALIFIED_PERSON, Role.QA_REVIEWER, Role.ADMINISTRATOR}),
)
"""Whom an alert calls at each level: the hospital's physicians, then those on call at the base, then everybody."""


def called_at(level: int) -> frozenset[Role]:
    """Return the roles that an alert calls at a level; the last one stays."""
    return CALLED[min(level, len(CALLED) - 1)]


def acknowledge_blockers(*, state: str, treatment: str) -> list[Blocker]:
    """Return why an alert cannot be acknowledged so: it was already, or it says nothing of the patient."""
    found = reason_blockers(treatment, "treatment")
    if state != AlertState.RAISED:
        found.append(_state(state, N_("It was acknowledged already; load the page again")))
    return found


def report_blockers(*, state: str, reference: str) -> list[Blocker]:
    """Return why an alert cannot be reported on: the physician does not know yet, or there is no reference."""
    found = reason_blockers(reference, "reference")
    if state == AlertState.RAISED:
        found.append(
            Blocker(
                code="quality.physician_does_not_know",
                message=N_("No physician has acknowledged this finding yet"),
                field="alert_id",
                mend=N_("Reach the physician first: the alert stays open, and goes on calling"),
            )
        )
    elif state != AlertState.ACKNOWLEDGED:
        found.append(_state(state, N_("It was reported already; load the page again")))
    return found


def close_alert_blockers(
    *, state: str, moment: str, product_decision: str, deviations: Sequence[str], reason: str
) -> list[Blocker]:
    """Return what an alert still asks for before it is closed."""
    found = reason_blockers(reason, "reason")
    if state in (AlertState.RAISED, AlertState.ACKNOWLEDGED):
        found.append(
            Blocker(
                code="quality.alert_not_reported",
                message=N_("The physician's acknowledgement and the report come first; it is %(state)s"),
                field="alert_id",
                value=state,
                mend=N_("Have it acknowledged, then report it"),
                params={"state": state},
            )
        )
    elif state == AlertState.CLOSED:
        found.append(_state(state, N_("Nothing is left to do here")))
    if moment == AlertMoment.BEFORE_INFUSION and not product_decision:
        found.append(
            Blocker(
                code="quality.product_undecided",
                message=N_("Nobody has decided yet what becomes of the product that is held"),
                field="alert_id",
                mend=N_("Recall it, or release it again when the finding was invalidated"),
            )
        )
    found += [
        Blocker(
            code="quality.deviation_open",
            message=N_("Deviation %(what)s is open"),
            field="alert_id",
            value=one,
            mend=N_("Investigate and close the deviation"),
            params={"what": one},
        )
        for one in deviations
    ]
    return found


def held_blockers(
    *, moment: str, decided: str, decision: ProductHold, finding_stands: bool, deviations: Sequence[str], reason: str
) -> list[Blocker]:
    """Return why this cannot be decided about a held product: a finding that stands never goes to a patient."""
    found = reason_blockers(reason, "reason")
    if moment != AlertMoment.BEFORE_INFUSION or decided:
        found.append(
            Blocker(
                code="quality.nothing_held",
                message=N_("No product waits for this decision"),
                field="alert_id",
                value=decided or moment,
                mend=N_("Load the page again"),
            )
        )
    if decision is ProductHold.RELEASE_AGAIN and finding_stands:
        found.append(
            Blocker(
                code="quality.finding_stands",
                message=N_("The finding stands: the product does not go to a patient"),
                field="decision",
                value=decision.value,
                mend=N_("Recall it; only a finding that a laboratory investigation invalidated lets it go again"),
            )
        )
    if decision is ProductHold.RELEASE_AGAIN:
        found += [
            Blocker(
                code="quality.deviation_open",
                message=N_("Deviation %(what)s is open"),
                field="decision",
                value=one,
                mend=N_("Investigate and close the deviation"),
                params={"what": one},
            )
            for one in deviations
        ]
    return found


def second_stage_blockers(
    *,
    release_type: str,
    open_tests: Sequence[str],
    completed: bool,
    failed: Sequence[str],
    lacking: Sequence[str],
    deviations: Sequence[str],
) -> list[Blocker]:
    """Return why the second stage of a release cannot be completed: tests missing, failed, or nothing was open."""
    if release_type != "two_stage" or not open_tests or completed:
        return [
            Blocker(
                code="quality.no_second_stage",
                message=N_("This release awaits no second stage"),
                field="batch_id",
                value=release_type,
                mend=N_("Load the page again"),
            )
        ]
    told = [("second_stage_failed", N_("%(what)s does not conform"), one) for one in failed]
    told += [("second_stage_open", N_("%(what)s has no result that counts"), one) for one in lacking]
    told += [("deviation_open", N_("Deviation %(what)s is open"), one) for one in deviations]
    return [
        Blocker(
            code=f"quality.{code}",
            message=message,
            field="batch_id",
            value=one,
            mend=N_("The first stage stands meanwhile; a late finding raises an alert by itself"),
            params={"what": one},
        )
        for code, message, one in told
    ]


def fulfil_blockers(*, role: str, roles: frozenset[Role], name: str, reference: str) -> list[Blocker]:
    """Return why somebody may not say that an obligation is fulfilled."""
    found = reason_blockers(reference, "reference")
    if role not in {one.value for one in roles}:
        found.append(
            Blocker(
                code="quality.obliges_another",
                message=N_("This is an obligation of the %(role)s"),
                field="by",
                value=name,
                mend=N_("Ask who holds that role"),
                params={"role": role},
            )
        )
    return found


def _state(state: str, mend: str) -> Blocker:
    return Blocker(
        code="quality.alert_state",
        message=N_("The alert is %(state)s"),
        field="alert_id",
        value=state,
        mend=mend,
        params={"state": state},
    )
