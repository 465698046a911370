"""What a scanner read: which kind of code, and its value."""

from __future__ import annotations

from dataclasses import dataclass

from vein2vein.core.refusals import N_
from vein2vein.engines.codes import gs1, isbt, own
from vein2vein.engines.codes.bad import BadCode
from vein2vein.engines.codes.kinds import Kind


@dataclass(frozen=True, slots=True)
class Scanned:
    """One scan: its kind, the canonical value to look up, the text as it came, and GS1 elements where it has any."""

    kind: Kind
    value: str
    raw: str
    elements: tuple[tuple[str, str], ...] = ()

    def element(self, identifier: str) -> str:
        """Return the value of a GS1 application identifier, or the empty string."""
        return dict(self.elements).get(identifier, "")


_GS1_SYMBOLOGIES = ("]d2", "]C1", "]Q3", "]e0")
_PLAIN_SYMBOLOGIES = ("]d1", "]C0", "]Q1", "]A0", "]d0", "]Q0")
_KEYS = (
    ("00", Kind.SSCC),
    ("01", Kind.GTIN),
    ("8003", Kind.GRAI),
    ("8004", Kind.GIAI),
    ("8017", Kind.GSRN_PROVIDER),
    ("8018", Kind.GSRN_RECIPIENT),
    ("253", Kind.GDTI),
    ("414", Kind.GLN),
)
_LONGEST = 400
_RESCAN = N_("Scan the barcode again.")


def scan(text: str, field: str = "code") -> Scanned:
    """Say what was scanned, or raise `BadCode`; any text whatever has one of these two outcomes."""
    if len(text) > _LONGEST:
        raise BadCode(field, text[:40], N_("This is too long to be a code."), _RESCAN)
    body = text.strip(" \t\r\n")
    if not body.isascii():  # else a dotless i would become an I when put into capitals
        raise BadCode(field, text, N_("A code has no other characters than those of ASCII."), _RESCAN)
    if body.startswith(_GS1_SYMBOLOGIES):
        return _gs1(body[3:], text)
    if body.startswith(("(", gs1.GS)):
        return _gs1(body, text)
    if body.startswith(_PLAIN_SYMBOLOGIES):
        body = body[3:]
    if body.startswith(("=", "&")):
        return _isbt(body, text)
    kind, code = own.parse(body, field)
    return Scanned(kind, code, text)


def scan_as(expected: Kind, text: str, field: str = "code") -> Scanned:
    """Return the scan if it is of the `expected` kind; raise `BadCode` for another or for none."""
    found = scan(text, field)
    if found.kind is expected:
        return found
    raise BadCode(
        field,
        text,
        N_("A %(found)s code was scanned where a %(expected)s code is needed."),
        N_("Scan the %(expected)s code."),
        {"found": found.kind.value, "expected": expected.value},
    )


def is_valid(text: str, kind: Kind | None = None) -> bool:
    """Say whether `text` is a good code (of `kind`, if given)."""
    try:
        found = scan(text)
    except BadCode:
        return False
    return kind is None or found.kind is kind


def _isbt(body: str, raw: str) -> Scanned:
    if body.startswith("&/"):
        kind, code = own.parse(body[2:], "coi")
        if kind is not Kind.COI:
            raise BadCode("coi", raw, N_("ISBT 128 structure 040 holds another code than a COI."), _RESCAN)
        return Scanned(Kind.COI, code, raw)
    if body.startswith("&>"):
        return Scanned(Kind.ISBT_EXPIRY, isbt.parse_moment(body[2:], raw), raw)
    if body.startswith("&*"):
        return Scanned(Kind.ISBT_COLLECTION, isbt.parse_moment(body[2:], raw), raw)
    if body.startswith("=<"):
        code = body[2:].upper()
        if len(code) == 8 and code.isascii() and code.isalnum():
            return Scanned(Kind.ISBT_PRODUCT, code, raw)
        raise BadCode("isbt_product", raw, N_("An ISBT 128 product code has eight letters and digits."), _RESCAN)
    if body.startswith("=") and body[1:2].isalnum():
        return Scanned(Kind.DIN, isbt.parse_din(body).number, raw)
    raise BadCode(
        "isbt",
        raw,
        N_("This ISBT 128 data structure is not one that is used here."),
        N_("Scan the donation number, product code, date or COI barcode."),
    )


def _gs1(body: str, raw: str) -> Scanned:
    found = gs1.parse(body)
    kind, value = Kind.GS1_ATTRIBUTES, found.hri
    for key, name in _KEYS:
        if found[key]:
            kind, value = name, found[key]
            break
    if kind is Kind.GTIN and found["21"]:
        kind, value = Kind.SGTIN, f"{value}.{found['21']}"
    return Scanned(kind, value, raw, found.elements)
