"""therapy.yaml: what the product is, for whom, at which dose, how it is labelled and ordered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from vein2vein.engines.definitions.values import Quantity, Text
from vein2vein.engines.definitions.vocabulary import (
    DoseBasis,
    LabelField,
    LabelUse,
    Language,
    MarkerResult,
    Phase,
    WarningWhen,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indication:
    """A disease that the product is given for, with its code in a terminology."""

    id: str
    name: Text
    system: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicationDose:
    """What may be ordered for an indication outside an arm: inclusive bounds and the usual dose."""

    indication: str
    low: Quantity
    target: Quantity
    high: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialArm:
    """A cohort or arm of a trial with its own dose."""

    id: str
    protocol: str
    name: Text
    indication: str
    amount: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseRule:
    """How the dose is counted, bounded and declared.

    `declared_from` is the specification's test whose result, total CAR+ cells in the product, the
    dose is declared from; `tolerance` is how far from the ordered dose the declared one may lie.
    """

    basis: DoseBasis
    unit: str
    declared_from: str
    maximum_total: Quantity
    tolerance: Quantity
    by_indication: tuple[IndicationDose, ...]
    arms: tuple[TrialArm, ...] = ()

    def for_indication(self, indication: str) -> IndicationDose | None:
        """Return the bounds for an indication, or None when there are none."""
        return next((dose for dose in self.by_indication if dose.indication == indication), None)

    def arm(self, arm_id: str) -> TrialArm | None:
        """Return an arm by its id, or None."""
        return next((arm for arm in self.arms if arm.id == arm_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductStorage:
    """How and how long the product keeps; `condition` is named in supply.yaml."""

    condition: str
    shelf_life: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One way in which the starting material (供者材料) may come: fresh, cryopreserved."""

    id: str
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelWarning:
    """A warning text and when it is printed."""

    id: str
    text: Text
    when: WarningWhen


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label: what it is put on, what it shows, in which languages, with which warnings."""

    id: str
    name: Text
    use: LabelUse
    languages: tuple[Language, ...]
    fields: tuple[LabelField, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VirologyMarker:
    """A marker that an order must carry, how old it may be, and which result is accepted."""

    id: str
    name: Text
    maximum_age: timedelta
    accepted: MarkerResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Washout:
    """How long before collection a class of drugs must have ended."""

    id: str
    name: Text
    minimum: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """What an order's eligibility pack must hold."""

    consent_version: str
    virology: tuple[VirologyMarker, ...]
    washouts: tuple[Washout, ...]
    weight_maximum_age: timedelta
    weight_low: Quantity
    weight_high: Quantity
    age_low_years: int
    age_high_years: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Therapy:
    """The whole of therapy.yaml."""

    id: str
    version: str
    demonstration: bool
    statement: Text
    name: Text
    product_code: str
    targets: tuple[str, ...]
    phase: Phase
    construct_parts: tuple[str, ...]
    indications: tuple[Indication, ...]
    dose: DoseRule
    storage: ProductStorage
    starting_materials: tuple[Alternative, ...]
    warnings: tuple[LabelWarning, ...]
    labels: tuple[Label, ...]
    eligibility: Eligibility

    def label(self, label_id: str) -> Label | None:
        """Return a label by its id, or None."""
        return next((label for label in self.labels if label.id == label_id), None)

    def label_for(self, use: LabelUse) -> Label | None:
        """Return the first label for a use, or None."""
        return next((label for label in self.labels if label.use == use), None)

    def warning(self, warning_id: str) -> LabelWarning | None:
        """Return a warning by its id, or None."""
        return next((warning for warning in self.warnings if warning.id == warning_id), None)
