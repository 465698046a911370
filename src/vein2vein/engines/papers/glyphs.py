"""Which characters the shipped font can print. Source: OpenType cmap table, format 12."""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn

FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
"""Superscripts, which the template sets raised because the font lacks most of them."""

_INVISIBLE = frozenset("\u00a0\u200b")


@cache
def printable() -> frozenset[int]:
    """Return the code points that the font has a glyph for, and those that need none or are set otherwise."""
    blob = (FONTS / "NotoSansSC-Regular.otf").read_bytes()
    found = {ord(character) for character in RAISED} | {ord(character) for character in _INVISIBLE}
    for start in _subtables(blob):
        if struct.unpack_from(">H", blob, start)[0] != 12:
            continue
        (groups,) = struct.unpack_from(">I", blob, start + 12)
        for at in range(groups):
            first, last, _ = struct.unpack_from(">III", blob, start + 16 + 12 * at)
            found.update(range(first, last + 1))
    return frozenset(code for code in found if code >= 0x20 and not 0x7F <= code < 0xA0)


def _subtables(blob: bytes) -> list[int]:
    (tables,) = struct.unpack_from(">H", blob, 4)
    for at in range(tables):
        tag, _, start, _ = struct.unpack_from(">4sIII", blob, 12 + 16 * at)
        if tag == b"cmap":
            (count,) = struct.unpack_from(">H", blob, start + 2)
            return [start + struct.unpack_from(">HHI", blob, start + 4 + 8 * each)[2] for each in range(count)]
    raise ValueError("the font has no cmap table")


def first_unprintable(text: str) -> str:
    """Return the first character of `text` that the font cannot show, or the empty string."""
    known = printable()
    return next((character for character in text if ord(character) not in known or _reversing(character)), "")


def spelled_out(text: str) -> str:
    """Return `text` with each character that cannot be shown written as `[U+1F600]`: nothing vanishes, no empty box."""
    known = printable()
    return "".join(
        character if character == "\n" or (ord(character) in known and not _reversing(character)) else _named(character)
        for character in text.replace("\r\n", "\n").replace("\t", " ")
    )


def _reversing(character: str) -> bool:
    return unicodedata.category(character) == "Cf" and character not in _INVISIBLE


def _named(character: str) -> str:
    return f"[U+{ord(character):04X}]"
