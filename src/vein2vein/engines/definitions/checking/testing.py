"""Every test has a sample taken for it, a method, and criteria of its kind; computed results know their sources."""

from __future__ import annotations

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.checking.findings import Findings
from vein2vein.engines.definitions.checking.holds import environment
from vein2vein.engines.definitions.checking.paths import Path, paths_of, step_path
from vein2vein.engines.definitions.formulas import FormulaFault, agrees
from vein2vein.engines.definitions.model.process import Sample
from vein2vein.engines.definitions.model.specification import Criterion, Test
from vein2vein.engines.definitions.vocabulary import GIVEN_VALUES, ResultType, RetestRule, Stage


def check(findings: Findings) -> None:
    """Find tests without a sample, results of the wrong shape, and criteria that do not fit their test."""
    for path in paths_of(findings.definition):
        _check_samples(findings, path)
    for test in findings.definition.specification.tests:
        _check_test(findings, test)
    for criterion in findings.definition.specification.criteria:
        _check_criterion(findings, criterion)


def _check_samples(findings: Findings, path: Path) -> None:
    specification = findings.definition.specification
    taken: dict[str, Sample] = {}
    for operation, step in path.steps_in_order():
        if not isinstance(step, Sample):
            continue
        where = step_path(operation, step)
        if step.sample in taken:
            findings.add(
                f"{where}.sample",
                N_("the sample “%(sample)s” is taken a second time"),
                N_("give each sample a code of its own"),
                sample=step.sample,
            )
        taken[step.sample] = step
        for index, served in enumerate(step.serves):
            test = specification.test(served)
            if test is not None and test.sample != step.sample:
                findings.add(
                    f"{where}.serves[{index}]",
                    N_("the test “%(test)s” is done on “%(sample)s”, not on this sample"),
                    N_("correct serves here, or the test's sample"),
                    test=served,
                    sample=test.sample,
                )
    for test in specification.tests:
        sample = taken.get(test.sample)
        if sample is None or test.id not in sample.serves:
            findings.add(
                f"specification.tests[{test.id}].sample",
                N_("for “%(alternative)s” no sample is taken for the test “%(test)s”"),
                N_("add the test to serves of a sample step"),
                alternative=path.alternative,
                test=test.id,
            )


def _check_test(findings: Findings, test: Test) -> None:
    where = f"specification.tests[{test.id}]"
    if test.result is ResultType.QUALITATIVE:
        if len(test.outcomes) < 2 or test.unit is not None:
            findings.add(
                where,
                N_("a qualitative test has at least two outcomes and no unit"),
                N_("list its outcomes, and remove the unit"),
            )
    elif test.unit is None or test.outcomes:
        findings.add(where, N_("a numeric result has a unit and no outcomes"), N_("add its unit; remove outcomes"))
    if test.result is ResultType.NUMERIC and test.rounding is None:
        findings.add(where, N_("nothing says how the result is rounded"), N_("add rounding: decimals and mode"))
    if test.replicates < 1:
        findings.add(f"{where}.replicates", N_("the test is done no time"), N_("write at least 1"))
    if (test.retest.rule is RetestRule.NEVER) != (test.retest.maximum == 0):
        findings.add(
            f"{where}.retest",
            N_("the retest rule and its maximum contradict each other"),
            N_("write never with maximum 0, or another rule with at least 1"),
        )
    sample = next((s for _, s in findings.definition.process.all_steps() if _is_sample(s, test.sample)), None)
    if test.stage is not Stage.DELAYED and isinstance(sample, Sample) and sample.culture is not None:
        findings.add(
            f"{where}.stage",
            N_("a satellite culture answers after the release"),
            N_("write stage: delayed, or take another sample"),
        )
    if test.formula is not None:
        _check_formula(findings, test)


def _is_sample(step: object, code: str) -> bool:
    return isinstance(step, Sample) and step.sample == code


def _check_formula(findings: Findings, test: Test) -> None:
    path = f"specification.tests[{test.id}].formula"
    assert test.formula is not None and test.unit is not None  # noqa: S101, PT018 - the caller has looked
    results = {
        other.id: other.unit
        for other in findings.definition.specification.tests
        if other.unit is not None and other.formula is None
    }
    known = dict(GIVEN_VALUES)
    for number, alternative in enumerate(paths_of(findings.definition)):
        last = alternative.operations[alternative.order[-1]]
        values = environment(findings, alternative, last, None)
        known = values if number == 0 else {name: unit for name, unit in known.items() if name in values}
    try:
        fits = agrees(test.formula.expression, known | results, test.unit)
    except FormulaFault as error:
        findings.add(
            path,
            error.message,
            N_("use results of other tests and values that every process path gives"),
            **error.params,
        )
        return
    if not fits:
        findings.add(
            path,
            N_("the result of the formula is not a quantity in %(unit)s"),
            N_("correct the formula or the unit"),
            unit=test.unit,
        )


def _check_criterion(findings: Findings, criterion: Criterion) -> None:
    where = f"specification.criteria[{criterion.id}]"
    test = findings.definition.specification.test(criterion.test)
    if test is None:
        return
    if criterion.effective_until is not None and criterion.effective_until <= criterion.effective_from:
        findings.add(
            f"{where}.effective_until",
            N_("the criterion ends before it begins"),
            N_("write a day after effective_from, or remove it"),
        )
    shapes = (criterion.range is not None, bool(criterion.accepted), criterion.report_only)
    wanted = {
        ResultType.NUMERIC: (True, False, False),
        ResultType.QUALITATIVE: (False, True, False),
        ResultType.REPORT_ONLY: (False, False, True),
    }
    if shapes != wanted[test.result]:
        findings.add(
            where,
            N_("the criterion does not fit the test “%(test)s”, whose result is %(result)s"),
            N_("numeric: range; qualitative: accepted; report_only: report_only: true"),
            test=test.id,
            result=test.result,
        )
    outcomes = [outcome.id for outcome in test.outcomes]
    for index, accepted in enumerate(criterion.accepted):
        if outcomes and accepted not in outcomes:
            findings.add(
                f"{where}.accepted[{index}]",
                N_("“%(name)s” is no outcome of the test “%(test)s”"),
                N_("name one of: %(known)s"),
                name=accepted,
                test=test.id,
                known=", ".join(outcomes),
            )
