"""The dose, reckoned twice in ways that share nothing, and held against the order (N13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from vein2vein.core.refusals import N_, Blocker
from vein2vein.core.units import convert

_EXACT = Context(prec=40)
AGREEMENT = Fraction(1, 10**6)
"""How far two reckonings may differ: nothing but the last digit."""


@dataclass(frozen=True, slots=True)
class Bag:
    """A container of the dose: its volume and what the in-process count put into it (viable cells, or None)."""

    container_id: str
    code: str
    volume_ml: Decimal | None
    viable_cells: Decimal | None


@dataclass(frozen=True, slots=True)
class Declared:
    """What a dose is declared from.

    `total_cells` is the reviewed result that the definition names; `again_cells` the same computed anew from the
    reviewed results it rests on (None where it is measured); `volume_ml` the volume that this computation used.
    `per_kg` says whether the order counts per kilogram; `lower_asked_for` that its physician asks for a product
    that does not conform and may hold less.
    """

    total_cells: Decimal
    result_unit: str
    again_cells: Decimal | None
    volume_ml: Decimal | None
    bags: tuple[Bag, ...]
    weight_kg: Decimal
    per_kg: bool
    ordered: Decimal
    tolerance: Decimal
    maximum_total: Decimal
    lower_asked_for: bool = False


def declare(dose: Declared) -> tuple[Decimal, tuple[Decimal, ...]]:
    """Return the dose as the order counts it (six decimals) and the cells of each bag, shared out by volume."""
    volume = sum((bag.volume_ml or Decimal(0) for bag in dose.bags), Decimal(0))
    cells = tuple(
        _EXACT.divide(dose.total_cells * (bag.volume_ml or Decimal(0)), volume).quantize(Decimal("0.0001"))
        for bag in dose.bags
    )
    amount = _EXACT.divide(dose.total_cells, dose.weight_kg) if dose.per_kg else dose.total_cells
    return amount.quantize(Decimal("0.000001"), context=_EXACT), cells


def amount_again(dose: Declared, cells: Sequence[Decimal]) -> Fraction:
    """Return the dose once more: from the single bags, in exact fractions, with the weight in grams."""
    whole = sum((Fraction(one) for one in cells), Fraction(0))
    return whole * 1000 / Fraction(convert(dose.weight_kg, "kilogram", "gram")) if dose.per_kg else whole


def dose_blockers(dose: Declared) -> list[Blocker]:
    """Return why the dose cannot be declared: unit, bags, reckonings that differ, range, total cells for CAR+."""
    found = _bag_blockers(dose)
    if dose.result_unit != "cell":
        found.append(
            _fault("dose_unit", N_("The dose is declared in cells, and the result is in %(value)s"), dose.result_unit)
        )
    if found or dose.weight_kg <= 0 or dose.total_cells <= 0:
        return found or [_fault("dose_nothing", N_("There is no dose in nothing"), str(dose.total_cells))]
    amount, cells = declare(dose)
    if dose.again_cells is not None and not _agree(Fraction(dose.total_cells), Fraction(dose.again_cells)):
        message = N_("Computed anew, the product holds %(value)s cells")
        found.append(_fault("dose_reckonings_differ", message, f"{dose.again_cells:.4E}"))
    if not _agree(Fraction(amount), amount_again(dose, cells)):
        message = N_("The two reckonings of the dose differ: %(value)s")
        found.append(_fault("dose_reckonings_differ", message, f"{float(amount_again(dose, cells)):.4E}"))
    return found + _range_blockers(dose, amount)


def stale_dose_blockers(*, stands: bool) -> list[Blocker]:
    """Return why a dose that was declared does not count any more: its result does not stand."""
    if stands:
        return []
    return [_fault("dose_old", N_("The result that the dose was declared from does not stand any more"), "")]


def _agree(one: Fraction, other: Fraction) -> bool:
    return abs(one - other) <= AGREEMENT * max(abs(one), abs(other))


def _bag_blockers(dose: Declared) -> list[Blocker]:
    found = []
    if not dose.bags:
        found.append(_fault("dose_no_bag", N_("There is no product container to hold the dose"), ""))
    found += [
        _fault("dose_no_volume", N_("The volume of %(value)s is not known"), bag.code)
        for bag in dose.bags
        if bag.volume_ml is None or bag.volume_ml <= 0
    ]
    if found:
        return found
    volume = sum((bag.volume_ml or Decimal(0) for bag in dose.bags), Decimal(0))
    if dose.volume_ml is not None and not _agree(Fraction(volume), Fraction(dose.volume_ml)):
        message = N_(
            "The product containers hold %(value)s mL, which is not the volume that the result was computed with"
        )
        found.append(_fault("dose_volume", message, str(volume)))
    counted = [bag.viable_cells for bag in dose.bags]
    if all(one is not None for one in counted):
        most = sum((one for one in counted if one is not None), Decimal(0))
        if dose.total_cells > most * Decimal("1.5"):
            message = N_("More CAR+ cells are declared than viable cells were filled (%(value)s)")
            found.append(_fault("dose_more_than_filled", message, f"{most:.3E}"))
    return found


def _range_blockers(dose: Declared, amount: Decimal) -> list[Blocker]:
    found = []
    lower = dose.lower_asked_for and amount < dose.ordered
    if abs(amount - dose.ordered) > dose.tolerance * dose.ordered and not lower:
        message = N_("The dose is %(value)s, too far from what was ordered")
        found.append(_fault("dose_not_as_ordered", message, f"{amount:.4E} / {dose.ordered:.4E}"))
    if dose.total_cells > dose.maximum_total:
        message = N_("The whole dose, %(value)s cells, is above the definition's most")
        found.append(_fault("dose_total", message, f"{dose.total_cells:.4E}"))
    return found


def _fault(code: str, message: str, value: str) -> Blocker:
    return Blocker(
        code=f"quality.{code}",
        message=message,
        field="dose",
        value=value,
        mend=N_(
            "Look for a wrong unit, power of ten, or total cells in place of CAR+ cells; then talk to the laboratory"
        ),
        params={"value": value},
    )
