"""What the labels of an order say: the definition's label sets, with the warnings that apply to this patient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.model.supply import StartingMaterialRule
from vein2vein.engines.definitions.model.therapy import Label, Therapy
from vein2vein.engines.definitions.values import Text
from vein2vein.engines.definitions.vocabulary import LabelUse, WarningWhen
from vein2vein.identity.rules import KitLabelWish, LabelSet, OnContainer, Statement
from vein2vein.orders.rules.eligibility import Marker
from vein2vein.orders.states import VirologyResult

_ABBREVIATION = 4
_ON_CONTAINERS = frozenset(LabelUse) - {LabelUse.SHIPPER}


def _said(marker: str) -> Text:
    """Return a marker that the definition does not name: an abbreviation in capitals (`EBV`), a word as it is."""
    shown = marker.upper() if len(marker) <= _ABBREVIATION else marker
    return Text(shown, shown)


def label_sets(therapy: Therapy, *, trial_only: bool, markers: Sequence[Marker], on: date) -> tuple[LabelSet, ...]:
    """Return every label of a definition that is put on a container, with the warnings that apply on a day."""
    reactive = [one for one in markers if one.result == VirologyResult.POSITIVE]
    applies = {
        WarningWhen.ALWAYS: True,
        WarningWhen.CLINICAL_TRIAL: trial_only,
        WarningWhen.NOT_FULLY_SCREENED: not fully_screened(therapy, markers, on=on),
        WarningWhen.REACTIVE: bool(reactive),
    }
    known = {one.id: one.name for one in therapy.eligibility.virology}
    names = [known.get(one.marker, _said(one.marker)) for one in reactive]
    return tuple(
        LabelSet(
            label.id,
            label.use.value,
            tuple(one.value for one in label.languages),
            tuple(one.value for one in label.fields),
            _statements(therapy, label, applies, names),
        )
        for label in therapy.labels
        if label.use in _ON_CONTAINERS
    )


def _statements(
    therapy: Therapy, label: Label, applies: dict[WarningWhen, bool], reactive: Sequence[Text]
) -> tuple[Statement, ...]:
    found = [one for one in therapy.warnings if one.id in label.warnings and applies[one.when]]
    return tuple(
        Statement(
            one.id,
            one.when.value,
            one.text.en if one.when is not WarningWhen.REACTIVE else f"{one.text.en}: {_joined(reactive, 'en', ', ')}",
            one.text.zh if one.when is not WarningWhen.REACTIVE else f"{one.text.zh}：{_joined(reactive, 'zh', '、')}",
        )
        for one in found
    )


def _joined(names: Sequence[Text], language: str, by: str) -> str:
    return by.join(str(getattr(one, language)) for one in names)


def fully_screened(therapy: Therapy, markers: Sequence[Marker], *, on: date) -> bool:
    """Say whether every marker of the definition has a clear result that is not too old on a day."""
    known = {one.marker: one for one in markers if one.result != VirologyResult.INDETERMINATE}
    return all(
        one.id in known and on - known[one.id].tested_on <= one.maximum_age for one in therapy.eligibility.virology
    )


def on_starting_material(definition: Definition, alternative: str) -> OnContainer:
    """Return what the label of a bag of starting material says of it."""
    rule, name = _starting(definition, alternative)
    condition = None if rule is None else definition.supply.condition(rule.condition)
    return OnContainer(
        label_set="" if rule is None else rule.label,
        contents_en=name.en,
        contents_zh=name.zh,
        storage_en="" if condition is None else condition.name.en,
        storage_zh="" if condition is None else condition.name.zh,
    )


def kit_wishes(definition: Definition, alternative: str, *, spare: int) -> list[KitLabelWish]:
    """Return the labels of a collection kit: one for the bag that the definition names, and spare ones."""
    rule, _name = _starting(definition, alternative)
    said = on_starting_material(definition, alternative)
    return [
        KitLabelWish(
            purpose=said.contents_en,
            quantity=1 + spare,
            container_role="" if rule is None else rule.container,
            purpose_zh=said.contents_zh,
            storage_en=said.storage_en,
            storage_zh=said.storage_zh,
        )
    ]


def _starting(definition: Definition, alternative: str) -> tuple[StartingMaterialRule | None, Text]:
    rule = definition.supply.starting_material(alternative)
    role = None if rule is None else definition.process.container(rule.container)
    return rule, Text("", "") if role is None else role.name
