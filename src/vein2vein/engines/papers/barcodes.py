"""Barcodes as SVG, each proved to be the symbol that was meant before it is put on paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import zxingcpp

from vein2vein.core.refusals import N_
from vein2vein.engines.papers.refusing import CannotPrint


class Symbology(StrEnum):
    """How a barcode is drawn; the GS1 ones take the human readable form `(01)…(17)…`."""

    DATA_MATRIX = "data_matrix"
    GS1_DATA_MATRIX = "gs1_data_matrix"
    CODE_128 = "code_128"
    GS1_128 = "gs1_128"
    QR = "qr"


_DRAWN: dict[Symbology, tuple[zxingcpp.BarcodeFormat, str, dict[str, bool | str]]] = {
    Symbology.DATA_MATRIX: (zxingcpp.BarcodeFormat.DataMatrix, "]d1", {"force_square": True}),
    Symbology.GS1_DATA_MATRIX: (zxingcpp.BarcodeFormat.DataMatrix, "]d2", {"force_square": True, "gs1": True}),
    Symbology.CODE_128: (zxingcpp.BarcodeFormat.Code128, "]C0", {}),
    Symbology.GS1_128: (zxingcpp.BarcodeFormat.Code128, "]C1", {"gs1": True}),
    Symbology.QR: (zxingcpp.BarcodeFormat.QRCode, "]Q1", {"ec_level": "M"}),
}
_SIZE = re.compile(r'<svg width="(\d+)" height="(\d+)"')


_KEYED = {"00": 18, "01": 14, "253": 13, "414": 13, "8003": 14, "8017": 18, "8018": 18}


@dataclass(frozen=True, slots=True)
class Symbol:
    """A barcode: its content, its SVG without quiet zone, and its size in modules."""

    text: str
    symbology: Symbology
    identifier: str
    svg: str
    width: int
    height: int


@lru_cache(maxsize=512)
def draw(text: str, symbology: Symbology = Symbology.DATA_MATRIX) -> Symbol:
    """Draw `text` (printable ASCII, 200 characters at most), or raise `CannotPrint`."""
    if not re.fullmatch(r"[ -~]{1,200}", text):
        raise CannotPrint(
            "barcode",
            text,
            N_("A barcode holds 1 to 200 printable ASCII characters."),
            N_("Use the code that was issued."),
        )
    if symbology in (Symbology.GS1_128, Symbology.GS1_DATA_MATRIX):
        _check_digits(text)
    kind, identifier, options = _DRAWN[symbology]
    try:
        made = zxingcpp.create_barcode(text, kind, **options)
    except (ValueError, RuntimeError) as fault:
        raise CannotPrint(
            "barcode",
            text,
            N_("The barcode could not be made: %(fault)s."),
            N_("Correct the code; a GS1 code is given as (01)… with right check digits."),
            {"fault": str(fault)},
        ) from fault
    # An option that is not known is ignored without a word, so the result is what gets believed.
    size = _SIZE.search(made.to_svg(add_quiet_zones=False))
    square = symbology in (Symbology.CODE_128, Symbology.GS1_128) or (size is not None and size[1] == size[2])
    if made.symbology_identifier != identifier or made.text != text or size is None or not square:
        raise CannotPrint(
            "barcode",
            text,
            N_("The barcode that was made (%(made)s) is not the one that was meant (%(meant)s)."),
            N_("Use another code; this one is read differently from how it is written."),
            {"made": f"{made.symbology_identifier} {made.text}", "meant": f"{identifier} {text}"},
        )
    svg = made.to_svg(add_quiet_zones=False)
    return Symbol(text, symbology, identifier, svg, int(size[1]), int(size[2]))


def _check_digits(text: str) -> None:
    # The writer checks the form of GS1 elements, but not the check digits of most of them.
    for key, value in re.findall(r"\((\d{2,4})\)([^(]*)", text):
        digits = value[: _KEYED.get(key, 0)]
        total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(reversed(digits)) if digit.isdigit())
        if total % 10:
            raise CannotPrint(
                "barcode",
                text,
                N_("The check digit of the GS1 element (%(identifier)s) is wrong."),
                N_("Correct the code; a GS1 code is given as (01)… with right check digits."),
                {"identifier": key},
            )
