"""The rules of lots, alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vein2vein.materials import rules
from vein2vein.materials.rules import LotView

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LOT = LotView(
    code="LOT-A-B",
    number="A",
    material_code="vector",
    state="released",
    expires_at=AT + timedelta(days=10),
    markets=frozenset({"CN", "HK"}),
    unit="mL",
    free=Decimal(10),
)
amounts = st.decimals(min_value="0.001", max_value="5000", places=3)


@given(amounts, amounts)
def test_whole_vials_against_counting(quantity: Decimal, vial: Decimal) -> None:
    counted = 0
    while counted * vial < quantity and counted < 6000:
        counted += 1
    if counted < 6000:
        assert rules.whole_vials(quantity, vial) == counted
        assert rules.drawn(quantity, vial, whole=True) == counted * vial
    assert rules.drawn(quantity, vial, whole=False) == quantity


@given(amounts, amounts)
def test_whole_vials_hold_the_quantity_and_not_one_vial_more(quantity: Decimal, vial: Decimal) -> None:
    vials = rules.whole_vials(quantity, vial)
    assert (vials - 1) * vial < quantity <= vials * vial


def codes(lot: LotView, *, market: str = "CN", at: datetime = AT, needed: str = "1") -> list[str]:
    found = rules.use_blockers(lot, material_code="vector", market=market, at=at, needed=Decimal(needed))
    return [one.code for one in found]


@pytest.mark.requirement("N7")
def test_only_a_released_lot_of_the_market_in_date_when_used() -> None:
    assert codes(LOT) == []
    assert codes(replace(LOT, state="quarantined")) == ["materials.not_released"]
    assert codes(replace(LOT, state="recalled")) == ["materials.not_released"]
    assert codes(LOT, market="SG") == ["materials.wrong_market"]
    assert codes(LOT, at=LOT.expires_at) == ["materials.expired"]
    assert codes(LOT, at=LOT.expires_at - timedelta(microseconds=1)) == []
    assert codes(replace(LOT, material_code="beads")) == ["materials.wrong_material"]
    assert codes(LOT, needed="10.001") == ["materials.too_little"]


def test_units_are_compared_by_what_they_measure() -> None:
    assert rules.quantity_blockers(Decimal(1), "uL", "mL") == []
    assert [one.code for one in rules.quantity_blockers(Decimal(1), "IU", "mL")] == ["materials.unit_wrong"]
    assert [one.code for one in rules.quantity_blockers(Decimal(0), "mL", "mL")] == ["materials.quantity_not_positive"]


@given(st.integers(0, 400))
def test_a_thaw_clock_runs_out_after_its_limit(minutes: int) -> None:
    limit = timedelta(hours=2)
    found = rules.thaw_blockers(
        LOT,
        thawed_at=AT,
        vials_thawed=3,
        vials_needed=3,
        at=AT + timedelta(minutes=minutes),
        thaw_to_use=limit,
    )
    assert bool(found) is (minutes > 120)


def test_thawed_vials_are_recorded_enough_and_once() -> None:
    none = rules.not_thawed_blocker(LOT)
    few = rules.thaw_blockers(LOT, thawed_at=AT, vials_thawed=2, vials_needed=3, at=AT, thaw_to_use=None)
    assert [one.code for one in [none, *few]] == ["materials.not_thawed", "materials.too_few_thawed"]
    assert rules.thaw_again_blockers(LOT, None) == []
    assert [one.code for one in rules.thaw_again_blockers(LOT, AT)] == ["materials.thawed_already"]


def test_a_delivery_is_whole_in_date_and_certified() -> None:
    found = rules.receipt_blockers(
        number=" ",
        quantity=Decimal("2.5"),
        vial_quantity=Decimal(1),
        expires_at=AT,
        at=AT,
        certificate_size=0,
    )
    assert {one.code for one in found} == {
        "materials.no_number",
        "materials.not_whole_vials",
        "materials.expired",
        "materials.no_certificate",
    }
