"""Windows, trainings and assignments, over plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vein2vein.core.actor import HOSPITAL_ROLES, Role
from vein2vein.people.rules import (
    LONGEST_DELEGATION,
    DelegationView,
    TrainingView,
    assignment_blockers,
    delegation_blockers,
    delegation_in_force,
    in_working_hours,
    pin_blockers,
    training_blockers,
    username_blockers,
)
from vein2vein.people.states import CARRIER_ROLES, Cover

pytestmark = pytest.mark.requirement("B")

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
ZONES = st.sampled_from(["Asia/Shanghai", "Asia/Singapore", "UTC", "America/New_York"])


def view(**changed: Any) -> DelegationView:
    told: dict[str, Any] = {
        "role": "qualified_person",
        "starts_at": NOW,
        "ends_at": NOW + timedelta(days=2),
        "cover": Cover.ALWAYS,
        "zone": "Asia/Shanghai",
        "active": True,
        "delegator_active": True,
        "delegator_holds": True,
    }
    return DelegationView(**(told | changed))


@given(starts=TIMES, length=st.timedeltas(timedelta(seconds=1), timedelta(days=92)), at=TIMES)
def test_a_delegation_holds_within_its_window_and_never_outside(
    starts: datetime, length: timedelta, at: datetime
) -> None:
    found = delegation_in_force(view(starts_at=starts, ends_at=starts + length), at)
    assert found is (starts <= at < starts + length)


@given(at=TIMES, zone=ZONES)
def test_out_of_hours_cover_and_working_hours_never_meet(at: datetime, zone: str) -> None:
    window: dict[str, Any] = {"starts_at": at - timedelta(hours=1), "ends_at": at + timedelta(hours=1), "zone": zone}
    assert delegation_in_force(view(**window), at)
    assert delegation_in_force(view(**window, cover=Cover.OUT_OF_HOURS), at) is not in_working_hours(at, zone)


@given(at=TIMES, zone=ZONES)
def test_working_hours_are_ten_hours_of_five_local_days(at: datetime, zone: str) -> None:
    local = at.astimezone(ZoneInfo(zone))
    assert in_working_hours(at, zone) is (local.isoweekday() <= 5 and 8 <= local.hour < 18)


@pytest.mark.parametrize(
    "changed",
    [
        {"active": False},
        {"delegator_active": False},
        {"delegator_holds": False},
        {"role": "administrator"},
    ],
)
def test_a_delegation_ends_with_what_it_rests_on(changed: dict[str, Any]) -> None:
    assert delegation_in_force(view(), NOW)
    assert not delegation_in_force(view(**changed), NOW)


TRAINED = [TrainingView("qualified_person", date(2026, 1, 1), date(2027, 1, 1))]


def blockers(**changed: Any) -> list[str]:
    told: dict[str, Any] = {
        "role": Role.QUALIFIED_PERSON,
        "holds": frozenset({Role.QUALIFIED_PERSON}),
        "starts_at": NOW,
        "ends_at": NOW + timedelta(days=7),
        "now": NOW,
        "reason": "leave",
        "delegate": "qp2",
        "delegate_fits": True,
        "trained": TRAINED,
    }
    return [one.code for one in delegation_blockers(**(told | changed))]


def test_a_delegation_in_order_has_no_blocker() -> None:
    assert blockers() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"holds": frozenset()}, "people.not_delegable"),
        ({"role": Role.ADMINISTRATOR, "holds": frozenset({Role.ADMINISTRATOR})}, "people.not_delegable"),
        ({"ends_at": NOW}, "people.delegation_window"),
        ({"starts_at": NOW - timedelta(days=2), "ends_at": NOW - timedelta(days=1)}, "people.delegation_window"),
        ({"ends_at": NOW + LONGEST_DELEGATION + timedelta(seconds=1)}, "people.delegation_window"),
        ({"delegate_fits": False}, "people.delegate_unfit"),
        ({"trained": []}, "people.not_trained"),
        ({"trained": [TrainingView("qualified_person", date(2026, 1, 1), date(2026, 3, 8))]}, "people.not_trained"),
        ({"reason": "  "}, "people.no_reason"),
    ],
)
def test_why_a_role_may_not_be_passed_on(changed: dict[str, Any], code: str) -> None:
    assert blockers(**changed) == [code]


@given(
    first=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    days=st.integers(0, 400),
    on=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_a_training_holds_from_its_first_to_its_last_day(first: date, days: int, on: date) -> None:
    last = first + timedelta(days=days)
    found = training_blockers([TrainingView("x", first, last)], "x", on, "A")
    assert (found == []) is (first <= on <= last)
    assert training_blockers([TrainingView("x", first, last)], "y", on, "A")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("kind", ["hospital", "carrier", "manufacturing", "innovation", "mah", ""])
def test_each_role_belongs_to_one_kind_of_employer(role: Role, kind: str) -> None:
    if role is Role.SYSTEM:
        fits = False
    elif role in HOSPITAL_ROLES:
        fits = kind == "hospital"
    elif role in CARRIER_ROLES:
        fits = kind == "carrier"
    else:
        fits = kind not in ("hospital", "carrier")
    assert (assignment_blockers(role, kind, own=False) == []) is fits
    assert assignment_blockers(role, kind, own=True)


@pytest.mark.parametrize(
    "pin", ["", "12345", "123456", "654321", "111111", "121212", "12345a", "１２３９４５", "1" * 13]
)
def test_weak_pins(pin: str) -> None:
    assert pin_blockers(pin)


def test_a_good_pin_and_user_names() -> None:
    assert pin_blockers("246802") == []
    assert username_blockers("nurse.rj2") == []
    assert all(username_blockers(one) for one in ("a", "Nurse", "护士一号", "a b c", "x" * 41))
