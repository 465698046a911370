"""The case of a batch: its definition's specification and its results, as the pure engine takes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from vein2vein.engines.assays import Case, Criterion, Result, Status, TestRule, assess
from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.model.specification import Criterion as CriterionDefinition
from vein2vein.engines.definitions.model.specification import ReleaseRule, Specification
from vein2vein.engines.definitions.model.specification import Test as TestDefinition
from vein2vein.engines.definitions.vocabulary import ReleaseType, Route, Stage
from vein2vein.laboratory.reads import all_results

if TYPE_CHECKING:
    from vein2vein.laboratory.models import Result as ResultRow
    from vein2vein.laboratory.models import Test as TestRow
    from vein2vein.manufacturing.models import Batch


def release_rule(
    specification: Specification, market: str, route: str, *, exceptional: bool = False
) -> ReleaseRule | None:
    """Return the release that a market's route knows for a product that conforms, or None.

    With `exceptional`, that of a product that does not conform: where there is none, that is a hard block.
    """
    try:
        rules = specification.releases_for(market, Route(route))
    except ValueError:
        return None
    return next((one for one in rules if (one.type is ReleaseType.OOS_EXCEPTIONAL) is exceptional), None)


def build_case(batch: Batch, definition: Definition, on: date) -> Case:
    """Return the case of a batch on a day: every test that its market and phase ask for, and every result."""
    specification = definition.specification
    market = specification.market(batch.market)
    phase = None if market is None else market.phase_for(Route(batch.route))
    rule = release_rule(specification, batch.market, batch.route)
    may_be_open = rule.open_tests if rule is not None and rule.type is ReleaseType.TWO_STAGE else ()
    asked = [
        one
        for one in specification.tests
        if one.stage is not Stage.IN_PROCESS
        and any(c.test == one.id and batch.market in c.markets and phase in c.phases for c in specification.criteria)
    ]
    codes = {one.id for one in asked}
    units = {one.id: one.unit or "" for one in asked}
    return Case(
        batch=batch.number,
        specification=definition.name,
        specification_hash=batch.definition.content_hash,
        market=batch.market,
        route=batch.route,
        phase="" if phase is None else phase.value,
        on=on,
        tests=tuple(_test(one, one.id in may_be_open) for one in asked),
        criteria=tuple(_criterion(one, units[one.test]) for one in specification.criteria if one.test in codes),
        results=tuple(_results(batch)),
    )


def failing(case: Case) -> frozenset[str]:
    """Return the tests of a case whose result, reviewed or not yet, is out of its specification."""
    entered = replace(case, results=tuple(replace(one, reviewed=True) for one in case.results))
    return frozenset(one.test for one in assess(entered).lines if one.status is Status.FAIL)


def _test(rule: TestDefinition, may_be_open: bool) -> TestRule:
    return TestRule(
        code=rule.id,
        name_en=rule.name.en,
        name_zh=rule.name.zh,
        kind="qualitative" if rule.outcomes else rule.result.value,
        unit=rule.unit or "",
        decimals=None if rule.rounding is None else rule.rounding.decimals,
        mode="half_up" if rule.rounding is None else rule.rounding.mode.value,
        required=rule.stage is Stage.RELEASE,
        may_be_open=may_be_open,
    )


def _criterion(rule: CriterionDefinition, unit: str) -> Criterion:
    low = None if rule.range is None or rule.range.low is None else rule.range.low.to(unit or "1").magnitude
    high = None if rule.range is None or rule.range.high is None else rule.range.high.to(unit or "1").magnitude
    return Criterion(
        id=rule.id,
        test=rule.test,
        markets=rule.markets,
        phases=tuple(phase.value for phase in rule.phases),
        effective_from=rule.effective_from,
        effective_until=rule.effective_until,
        low=low,
        high=high,
        accepted=rule.accepted,
        report_only=rule.report_only,
    )


def _results(batch: Batch) -> list[Result]:
    """Return the batch's results, those that do not count (of invalidated tests) last."""
    found = [
        _result(test, result, invalid=test.state == "invalidated")
        for test, result in all_results(batch.pk)
        if result is not None
    ]
    return sorted(found, key=lambda one: one.invalidated)


def _result(test: TestRow, result: ResultRow, *, invalid: bool) -> Result:
    return Result(
        test=test.code,
        attempt=test.attempt,
        value=None if result.value is None else result.value.normalize(),
        unit=result.unit,
        outcome=result.outcome,
        reviewed=result.reviewed_at is not None and test.state == "reviewed",
        invalidated=invalid,
        raw_sha256="" if result.raw_file is None else result.raw_file.sha256,
    )
