"""Gates along the course: hospital, reconfirmation, collection, release, lymphodepletion, visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.definitions.model.supply import Reconfirmation, StartingMaterialRule
from vein2vein.engines.definitions.values import Quantity
from vein2vein.orders.rules.dose import DosePlan
from vein2vein.orders.states import SECURED


def hospital_blockers(*, code: str, qualified_until: date | None, on: date) -> list[Blocker]:
    """Return what keeps a hospital from treating on a day."""
    if qualified_until is not None and qualified_until >= on:
        return []
    return [
        Blocker(
            code="orders.hospital_not_qualified",
            message=N_("The hospital is not qualified on %(on)s"),
            field="hospital_code",
            value=code,
            mend=N_("Have the site qualified, or choose another day"),
            params={"on": on.isoformat()},
        )
    ]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A site's reconfirmation: before which moment, by which role, when."""

    moment: str
    role: str
    confirmed_at: datetime


def reconfirmation_blockers(
    rules: Sequence[Reconfirmation], confirmed: Sequence[Confirmed], *, moment: str, at: datetime
) -> list[Blocker]:
    """Return one blocker for each reconfirmation that the definition asks for before `moment` and that is not there."""
    found = []
    for rule in rules:
        if rule.before != moment:
            continue
        times = [one.confirmed_at for one in confirmed if one.moment == moment and one.role == rule.role]
        if not any(timedelta(0) <= at - time <= rule.within for time in times):
            found.append(
                Blocker(
                    code="orders.not_reconfirmed",
                    message=N_("The site must reconfirm, at most %(hours)s hours before: %(text)s"),
                    field="reconfirmation",
                    value=max(times).isoformat() if times else "",
                    mend=N_("Have the site's %(role)s reconfirm now"),
                    params={
                        "hours": f"{rule.within.total_seconds() / 3600:g}",
                        "text": rule.text.en,
                        "role": rule.role.value,
                    },
                )
            )
    return found


def collection_end_blockers(
    rule: StartingMaterialRule | None, *, alternative: str, volume_ml: Decimal, started_at: datetime, ended_at: datetime
) -> list[Blocker]:
    """Return what is wrong with the end of a collection as it is written down."""
    if rule is None:
        return [
            Blocker(
                code="orders.alternative",
                message=N_("The definition knows no such starting material"),
                field="alternative",
                value=alternative,
                mend=N_("Choose one that the definition names"),
            )
        ]
    found = []
    if volume_ml <= 0 or not rule.volume.holds(Quantity(volume_ml, "mL")):
        found.append(
            Blocker(
                code="orders.collection_volume",
                message=N_("The volume must be %(bounds)s"),
                field="volume_ml",
                value=str(volume_ml),
                mend=N_("Weigh the bag again; where the volume is true, speak with the site before it is shipped"),
                params={"bounds": str(rule.volume)},
            )
        )
    if ended_at < started_at:
        found.append(
            Blocker(
                code="orders.collection_times",
                message=N_("A collection cannot end before it began"),
                field="ended_at",
                value=ended_at.isoformat(),
                mend=N_("Correct the time"),
            )
        )
    return found


def release_blockers(
    plan: DosePlan, *, rfi_number: str, weight_kg: Decimal, bag_cells: Sequence[Decimal], faults: Sequence[str]
) -> list[Blocker]:
    """Return what keeps a release from being recorded; `faults` name containers that are not this order's product."""
    found = [
        Blocker(
            code="orders.release_wrong_container",
            message=N_("This container is not released product of this treatment course"),
            field="bags",
            value=code,
            mend=N_("Name only final product of this COI that is released"),
        )
        for code in faults
    ]
    if not rfi_number:
        found.append(
            Blocker(
                code="orders.release_without_number",
                message=N_("A release for infusion has a number"),
                field="rfi_number",
                mend=N_("Issue the release for infusion"),
            )
        )
    total = sum(bag_cells, Decimal(0))
    most = plan.amount * (weight_kg if plan.unit.endswith("/kg") else 1) * (1 + plan.tolerance)
    if not bag_cells or total > min(most, plan.maximum_total):
        found.append(
            Blocker(
                code="orders.release_more_than_ordered",
                message=N_("The bags hold %(total)s cells; the order allows at most %(most)s"),
                field="bags",
                value=str(len(bag_cells)),
                mend=N_("Release only the bags that make up the ordered dose; the others stay in store"),
                params={"total": f"{total:.4E}", "most": f"{min(most, plan.maximum_total):.4E}"},
            )
        )
    return found


def clearance_blockers(
    *, state: str, rfi_number: str, at_site_at: datetime | None, bags_released: bool
) -> list[Blocker]:
    """Return what keeps the clinic from being cleared to lymphodeplete (N12)."""
    found = []
    if state not in SECURED or at_site_at is None:
        found.append(
            Blocker(
                code="orders.product_not_secured",
                message=N_("The product is not secured on site (the order is %(state)s)"),
                field="state",
                value=state,
                mend=N_("Wait until it has arrived and been received; do not start lymphodepletion"),
                params={"state": state},
            )
        )
    if not rfi_number or not bags_released:
        found.append(
            Blocker(
                code="orders.product_not_released",
                message=N_("The product is not released for infusion"),
                field="rfi_number",
                value=rfi_number,
                mend=N_("Wait for the disposition; do not start lymphodepletion"),
            )
        )
    return found


def lymphodepletion_report_blockers(
    *, started_at: datetime, at: datetime, reported_at: datetime | None, cleared_at: datetime | None
) -> list[Blocker]:
    """Return what keeps a report from being written; that it is early is no reason: it is written, and alarms."""
    if started_at > at:
        return [
            Blocker(
                code="orders.lymphodepletion_in_future",
                message=N_("Report lymphodepletion when it has begun"),
                field="started_at",
                value=started_at.isoformat(),
                mend=N_("Give the time at which it began"),
            )
        ]
    if reported_at is not None and cleared_at is not None and reported_at >= cleared_at:
        return [
            Blocker(
                code="orders.lymphodepletion_reported",
                message=N_("Lymphodepletion is reported already"),
                field="started_at",
                value=reported_at.isoformat(),
                mend=N_("Nothing is left to do here"),
            )
        ]
    return []


def visit_blockers(*, held_on: date, today: date, infused_on: date) -> list[Blocker]:
    """Return what is wrong with the day of a visit."""
    if infused_on <= held_on <= today:
        return []
    return [
        Blocker(
            code="orders.visit_day",
            message=N_("A visit lies between the infusion and today"),
            field="on",
            value=held_on.isoformat(),
            mend=N_("Correct the day"),
        )
    ]
