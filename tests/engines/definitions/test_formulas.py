"""Formulas: arithmetic with units, refused when read rather than at the bench."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vein2vein.engines.definitions import FormulaFault, Quantity, evaluate, parse, unit_of
from vein2vein.engines.definitions.formulas import agrees, names_in

NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, places=3, allow_nan=False)
POSITIVE = st.decimals(min_value=Decimal("0.001"), max_value=10**9, places=3, allow_nan=False)


def value(text: str, unit: str = "1", **values: str) -> Decimal:
    known = {name: Quantity(Decimal(said.split()[0]), said.split()[1]) for name, said in values.items()}
    return evaluate(parse(text), known, unit).magnitude


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("1 + 2 * 3", "1", "7"),
        ("(1 + 2) * 3", "1", "9"),
        ("-2 * -3", "1", "6"),
        ("8 / 4 / 2", "1", "1"),
        ("8 - 4 - 2", "1", "2"),
        ("0.1 + 0.2", "1", "0.3"),
        ("50 [%] * 4", "1", "2"),
        ("1 [L] + 500 [mL]", "mL", "1500"),
        ("2e6 [cell/mL] * 40 [mL]", "cell", "80000000"),
        ("3 [TU/cell] * 2e8 [cell] / 3e8 [TU/mL]", "mL", "2"),
        ("ceil(10.01 [mL], 0.5 [mL])", "mL", "10.5"),
        ("floor(10.99 [mL], 0.5 [mL])", "mL", "10.5"),
        ("round(2.5)", "1", "3"),
        ("round(-2.5)", "1", "-3"),
        ("round(10.25 [mL], 0.1 [mL])", "mL", "10.3"),
        ("min(1 [L], 900 [mL], 2 [L])", "mL", "900"),
        ("max(1 [L], 900 [mL])", "mL", "1000"),
    ],
)
def test_known_values(text: str, unit: str, expected: str) -> None:
    assert value(text, unit) == Decimal(expected)


def test_the_vector_volume_of_a_batch() -> None:
    found = value("3 [TU/cell] * seeded / titre", "mL", seeded="1.5e8 cell", titre="2.5e8 TU/mL")
    assert found == Decimal("1.8")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "a value is missing before “the end”"),
        ("1 +", "a value is missing before “the end”"),
        ("1 2", "“2” has no place in a formula"),
        ("a ** 2", "a value is missing before “*”"),
        ("(1", "“)” is missing before “the end”"),
        ("1 [parsec]", "nobody knows the unit “parsec”"),
        ("__import__('os')", "“'os')” has no place in a formula"),
        ("exec(1)", "there is no function “exec”"),
        ("min(1)", "“min” has the wrong number of arguments"),
        ("round(1, 2, 3)", "“round” has the wrong number of arguments"),
        ("a; b", "“; b” has no place in a formula"),
        ("(" * 40 + "1" + ")" * 40, "the formula is nested deeper than 30"),
        ("-" * 40 + "1", "the formula is nested deeper than 30"),
        ("1" * 501, "the formula is longer than 500 characters"),
    ],
)
def test_what_is_not_a_formula(text: str, fault: str) -> None:
    with pytest.raises(FormulaFault) as refused:
        parse(text)
    assert str(refused.value) == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a + b", "the units do not agree: ml and cell"),
        ("min(a, b)", "the units do not agree: ml and cell"),
        ("c", "nothing measures, computes or gives “c” before this step"),
        ("t * 2", "degC cannot be calculated with; its zero is a convention"),
        ("ceil(a)", "“ceil” of a quantity needs a step, as in ceil(x, 1 [mL])"),
    ],
)
def test_units_are_refused_before_any_value_is_known(text: str, fault: str) -> None:
    with pytest.raises(FormulaFault) as refused:
        unit_of(parse(text), {"a": "mL", "b": "cell", "t": "degC"})
    assert str(refused.value) == fault


@pytest.mark.parametrize("text", ["1 / 0", "1 / (a - a)", "ceil(1, 0)", "0 / 0", "round(1 [mL], 0 [L])"])
def test_division_by_zero_is_said(text: str) -> None:
    with pytest.raises(FormulaFault, match="division by zero"):
        value(text, "1" if "mL" not in text else "mL", a="1 mL")


def test_a_result_in_another_unit_is_refused() -> None:
    assert not agrees(parse("a * 2"), {"a": "mL"}, "cell")
    with pytest.raises(FormulaFault, match="the result is not a quantity in cell"):
        value("a * 2", "cell", a="1 mL")


def test_names_are_listed() -> None:
    assert list(names_in(parse("max(a, -b) + 2 * a"))) == ["a", "b", "a"]


@given(a=NUMBERS, b=NUMBERS, c=POSITIVE)
def test_arithmetic_is_that_of_decimals(a: Decimal, b: Decimal, c: Decimal) -> None:
    values = {"a": Quantity(a), "b": Quantity(b), "c": Quantity(c)}
    found = evaluate(parse("(a + b) * c - a / c"), values, "1").magnitude
    assert abs(found - ((a + b) * c - a / c)) <= Decimal("1e-6")


@given(a=POSITIVE, b=POSITIVE)
def test_the_unit_that_a_value_is_given_in_does_not_matter(a: Decimal, b: Decimal) -> None:
    formula = parse("max(x, y) + min(x, y)")
    in_litres = evaluate(formula, {"x": Quantity(a, "L"), "y": Quantity(b, "L")}, "mL")
    in_millilitres = evaluate(formula, {"x": Quantity(a * 1000, "mL"), "y": Quantity(b, "L")}, "mL")
    assert in_litres.magnitude == in_millilitres.magnitude == (a + b) * 1000


@given(a=NUMBERS, step=st.sampled_from(["0.1", "0.5", "1", "5"]))
def test_steps_bracket_the_value(a: Decimal, step: str) -> None:
    values = {"a": Quantity(a, "mL")}
    low, near, high = (
        evaluate(parse(f"{name}(a, {step} [mL])"), values, "mL").magnitude for name in ("floor", "round", "ceil")
    )
    assert low <= a <= high
    assert high - low in {Decimal(0), Decimal(step)}
    assert near in {low, high}


@settings(max_examples=300)
@given(text=st.text(alphabet="ab01.eE+-*/(),[]mLcell% minaxroud", max_size=40))
def test_any_text_is_a_formula_or_a_fault(text: str) -> None:
    values = {"a": Quantity(Decimal(2), "mL"), "b": Quantity(Decimal(3))}
    with suppress(FormulaFault):
        expression = parse(text)
        unit_of(expression, {name: known.unit for name, known in values.items()})
        evaluate(expression, values, "mL")
