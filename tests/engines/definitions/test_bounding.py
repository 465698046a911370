"""The most that a step can take, known before a cell is counted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.definitions import shipped
from vein2vein.engines.definitions import Quantity, evaluate
from vein2vein.engines.definitions.bounding import most
from vein2vein.engines.definitions.model.process import Compute, Consume

RAPID, LUPUS = "rapid-bcma-cd19", "cd19-lupus"
KNOWN = {
    "ordered_dose": Quantity(Decimal("2e7"), "cell"),
    "patient_weight": Quantity(Decimal(70), "kg"),
    "vector_titre": Quantity(Decimal("2e8"), "TU/mL"),
    "bead_concentration": Quantity(Decimal("4e8"), "bead/mL"),
}


def bound(definition: Any, step: str, unit: str, **known: Quantity) -> Decimal | None:
    found = definition.process.step(step)
    assert isinstance(found, Consume)
    return most(definition, found, alternative="fresh", known=KNOWN | known, unit=unit)


@pytest.mark.parametrize(
    ("name", "step", "unit", "expected"),
    [
        (RAPID, "consume_vector", "mL", "6"),
        (RAPID, "consume_vector", "L", "0.006"),
        (RAPID, "consume_beads", "mL", "4.5"),
        (RAPID, "consume_medium", "mL", "200"),
        (RAPID, "consume_cryomedium", "mL", "30"),
        (RAPID, "consume_wash_buffer", "mL", None),
        (LUPUS, "consume_vector", "mL", "2"),
    ],
)
def test_the_bound_follows_from_the_formulas(name: str, step: str, unit: str, expected: str | None) -> None:
    found = bound(shipped.definition(name), step, unit)
    assert found == (None if expected is None else Decimal(expected))


def test_a_weaker_lot_gives_more() -> None:
    weaker = bound(shipped.definition(RAPID), "consume_vector", "mL", vector_titre=Quantity(Decimal("1e8"), "TU/mL"))
    assert weaker == Decimal(12)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("max(3 [TU/cell] * seeded_cells / vector_titre, 9 [mL])", "9"),
        ("ceil(3 [TU/cell] * seeded_cells / vector_titre, 4 [mL])", "8"),
        ("10 [mL] - 3 [TU/cell] * seeded_cells / vector_titre", "10"),
        ("3 [TU/cell] * seeded_cells / (selected_concentration * 1 [TU/cell])", None),
        ("-(3 [TU/cell] * seeded_cells / vector_titre)", "0"),
    ],
)
def test_other_formulas_are_bounded_too(formula: str, expected: str | None) -> None:
    other = shipped.changed(RAPID, "process.yaml", "3 [TU/cell] * seeded_cells / vector_titre", formula)
    found = bound(other, "consume_vector", "mL")
    assert found == (None if expected is None else Decimal(expected))


@given(st.decimals(min_value=0, max_value=10**9, places=0, allow_nan=False))
def test_nothing_measured_exceeds_the_bound(concentration: Decimal) -> None:
    definition = shipped.definition(RAPID)
    highest = bound(definition, "consume_vector", "mL")
    seeded = definition.process.step("compute_seeded_cells")
    taking = definition.process.step("consume_vector")
    assert isinstance(seeded, Compute)
    assert isinstance(taking, Consume)
    values = KNOWN | {"selected_concentration": Quantity(concentration, "cell/mL")}
    cells = evaluate(seeded.formula.expression, values, "cell")
    taken = evaluate(taking.quantity.expression, values | {"seeded_cells": cells}, "mL")
    assert highest is not None
    assert taken.magnitude <= highest
