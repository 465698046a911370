"""From nodes to the data model: every value gets its type, or a fault that names its place and mend."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.faults import Fault, Place
from vein2vein.engines.definitions.formulas import Formula, FormulaFault
from vein2vein.engines.definitions.nodes import Entry, Listing, Mapped, Node, Scalar
from vein2vein.engines.definitions.shapes import Atom, Choice, ListOf, Record, Shape
from vein2vein.engines.definitions.values import Quantity, parse_number, parse_quantity, parse_span

ID = r"[A-Za-z][A-Za-z0-9_-]{0,59}"
VALUE_NAME = r"[a-z][a-z0-9_]{0,59}"
_LONGEST_TEXT = 2000
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_KINDS = {Mapped: N_("a mapping"), Listing: N_("a list"), Scalar: N_("a single value")}


class _Unreadable(Exception):
    """A scalar that is not what is wanted here."""

    def __init__(self, message: str, remedy: str, **params: str) -> None:
        self.message, self.remedy, self.params = message, remedy, params
        super().__init__(message)


@dataclass(slots=True)
class RecordReader:
    """Reads nodes by shape, collecting faults and the place of each value by its path."""

    faults: list[Fault] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)

    def fault(self, place: Place, path: str, message: str, remedy: str, **params: str) -> None:
        """Add a fault."""
        self.faults.append(Fault(place.file, place.line, place.column, path, message, remedy, params))

    def read(self, shape: Shape, node: Node, path: str) -> Any:
        """Return the value of `shape` that `node` writes, or None after adding at least one fault."""
        self.places.setdefault(path, node.place)
        match shape:
            case Atom():
                return self._atom(shape, node, path)
            case ListOf():
                return self._listing(shape, node, path)
            case Record():
                return self._record(shape, node, path)
            case Choice():
                return self._choice(shape, node, path)

    def _expect(self, wanted: type[Node], node: Node, path: str) -> bool:
        if isinstance(node, wanted):
            return True
        message = N_("here stands %(found)s, where %(wanted)s belongs")
        remedy = N_("write %(wanted)s")
        self.fault(node.place, path, message, remedy, found=_KINDS[type(node)], wanted=_KINDS[wanted])
        return False

    def _listing(self, shape: ListOf, node: Node, path: str) -> Any:
        if not self._expect(Listing, node, path):
            return None
        assert isinstance(node, Listing)  # noqa: S101 - just checked
        before, seen, made = len(self.faults), dict[str, Place](), []
        for index, item in enumerate(node.items):
            key = _key_node(shape.item, item)
            inner = f"{path}[{index}]" if key is None else f"{path}[{key.text[:60]}]"
            if key is not None and key.text in seen:
                self.fault(
                    key.place,
                    inner,
                    N_("“%(key)s” stands in this list a second time"),
                    N_("give it another name; the first is on line %(line)s"),
                    key=key.text[:60],
                    line=str(seen[key.text].line),
                )
                continue
            if key is not None:
                seen[key.text] = key.place
            made.append(self.read(shape.item, item, inner))
        return tuple(made) if len(self.faults) == before else None

    def _choice(self, shape: Choice, node: Node, path: str) -> Any:
        if not self._expect(Mapped, node, path):
            return None
        assert isinstance(node, Mapped)  # noqa: S101 - just checked
        entry = node.entries.get("kind")
        kind = entry.node if entry else None
        if entry is None or not isinstance(kind, Scalar):
            self.fault(
                node.place,
                path,
                N_("“kind” is missing"),
                N_("write kind: and one of: %(words)s"),
                words=", ".join(shape.kinds),
            )
            return None
        if kind.text not in shape.kinds:
            self._unknown_word(kind.place, f"{path}.kind", kind.text, shape.kinds)
            return None
        return self._record(shape.kinds[kind.text], node, path)

    def _record(self, shape: Record, node: Node, path: str) -> Any:
        if not self._expect(Mapped, node, path):
            return None
        assert isinstance(node, Mapped)  # noqa: S101 - just checked
        before, values = len(self.faults), dict[str, Any]()
        for key, entry in node.entries.items():
            known = shape.field(key)
            if known is not None:
                inner = f"{path}.{key}" if path else key
                self.places[inner] = entry.node.place if isinstance(entry.node, Scalar) else entry.place
                values[key] = self.read(known.shape, entry.node, inner)
            elif not (key == "kind" and shape.kind is not None):
                self._unknown_key(entry, path, key, [one.name for one in shape.fields])
        for one in shape.fields:
            if one.required and one.name not in node.entries:
                place = self.places.get(path, node.place)
                self.fault(place, path, N_("“%(key)s” is missing"), N_("add the key %(key)s here"), key=one.name)
        return shape.type(**values) if len(self.faults) == before else None

    def _unknown_key(self, entry: Entry, path: str, key: str, known: list[str]) -> None:
        close = get_close_matches(key[:60], known, n=1)
        remedy = N_("did you mean “%(close)s”?") if close else N_("remove it; known here: %(known)s")
        params = {"close": close[0]} if close else {"known": ", ".join(known)}
        self.fault(entry.place, path, N_("the key “%(key)s” is not known here"), remedy, key=key[:60], **params)

    def _unknown_word(self, place: Place, path: str, word: str, known: Iterable[str]) -> None:
        message = N_("“%(word)s” is not one of the words that may stand here")
        remedy = N_("write one of: %(words)s")
        self.fault(place, path, message, remedy, word=word[:60], words=", ".join(known))

    def _atom(self, shape: Atom, node: Node, path: str) -> Any:
        if not self._expect(Scalar, node, path):
            return None
        assert isinstance(node, Scalar)  # noqa: S101 - just checked
        text = node.text.strip()
        if not text or (text in {"~", "null"} and not node.quoted):
            remedy = N_("write a value, or remove the key if it may be left out")
            self.fault(node.place, path, N_("the value is empty"), remedy)
            return None
        if issubclass(shape.type, StrEnum):
            if text in list(shape.type):
                return shape.type(text)
            self._unknown_word(node.place, path, text, list(shape.type))
            return None
        try:
            return _READERS[shape.type](text, path)
        except _Unreadable as error:
            self.fault(node.place, path, error.message, error.remedy, **error.params)
            return None


def _key_node(shape: Shape, node: Node) -> Scalar | None:
    if not isinstance(node, Mapped):
        return None
    key = shape.key if isinstance(shape, Record) else "id" if isinstance(shape, Choice) else None
    entry = node.entries.get(key) if key else None
    return entry.node if entry is not None and isinstance(entry.node, Scalar) else None


def _text(text: str, path: str) -> str:
    name = path.rpartition(".")[2]
    if len(text) > _LONGEST_TEXT and name != "sequence":
        raise _Unreadable(N_("the text is longer than 2000 characters"), N_("shorten it, or attach a document"))
    if _UNSTORABLE.search(text):
        raise _Unreadable(N_("the text holds a control character"), N_("remove it, or write it in words"))
    if name == "id" and not re.fullmatch(ID, text):
        raise _Unreadable(
            N_("“%(text)s” cannot be an id"),
            N_("use letters, digits, - and _, beginning with a letter, at most 60"),
            text=text[:60],
        )
    if name == "value" and not re.fullmatch(VALUE_NAME, text):
        raise _Unreadable(
            N_("“%(text)s” cannot be the name of a value"),
            N_("use small letters, digits and _, beginning with a letter, at most 60"),
            text=text[:60],
        )
    return text


def _truth(text: str, _path: str) -> bool:
    if text not in {"true", "false"}:
        raise _Unreadable(N_("“%(text)s” is neither true nor false"), N_("write true or false"), text=text[:60])
    return text == "true"


def _whole(text: str, _path: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise _Unreadable(N_("“%(text)s” is not a whole number"), N_("write digits only, as in 3"), text=text[:60])
    return int(text)


def _decimal(text: str, _path: str) -> Decimal:
    try:
        return parse_number(text)
    except ValueError:
        message = N_("“%(text)s” is not a number")
        raise _Unreadable(message, N_("write a number, as in 0.46"), text=text[:60]) from None


def _span(text: str, _path: str) -> timedelta:
    try:
        return parse_span(text)
    except ValueError:
        raise _Unreadable(
            N_("“%(text)s” is not a span of time"),
            N_("write a number and s, min, h or d, as in 36 h"),
            text=text[:60],
        ) from None


def _day(text: str, _path: str) -> date:
    day = None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        with suppress(ValueError):
            day = date.fromisoformat(text)
    if day is None:
        message = N_("“%(text)s” is not a day")
        raise _Unreadable(message, N_("write year-month-day, as in 2026-03-01"), text=text[:60])
    return day


def _quantity(text: str, _path: str) -> Quantity:
    try:
        return parse_quantity(text)
    except ValueError:
        raise _Unreadable(
            N_("“%(text)s” is not a quantity"),
            N_("write a number, a space and a known unit, as in 2e6 cell/mL"),
            text=text[:60],
        ) from None


def _formula(text: str, _path: str) -> Formula:
    formula = Formula(text)
    try:
        formula.expression  # noqa: B018 - parsed here so that it is never met malformed later
    except FormulaFault as error:
        raise _Unreadable(error.message, N_("write it as in a * (b + 2 [mL]) / c"), **error.params) from None
    return formula


_READERS: dict[type, Any] = {
    str: _text,
    bool: _truth,
    int: _whole,
    Decimal: _decimal,
    timedelta: _span,
    date: _day,
    Quantity: _quantity,
    Formula: _formula,
}
