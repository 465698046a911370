"""The network's rules, over plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vein2vein.core.refusals import Blocker
from vein2vein.network.rules import (
    EquipmentView,
    Span,
    earliest_start,
    equipment_blockers,
    qualification_blockers,
    shipper_blockers,
    window_blockers,
)

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 3, 1), date(2026, 2, 28)


def codes(found: list[Blocker]) -> list[str]:
    return [one.code for one in found]


def test_equipment_in_service_and_in_date_may_be_used() -> None:
    view = EquipmentView("WS-01", "closed_workstation", "available", TODAY, None)
    assert equipment_blockers(view, AT, equipment_class="closed_workstation") == []


def test_every_fault_of_equipment_is_named_at_once() -> None:
    view = EquipmentView("WS-01", "closed_workstation", "out_of_service", YESTERDAY, YESTERDAY)
    assert codes(equipment_blockers(view, AT, equipment_class="incubator")) == [
        "network.wrong_equipment",
        "network.equipment_out_of_service",
        "network.calibration_due",
        "network.requalification_due",
    ]


@pytest.mark.requirement("N10")
@pytest.mark.parametrize(("hold", "blocked"), [("72", False), ("71.99", True), (None, True)])
def test_a_shipper_holds_for_the_route_and_half_of_it(hold: str | None, blocked: bool) -> None:
    view = EquipmentView("DS-01", "dry_shipper", "available", None, TODAY, None if hold is None else Decimal(hold))
    assert codes(shipper_blockers(view, AT, Decimal(48))) == (["network.hold_time_short"] if blocked else [])


@pytest.mark.requirement("N10")
def test_a_shipper_past_its_requalification_is_blocked() -> None:
    view = EquipmentView("DS-01", "dry_shipper", "available", None, YESTERDAY, Decimal(240))
    assert codes(shipper_blockers(view, AT, Decimal(48))) == ["network.requalification_due"]


@pytest.mark.parametrize(("until", "blocked"), [(TODAY, False), (YESTERDAY, True), (None, True)])
def test_a_site_is_qualified_to_its_last_day(until: date | None, blocked: bool) -> None:
    assert bool(qualification_blockers("X", until, TODAY)) is blocked


def hour(number: int) -> datetime:
    return AT + timedelta(hours=number)


SPANS = st.lists(
    st.tuples(st.integers(-5, 40), st.integers(1, 10)).map(lambda one: Span(hour(one[0]), hour(one[0] + one[1]))),
    max_size=8,
)


@given(taken=SPANS, length=st.integers(1, 10), end=st.integers(0, 40))
def test_the_earliest_start_is_free_and_nothing_earlier_is(taken: list[Span], length: int, end: int) -> None:
    within, duration = Span(AT, hour(end)), timedelta(hours=length)
    free = [
        hour(start)
        for start in range(end - length + 1)
        if all(one.ends_at <= hour(start) or one.starts_at >= hour(start) + duration for one in taken)
    ]
    assert earliest_start(taken, duration, within) == (free[0] if free else None)


def test_a_window_must_hold_the_duration() -> None:
    assert window_blockers(timedelta(hours=1), Span(AT, hour(1))) == []
    assert window_blockers(timedelta(hours=2), Span(AT, hour(1)))
    assert window_blockers(timedelta(0), Span(AT, hour(1)))
