"""Capacity over time: shifts in local time, nights of an hour more or less, closures, deliveries."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from vein2vein.engines.twin.calendars import DAYS, Steps, minutes, resource_steps, stock_steps
from vein2vein.engines.twin.model import Closure, Delivery, Resource, Shift, Stock

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def weekly(**more: object) -> Resource:
    shifts = (Shift(days=DAYS[:5], begins="08:00", until="16:00", capacity=2),)
    return Resource(name="r", **({"shifts": shifts} | more))  # type: ignore[arg-type]  # fields by name


def test_without_shifts_all_is_always_there() -> None:
    assert resource_steps(Resource(name="r", capacity=3), MONDAY, 100.0) == Steps((0.0,), (3,))


def test_a_working_week() -> None:
    steps = resource_steps(weekly(), MONDAY, 14 * 24.0)
    assert steps.at[:4] == (0.0, 8.0, 16.0, 32.0)
    assert steps.capacity[:4] == (0, 2, 0, 2)
    assert steps.open_hours(0.0, 14 * 24.0) == 2 * 8 * 10
    assert steps.worked_hours(0.0, 14 * 24.0) == 8 * 10
    assert steps.worked_hours(9.0, 33.0) == 8.0


def test_local_time_is_what_counts() -> None:
    steps = resource_steps(weekly(zone="Asia/Shanghai"), MONDAY, 48.0)
    assert (steps.at[:3], steps.capacity[:3]) == ((0.0, 8.0, 24.0), (2, 0, 2))


def test_a_night_may_be_an_hour_shorter() -> None:
    shifts = (Shift(days=DAYS, begins="00:00", until="06:00", capacity=1),)
    begins = datetime(2026, 3, 28, 12, tzinfo=UTC)
    steps = resource_steps(weekly(zone="Europe/Berlin", shifts=shifts), begins, 60.0)
    assert steps.worked_hours(0.0, 24.0) == 5.0
    assert steps.worked_hours(24.0, 48.0) == 6.0


def test_closures_overrule_shifts() -> None:
    thursday = Closure(first=date(2026, 1, 8), last=date(2026, 1, 8), capacity=1)
    closed = (Closure(first=date(2026, 1, 6), last=date(2026, 1, 7)), thursday)
    steps = resource_steps(weekly(closures=closed), MONDAY, 7 * 24.0)
    assert steps.open_hours(0.0, 7 * 24.0) == 16.0 + 24.0 + 16.0


def test_shifts_add_up() -> None:
    shifts = (
        Shift(days=("mon",), begins="08:00", until="16:00", capacity=2),
        Shift(days=("mon",), begins="12:00", until="24:00", capacity=1),
    )
    steps = resource_steps(weekly(shifts=shifts), MONDAY, 24.0)
    assert (steps.at[:5], steps.capacity[:5]) == ((0.0, 8.0, 12.0, 16.0, 24.0), (0, 2, 3, 1, 0))


def test_deliveries_pile_up() -> None:
    stock = Stock(name="s", deliveries=(Delivery(day=2, amount=3), Delivery(day=0, amount=5)))
    assert stock_steps(stock) == Steps((0.0, 48.0), (5, 8))


@pytest.mark.parametrize("text", ["8:00", "08:60", "24:01", "0800", "", "aa:bb", "-1:00"])
def test_what_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match=text or "^$"):
        minutes(text)
