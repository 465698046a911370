"""Every hold is bounded: waits, thaws and the exposure to DMSO; and formulas know what they speak of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.checking.findings import Findings
from vein2vein.engines.definitions.checking.paths import Path, paths_of, step_path
from vein2vein.engines.definitions.formulas import Formula, FormulaFault, agrees
from vein2vein.engines.definitions.model.process import (
    Compute,
    Consume,
    Measure,
    Operation,
    Produce,
    Step,
    Wait,
)
from vein2vein.engines.definitions.vocabulary import GIVEN_VALUES, MaterialKind

_LONGEST_DMSO = timedelta(minutes=60)
_FROZEN = Decimal(-15)


def check(findings: Findings) -> None:
    """Find unbounded waits, thaws and DMSO exposures, and formulas whose names or units do not hold on a path."""
    for path in paths_of(findings.definition):
        for operation, step in path.steps_in_order():
            _check_formulas(findings, path, operation, step)
            match step:
                case Wait():
                    _check_wait(findings, path, operation, step)
                case Consume():
                    _check_consume(findings, path, operation, step)
                case _:
                    pass


def _named(findings: Findings, step: Step) -> Iterator[tuple[str, str]]:
    match step:
        case Measure() | Compute():
            yield step.value, step.unit
        case Consume():
            if step.value is not None:
                yield step.value, step.unit
            material = findings.definition.supply.material(step.material)
            for lot_value in material.lot_values if material else ():
                yield lot_value.id, lot_value.unit
        case _:
            return


def environment(findings: Findings, path: Path, operation: Operation, step: Step | None) -> dict[str, str]:
    """Return the unit of every value known before a step, on one alternative."""
    known = dict(GIVEN_VALUES)
    for earlier in path.steps_before(operation.id, step):
        known.update(_named(findings, earlier))
    return known


def _check_formulas(findings: Findings, path: Path, operation: Operation, step: Step) -> None:
    where = step_path(operation, step)
    known = environment(findings, path, operation, step)
    match step:
        case Compute():
            _check_formula(findings, f"{where}.formula", step.formula, known, step.unit)
            _check_new_value(findings, f"{where}.value", step.value, known)
        case Measure():
            _check_new_value(findings, f"{where}.value", step.value, known)
        case Consume():
            lots = {name: unit for name, unit in _named(findings, step) if name != step.value}
            _check_formula(findings, f"{where}.quantity", step.quantity, known | lots, step.unit)
            if step.value is not None:
                _check_new_value(findings, f"{where}.value", step.value, known)
        case Produce(volume=Formula() as volume, unit=str(unit)):
            _check_formula(findings, f"{where}.volume", volume, known, unit)
        case _:
            pass


def _check_new_value(findings: Findings, path: str, value: str, known: dict[str, str]) -> None:
    if value in known:
        findings.add(
            path,
            N_("the value “%(value)s” has been given before"),
            N_("give it another name: a value is never overwritten"),
            value=value,
        )


def _check_formula(findings: Findings, path: str, formula: Formula, known: dict[str, str], unit: str) -> None:
    try:
        fits = agrees(formula.expression, known, unit)
    except FormulaFault as error:
        findings.add(
            path,
            error.message,
            N_("correct the formula, or measure or compute the value in an earlier step"),
            **error.params,
        )
        return
    if not fits:
        findings.add(
            path,
            N_("the result of the formula is not a quantity in %(unit)s"),
            N_("correct the formula or the unit"),
            unit=unit,
        )


def _check_wait(findings: Findings, path: Path, operation: Operation, step: Wait) -> None:
    where = step_path(operation, step)
    if step.since not in {earlier.id for earlier in path.steps_before(operation.id, step)}:
        findings.add(
            f"{where}.since",
            N_("the step “%(since)s” does not come before this one"),
            N_("name a step that is done earlier"),
            since=step.since,
        )
        return
    if step.maximum is None:
        findings.add(where, N_("the hold is not bounded"), N_("add maximum: the longest time allowed"))
    elif step.minimum is not None and step.minimum > step.maximum:
        findings.add(f"{where}.minimum", N_("the minimum is longer than the maximum"), N_("swap or correct the two"))


def _check_consume(findings: Findings, path: Path, operation: Operation, step: Consume) -> None:
    where = step_path(operation, step)
    material = findings.definition.supply.material(step.material)
    condition = findings.definition.supply.condition(material.condition) if material else None
    if material is None or condition is None:
        return
    high = condition.temperature.high
    if high is not None and high.magnitude <= _FROZEN and step.thaw_to_use is None:
        findings.add(
            where,
            N_("“%(material)s” is kept frozen, and the time from thaw to use is not bounded"),
            N_("add thaw_to_use, as in 2 h"),
            material=material.id,
        )
    if step.thaw_to_use is not None and operation.duration.longest() > step.thaw_to_use:
        findings.add(
            f"{where}.thaw_to_use",
            N_("the operation may last longer than the thawed material keeps"),
            N_("shorten the operation's duration, or lengthen thaw_to_use where stability allows"),
        )
    if material.kind is MaterialKind.VECTOR and not step.single_thaw:
        findings.add(where, N_("a vector is thawed once only"), N_("add single_thaw: true"))
    if material.kind is MaterialKind.CRYOMEDIUM:
        _check_dmso(findings, path, where, step)


def _check_dmso(findings: Findings, path: Path, where: str, step: Consume) -> None:
    clocks = [one for _, one in path.steps_in_order() if isinstance(one, Wait) and one.since == step.id]
    if not any(clock.maximum is not None and clock.maximum <= _LONGEST_DMSO for clock in clocks):
        findings.add(
            where,
            N_("the exposure to DMSO is not bounded"),
            N_("add a step of kind wait since %(step)s with a maximum of at most 60 min"),
            step=step.id,
        )
