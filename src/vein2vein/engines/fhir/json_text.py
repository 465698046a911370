"""From untrusted bytes to JSON values with exact decimals, or a refusal; never any other exception."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from vein2vein.core.refusals import N_, Refused
from vein2vein.engines.fhir.faults import fault, shown

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 48
# A full order has under a thousand elements.
MAX_ELEMENTS = 50_000
# Possessive, and closed by the end of the text too, so that no input makes it run over the same text twice.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?")
_SEND_AGAIN = N_("Send the order again as a FHIR R4 Bundle in JSON (UTF-8).")


class _BadValue(Exception):
    """A JSON value that cannot be taken, with the fault's code, message and value."""


def read_json(data: bytes) -> Any:
    """Return the JSON in at most 5 MiB of UTF-8, numbers as Decimal; raises `Refused` otherwise."""
    text = _text(data)
    _check_size(text)
    try:
        return json.loads(
            text,
            parse_float=_number,
            parse_int=_number,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
    except _BadValue as bad:
        code, message, value = bad.args
        raise Refused(fault(code, message, "Bundle", value, _SEND_AGAIN)) from None
    except json.JSONDecodeError as bad:
        place = f"{bad.lineno}:{bad.colno}"
        message = N_("The file is not JSON from line and column %(place)s on.")
        value = text[max(0, bad.pos - 20) : bad.pos + 20]
        raise Refused(fault("fhir.not_json", message, "Bundle", value, _SEND_AGAIN, place=place)) from None


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        message = N_("The file is larger than %(limit)s MiB.")
        mend = N_("Send one order only, without scanned documents.")
        raise Refused(fault("file.oversized", message, "Bundle", f"{len(data)} B", mend, limit=str(MAX_BYTES >> 20)))
    if not data.strip():
        raise Refused(fault("file.empty", N_("The file is empty."), "Bundle", "", _SEND_AGAIN))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        message = N_("The file is not plain text (UTF-8): byte %(at)s cannot be read.")
        raise Refused(fault("file.binary", message, "Bundle", data[:8].hex(), _SEND_AGAIN, at=str(bad.start))) from None
    if "\x00" in text:
        message = N_("The file is not plain text (UTF-8): byte %(at)s cannot be read.")
        raise Refused(fault("file.binary", message, "Bundle", "", _SEND_AGAIN, at=str(text.index("\x00"))))
    return text


def _check_size(text: str) -> None:
    depth = elements = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        elements += mark in "[{,"
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            message = N_("The file is nested deeper than %(depth)s levels.")
            raise Refused(fault("fhir.too_deep", message, "Bundle", "", _SEND_AGAIN, depth=str(MAX_DEPTH)))
        if elements > MAX_ELEMENTS:
            mend = N_("Send one order only, without scanned documents.")
            message = N_("The file holds more than %(limit)s elements.")
            raise Refused(fault("fhir.too_many", message, "Bundle", "", mend, limit=str(MAX_ELEMENTS)))


def _number(text: str) -> Decimal | int:
    if not _NUMBER.fullmatch(text):
        raise _BadValue("fhir.number", N_("A number is too long to be a measurement."), shown(text))
    return int(text) if text.lstrip("-").isdigit() else Decimal(text)


def _no_constant(text: str) -> Decimal:
    raise _BadValue("fhir.number", N_("FHIR knows no number of this name."), text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        _check_text(key)
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, list):
            for part in value:
                if isinstance(part, str):
                    _check_text(part)
        if key in found:
            raise _BadValue("fhir.doubled_key", N_("A property stands twice in the same object."), shown(key))
        found[key] = value
    return found


def _check_text(text: str) -> None:
    # Escapes such as \ud800 make halves of characters that no later reader can encode.
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise _BadValue(
            "fhir.half_character", N_("A text holds half a character."), shown(text.encode("ascii", "replace"))
        )
    if "\x00" in text:
        raise _BadValue("fhir.half_character", N_("A text holds a zero character."), shown(text))
