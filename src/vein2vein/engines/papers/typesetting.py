"""From a template and data to a PDF: the same bytes every time, and no data ever read as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import typst

from vein2vein.core.refusals import N_
from vein2vein.engines.papers.barcodes import Symbol
from vein2vein.engines.papers.glyphs import FOLDERS, first_unprintable, spelled_out
from vein2vein.engines.papers.refusing import CannotPrint
from vein2vein.engines.papers.wording import words_of

TEMPLATES = Path(__file__).parent / "templates"

_LONG_WORD = re.compile(r"[!-~]{25,}")
_COPIED = frozenset({"merkle_root", "journal_head", "definition_hash"})  # copied from the PDF into a verifier
_FIT = re.compile(r"DOES-NOT-FIT ([\w.]+)")


_DOTS_PER_INCH = 180.0


class Form(StrEnum):
    """What a paper is made as: to be printed and kept, or to be looked at on a page."""

    PDF = "pdf"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class _Setting:
    """What holds for a whole paper: the zone of its times, the fields that identify, the language of its fonts."""

    zone: ZoneInfo
    identity: frozenset[str]
    language: str


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(one) for one in FOLDERS.values()]
    )


def typeset(
    template: str,
    data: Mapping[str, object],
    *,
    made_at: datetime,
    zone: str = "Asia/Shanghai",
    identity: frozenset[str] = frozenset(),
    form: Form = Form.PDF,
) -> bytes:
    """Return a PDF/A-2a of `template` filled with `data` (plain values, dataclasses, symbols), or a picture of page 1.

    The same input gives the same bytes. Times are shown in `zone`. In fields named in `identity` a
    character that the font lacks raises `CannotPrint`; elsewhere it is spelled out as `[U+1F600]`.
    A text that does not fit its place even at the smallest legible size raises `CannotPrint`.
    """
    source = TEMPLATES / f"{template}.typ"
    if not re.fullmatch(r"[a-z_]+", template) or not source.is_file():
        raise ValueError(f"there is no template {template!r}")
    language = str(getattr(data.get("paper"), "language", ""))
    told = {**data, "words": words_of(language)}
    filled = json.dumps(
        _plain(told, "", _Setting(ZoneInfo(zone), identity, language)), ensure_ascii=True, sort_keys=True
    )
    try:
        made = typst.compile(
            str(source),
            root=str(TEMPLATES),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": filled},
            pdf_standards=["a-2a"] if form is Form.PDF else [],
            timestamp=int(made_at.timestamp()),
            format=form.value,
            ppi=_DOTS_PER_INCH,
        )
    except typst.TypstError as fault:
        raise _refusal(template, fault) from fault
    if form is Form.PNG and isinstance(made, list):
        made = made[0]
    if not isinstance(made, bytes):
        raise TypeError("a paper of several parts was made where one was expected")
    return made


def _refusal(template: str, fault: typst.TypstError) -> CannotPrint:
    told = f"{fault.message} {fault.diagnostic}"
    if place := _FIT.search(told):
        return CannotPrint(
            place[1],
            "",
            N_("The text does not fit on the label at a size that can be read."),
            N_("Shorten it; nothing is cut off on paper."),
        )
    return CannotPrint(
        template,
        fault.message,
        N_("The paper could not be made: %(fault)s."),
        N_("Report this with the record that it was made from."),
        {"fault": fault.message},
    )


def _plain(value: object, path: str, setting: _Setting) -> object:  # noqa: PLR0911 - one line a type
    if isinstance(value, Symbol):
        return {"svg": value.svg, "w": value.width, "h": value.height, "text": value.text}
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return _text(value, path, setting)
    if isinstance(value, datetime):
        return f"{value.astimezone(setting.zone):%Y-%m-%d %H:%M}"
    if isinstance(value, date | Decimal):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: _plain(getattr(value, each.name), _below(path, each.name), setting) for each in fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(each, _below(path, str(key)), setting) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [_plain(each, path, setting) for each in value]
    raise TypeError(f"{path} holds a {type(value).__name__}, which cannot be printed")


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _text(value: str, path: str, setting: _Setting) -> str:
    if not setting.identity.isdisjoint(path.split(".")):
        character = first_unprintable(value, setting.language)
        if character:
            raise CannotPrint(
                path,
                value,
                N_("The character %(character)s (%(code)s) cannot be printed in a field that identifies."),
                N_("Write it with letters, digits or Chinese characters that the label font has."),
                {"character": character if character.isprintable() else "", "code": f"U+{ord(character):04X}"},
            )
        return value
    if path.rpartition(".")[2] in _COPIED:
        return spelled_out(value, setting.language)
    return _LONG_WORD.sub(_breakable, spelled_out(value, setting.language))


def _breakable(word: re.Match[str]) -> str:
    text = word[0]
    return "\u200b".join(text[at : at + 16] for at in range(0, len(text), 16))
