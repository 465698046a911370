"""Journal entries as people read them: what the fact says and carries, in the user's language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from vein2vein.core.facts import FACTS
from vein2vein.doors.composed import said_again
from vein2vein.doors.labels import title
from vein2vein.doors.naming import Known, chinese, field_label, known_of, named, names_within
from vein2vein.journal.reads import EntryView

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OF_THE_PROCESS = frozenset({"step_code", "value_name", "subject"})
_NOTHING: tuple[Any, ...] = (None, "", "none", [], {})
_SYSTEM = "system: "
_ZEROS = re.compile(r"-?\d+\.\d*0{3}\Z")
_AS_IT_IS = frozenset({"username", "file", "name", "number"})


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that an entry is about: its kind, its id, and the code people know it by."""

    kind: str
    id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that a fact carries: its label, and its value in words or what it stands for."""

    label: str
    text: str
    subjects: tuple[Subject, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a timeline; `id` is the entry's."""

    id: int
    seq: int
    stream: str
    performed_at: datetime
    recorded_at: datetime
    late: bool
    text: str
    who: str
    signatures: tuple[str, ...]
    reason: str
    fact: str
    refs: tuple[str, ...]
    data: dict[str, Any]
    hash: str
    details: tuple[Detail, ...] = ()
    subjects: tuple[Subject, ...] = ()


class _Blank(defaultdict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


def tell(entry: EntryView) -> Told:
    """Return an entry as a line of a timeline, without its details."""
    payload, names = entry.payload, names_within(entry.data)
    says = getattr(FACTS.get(entry.fact), "says", "") or entry.fact.partition(".")[2]
    values = _Blank(str, {key: _in_sentence(key, value, names) for key, value in entry.data.items()})
    return Told(
        id=entry.id,
        seq=entry.seq,
        stream=entry.stream,
        performed_at=entry.performed_at,
        recorded_at=entry.recorded_at,
        late="late" in payload,
        text=gettext(says) % values,
        who=who_acted(str(payload["by"]["name"])),
        signatures=tuple(f"{one['printed_name']}: {gettext(one['meaning'])}" for one in payload.get("signatures", [])),
        reason=said_again(str(payload.get("reason", "")), names),
        fact=entry.fact,
        refs=tuple(payload["refs"]),
        data=entry.data,
        hash=entry.hash,
    )


def tell_all(entries: Sequence[EntryView]) -> list[Told]:
    """Return entries as lines of a timeline with all that they carry and refer to, ids said by codes and names."""
    ids = {UUID(one) for entry in entries for part in (entry.data, entry.payload["refs"]) for one in _ids(part)}
    known = known_of(ids | {UUID(one) for entry in entries for one in _ids(entry.stream)})
    return [
        replace(
            tell(entry),
            details=tuple(_details(entry.data, known)),
            subjects=tuple(_subjects([entry.stream, *entry.payload["refs"]], known)),
        )
        for entry in entries
    ]


def who_acted(name: str) -> str:
    """Return who acted; of the system itself, what it does of its own."""
    if not name.startswith(_SYSTEM):
        return name
    return f"{gettext('System')}: {gettext(title(name.removeprefix(_SYSTEM).rpartition('.')[2]))}"


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        found = _ID.search(value)
        if found is not None:
            yield found[0]
    elif isinstance(value, dict):
        yield from (one for each in value.values() for one in _ids(each))
    elif isinstance(value, list):
        yield from (one for each in value for one in _ids(each))


def _subjects(values: Any, known: Mapping[UUID, Known]) -> Iterator[Subject]:
    for one in dict.fromkeys(UUID(each) for each in _ids(values)):
        if one in known:
            yield Subject(known[one].kind, one, known[one].code)


def _details(data: Mapping[str, Any], known: Mapping[UUID, Known]) -> Iterator[Detail]:
    """Return what a fact carries but for what is empty, and for ids whose code it carries as well."""
    names, texts = names_within(data), {value for value in data.values() if isinstance(value, str)}
    other = "_en" if chinese() else "_zh"
    for key, value in data.items():
        if value is False or value in _NOTHING or key.endswith(other):
            continue
        label = field_label(key)
        subjects = tuple(one for one in _subjects(value, known) if one.code not in texts)
        if subjects:
            yield Detail(label, "", subjects)
        elif not any(_ids(value)) or isinstance(value, list):
            yield Detail(label, _shown(key, value, names))


def _in_sentence(key: str, value: Any, names: Mapping[str, str]) -> str:
    shown = _shown(key, value, names)
    return f"“{shown}”" if key in _OF_THE_PROCESS and value in names else shown


def _shown(key: str, value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if value is None or value == "":
        return "–"
    if isinstance(value, list):
        return ", ".join(filter(None, (_shown(key, one, names) for one in value))) or "–"
    if isinstance(value, dict):
        return ", ".join(
            f"{names.get(part) or field_label(part)}: {_shown(part, one, names)}"
            for part, one in value.items()
            if one not in (None, "") and not any(_ids(one))
        )
    return _text(key, str(value), names)


def _text(key: str, text: str, names: Mapping[str, str]) -> str:
    if key in _OF_THE_PROCESS and text in names:
        return names[text]
    if _TIME.match(text):
        return timezone.localtime(datetime.fromisoformat(text)).strftime("%Y-%m-%d %H:%M")
    if _ID.search(text):
        return ""
    if "." in text and _ZEROS.match(text):
        return text.rstrip("0").rstrip(".")
    if key == "action":
        return gettext(title(text.rpartition(".")[2]))
    if key in _AS_IT_IS:
        return text
    if key == "therapy_code" or (text.isidentifier() and text.islower()):
        return named(text)
    return _listed(text) or said_again(text, names)


def _listed(text: str) -> str:
    """Return a list of ids by their names; "" for what is none."""
    parts = text.split(", ")
    ids = len(parts) > 1 and all(one.isidentifier() and one.islower() for one in parts)
    return ", ".join(named(one) for one in parts) if ids else ""
