"""Telling, from the bytes, which other instrument an export comes from."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib

_SIGNS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("Vi-CELL XR (Beckman Coulter)", (b"Vi-CELL XR",)),
    ("Vi-CELL BLU (Beckman Coulter)", (b"Viable (x10^6) cells/mL",)),
    ("NC-View, as an NC-202 writes it (ChemoMetec)", (b"LIVE (cells/ml)", b"DEBRIS INDEX")),
    ("QuantStudio (Applied Biosystems)", (b"QuantStudio",)),
    ("Absolute Q digital PCR (Applied Biosystems)", (b"Conc. cp/uL",)),
    ("CFX Maestro PCR (Bio-Rad)", (b"Starting Quantity (SQ)",)),
    ("QIAcuity digital PCR (Qiagen)", (b"Partitions (valid)",)),
    ("flow cytometer (FCS)", (b"FCS3.",)),
    ("a PDF report", (b"%PDF-",)),
)
_HEAD = 8192
_ZIP_FAULTS = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    LookupError,
    ValueError,
)


def seems_to_be(data: bytes) -> str | None:
    """Return the name of the other instrument or kind of file that the bytes speak of, or None."""
    head = data[:_HEAD]
    workbook = head.startswith(b"PK\x03\x04")
    if workbook:
        head = _workbook_head(data)
    for name, signs in _SIGNS:
        if all(sign in head for sign in signs):
            return name
    return "an Excel workbook or other ZIP archive" if workbook else None


def _workbook_head(data: bytes) -> bytes:
    """Return the first bytes of a workbook's shared texts; empty when they cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("xl/sharedStrings.xml") as texts:
            return texts.read(_HEAD)
    except _ZIP_FAULTS:
        return b""
