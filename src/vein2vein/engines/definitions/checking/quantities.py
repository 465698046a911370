"""Units agree and ranges are the right way round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.checking.findings import Findings
from vein2vein.engines.definitions.model import process, specification, spread, supply, therapy
from vein2vein.engines.definitions.values import Limits, Quantity, Range, pint_unit, same_kind
from vein2vein.engines.definitions.walking import records_in

_FIXED_UNITS: Mapping[type, Mapping[str, str]] = {
    supply.Condition: {"temperature": "degC"},
    supply.ExcursionRule: {"allowed": "degC", "absolute": "degC"},
    supply.StartingMaterialRule: {
        "minimum_tnc": "cell",
        "minimum_cd3": "cell",
        "minimum_viability": "%",
        "maximum_haematocrit": "%",
        "volume": "mL",
    },
    supply.ProductShipment: {"hold_margin": "%"},
    supply.Bedside: {"thaw_bath": "degC"},
    therapy.Eligibility: {"weight_low": "kg", "weight_high": "kg"},
    therapy.DoseRule: {"maximum_total": "cell", "tolerance": "%"},
    process.Sample: {"volume": "mL"},
}


def check(findings: Findings) -> None:
    """Find unknown units, units that do not agree, and ranges whose low end lies above the high one."""
    for path, record in records_in(findings.definition):
        unit = getattr(record, "unit", None)
        if unit is not None and not isinstance(record, Quantity):
            _check_unit(findings, f"{path}.unit", unit)
    if findings.faults:
        return
    for path, record in records_in(findings.definition):
        _check_fixed(findings, path, record)
        match record:
            case Range():
                _check_range(findings, path, record)
            case Limits():
                _check_limits(findings, path, record)
            case process.Measure() | process.Compute():
                _check_bounds_unit(findings, f"{path}.limits", record.limits, record.unit)
            case supply.Material(pack_size=Quantity() as size):
                _check_agrees(findings, f"{path}.pack_size", size, record.unit)
            case specification.Criterion():
                test = findings.definition.specification.test(record.test)
                if test is not None and test.unit is not None:
                    _check_bounds_unit(findings, path, record, test.unit)
            case spread.Uniform() | spread.Triangular() | spread.LogNormal():
                _check_spread(findings, path, record)
            case _:
                pass
    _check_dose(findings)


def _check_unit(findings: Findings, path: str, unit: str) -> None:
    try:
        pint_unit(unit)
    except ValueError:
        findings.add(
            path,
            N_("nobody knows the unit “%(unit)s”"),
            N_("use a unit of docs/definition-format.md, as in cell/mL"),
            unit=unit[:60],
        )


def _check_agrees(findings: Findings, path: str, value: Quantity, unit: str) -> None:
    if not same_kind(value.unit, unit):
        findings.add(
            path,
            N_("%(value)s cannot be compared with a quantity in %(unit)s"),
            N_("give it in %(unit)s"),
            value=str(value),
            unit=unit,
        )


def _quantities(path: str, value: object) -> Iterator[tuple[str, Quantity]]:
    match value:
        case Quantity():
            yield path, value
        case Range(low=low, high=high):
            yield from _quantities(f"{path}.low", low)
            yield from _quantities(f"{path}.high", high)
        case Limits(alert=alert, action=action):
            yield from _quantities(f"{path}.alert", alert)
            yield from _quantities(f"{path}.action", action)
        case specification.Criterion(range=inner):
            yield from _quantities(f"{path}.range", inner)
        case _:
            return


def _check_bounds_unit(findings: Findings, path: str, bounds: object, unit: str) -> None:
    for inner, value in _quantities(path, bounds):
        _check_agrees(findings, inner, value, unit)


def _check_fixed(findings: Findings, path: str, record: object) -> None:
    for of, fields in _FIXED_UNITS.items():
        if isinstance(record, of):
            for field, unit in fields.items():
                _check_bounds_unit(findings, f"{path}.{field}", getattr(record, field), unit)


def _check_range(findings: Findings, path: str, bounds: Range) -> None:
    low, high = bounds.low, bounds.high
    if low is None and high is None:
        findings.add(path, N_("the range has neither a low nor a high end"), N_("give at least one of low and high"))
    elif low is not None and high is not None:
        if not same_kind(low.unit, high.unit):
            _check_agrees(findings, f"{path}.high", high, low.unit)
        elif low.magnitude > high.to(low.unit).magnitude:
            findings.add(
                f"{path}.low",
                N_("the low end %(low)s lies above the high end %(high)s"),
                N_("swap or correct the two"),
                low=str(low),
                high=str(high),
            )


def _check_limits(findings: Findings, path: str, limits: Limits) -> None:
    if limits.alert is None and limits.action is None:
        findings.add(path, N_("the limits hold neither alert nor action limits"), N_("add action limits"))
        return
    if limits.alert is None or limits.action is None:
        return
    for end, value in (("low", limits.alert.low), ("high", limits.alert.high)):
        bound = getattr(limits.action, end)
        if value is None or bound is None or not same_kind(value.unit, bound.unit):
            continue
        if not limits.action.holds(value):
            findings.add(
                f"{path}.alert.{end}",
                N_("the alert limit %(alert)s lies outside the action limit %(action)s"),
                N_("put alert limits within the action limits"),
                alert=str(value),
                action=str(bound),
            )


def _check_spread(findings: Findings, path: str, found: spread.Uniform | spread.Triangular | spread.LogNormal) -> None:
    ordered = found.shortest() <= found.typical() <= found.longest() and found.longest() > timedelta(0)
    if not ordered or (isinstance(found, spread.LogNormal) and found.sigma <= 0):
        findings.add(
            path,
            N_("the spans of this distribution are not in order"),
            N_("write low ≤ mode ≤ high, or median ≤ maximum with sigma above 0"),
        )


def _check_dose(findings: Findings) -> None:
    dose = findings.definition.therapy.dose
    wanted = "cell/kg" if dose.basis == "per_kg" else "cell"
    if not same_kind(dose.unit, wanted):
        findings.add(
            "therapy.dose.unit",
            N_("a dose counted %(basis)s is not given in %(unit)s"),
            N_("give it in %(wanted)s"),
            basis=dose.basis,
            unit=dose.unit,
            wanted=wanted,
        )
        return
    for one in dose.by_indication:
        path = f"therapy.dose.by_indication[{one.indication}]"
        for end in ("low", "target", "high"):
            _check_agrees(findings, f"{path}.{end}", getattr(one, end), dose.unit)
    for arm in dose.arms:
        _check_agrees(findings, f"therapy.dose.arms[{arm.id}].amount", arm.amount, dose.unit)
    test = findings.definition.specification.test(dose.declared_from)
    if test is not None and (test.unit is None or not same_kind(test.unit, "cell")):
        findings.add(
            "therapy.dose.declared_from",
            N_("the result “%(test)s” is not a number of cells"),
            N_("name a numeric test given in cell"),
            test=test.id,
        )
