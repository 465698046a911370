"""What stands in the way of receiving a shipment and of using what was in it: seal, trace, review (N9)."""

from __future__ import annotations

from datetime import datetime

from vein2vein.core.refusals import N_, Blocker
from vein2vein.logistics.rules.journeys import state_blockers
from vein2vein.logistics.states import Finding, ShipmentState, TraceVerdict


def findings_of(verdict: TraceVerdict, *, seal_intact: bool) -> list[Finding]:
    """Return why a shipment must be quarantined at its receipt; nothing when all is well."""
    found = {
        TraceVerdict.OK: [],
        TraceVerdict.EXCURSION: [Finding.EXCURSION],
        TraceVerdict.INCOMPLETE: [Finding.INCOMPLETE_TRACE],
        TraceVerdict.MISSING: [Finding.MISSING_TRACE],
    }[verdict]
    return found if seal_intact else [*found, Finding.SEAL_BROKEN]


def trace_given_blockers(*, given: bool, reason: str) -> list[Blocker]:
    """Return why a receipt needs a logger's file, or the reason why there is none."""
    if given != bool(reason.strip()):
        return []
    return [
        Blocker(
            "logistics.trace_or_reason",
            N_("Give either the logger's file, or the reason why there is none"),
            field="trace",
            mend=N_("Read the logger out and upload its CSV; without one the shipment is quarantined"),
        )
    ]


def reason_blockers(reason: str, field: str) -> list[Blocker]:
    """Return why a decision lacks its reason."""
    if reason.strip():
        return []
    return [Blocker("logistics.no_reason", N_("A decision needs its reason"), field=field, mend=N_("Say why"))]


def review_blockers(state: str, *, own_receipt: bool) -> list[Blocker]:
    """Return why there is nothing to review, or not by this person."""
    found = state_blockers(state, [ShipmentState.QUARANTINED])
    if own_receipt:
        found.append(
            Blocker(
                "logistics.own_receipt",
                N_("Who received the shipment does not review it"),
                field="by",
                mend=N_("Ask another QA reviewer"),
            )
        )
    return found


def receipt_state_blockers(state: str) -> list[Blocker]:
    """Return why starting material cannot be accepted as things stand: not received, or not reviewed (N9)."""
    if state == ShipmentState.QUARANTINED:
        return [
            Blocker(
                "logistics.not_reviewed",
                N_("The shipment is quarantined: QA has not reviewed it"),
                field="shipment",
                value=state,
                mend=N_("Wait for QA's review of the excursion"),
            )
        ]
    return state_blockers(state, [ShipmentState.RECEIVED])


def time_blockers(packed_at: datetime | None, at: datetime) -> list[Blocker]:
    """Return why a receipt cannot be now: a journey lasts some time."""
    if packed_at is not None and at > packed_at:
        return []
    return [
        Blocker(
            "logistics.no_time_passed",
            N_("A shipment is received after it was packed"),
            field="received_at",
            value=at.isoformat(),
            mend=N_("Check the clock"),
        )
    ]
