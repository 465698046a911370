"""The values that a definition is written in: quantities, spans, texts in two languages, units.

A quantity is written `2e6 cell/mL`, a span `36 h`. The units form a closed list, so that a misspelt
one is refused and none of pint's many surprising readings (h as Planck's constant) can slip in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from vein2vein.core import units
from vein2vein.core.numbers import written

if TYPE_CHECKING:
    import pint

UNITS: dict[str, str] = {
    "1": "dimensionless",
    "%": "percent",
    "cell": "cell",
    "copy": "copy",
    "TU": "TU",
    "EU": "EU",
    "IU": "IU",
    "bead": "bead",
    "bag": "bag",
    "vial": "vial",
    "pH": "pH",
    "g": "gram",
    "kg": "kilogram",
    "mg": "milligram",
    "ug": "microgram",
    "ng": "nanogram",
    "pg": "picogram",
    "L": "liter",
    "mL": "milliliter",
    "uL": "microliter",
    "m2": "meter**2",
    "cm2": "centimeter**2",
    "um": "micrometer",
    "mm": "millimeter",
    "K": "kelvin",
    "degC": "degree_Celsius",
    "delta_degC": "delta_degree_Celsius",
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "Pa": "pascal",
    "kPa": "kilopascal",
    "g_0": "standard_gravity",
    "rpm": "revolutions_per_minute",
}
"""The closed list of unit symbols and what pint calls them."""

OFFSET_UNITS = frozenset({"degC"})
"""Units whose zero is a convention: they can be measured and compared, never calculated with."""

NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?"
UNIT = r"(?:1|%|[A-Za-z][A-Za-z0-9_]*)(?:[*/][A-Za-z][A-Za-z0-9_]*){0,4}"
SPAN_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_QUANTITY = re.compile(rf"({NUMBER})(?: ?({UNIT}))?")
_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(s|min|h|d)")
_UNIT = re.compile(UNIT)
_LONGEST_NUMBER, _MOST_DIGITS, _GREATEST_EXPONENT = 80, 28, 60


@lru_cache(maxsize=512)
def pint_unit(symbol: str) -> pint.Unit:
    """Return pint's unit for a symbol such as `cell/mL`; `ValueError` for one that is not in the list."""
    if not _UNIT.fullmatch(symbol):
        raise ValueError(symbol)
    parts = re.split(r"([*/])", symbol)
    text = ""
    for part in parts:
        if part not in "*/" and (part not in UNITS or (len(parts) > 1 and part in OFFSET_UNITS)):
            raise ValueError(part)
        text += part if part in "*/" else f"({UNITS[part]})"
    return units.registry().Unit(text)


@lru_cache(maxsize=4096)
def same_kind(one: str, other: str) -> bool:
    """Say whether two unit symbols measure the same thing; both must be known."""
    return bool(pint_unit(one).dimensionality == pint_unit(other).dimensionality)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A `Decimal` magnitude with a unit symbol of the closed list; `1` is the unit of a pure number."""

    magnitude: Decimal
    unit: str = "1"

    def to(self, unit: str) -> Quantity:
        """Return the same quantity in another unit; `ValueError` when the units do not agree."""
        if unit == self.unit:
            return self
        if not same_kind(self.unit, unit):
            raise ValueError(f"{self.unit} is not {unit}")
        made = units.registry().Quantity(self.magnitude, pint_unit(self.unit)).to(pint_unit(unit))
        return Quantity(Decimal(made.magnitude), unit)

    def written(self) -> str:
        """Return it as people read it: `2×10⁶ cell/mL`."""
        return written(self.magnitude, self.unit)

    def __str__(self) -> str:
        """Return the way a definition writes it: `2E+6 cell/mL`, or the bare number."""
        return str(self.magnitude) if self.unit == "1" else f"{self.magnitude} {self.unit}"


def parse_number(text: str) -> Decimal:
    """Read a number of at most 28 digits between 1e-60 and 1e60; `ValueError` for any other text."""
    if len(text) > _LONGEST_NUMBER or not re.fullmatch(NUMBER, text):
        raise ValueError(text)
    number = Decimal(text)
    if len(number.as_tuple().digits) > _MOST_DIGITS or abs(number.adjusted()) > _GREATEST_EXPONENT:
        raise ValueError(text)
    return number


def parse_quantity(text: str) -> Quantity:
    """Read `2e6 cell/mL`; `ValueError` for what is not a number with a known unit."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    unit = match[2] or "1"
    pint_unit(unit)
    return Quantity(parse_number(match[1]), unit)


def parse_span(text: str) -> timedelta:
    """Read a span such as `36 h`, `90 min` or `5 d`; whole seconds only, else `ValueError`."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    seconds = Decimal(match[1]) * SPAN_UNITS[match[2]]
    if seconds != seconds.to_integral_value() or seconds > 86400 * 36500:
        raise ValueError(text)
    return timedelta(seconds=int(seconds))


def write_span(span: timedelta) -> str:
    """Write a span in the largest unit that leaves a whole number."""
    seconds = int(span.total_seconds())
    for unit in ("d", "h", "min"):
        if seconds and seconds % SPAN_UNITS[unit] == 0:
            return f"{seconds // SPAN_UNITS[unit]} {unit}"
    return f"{seconds} s"


def say_span(span: timedelta) -> str:
    """Say a span as people do, days, hours and minutes: `2 d 19 h 15 min`."""
    minutes = int(span.total_seconds()) // 60
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or write_span(span)


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in English and 简体中文."""

    en: str
    zh: str

    def __str__(self) -> str:
        """Return the English words."""
        return self.en

    def said_in(self, language: str) -> str:
        """Return the words in `language` (`en`, `zh`, `zh-hans` …), English where it is another one."""
        return self.zh if language.lower().startswith("zh") else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Inclusive bounds; a missing one is open."""

    low: Quantity | None = None
    high: Quantity | None = None

    def holds(self, value: Quantity) -> bool:
        """Say whether `value` lies within, bounds included; `ValueError` when the units do not agree."""
        above = self.low is None or value.to(self.low.unit).magnitude >= self.low.magnitude
        return above and (self.high is None or value.to(self.high.unit).magnitude <= self.high.magnitude)

    def __str__(self) -> str:
        """Return the bounds as words: `≥ 80 %`, `2 degC – 8 degC`."""
        if self.low is not None and self.high is not None:
            return f"{self.low} – {self.high}"
        return f"≥ {self.low}" if self.low is not None else f"≤ {self.high}"

    def written(self) -> str:
        """Return the bounds as people read them, a shared unit once: `40 – 400 mL`, `≥ 2×10⁶ cell/mL`."""
        low, high = self.low, self.high
        if low is None:
            return "" if high is None else f"≤ {high.written()}"
        if high is None:
            return f"≥ {low.written()}"
        first = written(low.magnitude, "1" if low.unit == high.unit else low.unit)
        return f"{first} – {high.written()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Alert limits (looked at) within action limits (a deviation, 偏差)."""

    alert: Range | None = None
    action: Range | None = None
