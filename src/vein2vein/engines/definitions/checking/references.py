"""Every reference resolves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.checking.findings import Findings
from vein2vein.engines.definitions.model import process, specification, supply, therapy
from vein2vein.engines.definitions.model.definition import Definition
from vein2vein.engines.definitions.walking import records_in

_REFERENCES: Mapping[type, Mapping[str, str]] = {
    process.Operation: {"when": "alternative", "equipment_class": "equipment class"},
    process.After: {"operation": "operation"},
    process.StepBase: {"when": "alternative", "training": "training"},
    process.Scan: {"container": "container", "equipment_class": "equipment class", "material": "material"},
    process.Clear: {"equipment_class": "equipment class"},
    process.Measure: {"equipment_class": "equipment class"},
    process.Consume: {"material": "material", "into": "container"},
    process.Produce: {"container": "container", "parent": "container", "label": "label", "condition": "condition"},
    process.Sample: {"parent": "container", "label": "label", "condition": "condition", "serves": "test"},
    process.Wait: {"since": "step"},
    specification.Method: {"equipment_class": "equipment class", "kit": "material"},
    specification.Test: {"method": "method", "sample": "sample"},
    specification.Criterion: {"test": "test", "markets": "market"},
    specification.ReleaseRule: {"markets": "market", "open_tests": "test"},
    supply.StartingMaterialRule: {
        "alternative": "alternative",
        "container": "container",
        "label": "label",
        "condition": "condition",
    },
    supply.ShippingContainer: {"condition": "condition"},
    supply.Lane: {"markets": "market", "shipping_container": "shipping container", "alternative": "alternative"},
    supply.ExcursionRule: {"condition": "condition"},
    supply.ProductShipment: {"condition": "condition"},
    supply.Material: {"condition": "condition"},
    supply.BackUp: {"container": "container"},
    therapy.DoseRule: {"declared_from": "test"},
    therapy.IndicationDose: {"indication": "indication"},
    therapy.TrialArm: {"indication": "indication"},
    therapy.ProductStorage: {"condition": "condition"},
    therapy.Label: {"warnings": "warning"},
}

_NOUNS = {
    "alternative": N_("starting material"),
    "condition": N_("storage condition"),
    "container": N_("container role"),
    "equipment class": N_("equipment class"),
    "indication": N_("indication"),
    "label": N_("label"),
    "market": N_("market"),
    "material": N_("material"),
    "method": N_("method"),
    "operation": N_("operation"),
    "sample": N_("sample"),
    "shipping container": N_("shipping container"),
    "step": N_("step"),
    "test": N_("test"),
    "training": N_("training"),
    "warning": N_("warning"),
}


def known(definition: Definition) -> dict[str, list[str]]:
    """Return the ids that may be referred to, by what they are."""
    steps = [step for _, step in definition.process.all_steps()]
    return {
        "alternative": [one.id for one in definition.therapy.starting_materials],
        "condition": [one.id for one in definition.supply.conditions],
        "container": [one.id for one in definition.process.containers],
        "equipment class": [one.id for one in definition.process.equipment_classes],
        "indication": [one.id for one in definition.therapy.indications],
        "label": [one.id for one in definition.therapy.labels],
        "market": [one.id for one in definition.specification.markets],
        "material": [one.id for one in definition.supply.materials],
        "method": [one.id for one in definition.specification.methods],
        "operation": [one.id for one in definition.process.operations],
        "sample": [step.sample for step in steps if isinstance(step, process.Sample)],
        "shipping container": [one.id for one in definition.supply.shipping_containers],
        "step": [step.id for step in steps],
        "test": [one.id for one in definition.specification.tests],
        "training": [one.id for one in definition.process.trainings],
        "warning": [one.id for one in definition.therapy.warnings],
    }


def check(findings: Findings) -> None:
    """Find every reference to something that the definition does not have, and step ids used twice."""
    names = known(findings.definition)
    for path, record in records_in(findings.definition):
        for of, fields in _REFERENCES.items():
            if isinstance(record, of):
                for field, kind in fields.items():
                    _check_field(findings, f"{path}.{field}", getattr(record, field), kind, names[kind])
    _check_steps_distinct(findings)


def _check_field(
    findings: Findings, path: str, value: str | tuple[str, ...] | None, kind: str, names: list[str]
) -> None:
    listed = isinstance(value, tuple)
    for index, name in enumerate(value if isinstance(value, tuple) else [value]):
        if name is None or name in names:
            continue
        close = get_close_matches(name, names, n=1)
        remedy = N_("did you mean “%(close)s”?") if close else N_("add it, or name one of: %(known)s")
        params = {"close": close[0]} if close else {"known": ", ".join(dict.fromkeys(names))}
        findings.add(
            f"{path}[{index}]" if listed else path,
            N_("there is no %(kind)s “%(name)s” in this definition"),
            remedy,
            kind=_NOUNS[kind],
            name=name,
            **params,
        )


def _check_steps_distinct(findings: Findings) -> None:
    definition = findings.definition
    counts = Counter(step.id for _, step in definition.process.all_steps())
    seen: set[str] = set()
    for operation, step in definition.process.all_steps():
        if counts[step.id] > 1 and step.id in seen:
            findings.add(
                f"process.operations[{operation.id}].steps[{step.id}].id",
                N_("another operation already has a step “%(step)s”"),
                N_("give every step of the process an id of its own"),
                step=step.id,
            )
        seen.add(step.id)
