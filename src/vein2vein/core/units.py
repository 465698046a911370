"""Quantities: a `Decimal` with a unit, checked by pint.

Besides the SI the registry knows what this trade counts in: cell, copy (of a genome or vector),
TU (transducing unit), EU (endotoxin unit), IU (international unit), bead, bag, vial and pH. A
percentage is dimensionless (1 percent = 0.01). pint is imported at first use: half a second that no start pays.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pint


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry[Decimal]:
    """Return the one unit registry, with Decimal arithmetic."""
    import pint

    units: pint.UnitRegistry[Decimal] = pint.UnitRegistry(non_int_type=Decimal)
    for name in ("cell", "copy", "TU", "EU", "IU", "bead", "bag", "vial", "pH"):
        units.define(f"{name} = [{name}]")
    return units


def quantity(value: Decimal | int | str, unit: str) -> pint.registry.Quantity[Decimal]:
    """Return `value` in `unit`; raises `pint.UndefinedUnitError` for a unit nobody knows."""
    return registry().Quantity(Decimal(value), unit)


def convert(value: Decimal, unit: str, to: str) -> Decimal:
    """Return `value` converted; raises `pint.DimensionalityError` when the units do not agree."""
    return Decimal(quantity(value, unit).to(to).magnitude)
