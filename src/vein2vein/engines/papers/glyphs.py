"""Which characters the shipped fonts can print, by language. Source: OpenType cmap table, format 12."""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path

import pylopdf_fonts_jp
import pylopdf_fonts_ko
import pylopdf_fonts_zh_cn
import pylopdf_fonts_zh_tw

FOLDERS = {
    "SC": Path(pylopdf_fonts_zh_cn.__file__).parent,
    "TC": Path(pylopdf_fonts_zh_tw.__file__).parent,
    "JP": Path(pylopdf_fonts_jp.__file__).parent,
    "KR": Path(pylopdf_fonts_ko.__file__).parent,
}
"""The folder of each face, by the region that Noto Sans names it after."""
_FACES = {"zh_hant": "TC", "ja": "JP", "ko": "KR"}
"""The face that a language is set in; what it lacks, and all else, is set in the one of simplified Chinese."""
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
"""Superscripts, which the template sets raised because the font lacks most of them."""

_INVISIBLE = frozenset("\u00a0\u200b")


@cache
def printable(language: str = "") -> frozenset[int]:
    """Return the code points that a language's faces have glyphs for, and those that need none or are set otherwise."""
    own = _FACES.get(language)
    return _of("SC") if own is None else _of("SC") | _of(own)


def lacking(text: str, language: str) -> str:
    """Return the characters of a text that the language's own face lacks, whatever another face would lend."""
    known = _of(_FACES.get(language, "SC"))
    return "".join(sorted({one for one in text if ord(one) not in known}))


@cache
def _of(face: str) -> frozenset[int]:
    blob = (FOLDERS[face] / f"NotoSans{face}-Regular.otf").read_bytes()
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


def first_unprintable(text: str, language: str = "") -> str:
    """Return the first character of `text` that a language's faces cannot show, or the empty string."""
    known = printable(language)
    return next((character for character in text if ord(character) not in known or _reversing(character)), "")


def spelled_out(text: str, language: str = "") -> str:
    """Return `text` with each character that cannot be shown written as `[U+1F600]`: nothing vanishes, no empty box."""
    known = printable(language)
    return "".join(
        character if character == "\n" or (ord(character) in known and not _reversing(character)) else _named(character)
        for character in text.replace("\r\n", "\n").replace("\t", " ")
    )


def _reversing(character: str) -> bool:
    return unicodedata.category(character) == "Cf" and character not in _INVISIBLE


def _named(character: str) -> str:
    return f"[U+{ord(character):04X}]"
