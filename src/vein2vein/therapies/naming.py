"""The names that definitions give to their roles, samples, tests, equipment, materials and obligations."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Protocol

from vein2vein.doors.naming import Names
from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.model.process import Sample
from vein2vein.engines.definitions.values import Text
from vein2vein.therapies.models import DefinitionVersion
from vein2vein.therapies.reads import content_of
from vein2vein.therapies.states import DefinitionState

FRESH_S = 30.0
"""How long names are taken as read; a version approved meanwhile is named from then on."""
_known: dict[str, tuple[str, str]] = {}
_read_at = [-FRESH_S]


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> Text: ...


def names_of(definition: Definition) -> Iterator[tuple[str, tuple[str, str]]]:
    """Return what a definition names, by id; outcomes, labels and conditions are not among it, being everyday words."""
    process, specification, therapy = definition.process, definition.specification, definition.therapy
    yield therapy.id, (therapy.name.en, therapy.name.zh)
    named: list[_Named] = [*process.containers, *process.equipment_classes, *process.operations, *process.trainings]
    named += [*specification.methods, *specification.tests, *definition.supply.materials]
    named += [*definition.therapy.indications, *definition.therapy.dose.arms]
    named += [*definition.therapy.eligibility.virology, *definition.therapy.eligibility.washouts]
    named += definition.supply.shipping_containers
    for one in named:
        yield one.id, (one.name.en, one.name.zh)
    for rule in specification.releases:
        yield from ((one.id, (one.text.en, one.text.zh)) for one in rule.obligations)
    for operation in process.operations:
        for step in operation.steps:
            if isinstance(step, Sample) and step.name is not None:
                yield step.sample, (step.name.en, step.name.zh)


def names(wanted: str) -> Names:
    """Return the names of all approved versions, the newest one's where several name the same id."""
    if wanted not in _known and monotonic() - _read_at[0] > FRESH_S:
        _read_at[0] = monotonic()
        rows = DefinitionVersion.objects.exclude(state=DefinitionState.DRAFT).order_by("id")
        for row in rows:
            _known.update(names_of(content_of(row)))
    return _known
