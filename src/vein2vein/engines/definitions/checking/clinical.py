"""What therapy.yaml promises: dose, labels, warnings, eligibility, and the construct it names."""

from __future__ import annotations

import re

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.checking.findings import Findings
from vein2vein.engines.definitions.model.therapy import Label
from vein2vein.engines.definitions.values import Quantity
from vein2vein.engines.definitions.vocabulary import (
    Attribute,
    DoseBasis,
    LabelField,
    LabelUse,
    Language,
    MarkerResult,
    Stage,
    WarningWhen,
)

_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_EVERYWHERE = (LabelField.COI, LabelField.CONTAINER_SERIAL)
_PATIENT = (LabelField.PATIENT_IDENTIFIER_1, LabelField.PATIENT_IDENTIFIER_2)
_FIELDS = {
    LabelUse.KIT: _EVERYWHERE,
    LabelUse.STARTING_MATERIAL: (
        *_EVERYWHERE,
        *_PATIENT,
        LabelField.DONATION_NUMBER,
        LabelField.COLLECTED_AT,
        LabelField.STORAGE,
    ),
    LabelUse.INTERMEDIATE: (*_EVERYWHERE, LabelField.BATCH_NUMBER),
    LabelUse.FINAL_CONTAINER: (
        *_EVERYWHERE,
        *_PATIENT,
        LabelField.PRODUCT_NAME,
        LabelField.BATCH_NUMBER,
        LabelField.EXPIRES_AT,
        LabelField.VOLUME,
        LabelField.STORAGE,
        LabelField.MANUFACTURER,
    ),
    LabelUse.SAMPLE: (*_EVERYWHERE, LabelField.SAMPLE_CODE),
    LabelUse.SHIPPER: (*_EVERYWHERE, LabelField.ORIGIN, LabelField.DESTINATION, LabelField.STORAGE),
}
_WARNED = (LabelUse.STARTING_MATERIAL, LabelUse.FINAL_CONTAINER)
_MARKERS = ("hiv", "hbv", "hcv", "syphilis")


def check(findings: Findings) -> None:
    """Find doses out of bounds, labels that lack something, gaps in the eligibility pack, and missing parts."""
    if not _VERSION.fullmatch(findings.definition.therapy.version):
        findings.add("therapy.version", N_("the version is not three numbers"), N_("write it as in 1.0.0"))
    _check_doses(findings)
    for use in LabelUse:
        if findings.definition.therapy.label_for(use) is None:
            findings.add("therapy.labels", N_("no label is for %(use)s"), N_("add a label with use: %(use)s"), use=use)
    for label in findings.definition.therapy.labels:
        _check_label(findings, label)
    _check_eligibility(findings)
    _check_construct(findings)


def _check_doses(findings: Findings) -> None:
    therapy = findings.definition.therapy
    dose = therapy.dose
    for indication in therapy.indications:
        if dose.for_indication(indication.id) is None:
            findings.add(
                f"therapy.indications[{indication.id}]",
                N_("no dose is laid down for “%(indication)s”"),
                N_("add it to dose, by_indication"),
                indication=indication.id,
            )
    for one in dose.by_indication:
        where = f"therapy.dose.by_indication[{one.indication}]"
        low, target, high = (value.to(dose.unit).magnitude for value in (one.low, one.target, one.high))
        if not 0 < low <= target <= high:
            findings.add(where, N_("the doses are not in order"), N_("write low ≤ target ≤ high, all above 0"))
        _check_total(findings, f"{where}.high", one.high)
    for arm in dose.arms:
        bounds = dose.for_indication(arm.indication)
        amount = arm.amount.to(dose.unit).magnitude
        if (
            bounds is not None
            and not bounds.low.to(dose.unit).magnitude <= amount <= bounds.high.to(dose.unit).magnitude
        ):
            findings.add(
                f"therapy.dose.arms[{arm.id}].amount",
                N_("the dose of the arm lies outside the bounds of “%(indication)s”"),
                N_("correct the amount or the bounds"),
                indication=arm.indication,
            )
    test = findings.definition.specification.test(dose.declared_from)
    if test is not None and (test.attribute is not Attribute.DOSE or test.stage is not Stage.RELEASE):
        findings.add(
            "therapy.dose.declared_from",
            N_("“%(test)s” is not a release test of the dose"),
            N_("name a release test whose attribute is dose"),
            test=test.id,
        )


