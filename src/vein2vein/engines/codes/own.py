"""Our own codes: `PREFIX-SERIAL-CHECK`, so that what is scanned says what it is.

The check character is ISO 7064 mod 37-2 over prefix and serial without their hyphens: it finds every
single wrong character and every exchange of two. A drawn serial has twelve characters of an alphabet
without 0, O, 1, I, L (59 bits): unique without asking anybody, and short enough to be read aloud.
"""

from __future__ import annotations

import re

from vein2vein.core.ids import new_token
from vein2vein.core.refusals import N_
from vein2vein.engines.codes.bad import BadCode
from vein2vein.engines.codes.isbt import check_character
from vein2vein.engines.codes.kinds import KINDS, PREFIXES, Kind

_SERIAL = re.compile(r"[0-9A-Z]+(?:-[0-9A-Z]+)*")
_MOST = 32
_RESCAN = N_("Scan the code again; a code that is refused twice is damaged or was not printed here.")


def make(kind: Kind, serial: str) -> str:
    """Return the code of `kind` for a serial of letters, digits and inner hyphens (32 at most), or raise `BadCode`."""
    body = serial.strip().upper()
    if not serial.isascii() or not _SERIAL.fullmatch(body) or len(body) > _MOST:
        raise BadCode(
            "serial",
            serial,
            N_("A serial has letters, digits and single hyphens between them only, 32 at most."),
            N_("Leave out blanks and other characters."),
        )
    if kind not in PREFIXES:
        why = N_("Codes of the kind %(kind)s are issued elsewhere.")
        raise BadCode("kind", kind.value, why, N_("Scan the code that the issuer printed."), {"kind": kind.value})
    prefix = PREFIXES[kind]
    return f"{prefix}-{body}-{check_character(prefix + body.replace('-', ''))}"


def issue(kind: Kind) -> str:
    """Draw a new, unique code of `kind`, such as `CTN-7K3M-9QXT-4BNZ-H`."""
    while True:
        code = make(kind, _grouped(new_token(12)))
        if not code.endswith("*"):  # an asterisk is hard to say and a stop sign in Code 39
            return code


def issue_coi() -> str:
    """Draw a new chain-of-identity identifier (COI, 身份链), such as `V2V-7K3M-9QXT-4BNZ-H`."""
    return issue(Kind.COI)


def coi_as_isbt(coi: str) -> str:
    """Return a COI under ISBT 128 data structure 040 (`&/`), for labels that carry ISBT 128 data."""
    return f"&/{parse(coi, 'coi')[1]}"


def parse(text: str, field: str = "code") -> tuple[Kind, str]:
    """Return kind and canonical code (capitals) of one of our own codes, or raise `BadCode`."""
    code = text.strip().upper()
    prefix, _, rest = code.partition("-")
    body, _, check = rest.rpartition("-")
    if prefix not in KINDS:
        raise BadCode(
            field,
            text,
            N_("This is not a code that is known here."),
            N_("Scan the barcode on the label, badge, position or equipment; nothing is typed."),
        )
    if not text.isascii() or not _SERIAL.fullmatch(body) or len(body) > _MOST or len(check) != 1:
        why = N_("A code has a prefix, a serial and one check character, joined by hyphens.")
        raise BadCode(field, text, why, _RESCAN)
    expected = check_character(prefix + body.replace("-", ""))
    if check != expected:
        raise BadCode(
            field,
            text,
            N_("The check character is wrong: %(got)s where %(expected)s is expected."),
            _RESCAN,
            {"got": check, "expected": expected},
        )
    if KINDS[prefix] is Kind.COI:
        return Kind.COI, f"{prefix}-{_grouped(body.replace('-', ''))}-{check}"
    return KINDS[prefix], code


def _grouped(token: str) -> str:
    return "-".join(token[at : at + 4] for at in range(0, len(token), 4))
