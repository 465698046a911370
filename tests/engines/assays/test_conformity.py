"""The verdict: against an independent brute force, and case by case at the edges."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vein2vein.core.refusals import Refused
from vein2vein.engines.assays import (
    Case,
    Criterion,
    Overall,
    Result,
    Status,
    TestRule,
    assess,
    case_from_json,
    case_hash,
    case_to_json,
    verdict_to_json,
)

DAY = date(2026, 11, 22)


def one_case(result: Result | None, **changes: Any) -> Case:
    """Return a case of one numeric test with the limit `≥ 80.0 %`, changed as told."""
    rule: dict[str, Any] = {"code": "t", "kind": "numeric", "unit": "%", "decimals": 1, "mode": "half_up"}
    limit: dict[str, Any] = {"id": "c", "test": "t", "markets": ("CN",), "phases": ("phase_2",), "effective_from": DAY}
    limit |= {"low": Decimal("80.0")}
    rule |= {key: changes.pop(key) for key in list(changes) if key in ("kind", "decimals", "mode", "required")}
    limit |= {key: changes.pop(key) for key in list(changes) if key in ("low", "high", "accepted", "report_only")}
    limit |= {key: changes.pop(key) for key in list(changes) if key in ("effective_from", "effective_until")}
    found: dict[str, Any] = {"market": "CN", "phase": "phase_2", "on": DAY} | changes
    return Case(
        batch="B",
        specification="s",
        specification_hash="h",
        route="clinical_trial",
        tests=(TestRule(**rule),),
        criteria=(Criterion(**limit),),
        results=() if result is None else (result,),
        **found,
    )


def given_value(value: str, **changes: Any) -> Result:
    """Return a reviewed result of the test."""
    found: dict[str, Any] = {"test": "t", "value": Decimal(value), "unit": "%", "reviewed": True} | changes
    return Result(**found)


@pytest.mark.parametrize(
    ("value", "mode", "status"),
    [
        ("80.0", "half_up", Status.PASS),
        ("79.95", "half_up", Status.PASS),
        ("79.95", "half_even", Status.PASS),
        ("79.94999", "half_up", Status.FAIL),
        ("79.85", "half_even", Status.FAIL),
        ("80.05", "half_even", Status.PASS),
    ],
)
def test_a_result_is_rounded_before_it_meets_an_inclusive_limit(value: str, mode: str, status: Status) -> None:
    assert assess(one_case(given_value(value), mode=mode)).lines[0].status is status


def test_the_upper_limit_is_inclusive_too() -> None:
    """4.94 copies round to 4.9, which the limit still holds; 4.95 round up and out."""
    assert assess(one_case(given_value("4.94"), low=None, high=Decimal("4.9"))).overall is Overall.CONFORMS
    assert assess(one_case(given_value("4.95"), low=None, high=Decimal("4.9"))).overall is Overall.DOES_NOT_CONFORM


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"effective_from": DAY + timedelta(days=1)}, "no criterion in force"),
        ({"effective_until": DAY}, "no criterion in force"),
        ({"market": "SG"}, "no criterion in force"),
        ({"phase": "commercial"}, "no criterion in force"),
    ],
)
def test_a_criterion_of_another_day_market_or_phase_judges_nothing(changes: dict[str, object], why: str) -> None:
    verdict = assess(one_case(given_value("90"), **changes))
    assert (verdict.overall, verdict.lines[0].status) == (Overall.INCOMPLETE, Status.MISSING)
    assert verdict.lines[0].why == why


def test_a_criterion_holds_from_its_first_to_the_day_before_its_last() -> None:
    until = DAY + timedelta(days=1)
    assert assess(one_case(given_value("90"), effective_until=until)).overall is Overall.CONFORMS


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (None, Status.MISSING),
        (given_value("90", reviewed=False), Status.MISSING),
        (given_value("90", invalidated=True), Status.MISSING),
        (given_value("90", unit="cell"), Status.INVALID),
        (given_value("NaN"), Status.INVALID),
        (given_value("Infinity"), Status.INVALID),
        (given_value("1E+99999"), Status.INVALID),
        (given_value("90", outcome="conforms"), Status.INVALID),
        (Result(test="t", outcome="no_growth", reviewed=True), Status.INVALID),
        (Result(test="t", reviewed=True), Status.INVALID),
    ],
)
def test_what_is_not_clearly_a_pass_is_none(result: Result | None, status: Status) -> None:
    verdict = assess(one_case(result))
    assert (verdict.overall, verdict.lines[0].status) == (Overall.INCOMPLETE, status)


def test_two_results_that_stand_are_invalid_and_never_the_better_one() -> None:
    case = one_case(given_value("70"))
    both = Case(
        **{name: getattr(case, name) for name in case.__slots__} | {"results": (given_value("70"), given_value("90"))}
    )
    assert assess(both).lines[0].status is Status.INVALID


def test_a_delayed_test_is_not_awaited_but_counts_once_it_is_there() -> None:
    assert assess(one_case(None, required=False)).overall is Overall.CONFORMS
    assert assess(one_case(given_value("10"), required=False)).overall is Overall.DOES_NOT_CONFORM


def test_a_report_only_test_needs_a_result_and_no_limit() -> None:
    case = one_case(given_value("1"), report_only=True, low=None, kind="report_only")
    assert assess(case).lines[0].status is Status.REPORT_ONLY
    assert assess(case).overall is Overall.CONFORMS


def test_no_tests_is_no_conformity() -> None:
    case = one_case(None)
    empty = Case(**{name: getattr(case, name) for name in case.__slots__} | {"tests": ()})
    assert assess(empty).overall is Overall.INCOMPLETE


DECIMALS = st.decimals(min_value=-1000, max_value=1000, places=4)
TEXTS = st.sampled_from(["a", "b", "c"])
KINDS = st.sampled_from(["numeric", "qualitative", "report_only"])
DAYS = st.dates(min_value=DAY - timedelta(days=2), max_value=DAY + timedelta(days=2))

RULES = st.builds(
    TestRule,
    code=TEXTS,
    kind=KINDS,
    unit=st.sampled_from(["%", "cell"]),
    decimals=st.none() | st.integers(0, 3),
    mode=st.sampled_from(["half_up", "half_even"]),
    required=st.booleans(),
    may_be_open=st.booleans(),
)
CRITERIA = st.builds(
    Criterion,
    id=st.just("c"),
    test=TEXTS,
    markets=st.lists(st.sampled_from(["CN", "HK"]), max_size=2).map(tuple),
    phases=st.just(("phase_2",)),
    effective_from=DAYS,
    effective_until=st.none() | DAYS,
    low=st.none() | DECIMALS,
    high=st.none() | DECIMALS,
    accepted=st.lists(TEXTS, max_size=2).map(tuple),
    report_only=st.booleans(),
)
RESULTS = st.builds(
    Result,
    test=TEXTS,
    value=st.none() | DECIMALS,
    unit=st.sampled_from(["%", "cell"]),
    outcome=st.sampled_from(["", "a", "b"]),
    reviewed=st.booleans(),
    invalidated=st.booleans(),
)
CASES = st.builds(
    Case,
    batch=st.just("B"),
    specification=st.just("s"),
    specification_hash=st.just("h"),
    market=st.sampled_from(["CN", "HK"]),
    route=st.just("clinical_trial"),
    phase=st.just("phase_2"),
    on=DAYS,
    tests=st.lists(RULES, max_size=4, unique_by=lambda rule: rule.code).map(tuple),
    criteria=st.lists(CRITERIA, max_size=5).map(tuple),
    results=st.lists(RESULTS, max_size=5).map(tuple),
)


def round_again(value: Decimal, decimals: int | None, mode: str) -> Fraction:
    """Round by whole numbers alone: twice the value, compared with odd numbers of half steps."""
    exact = Fraction(value)
    if decimals is None:
        return exact
    step = Fraction(1, 10**decimals)
    whole, rest = divmod(abs(exact), step)
    if rest * 2 > step or (rest * 2 == step and (mode == "half_up" or whole % 2 == 1)):
        whole += 1
    return whole * step * (1 if exact >= 0 else -1)


def status_again(rule: TestRule, case: Case) -> str:  # noqa: C901, PLR0911 - the long way round, on purpose
    """Judge one test the long way round."""
    limits = []
    for one in case.criteria:
        started = (case.on - one.effective_from).days >= 0
        over = one.effective_until is not None and (case.on - one.effective_until).days >= 0
        if one.test == rule.code and case.market in one.markets and started and not over:
            limits.append(one)
    found = [one for one in case.results if one.test == rule.code and not one.invalidated]
    if not limits:
        return "missing"
    if len(limits) > 1:
        return "invalid"
    if not found:
        return "missing"
    if len(found) > 1:
        return "invalid"
    limit, result = limits[0], found[0]
    if not result.reviewed:
        return "missing"
    if (result.value is None) == (result.outcome == ""):
        return "invalid"
    if result.value is None:
        if limit.report_only:
            return "report_only"
        if rule.kind != "qualitative" or not limit.accepted:
            return "invalid"
        return "pass" if result.outcome in limit.accepted else "fail"
    if rule.kind == "qualitative" or result.unit != rule.unit:
        return "invalid"
    if limit.report_only:
        return "report_only"
    if limit.accepted or (limit.low is None and limit.high is None):
        return "invalid"
    value = round_again(result.value, rule.decimals, rule.mode)
    inside = (limit.low is None or value >= Fraction(limit.low)) and (
        limit.high is None or value <= Fraction(limit.high)
    )
    return "pass" if inside else "fail"


@settings(max_examples=600, deadline=None)
@given(CASES)
def test_the_verdict_is_that_of_an_independent_brute_force(case: Case) -> None:
    verdict = assess(case)
    expected = [status_again(rule, case) for rule in case.tests]
    assert [line.status.value for line in verdict.lines] == expected
    required = [status for rule, status in zip(case.tests, expected, strict=True) if rule.required]
    if "fail" in expected:
        assert verdict.overall is Overall.DOES_NOT_CONFORM
    elif not expected or set(required) & {"missing", "invalid"}:
        assert verdict.overall is Overall.INCOMPLETE
    else:
        assert verdict.overall is Overall.CONFORMS


@settings(max_examples=200, deadline=None)
@given(CASES)
def test_a_case_survives_its_file_and_its_verdict_too(case: Case) -> None:
    again = case_from_json(case_to_json(case))
    assert again == case
    assert case_hash(again) == case_hash(case)
    assert json.loads(verdict_to_json(assess(again))) == json.loads(verdict_to_json(assess(case)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "nonsense",
        "{}",
        '{"format": "vein2vein conformity case 1"}',
        '{"format": "vein2vein conformity case 1", "case": {"batch": 1.5}}',
        '{"format": "vein2vein conformity case 1", "case": {"batch": 7}}',
        '{"format": "vein2vein conformity case 1", "case": {"nothing": "known"}}',
        "[" * 100000,
    ],
)
def test_what_is_not_a_case_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refused) as refused:
        case_from_json(text)
    assert refused.value.blockers[0].code == "assays.not_a_case"


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_json_breaks_the_reader(value: object) -> None:
    with pytest.raises(Refused):
        case_from_json(json.dumps({"format": "vein2vein conformity case 1", "case": value}))
