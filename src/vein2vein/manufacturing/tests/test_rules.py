"""The rules of the batch record, alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vein2vein.core.actor import Role
from vein2vein.core.refusals import Blocker
from vein2vein.engines.definitions import Limits, Quantity, Range
from vein2vein.manufacturing import rules
from vein2vein.manufacturing.rules import Bag, Clock, StepView
from vein2vein.manufacturing.states import LimitVerdict

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
numbers = st.decimals(min_value=-1000, max_value=1000, places=2)


def codes(found: list[Blocker]) -> list[str]:
    return [one.code for one in found]


def view(code: str, ordinal: int, state: str, *, second: bool = False) -> StepView:
    return StepView(code, "wash", ordinal, state, second)


@given(numbers, numbers, numbers, numbers, numbers)
def test_limits_agree_with_plain_comparison(value: Decimal, a: Decimal, b: Decimal, c: Decimal, d: Decimal) -> None:
    outer_low, inner_low, inner_high, outer_high = sorted((a, b, c, d))
    limits = Limits(
        alert=Range(low=Quantity(inner_low, "mL"), high=Quantity(inner_high, "mL")),
        action=Range(low=Quantity(outer_low, "mL"), high=Quantity(outer_high, "mL")),
    )
    expected = LimitVerdict.WITHIN
    if not inner_low <= value <= inner_high:
        expected = LimitVerdict.ALERT
    if not outer_low <= value <= outer_high:
        expected = LimitVerdict.ACTION
    assert rules.judge(limits, Quantity(value, "mL")) is expected


def test_limits_are_judged_across_units() -> None:
    limits = Limits(action=Range(high=Quantity(Decimal(1), "L")))
    assert rules.judge(limits, Quantity(Decimal(1000), "mL")) is LimitVerdict.WITHIN
    assert rules.judge(limits, Quantity(Decimal(1001), "mL")) is LimitVerdict.ACTION
    assert rules.judge(None, Quantity(Decimal(1), "mL")) is LimitVerdict.NONE


@pytest.mark.requirement("N8")
@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_clock_runs_out_only_after_its_maximum(elapsed: int, maximum: int) -> None:
    clock = Clock("wash", AT, timedelta(seconds=maximum))
    at = AT + timedelta(seconds=elapsed)
    assert bool(rules.clock_blockers([clock], at)) is (elapsed > maximum)
    ruled = Clock("wash", AT, timedelta(seconds=maximum), "continue")
    assert rules.clock_blockers([ruled], at) == []
    assert bool(rules.too_early_blockers("wait", AT, timedelta(seconds=maximum), at)) is (elapsed < maximum)


def test_steps_are_done_in_their_order() -> None:
    steps = [view("a", 1, "done"), view("b", 2, "waiting"), view("c", 3, "waiting")]
    assert rules.order_blockers(steps, "b", "open") == []
    assert codes(rules.order_blockers(steps, "c", "open")) == ["manufacturing.earlier_step_open"]
    assert codes(rules.order_blockers(steps, "b", "waiting")) == ["manufacturing.operation_not_open"]


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_only_the_first_step_not_done_can_be_done(done: list[bool]) -> None:
    steps = [view(str(i), i, "done" if one else "waiting") for i, one in enumerate(done)]
    possible = [
        one.code for one in steps if one.state == "waiting" and not rules.order_blockers(steps, one.code, "open")
    ]
    assert possible == [one.code for one in steps if one.state == "waiting"][:1]


def test_operations_wait_for_those_before_them_that_apply() -> None:
    states = {"receive": "done", "wash": "open"}
    assert rules.start_blockers("select", ["receive", "thaw"], states) == []
    assert codes(rules.start_blockers("select", ["wash"], states)) == ["manufacturing.earlier_operation_open"]


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "code"),
    [
        (None, "mL", None, "manufacturing.value_missing"),
        (Decimal("NaN"), "mL", None, "manufacturing.value_impossible"),
        (Decimal(3), "L", None, "manufacturing.unit_wrong"),
        (Decimal("3.14"), "mL", 1, "manufacturing.too_many_decimals"),
        (Decimal(-1), "mL", None, "manufacturing.value_impossible"),
        (Decimal("1e30"), "mL", None, "manufacturing.value_impossible"),
    ],
)
def test_values_that_are_not_taken(value: Decimal | None, unit: str, decimals: int | None, code: str) -> None:
    assert codes(rules.value_blockers(value, unit, needed_unit="mL", decimals=decimals)) == [code]


@pytest.mark.parametrize(
    ("value", "unit", "possible"),
    [
        ("100", "%", True),
        ("100.1", "%", False),
        ("-196", "degC", True),
        ("-273.2", "degC", False),
        ("14.1", "pH", False),
    ],
)
def test_what_nature_allows(value: str, unit: str, possible: bool) -> None:
    assert (rules.possible_blockers(Decimal(value), unit) == []) is possible


@given(st.decimals(min_value=0, max_value=100, places=1))
def test_a_possible_value_is_taken(value: Decimal) -> None:
    assert rules.value_blockers(value, "%", needed_unit="%", decimals=1) == []


@pytest.mark.requirement("N1")
@pytest.mark.requirement("N5")
def test_a_wrong_container_is_named_with_what_is_expected() -> None:
    good = Bag("CTN-1", "coi-1", "washed_bag", "active", "quarantined")
    ask: dict[str, Any] = {"coi": "coi-1", "role": "washed_bag", "expected": ["CTN-1"]}
    assert rules.container_blockers(good, **ask) == []
    for bag, code in (
        (Bag("CTN-2", "coi-2", "washed_bag", "active", "accepted"), "manufacturing.wrong_patient"),
        (Bag("CTN-3", "coi-1", "selected_bag", "active", "accepted"), "manufacturing.wrong_container"),
        (Bag("CTN-4", "coi-1", "washed_bag", "consumed", "accepted"), "manufacturing.container_not_active"),
        (Bag("CTN-5", "coi-1", "washed_bag", "active", "rejected"), "manufacturing.container_rejected"),
    ):
        found = rules.container_blockers(bag, **ask)
        assert codes(found) == [code]
        if code != "manufacturing.container_rejected":
            assert "CTN-1" in str(found[0])


@pytest.mark.requirement("N14")
def test_nobody_checks_or_reviews_their_own_work() -> None:
    assert codes(rules.verifier_blockers("a", "a")) == ["manufacturing.own_work"]
    assert rules.verifier_blockers("a", "b") == []
    assert codes(rules.reviewer_blockers("a", ["a", "b"])) == ["manufacturing.own_batch"]
    assert codes(rules.role_blockers(Role.OPERATOR, [Role.QA_REVIEWER])) == ["manufacturing.wrong_role"]


@pytest.mark.requirement("N8")
def test_quality_alone_rules_on_the_age_of_material() -> None:
    assert codes(rules.quality_blockers([Role.SUPERVISOR])) == ["manufacturing.quality_decides"]
    assert rules.quality_blockers([Role.QA_REVIEWER]) == []


def test_what_is_out_of_limits_needs_a_comment() -> None:
    assert codes(rules.comment_blockers(LimitVerdict.ACTION, "", " ")) == ["manufacturing.comment_missing"]
    assert codes(rules.comment_blockers(LimitVerdict.NONE, "no", "")) == ["manufacturing.comment_missing"]
    assert rules.comment_blockers(LimitVerdict.ACTION, "", "seen") == []
    assert rules.comment_blockers(LimitVerdict.ALERT, "yes", "") == []


def test_an_operation_ends_when_all_is_done_and_checked() -> None:
    steps = [view("a", 1, "verified", second=True), view("b", 2, "done"), view("c", 3, "done", second=True)]
    assert codes(rules.unfinished_blockers(steps)) == ["manufacturing.step_unverified"]
    assert codes(rules.unfinished_blockers([view("d", 4, "waiting")])) == ["manufacturing.step_open"]


def test_what_rests_on_a_value_is_found_through_others() -> None:
    formulas = {
        "total:cells": frozenset({"concentration", "volume"}),
        "recovery:recovery": frozenset({"washed", "cells"}),
        "fill:": frozenset({"other"}),
    }
    assert rules.dependants("volume", formulas) == ["total", "recovery"]
    assert rules.dependants("washed", formulas) == ["recovery"]


def test_a_batch_on_hold_or_finished_takes_nothing() -> None:
    assert rules.batch_blockers("B", "open", []) == []
    assert codes(rules.batch_blockers("B", "open", ["deviation"])) == ["manufacturing.on_hold"]
    for state in ("completed", "reviewed", "closed", "terminated"):
        assert codes(rules.batch_blockers("B", state, [])) == ["manufacturing.batch_not_open"]


def test_each_of_several_bags_is_scanned_once() -> None:
    assert rules.scanned_before_blockers("C-2", ["C-1"]) == []
    assert [one.code for one in rules.scanned_before_blockers("C-1", ["C-1"])] == ["manufacturing.scanned_twice"]
