"""The canonical form and the way back are exact inverses."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.definitions import shipped
from vein2vein.engines.definitions import DefinitionFaults, Quantity, canonical, check, load
from vein2vein.engines.definitions.values import parse_quantity, parse_span, write_span

RAPID = "rapid-bcma-cd19"
NUMBERS = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent), st.integers(-(10**27), 10**27), st.integers(-30, 30)
)
"""Every number that can be written in a definition."""


@pytest.mark.parametrize("name", shipped.NAMES)
def test_a_shipped_definition_comes_back_as_it_went(name: str) -> None:
    definition = shipped.definition(name)
    stored = canonical(definition)
    assert load(stored) == definition
    assert canonical(load(stored)) == stored
    assert check(load(stored)) == []


def test_chinese_is_kept_as_it_is() -> None:
    assert "仅用于临床试验" in canonical(shipped.definition(RAPID))


@settings(max_examples=25, deadline=None)
@given(
    minutes=st.integers(0, 10_000),
    magnitude=NUMBERS,
    words=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30),
)
def test_a_changed_definition_comes_back_as_it_went(minutes: int, magnitude: Decimal, words: str) -> None:
    shipped_one = shipped.definition("cd19-lupus")
    supply, therapy = shipped_one.supply, shipped_one.therapy
    shipment = replace(
        supply.product_shipment, maximum=timedelta(minutes=minutes), hold_margin=Quantity(magnitude, "%")
    )
    one = replace(
        shipped_one,
        supply=replace(supply, product_shipment=shipment),
        therapy=replace(therapy, name=replace(therapy.name, zh=words)),
    )
    assert load(canonical(one)) == one


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "3", '"x"', "{}", "[" * 10_000, '{"therapy": {"id": NaN}}', '{"process": null}']
)
def test_what_was_not_stored_by_us_is_refused(text: str) -> None:
    with pytest.raises(DefinitionFaults):
        load(text)


@settings(max_examples=30, deadline=None)
@given(at=st.floats(0, 1), spoiled=st.text(max_size=10))
def test_a_spoiled_store_raises_nothing_else(at: float, spoiled: str) -> None:
    stored = canonical(shipped.definition("cd19-lupus"))
    start = int(at * len(stored))
    with suppress(DefinitionFaults):
        load(stored[:start] + spoiled + stored[start + len(spoiled) :])


@given(st.integers(0, 10**8))
def test_spans_are_written_and_read_alike(seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert parse_span(write_span(span)) == span


@given(
    NUMBERS,
    st.sampled_from(["1", "%", "mL", "cell/mL", "cell/kg", "degC", "copy/cell", "EU/mL"]),
)
def test_quantities_are_written_and_read_alike(magnitude: Decimal, unit: str) -> None:
    quantity = parse_quantity(f"{magnitude} {unit}")
    assert parse_quantity(str(quantity)) == quantity
