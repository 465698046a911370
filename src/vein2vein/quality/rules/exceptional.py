"""Exceptional release (例外放行) of a product that does not conform: only where the route knows it, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from vein2vein.core.refusals import N_, Blocker
from vein2vein.quality.rules.deviations import reason_blockers
from vein2vein.quality.states import RequestState


def route_blockers(*, market: str, route: str, rule_found: bool) -> list[Blocker]:
    """Return the hard block of a route without an exceptional release."""
    if rule_found:
        return []
    return [
        Blocker(
            code="quality.no_exceptional_release",
            message=N_("In %(market)s the route %(route)s knows no release of a product that does not conform"),
            field="route",
            value=route,
            mend=N_("Reject the batch; the physician then decides on another batch from what is left, or apheresis"),
            params={"market": market, "route": route},
        )
    ]


def request_blockers(
    *,
    batch_state: str,
    order_state: str,
    decided: bool,
    overall: str,
    assessed: bool,
    texts: dict[str, str],
    consent_signed_on: date,
    today: date,
) -> list[Blocker]:
    """Return why a request is not to be made: the product conforms, is not assessed, is decided, or words lack."""
    found = [one for field, text in texts.items() for one in reason_blockers(text, field)]
    if decided or order_state != "manufactured" or batch_state not in ("completed", "reviewed"):
        found.append(
            Blocker(
                code="quality.request_too_late",
                message=N_("The batch is %(batch)s, the order %(order)s: nothing is to be requested now"),
                field="batch_id",
                value=order_state,
                mend=N_("Load the page again"),
                params={"batch": batch_state, "order": order_state},
            )
        )
    if not assessed or overall != "does_not_conform":
        found.append(
            Blocker(
                code="quality.conforms_or_open",
                message=N_("The batch is not known not to conform: %(overall)s"),
                field="batch_id",
                value=overall,
                mend=N_("A product that conforms is released as its route says; wait for the assessment"),
                params={"overall": overall.replace("_", " ")},
            )
        )
    if consent_signed_on > today:
        found.append(
            Blocker(
                code="quality.consent_in_future",
                message=N_("The consent is dated in the future"),
                field="consent_signed_on",
                value=consent_signed_on.isoformat(),
                mend=N_("Give the day on which the patient signed"),
            )
        )
    return found


def step_blockers(*, state: str, wanted: RequestState, text: str, field: str) -> list[Blocker]:
    """Return why this step of a request is not the next, or says nothing."""
    found = reason_blockers(text, field)
    if state != wanted:
        found.append(
            Blocker(
                code="quality.request_state",
                message=N_("The request is %(state)s"),
                field="request_id",
                value=state,
                mend=N_("Physician's request, second physician's assessment, risk evaluation: one after the other"),
                params={"state": state},
            )
        )
    return found


def second_physician_blockers(*, by: str, requested_by: str, name: str) -> list[Blocker]:
    """Return why somebody may not assess a request: it is their own."""
    if by != requested_by:
        return []
    return [
        Blocker(
            code="quality.own_request",
            message=N_("Nobody assesses a request of their own"),
            field="by",
            value=name,
            mend=N_("Ask another physician of the hospital"),
        )
    ]


def nonconformity_blockers(*, overall: str, current: bool, lacking: Sequence[str]) -> list[Blocker]:
    """Return why a product is not one for an exceptional release: it conforms, or is not fully tested."""
    found = []
    if overall != "does_not_conform" or not current:
        found.append(
            Blocker(
                code="quality.conforms_or_open",
                message=N_("The batch is not known not to conform: %(overall)s"),
                field="evidence",
                value=overall,
                mend=N_("A product that conforms is released as its route says; wait for the assessment"),
                params={"overall": overall.replace("_", " ")},
            )
        )
    found += [
        Blocker(
            code="quality.test_lacking",
            message=N_("%(what)s has no result that counts"),
            field="evidence",
            value=one,
            mend=N_("The physician must know every result before the risk is taken"),
            params={"what": one},
        )
        for one in lacking
    ]
    return found


def statement(names_en: Sequence[str], names_zh: Sequence[str]) -> tuple[str, str]:
    """Return what label and certificate must say of a product that is supplied although it does not conform."""
    return (
        f"OUT OF SPECIFICATION: {', '.join(names_en)}. Exceptional supply at the physician's request",
        f"不符合质量标准：{'、'.join(names_zh)}。应医生申请例外供应",
    )
