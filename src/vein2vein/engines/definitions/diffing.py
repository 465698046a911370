"""What changed between two versions, by the words of the trade rather than by lines of text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.canonical import plain
from vein2vein.engines.definitions.model import process, specification, supply, therapy
from vein2vein.engines.definitions.model.definition import Construct, Definition, Part
from vein2vein.engines.definitions.shapes import Atom, Choice, ListOf, Record, Shape, shape_of
from vein2vein.engines.definitions.values import Limits, Text
from vein2vein.engines.definitions.walking import item_path


class ChangeKind(StrEnum):
    """How something differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


SUBJECTS: Mapping[type, str] = {
    therapy.Therapy: N_("therapy"),
    therapy.Indication: N_("indication"),
    therapy.DoseRule: N_("dose"),
    therapy.IndicationDose: N_("dose"),
    therapy.TrialArm: N_("trial arm"),
    therapy.ProductStorage: N_("product storage"),
    therapy.Alternative: N_("starting material"),
    therapy.LabelWarning: N_("label warning"),
    therapy.Label: N_("label"),
    therapy.Eligibility: N_("eligibility"),
    process.EquipmentClass: N_("equipment class"),
    process.ContainerRole: N_("container role"),
    process.Training: N_("training"),
    process.Operation: N_("operation"),
    process.After: N_("hold"),
    process.StepBase: N_("step"),
    Limits: N_("limit"),
    specification.Market: N_("market"),
    specification.Method: N_("method"),
    specification.Test: N_("test"),
    specification.Criterion: N_("criterion"),
    specification.ReleaseRule: N_("release"),
    specification.Obligation: N_("obligation"),
    supply.Condition: N_("storage condition"),
    supply.StartingMaterialRule: N_("starting-material limit"),
    supply.ShippingContainer: N_("shipping container"),
    supply.Lane: N_("lane"),
    supply.ExcursionRule: N_("excursion rule"),
    supply.ProductShipment: N_("product shipment"),
    supply.Bedside: N_("bedside rule"),
    supply.Material: N_("material"),
    supply.BackUp: N_("back-up"),
    supply.Visit: N_("follow-up visit"),
    supply.Reconfirmation: N_("reconfirmation"),
    Construct: N_("construct"),
    Part: N_("construct part"),
}
"""What a change is about: the innermost of these that holds it."""

_SENTENCES = {
    ChangeKind.ADDED: N_("%(subject)s %(path)s was added: %(became)s"),
    ChangeKind.REMOVED: N_("%(subject)s %(path)s was removed: %(was)s"),
    ChangeKind.CHANGED: N_("%(subject)s %(path)s was %(was)s and became %(became)s"),
    ChangeKind.MOVED: N_("the order of %(path)s was %(was)s and became %(became)s"),
}
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where, what it was and became (empty when there was none), how, and what it is about."""

    path: str
    was: str
    became: str
    kind: ChangeKind
    subject: str

    @property
    def message(self) -> str:
        """Return the English sentence, with places to fill from `params`, for a door to translate."""
        return _SENTENCES[self.kind]

    @property
    def params(self) -> dict[str, str]:
        """Return what fills the places of `message`; `subject` is itself a word to translate."""
        return {"path": self.path, "was": self.was, "became": self.became, "subject": self.subject}

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.message % self.params


def diff(a: Definition, b: Definition) -> list[Change]:
    """Return what changed from `a` to `b`, in the order of the data model; nothing when they say the same."""
    return list(_differences(shape_of(Definition), a, b, "", SUBJECTS[therapy.Therapy]))


def _subject(value: Any, outer: str) -> str:
    return next((noun for of, noun in SUBJECTS.items() if isinstance(value, of)), outer)


def _differences(shape: Shape, a: Any, b: Any, path: str, subject: str) -> Iterator[Change]:
    if a == b:
        return
    if a is None or b is None:
        kind = ChangeKind.ADDED if a is None else ChangeKind.REMOVED
        noun = _subject(b if a is None else a, subject)
        yield Change(path, _said(shape, a), _said(shape, b), kind, noun)
        return
    match shape:
        case Atom():
            yield Change(path, _said(shape, a), _said(shape, b), ChangeKind.CHANGED, subject)
        case ListOf():
            yield from _in_list(shape, a, b, path, subject)
        case Choice():
            if a.kind == b.kind:
                yield from _differences(shape.kinds[str(a.kind)], a, b, path, subject)
            else:
                noun = _subject(b, subject)
                yield Change(path, _said(shape, a), _said(shape, b), ChangeKind.CHANGED, noun)
        case Record():
            noun = _subject(b, subject)
            for one in shape.fields:
                inner = f"{path}.{one.name}" if path else one.name
                yield from _differences(one.shape, getattr(a, one.name), getattr(b, one.name), inner, noun)


def _in_list(shape: ListOf, a: tuple[Any, ...], b: tuple[Any, ...], path: str, subject: str) -> Iterator[Change]:
    if isinstance(shape.item, Atom):
        yield Change(path, ", ".join(map(str, a)), ", ".join(map(str, b)), ChangeKind.CHANGED, subject)
        return
    mine = {item_path(shape.item, item, index, path): item for index, item in enumerate(a)}
    theirs = {item_path(shape.item, item, index, path): item for index, item in enumerate(b)}
    for where in dict.fromkeys([*mine, *theirs]):
        yield from _differences(shape.item, mine.get(where), theirs.get(where), where, subject)
    before, after = [one for one in mine if one in theirs], [one for one in theirs if one in mine]
    if before != after:
        keys = [", ".join(one.rpartition("[")[2].rstrip("]") for one in order) for order in (before, after)]
        yield Change(path, keys[0], keys[1], ChangeKind.MOVED, _subject(b[0], subject))


def _said(shape: Shape, value: Any) -> str:
    """Say a value in a few words."""
    if value is None:
        return ""
    if isinstance(value, Text):
        return f"{value.en} / {value.zh}"
    if isinstance(shape, Atom):
        text = str(plain(shape, value))
        if len(text) > _LONGEST:
            digest = hashlib.sha256(text.encode()).hexdigest()[:12]
            return f"{len(text)} characters, sha256 {digest}…"
        return text
    words = getattr(value, "name", None) or getattr(value, "text", None)
    if isinstance(words, Text):
        kind = f"{value.kind}: " if isinstance(shape, Choice) else ""
        return f"{kind}{words.en} / {words.zh}"
    text = json.dumps(plain(shape, value), ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
