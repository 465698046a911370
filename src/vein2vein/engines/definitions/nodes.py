"""YAML as nodes that know their place; what a definition has no use for is refused while it streams by.

Nothing is built from tags, so nothing can run; aliases, documents in a row, deep nesting, keys said
twice and files that are not UTF-8 text are faults with a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.faults import DefinitionFaults, Fault, Place

LARGEST_FILE = 1024 * 1024
_DEEPEST, _MOST = 24, 60_000
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value as it is written, before anybody gives it a type."""

    text: str
    quoted: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Listing:
    """A sequence of nodes."""

    items: list[Node]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """A key's place and its value."""

    place: Place
    node: Node


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping in the order written."""

    place: Place
    entries: dict[str, Entry] = field(default_factory=dict)


Node = Scalar | Listing | Mapped


def decode(file: str, content: bytes) -> str:
    """Return the text of a file; `DefinitionFaults` when it is too large, not UTF-8, or has control characters."""
    if len(content) > LARGEST_FILE:
        raise _refused(
            Place(file, 1, 1),
            N_("the file is larger than 1 MiB"),
            N_("a definition is short text: take out what does not belong"),
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _refused(
            Place(file, line, 1), N_("the file is not UTF-8 text"), N_("save it as UTF-8, without other bytes")
        ) from None
    for number, row in enumerate(text.split("\n"), start=1):
        for column, character in enumerate(row.removesuffix("\r"), start=1):
            if (character < " " and character != "\t") or character in "\x7f\ufeff\ufffe\uffff":
                raise _refused(
                    Place(file, number, column),
                    N_("the control character U+%(code)s has no place here"),
                    N_("remove it, and save as plain UTF-8 without a byte-order mark"),
                    code=f"{ord(character):04X}",
                )
    return text


def compose(file: str, content: bytes) -> Node:
    """Return the root node of a YAML file; `DefinitionFaults`, and nothing else, for whatever cannot be one."""
    text = decode(file, content)
    try:
        return _Composer(file).compose(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        raise _refused(
            place,
            N_("this is not YAML: %(problem)s"),
            N_("indent with spaces, close every quote and bracket, and put a space after each colon"),
            problem=" ".join(str(error.problem or error.context).split()),
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        raise _refused(
            Place(file, 1, 1),
            N_("this is not YAML: %(problem)s"),
            N_("write plain YAML text"),
            problem=" ".join(str(error).split())[:120],
        ) from None


class _Composer:
    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0

    def place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1) if mark else Place(self.file, 1, 1)

    def compose(self, events: Iterator[yaml.Event]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise _refused(
                        self.place(event), N_("a second document begins here"), N_("keep one document in each file")
                    )
            elif isinstance(event, yaml.NodeEvent):
                root = self.node(event, events, 0)
        if root is None:
            raise _refused(Place(self.file, 1, 1), N_("the file is empty"), N_("write the definition into it"))
        return root

    def node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        place = self.place(event)
        self.count += 1
        if depth > _DEEPEST or self.count > _MOST:
            raise _refused(
                place, N_("the file is nested too deeply or holds too much"), N_("a definition is flat and short")
            )
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused(place, N_("anchors and aliases are not used here"), N_("write the value out in full"))
        if getattr(event, "tag", None):
            raise _refused(place, N_("tags are not used here"), N_("write the plain value without a tag"))
        if isinstance(event, yaml.SequenceStartEvent):
            return self.listing(place, events, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(place, events, depth)
        assert isinstance(event, yaml.ScalarEvent)  # noqa: S101 - the event grammar leaves nothing else
        return Scalar(event.value, not event.implicit[0], place)

    def listing(self, place: Place, events: Iterator[yaml.Event], depth: int) -> Listing:
        made = Listing([], place)
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            made.items.append(self.node(event, events, depth + 1))
        return made

    def mapping(self, place: Place, events: Iterator[yaml.Event], depth: int) -> Mapped:
        made = Mapped(place)
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.node(event, events, depth + 1)
            if not isinstance(key, Scalar):
                raise _refused(key.place, N_("a key must be a word"), N_("write the key as a plain word"))
            if key.text in made.entries:
                raise _refused(
                    key.place,
                    N_("the key “%(key)s” stands here a second time"),
                    N_("keep one of the two; the first is on line %(line)s"),
                    key=key.text[:60],
                    line=str(made.entries[key.text].place.line),
                )
            made.entries[key.text] = Entry(key.place, self.node(next(events), events, depth + 1))
        return made


def _refused(place: Place, message: str, remedy: str, **params: str) -> DefinitionFaults:
    return DefinitionFaults([Fault(place.file, place.line, place.column, "", message, remedy, params)])