def _check_total(findings: Findings, path: str, high: Quantity) -> None:
    therapy = findings.definition.therapy
    total = high.to(therapy.dose.unit).magnitude
    if therapy.dose.basis is DoseBasis.PER_KG:
        total = high.to("cell/kg").magnitude * therapy.eligibility.weight_high.to("kg").magnitude
    if total > therapy.dose.maximum_total.to("cell").magnitude:
        findings.add(
            path,
            N_("for the heaviest patient this dose is above the greatest total"),
            N_("lower the dose or weight_high, or raise maximum_total"),
        )


def _check_label(findings: Findings, label: Label) -> None:
    where = f"therapy.labels[{label.id}]"
    for field in _FIELDS[label.use]:
        if field not in label.fields:
            findings.add(
                f"{where}.fields",
                N_("a label for %(use)s must show %(field)s"),
                N_("add %(field)s to fields"),
                use=label.use,
                field=field,
            )
    chinese = any(market.id == "CN" for market in findings.definition.specification.markets)
    if not label.languages or (chinese and Language.ZH not in label.languages):
        findings.add(
            f"{where}.languages",
            N_("labels for mainland China are in Chinese"),
            N_("add zh to languages"),
        )
    if label.use in _WARNED:
        whens = {one.when for one in map(findings.definition.therapy.warning, label.warnings) if one is not None}
        for when in WarningWhen:
            if when not in whens:
                findings.add(
                    f"{where}.warnings",
                    N_("the label has no warning for the case “%(when)s”"),
                    N_("add a warning with when: %(when)s"),
                    when=when,
                )
        if "autologous_only" not in label.warnings:
            findings.add(
                f"{where}.warnings",
                N_("the label does not say that it is for autologous use only"),
                N_("add autologous_only to warnings"),
            )


def _check_eligibility(findings: Findings) -> None:
    pack = findings.definition.therapy.eligibility
    markers = {marker.id: marker for marker in pack.virology}
    for name in _MARKERS:
        if name not in markers:
            findings.add(
                "therapy.eligibility.virology",
                N_("the order asks for no result of “%(marker)s”"),
                N_("add the marker with its greatest age"),
                marker=name,
            )
    if "hiv" in markers and markers["hiv"].accepted is not MarkerResult.NEGATIVE:
        findings.add(
            "therapy.eligibility.virology[hiv].accepted",
            N_("a lentiviral product is not made from HIV-positive material"),
            N_("write accepted: negative"),
        )
    if pack.weight_low.to("kg").magnitude >= pack.weight_high.to("kg").magnitude:
        findings.add(
            "therapy.eligibility.weight_low", N_("the weight bounds are not in order"), N_("swap or correct the two")
        )
    if pack.age_low_years >= pack.age_high_years:
        findings.add(
            "therapy.eligibility.age_low_years", N_("the age bounds are not in order"), N_("swap or correct the two")
        )


def _check_construct(findings: Findings) -> None:
    therapy, construct = findings.definition.therapy, findings.definition.construct
    parts = {part.label for part in construct.parts}
    for index, name in enumerate(therapy.construct_parts):
        if name not in parts:
            findings.add(
                f"therapy.construct_parts[{index}]",
                N_("construct.gb has no part labelled “%(part)s”"),
                N_("annotate it there, or correct the name; known there: %(known)s"),
                part=name,
                known=", ".join(sorted(parts)),
            )
    for target in therapy.targets:
        if not any(target.lower() in part.lower() for part in therapy.construct_parts):
            findings.add(
                "therapy.construct_parts",
                N_("no part of the construct binds the target “%(target)s”"),
                N_("name the part that binds it"),
                target=target,
            )
    if therapy.demonstration and "DEMONSTRATION" not in construct.description.upper():
        findings.add(
            "construct",
            N_("the construct of a demonstration does not say that it is one"),
            N_("write DEMONSTRATION into its DEFINITION or COMMENT"),
        )
