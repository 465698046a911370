"""What stands in the way of receiving a shipment and of using what was in it: seal, trace, review (N9)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from vein2vein.core.refusals import N_, Blocker
from vein2vein.logistics.rules.journeys import state_blockers
from vein2vein.logistics.states import Finding, IncidentKind, ShipmentState, TraceVerdict


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of a shipment at its receipt, beside its seal and its trace."""

    tipped: bool = False
    cracked: bool = False
    hold_time_over: bool = False
    incident: bool = False
    not_awaited: bool = False


def findings_of(verdict: TraceVerdict, *, seal_intact: bool, seen: Seen = Seen()) -> list[Finding]:
    """Return why a shipment must be quarantined at its receipt; nothing when all is well."""
    found = {
        TraceVerdict.OK: [],
        TraceVerdict.EXCURSION: [Finding.EXCURSION],
        TraceVerdict.INCOMPLETE: [Finding.INCOMPLETE_TRACE],
        TraceVerdict.MISSING: [Finding.MISSING_TRACE],
    }[verdict]
    found += [] if seal_intact else [Finding.SEAL_BROKEN]
    told = {
        Finding.TIPPED: seen.tipped,
        Finding.CRACKED: seen.cracked,
        Finding.HOLD_TIME_OVER: seen.hold_time_over,
        Finding.INCIDENT: seen.incident,
        Finding.NOT_AWAITED: seen.not_awaited,
    }
    return [*found, *(finding for finding, true in told.items() if true)]


def cracked_blockers(cracked: Collection[str], contents: Collection[str]) -> list[Blocker]:
    """Return which containers said to be cracked are not in the shipment."""
    return [
        Blocker(
            "logistics.cracked_elsewhere",
            N_("Container %(container)s is not in this shipment"),
            field="cracked_containers",
            value=code,
            mend=N_("Scan only containers of this shipment"),
            params={"container": code},
        )
        for code in cracked
        if code not in contents
    ]


def nothing_left_blockers(*, accepting: bool, left: int, awaited: bool) -> list[Blocker]:
    """Return why a quarantined shipment cannot be accepted: nothing in it is whole, or nobody waits for it."""
    if not accepting or (left and awaited):
        return []
    if not awaited:
        return [
            Blocker(
                "logistics.nobody_waits",
                N_("The treatment course does not wait for this any more"),
                field="decision",
                mend=N_("Reject it, or decide about the course first"),
            )
        ]
    return [
        Blocker(
            "logistics.nothing_whole",
            N_("Every container in it is rejected"),
            field="decision",
            mend=N_("Reject the shipment; the treating physician decides how the course goes on"),
        )
    ]


def late_finding_blockers(*, accepting: bool, alerts: Collection[str]) -> list[Blocker]:
    """Return why a review does not release what a late finding holds: the finding is decided about first (N17)."""
    if not accepting:
        return []
    return [
        Blocker(
            "logistics.late_finding",
            N_("The late finding %(alert)s holds this product"),
            field="decision",
            value=code,
            mend=N_("Wait until the qualified person has decided about the product that is held"),
            params={"alert": code},
        )
        for code in alerts
    ]


def incident_blockers(kind: IncidentKind, *, expected_at: datetime | None, at: datetime) -> list[Blocker]:
    """Return what an incident report lacks: a delay says when the shipment is expected now."""
    if kind is not IncidentKind.DELAYED or (expected_at is not None and expected_at > at):
        return []
    return [
        Blocker(
            "logistics.no_new_time",
            N_("A delay says when the shipment is expected now"),
            field="expected_at",
            value="" if expected_at is None else expected_at.isoformat(),
            mend=N_("Give the time at which it will arrive"),
        )
    ]


def referral_blockers(missed: Collection[Blocker]) -> list[Blocker]:
    """Return why a count is not referred: it meets every limit."""
    if missed:
        return []
    return [
        Blocker(
            "logistics.within_limits",
            N_("The count meets every limit"),
            field="counter",
            mend=N_("Accept the starting material"),
        )
    ]


def rejectable_blockers(disposition: str) -> list[Blocker]:
    """Return why starting material is not rejected at the receipt gate: it was decided on already."""
    if disposition == "quarantined":
        return []
    return [
        Blocker(
            "logistics.decided_already",
            N_("The starting material is %(disposition)s already"),
            field="scanned_container",
            value=disposition,
            mend=N_("Load the page again"),
            params={"disposition": disposition},
        )
    ]


def judgement_blockers(*, side: str, said: str, other_by_same: bool, state: str) -> list[Blocker]:
    """Return why this person does not judge: it was said, it is decided, or the same person said the other half."""
    found = []
    if said or state != "quarantined":
        found.append(
            Blocker(
                "logistics.judged_already",
                N_("The %(side)s decision was made already"),
                field="decision",
                value=said,
                mend=N_("Load the page again"),
                params={"side": side},
            )
        )
    if other_by_same:
        found.append(
            Blocker(
                "logistics.two_minds",
                N_("The medical and the quality decision are made by two people"),
                field="by",
                mend=N_("Ask the other one"),
            )
        )
    return found


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
