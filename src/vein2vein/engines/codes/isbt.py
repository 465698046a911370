"""ISBT 128 donation identification numbers (DIN) and the few data structures that a treatment course meets.

The algorithm and the parsing only: the licensed tables (facility codes, product descriptions) are the
user's own. Sources: ISBT 128 ST-001; JPAC Red Book annex 2; ISO 7064 mod 37-2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from stdnum.iso7064 import mod_37_2

from vein2vein.core.refusals import N_
from vein2vein.engines.codes.bad import BadCode

_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_DIN = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9][0-9]{3}[0-9]{2}[0-9]{6}")
_LAYOUT = N_("A donation number has 13 characters: facility (5), year (2), sequence (6), then two flag characters.")
_RESCAN = N_("Scan the label again; if it is refused again, the label is not a valid donation label.")


@dataclass(frozen=True, slots=True)
class DIN:
    """A donation identification number: 13 characters, its two flag characters if known, its check character."""

    number: str
    flags: str
    check: str

    @property
    def scanned(self) -> str:
        """Return data structure 001 as it is put into a barcode: `=`, 13 characters, two flag characters."""
        return f"={self.number}{self.flags or flag_value(self.number)}"

    @property
    def printed(self) -> str:
        """Return the eye-readable form, grouped, with the keyed check character at the end."""
        return f"{self.number[:5]} {self.number[5:7]} {self.number[7:]} {self.check}"


def check_character(number: str) -> str:
    """Return the ISO 7064 mod 37-2 character of `number` (characters 0–9 and A–Z)."""
    return str(mod_37_2.calc_check_digit(number))


def flag_value(number: str) -> str:
    """Return the flag characters that carry the check of a DIN in its barcode: the character's value plus 60."""
    return str(_VALUES.index(check_character(number)) + 60)


def parse_din(text: str, field: str = "din") -> DIN:
    """Read a DIN scanned (`=…`, with flags) or keyed (with check character), or raise `BadCode`."""
    body = "".join(text.split()).upper()
    scanned = body.startswith("=")
    body = body.removeprefix("=")
    number, rest = body[:13], body[13:]
    if not text.isascii() or not _DIN.fullmatch(number):
        raise BadCode(field, text, N_("This is not an ISBT 128 donation number."), _LAYOUT)
    check = check_character(number)
    flags = rest[:2] if re.fullmatch(r"[0-9]{2}.?", rest) else ""
    keyed = rest[len(flags) :]
    if scanned and (not flags or keyed):
        raise BadCode(field, text, N_("A scanned donation number ends with exactly two flag characters."), _RESCAN)
    if not scanned and len(keyed) != 1:
        raise BadCode(field, text, N_("A keyed donation number ends with one check character."), _LAYOUT)
    if flags and int(flags) >= 60 and flags != flag_value(number):
        raise _wrong(field, text, flags, flag_value(number))
    if keyed and keyed != check:
        raise _wrong(field, text, keyed, check)
    return DIN(number=number, flags=flags, check=check)


def _wrong(field: str, text: str, got: str, expected: str) -> BadCode:
    return BadCode(
        field,
        text,
        N_("The check of the donation number is wrong: %(got)s where %(expected)s is expected."),
        _RESCAN,
        {"got": got, "expected": expected},
    )


def parse_moment(digits: str, text: str) -> str:
    """Return the ISO 8601 form of an ISBT 128 date and time `cyyjjjhhmm` (data structures 005 and 007)."""
    if re.fullmatch(r"[0-9]{10}", digits):
        year, day = 2000 + int(digits[:3]), int(digits[3:6])
        hour, minute = int(digits[6:8]), int(digits[8:])
        if 1 <= day <= 366 and hour < 24 and minute < 60:
            at = datetime(year, 1, 1, hour, minute) + timedelta(days=day - 1)  # noqa: DTZ001 - the label has no zone
            if at.year == year:
                return at.isoformat(timespec="minutes")
    raise BadCode(
        "moment",
        text,
        N_("This is not an ISBT 128 date and time."),
        N_("It has ten digits: century, year, day of the year, hour, minute. Scan the label again."),
    )
