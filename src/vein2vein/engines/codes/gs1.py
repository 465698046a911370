"""GS1 element strings: reading and building, with their check digits. Source: GS1 General Specifications."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from vein2vein.core.refusals import N_
from vein2vein.engines.codes.bad import BadCode

GS = "\x1d"
"""The separator that stands for FNC1 in transmitted data."""

_X = r"[!-\"%-?A-Z_a-z]"
_RESCAN = N_("Scan the code again, or compare it with the printed text beneath it.")


@dataclass(frozen=True, slots=True)
class _Identifier:
    name: str
    fixed: int  # leading digits; their last is a check digit where `checked`
    variable: int = 0  # further characters allowed at most
    needed: int = 0  # further characters needed at least
    checked: bool = False
    predefined: bool = False  # never followed by a separator (General Specifications, figure 7.8.5-2)


IDENTIFIERS: dict[str, _Identifier] = {
    "00": _Identifier("SSCC", 18, checked=True, predefined=True),
    "01": _Identifier("GTIN", 14, checked=True, predefined=True),
    "10": _Identifier("batch", 0, 20, 1),
    "17": _Identifier("expiry", 6, predefined=True),
    "21": _Identifier("serial", 0, 20, 1),
    "253": _Identifier("GDTI", 13, 17, checked=True),
    "414": _Identifier("GLN", 13, checked=True, predefined=True),
    "8003": _Identifier("GRAI", 14, 16, checked=True),
    "8004": _Identifier("GIAI", 0, 30, 1),
    "8017": _Identifier("GSRN of a provider", 18, checked=True),
    "8018": _Identifier("GSRN of a recipient", 18, checked=True),
}
"""The application identifiers that are understood, with their layout."""


@dataclass(frozen=True, slots=True)
class ElementString:
    """Application identifiers and values, in the order of the code."""

    elements: tuple[tuple[str, str], ...]

    def __getitem__(self, identifier: str) -> str:
        """Return the value of an application identifier, or the empty string."""
        return dict(self.elements).get(identifier, "")

    @property
    def hri(self) -> str:
        """Return the human readable form, `(01)…(17)…`; it is also what the barcode writer takes."""
        return "".join(f"({key}){value}" for key, value in self.elements)

    @property
    def raw(self) -> str:
        """Return the transmitted form: separators (FNC1) after every element that is not of predefined length."""
        last = len(self.elements) - 1
        return "".join(
            f"{key}{value}" + ("" if at == last or IDENTIFIERS[key].predefined else GS)
            for at, (key, value) in enumerate(self.elements)
        )


def gs1_check_digit(digits: str) -> str:
    """Return the GS1 mod 10 digit (weights 3, 1 from the right) to be put after `digits`."""
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def gs1_date(yymmdd: str, today: date) -> date:
    """Return the date that AI 17 means: century by the 51-year rule, day 00 is the month's last day."""
    year = today.year - today.year % 100 + int(yymmdd[:2])
    ahead = year - today.year
    year += -100 if ahead >= 51 else 100 if ahead <= -50 else 0
    month, day = int(yymmdd[2:4]), int(yymmdd[4:])
    if day:
        return date(year, month, day)
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def build(elements: Sequence[tuple[str, str]], *, complete: bool = False) -> ElementString:
    """Return a checked element string, or raise `BadCode`; `complete` computes check digits that are left out."""
    made: list[tuple[str, str]] = []
    for key, given in elements:
        layout = _layout(key, given)
        value = given
        if complete and layout.checked and re.fullmatch(f"[0-9]{{{layout.fixed - 1}}}", given):
            value = given + gs1_check_digit(given)
        made.append((key, _checked(key, value)))
    return _unrepeated(made)


def parse(text: str) -> ElementString:
    """Read transmitted data (separators) or the human readable form (parentheses), or raise `BadCode`."""
    if text.startswith("("):
        pairs = re.findall(r"\(([0-9]{2,4})\)(.*?)(?=\([0-9]{2,4}\)|\Z)", text, re.DOTALL)
        if "".join(f"({key}){value}" for key, value in pairs) != text:
            raise BadCode("gs1", text, N_("There is no GS1 element in this code."), _RESCAN)
        return _unrepeated([(key, _checked(key, value)) for key, value in pairs], text)
    return _unrepeated(_split(text), text)


def _split(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    rest = text.removeprefix(GS)
    while rest:
        key = next((rest[:size] for size in (2, 3, 4) if rest[:size] in IDENTIFIERS), "")
        layout = _layout(key or rest[:4], text)
        rest = rest[len(key) :]
        end = rest.find(GS)
        length = layout.fixed if not layout.variable else (len(rest) if end < 0 else end)
        found.append((key, _checked(key, rest[:length])))
        rest = rest[length:].removeprefix(GS)
    return found


def _layout(key: str, text: str) -> _Identifier:
    if key in IDENTIFIERS:
        return IDENTIFIERS[key]
    raise BadCode(
        "gs1",
        text,
        N_("The application identifier %(identifier)s is not one that is used here."),
        N_("Scan a code with one of: %(known)s."),
        {"identifier": key, "known": ", ".join(IDENTIFIERS)},
    )


def _checked(key: str, value: str) -> str:
    layout = _layout(key, value)
    digits, more = value[: layout.fixed], value[layout.fixed :]
    good = (
        re.fullmatch(f"[0-9]{{{layout.fixed}}}", digits)
        and layout.needed <= len(more) <= layout.variable
        and re.fullmatch(f"{_X}*", more)
    )
    params = {"name": layout.name, "identifier": key}
    if not good:
        why = N_("The %(name)s (%(identifier)s) has the wrong length or a character that is not allowed.")
        raise BadCode(f"gs1.{key}", value, why, _RESCAN, params)
    if layout.checked and digits[-1] != gs1_check_digit(digits[:-1]):
        why = N_("The check digit of the %(name)s is wrong: %(got)s where %(expected)s is expected.")
        params |= {"got": digits[-1], "expected": gs1_check_digit(digits[:-1])}
        raise BadCode(f"gs1.{key}", value, why, _RESCAN, params)
    if key == "17":
        _check_date(value)
    return value


def _check_date(value: str) -> None:
    try:
        # A leap year is asked for, so that 29 February of a year whose century is unknown is let through.
        date(2000, int(value[2:4]), int(value[4:]) or 1)
    except ValueError:
        raise BadCode("gs1.17", value, N_("The expiry date is not a date (year, month, day)."), _RESCAN) from None


def _unrepeated(pairs: list[tuple[str, str]], text: str = "") -> ElementString:
    if not pairs:
        raise BadCode("gs1", text, N_("There is no GS1 element in this code."), _RESCAN)
    if len({key for key, _ in pairs}) != len(pairs):
        shown = text or "".join(f"({key}){value}" for key, value in pairs)
        raise BadCode("gs1", shown, N_("An application identifier occurs twice in one code."), _RESCAN)
    return ElementString(tuple(pairs))
