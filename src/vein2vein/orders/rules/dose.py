"""Weight and dose: bounds, ages, and one result computed in two ways that share nothing (N13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from vein2vein.core.refusals import N_, Blocker
from vein2vein.core.units import convert
from vein2vein.engines.definitions.model.therapy import Eligibility
from vein2vein.engines.definitions.vocabulary import DoseBasis
from vein2vein.orders.states import OrderState

LARGEST_CHANGE = Decimal("0.20")
"""A weight that differs more than this from the last one is seen by a second person, or is a mistake."""

READING_TOLERANCE = Decimal("0.01")
"""How far what the physician read may differ from what is computed: rounding on paper, nothing more."""


@dataclass(frozen=True, slots=True)
class DosePlan:
    """What was ordered: amount per unit, its unit and basis, tolerance (a fraction) and the most in all (cells)."""

    amount: Decimal
    unit: str
    basis: DoseBasis
    tolerance: Decimal
    maximum_total: Decimal


def ordered_total(basis: DoseBasis, amount: Decimal, weight_kg: Decimal) -> Decimal:
    """Return the whole dose in cells."""
    return amount * weight_kg if basis is DoseBasis.PER_KG else amount


def per_unit(basis: DoseBasis, total_cells: Decimal, weight_kg: Decimal) -> Decimal:
    """Return the dose as the definition counts it: cells per kg, or cells."""
    return total_cells / weight_kg if basis is DoseBasis.PER_KG else total_cells


def per_unit_again(basis: DoseBasis, bag_cells: Sequence[Decimal], weight_kg: Decimal) -> Fraction:
    """Return the same from the single bags and the weight in grams, in exact fractions: the independent reckoning."""
    cells = sum((Fraction(one) for one in bag_cells), Fraction(0))
    if basis is not DoseBasis.PER_KG:
        return cells
    return cells * 1000 / Fraction(convert(weight_kg, "kilogram", "gram"))


def weight_blockers(rule: Eligibility, *, weight_kg: Decimal, measured_at: datetime, at: datetime) -> list[Blocker]:
    """Return what is wrong with a weight: bounds, age, a time that has not come."""
    found = []
    low, high = rule.weight_low.to("kg").magnitude, rule.weight_high.to("kg").magnitude
    if not low <= weight_kg <= high:
        found.append(
            Blocker(
                code="orders.weight_bounds",
                message=N_("The weight must lie between %(low)s and %(high)s kg"),
                field="weight_kg",
                value=str(weight_kg),
                mend=N_("Look for a wrong unit (lb, jin) or a wrong power of ten, and weigh again"),
                params={"low": f"{low:f}", "high": f"{high:f}"},
            )
        )
    if measured_at > at:
        found.append(
            Blocker(
                code="orders.weight_in_future",
                message=N_("The weight was measured at a time that has not come"),
                field="weight_measured_at",
                value=measured_at.isoformat(),
                mend=N_("Give the time of the measurement, with its zone"),
            )
        )
    elif at - measured_at > rule.weight_maximum_age:
        found.append(
            Blocker(
                code="orders.weight_stale",
                message=N_("The weight is %(age)s days old; %(most)s are allowed"),
                field="weight_measured_at",
                value=measured_at.isoformat(),
                mend=N_("Weigh the patient again"),
                params={"age": str((at - measured_at).days), "most": str(rule.weight_maximum_age.days)},
            )
        )
    return found


def weight_change_blockers(
    *, was_kg: Decimal, became_kg: Decimal, was_at: datetime, became_at: datetime, witnessed: bool
) -> list[Blocker]:
    """Return what is wrong with a new weight beside the last one."""
    found = []
    if became_at < was_at:
        found.append(
            Blocker(
                code="orders.weight_older",
                message=N_("A newer weight is on record"),
                field="weight_measured_at",
                value=became_at.isoformat(),
                mend=N_("Weigh the patient again"),
            )
        )
    if not witnessed and abs(became_kg - was_kg) > LARGEST_CHANGE * was_kg:
        found.append(
            Blocker(
                code="orders.weight_jump",
                message=N_("The weight differs from the last one (%(was)s kg) by more than 20 %%"),
                field="weight_kg",
                value=str(became_kg),
                mend=N_("Weigh again; where it is true, confirm the weight with a second person first"),
                params={"was": str(was_kg)},
            )
        )
    return found


def weight_time_blockers(state: str, *, dose_confirmed: bool) -> list[Blocker]:
    """Return why a weight alone cannot be taken now: the dose stands on one, or the course is over.

    While a course stands still no dose stands: it is confirmed again, if the course goes on at all.
    """
    if state == OrderState.STOPPED:
        return []
    if not dose_confirmed and state not in (OrderState.INFUSED, OrderState.CLOSED, OrderState.CANCELLED):
        return []
    return [
        Blocker(
            code="orders.weight_after_dose",
            message=N_("The dose was confirmed on a weight already, or the course is over"),
            field="weight_kg",
            mend=N_("Confirm the dose again, on the new weight"),
        )
    ]


def confirmable_blockers(state: str, *, bags: int) -> list[Blocker]:
    """Return why no dose can be confirmed yet, or any more."""
    if bags and state in (OrderState.AT_SITE, OrderState.CLEARED):
        return []
    return [
        Blocker(
            code="orders.dose_not_confirmable",
            message=N_("The dose is confirmed when the released product is on site and before it is thawed"),
            field="state",
            value=state,
            mend=N_("Wait until the product is on site"),
        )
    ]


def confirmation_blockers(
    plan: DosePlan,
    *,
    amount: Decimal,
    unit: str,
    bag_cells: Sequence[Decimal],
    weight_kg: Decimal,
    least: Decimal | None = None,
) -> list[Blocker]:
    """Return what is wrong with a dose as the physician read it, against the declared bags and the order.

    `least` (in the plan's unit) takes the place of the ordered amount's lower bound where the physician decided
    to go on with what is left.
    """
    if unit != plan.unit:
        return [
            Blocker(
                code="orders.dose_unit",
                message=N_("The definition counts the dose in %(unit)s"),
                field="dose_unit",
                value=unit,
                mend=N_("Give the dose in %(unit)s"),
                params={"unit": plan.unit},
            )
        ]
    if weight_kg <= 0:
        return [Blocker("orders.weight_bounds", N_("A weight is more than nothing"), "weight_kg", str(weight_kg))]
    total = sum(bag_cells, Decimal(0))
    first, second = per_unit(plan.basis, total, weight_kg), per_unit_again(plan.basis, bag_cells, weight_kg)
    found = []
    if abs(Fraction(first) - second) > Fraction(1, 10**6) * second:
        found.append(
            Blocker(
                code="orders.dose_reckonings_differ",
                message=N_("The two reckonings of the dose differ: %(first)s and %(second)s"),
                field="dose_amount",
                value=str(amount),
                mend=N_("Stop, and tell the manufacturer"),
                params={"first": f"{first:.4E}", "second": f"{float(second):.4E}"},
            )
        )
    if abs(amount - first) > READING_TOLERANCE * first:
        found.append(
            Blocker(
                code="orders.dose_misread",
                message=N_("The declared cells and this weight make %(computed)s %(unit)s"),
                field="dose_amount",
                value=str(amount),
                mend=N_("Read the dose report again: unit, power of ten, CAR+ cells and not all cells"),
                params={"computed": f"{first:.4E}", "unit": unit},
            )
        )
    found += _bounds_blockers(plan, first, amount, least)
    if total > plan.maximum_total:
        found.append(
            Blocker(
                code="orders.dose_total",
                message=N_("The whole dose would be %(total)s cells; the most is %(most)s"),
                field="dose_amount",
                value=str(amount),
                mend=N_("Talk to the manufacturer's qualified person before anything is thawed"),
                params={"total": f"{total:.3E}", "most": f"{plan.maximum_total:.3E}"},
            )
        )
    return found


def _bounds_blockers(plan: DosePlan, first: Decimal, amount: Decimal, least: Decimal | None) -> list[Blocker]:
    low = plan.amount * (1 - plan.tolerance) if least is None else least
    if not low <= first <= plan.amount * (1 + plan.tolerance):
        return [
            Blocker(
                code="orders.dose_not_as_ordered",
                message=N_("The dose, %(computed)s %(unit)s, is too far from the ordered %(ordered)s"),
                field="dose_amount",
                value=str(amount),
                mend=N_("Talk to the manufacturer's qualified person before anything is thawed"),
                params={"computed": f"{first:.4E}", "unit": plan.unit, "ordered": f"{plan.amount:.4E}"},
            )
        ]
    return []
