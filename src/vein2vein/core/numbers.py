"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal

_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

SYMBOLS = {"degC": "°C", "delta_degC": "°C"}
"""Units that people write otherwise than definitions do."""


def written(value: Decimal, unit: str = "1", *, digits: int | None = None) -> str:
    """Return a number as people read it, with its unit unless that is `1`: `85 %`, `3×10⁷ cell/mL`.

    A power of ten stands from 100,000 upwards and below 0.001; `digits` significant digits are then shown if given.
    """
    normal = value.normalize()
    if normal and (normal.adjusted() >= 5 or normal.adjusted() < -3):
        mantissa, _, power = (f"{normal:E}" if digits is None else f"{value:.{digits - 1}E}").partition("E")
        text = f"{mantissa}×10{str(int(power)).translate(_RAISED)}"
    else:
        text = format(normal, "f")
    return text if unit in ("", "1") else f"{text} {SYMBOLS.get(unit, unit)}"
