"""Thaw, three-way match and infusion: wristband, bag and order, two people, and nothing but the released dose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from vein2vein.core.refusals import N_, Blocker
from vein2vein.orders.states import OrderState


@dataclass(frozen=True, slots=True)
class BagView:
    """A scanned bag as it is on record; `patient_id` and `therapy_code` are those of its chain of identity."""

    code: str
    coi_id: UUID
    patient_id: UUID
    therapy_code: str
    kind: str
    state: str
    disposition: str
    expires_at: datetime | None
    in_dose: bool
    cells: Decimal
    thawed_at: datetime | None
    matched_at: datetime | None
    infusing: bool


@dataclass(frozen=True, slots=True)
class Bedside:
    """The order at the bedside: its thread, its state, what was confirmed and what has been given."""

    coi_id: UUID
    patient_id: UUID
    therapy_code: str
    state: str
    rfi_number: str
    dose_confirmed_total: Decimal | None
    given_cells: Decimal
    lymphodepletion_started_at: datetime | None
    lymphodepletion_least: timedelta
    lymphodepletion_most: timedelta
    thaw_limit: timedelta


def _blocker(code: str, message: str, bag: BagView, mend: str, **params: str) -> Blocker:
    return Blocker(
        code=f"orders.{code}", message=message, field="scanned_bag", value=bag.code, mend=mend, params=params
    )


def bag_blockers(order: Bedside, bag: BagView, *, at: datetime) -> list[Blocker]:
    """Return why this bag is not one for this order: another's, the patient's own wrong one, unreleased, expired."""
    if bag.coi_id != order.coi_id:
        if bag.patient_id != order.patient_id:
            message, code = N_("STOP: this bag belongs to another patient"), "bag_of_another_patient"
        else:
            message, code = (
                N_("STOP: this bag belongs to another treatment course of this patient"),
                "bag_of_another_course",
            )
        return [_blocker(code, message, bag, N_("Put it back, call the cell laboratory, and take the right bag"))]
    found = []
    if bag.kind != "final_product" or not bag.in_dose:
        found.append(
            _blocker(
                "bag_not_of_dose",
                N_("This container is not part of the dose that was released for this order"),
                bag,
                N_("Use only the bags named in the release for infusion"),
            )
        )
    if bag.disposition != "released" or not order.rfi_number:
        found.append(
            _blocker(
                "bag_not_released",
                N_("This container is not released (%(disposition)s)"),
                bag,
                N_("Do not use it; call the manufacturer"),
                disposition=bag.disposition,
            )
        )
    if bag.expires_at is None or bag.expires_at <= at:
        found.append(
            _blocker(
                "bag_expired",
                N_("This container has expired, or has no expiry"),
                bag,
                N_("Do not use it; call the manufacturer"),
            )
        )
    return found


def thaw_blockers(order: Bedside, bag: BagView, *, at: datetime) -> list[Blocker]:
    """Return why this bag may not be thawed now."""
    found = bag_blockers(order, bag, at=at)
    if bag.coi_id != order.coi_id:
        return found
    if order.state not in (OrderState.CLEARED, OrderState.THAWED):
        found.append(
            Blocker(
                code="orders.not_cleared",
                message=N_("The order is %(state)s: nothing is thawed before the clearance to lymphodeplete"),
                field="state",
                value=order.state,
                mend=N_("Clear the patient first"),
                params={"state": order.state},
            )
        )
    found += _dose_blockers(order, bag) + _lymphodepletion_blockers(order, at)
    if bag.state != "active":
        found.append(
            _blocker(
                "bag_not_active",
                N_("This container is %(state)s"),
                bag,
                N_("Only a closed, frozen bag is thawed, and only once"),
                state=bag.state,
            )
        )
    return found


def _dose_blockers(order: Bedside, bag: BagView) -> list[Blocker]:
    if order.dose_confirmed_total is None:
        return [
            Blocker(
                code="orders.dose_not_confirmed",
                message=N_("The treating physician has not confirmed the dose"),
                field="dose",
                mend=N_("Have the weight re-checked and the dose confirmed"),
            )
        ]
    if order.given_cells + bag.cells > order.dose_confirmed_total:
        return [
            _blocker(
                "more_than_dose",
                N_("With this bag the patient would get more than the confirmed dose"),
                bag,
                N_("Do not give it"),
            )
        ]
    return []


def _lymphodepletion_blockers(order: Bedside, at: datetime) -> list[Blocker]:
    started = order.lymphodepletion_started_at
    if started is None:
        return [
            Blocker(
                code="orders.lymphodepletion_not_reported",
                message=N_("Lymphodepletion is not reported"),
                field="lymphodepletion",
                mend=N_("Report when it began"),
            )
        ]
    if order.lymphodepletion_least <= at - started <= order.lymphodepletion_most:
        return []
    return [
        Blocker(
            code="orders.lymphodepletion_interval",
            message=N_("Between the start of lymphodepletion and the thaw lie %(least)s to %(most)s days"),
            field="lymphodepletion",
            value=started.isoformat(),
            mend=N_("Wait, or call the manufacturer when the time has passed"),
            params={
                "least": f"{order.lymphodepletion_least / timedelta(days=1):g}",
                "most": f"{order.lymphodepletion_most / timedelta(days=1):g}",
            },
        )
    ]


def match_blockers(
    order: Bedside, bag: BagView, *, wristband_coi_id: UUID, two_people: bool, at: datetime
) -> list[Blocker]:
    """Return why wristband, bag and order do not agree before two people (N5)."""
    found = []
    if wristband_coi_id != order.coi_id:
        found.append(
            Blocker(
                code="orders.wristband_of_another",
                message=N_("STOP: this wristband is not that of the patient of this order"),
                field="scanned_wristband",
                mend=N_("Identify the patient again; do not infuse"),
            )
        )
    if not two_people:
        found.append(
            Blocker(
                code="orders.second_person",
                message=N_("Two people look at wristband, bag and order"),
                field="witness",
                mend=N_("Ask a second person to scan and sign"),
            )
        )
    return found + _fit_blockers(order, bag, at)


def _fit_blockers(order: Bedside, bag: BagView, at: datetime) -> list[Blocker]:
    found = bag_blockers(order, bag, at=at)
    if bag.coi_id != order.coi_id:
        return found  # of a stranger's bag nothing more is said
    return found + _dose_blockers(order, bag) + _thawed_blockers(order, bag, at)


def _thawed_blockers(order: Bedside, bag: BagView, at: datetime) -> list[Blocker]:
    if order.state != OrderState.THAWED or bag.state != "thawed" or bag.thawed_at is None:
        return [
            _blocker(
                "bag_not_thawed",
                N_("This container was not thawed for this order (it is %(state)s)"),
                bag,
                N_("Thaw it by the procedure first"),
                state=bag.state,
            )
        ]
    if at >= bag.thawed_at + order.thaw_limit:
        return [
            _blocker(
                "thaw_too_old",
                N_("The bag was thawed more than %(minutes)s minutes ago"),
                bag,
                N_("Do not infuse it; call the manufacturer"),
                minutes=f"{order.thaw_limit.total_seconds() / 60:g}",
            )
        ]
    return []


def start_infusion_blockers(order: Bedside, bag: BagView, *, at: datetime) -> list[Blocker]:
    """Return why the infusion of this bag may not begin: everything of the match still holds, and it was matched."""
    found = _fit_blockers(order, bag, at)
    if bag.coi_id != order.coi_id:
        return found
    if bag.matched_at is None:
        found.append(
            _blocker(
                "bag_not_matched",
                N_("Wristband, bag and order were not matched at the bedside"),
                bag,
                N_("Match them, two people, immediately before the infusion"),
            )
        )
    if bag.infusing:
        found.append(
            _blocker("infusion_started", N_("The infusion of this bag was started already"), bag, N_("Record its end"))
        )
    return found


def infusion_volume_blockers(*, bag_volume_ml: Decimal, volume_ml: Decimal) -> list[Blocker]:
    """Return what is wrong with the volume that was infused."""
    if 0 <= volume_ml <= bag_volume_ml:
        return []
    return [
        Blocker(
            code="orders.infused_volume",
            message=N_("The bag holds %(most)s mL"),
            field="volume_ml",
            value=str(volume_ml),
            mend=N_("Give the volume that left the bag, without the rinse"),
            params={"most": f"{bag_volume_ml:f}"},
        )
    ]


def infusion_end_within_limit(
    *, thawed_at: datetime, started_at: datetime, ended_at: datetime, thaw_limit: timedelta, longest: timedelta
) -> bool:
    """Say whether an infusion ended in time: since the thaw, and in itself."""
    return ended_at - thawed_at <= thaw_limit and ended_at - started_at <= longest
