"""The rules of logistics, by example and by property; plain values only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vein2vein.core.refusals import Blocker
from vein2vein.logistics import rules
from vein2vein.logistics.drawing import MOST, draw, thinned
from vein2vein.logistics.states import SHIPMENT, Finding, ShipmentKind, ShipmentState, TraceVerdict
from vein2vein.network.rules import EquipmentView, shipper_blockers

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
COI = uuid4()
LANE = rules.LaneView("L", "H", "P", "chilled", Decimal(24), ("HK-CN",), ("Licence", "Quarantine"))
JOURNEY = rules.Journey("H", "P", "chilled", "shipper_2_8", timedelta(hours=48))


def codes(found: list[Blocker]) -> list[str]:
    return [one.code for one in found]


def bag(**changed: Any) -> rules.Packed:
    values: dict[str, Any] = {
        "container_id": uuid4(),
        "code": "CTN-1",
        "coi_id": COI,
        "kind": "final_product",
        "state": "active",
        "disposition": "released",
        "expires_at": AT + timedelta(days=1),
    }
    return rules.Packed(**{**values, **changed})


@pytest.mark.requirement("N10")
@given(
    hold=st.decimals(min_value=0, max_value=1000, places=2),
    longest=st.decimals(min_value=1, max_value=500, places=1),
)
def test_a_shipper_holds_half_as_long_again_as_the_longest_way(hold: Decimal, longest: Decimal) -> None:
    view = EquipmentView("DS", "dry_shipper", "available", None, AT.date(), hold)
    assert (codes(shipper_blockers(view, AT, longest)) == []) == (hold >= longest + longest / 2)


@pytest.mark.requirement("N10")
@pytest.mark.parametrize(
    ("asked", "qualified", "refused"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_requalified_after_each_use(asked: bool, qualified: bool, refused: bool) -> None:
    assert bool(rules.requalification_blockers("DS", asked=asked, qualified=qualified)) == refused


@pytest.mark.requirement("N8")
@given(
    age=st.integers(0, 10**7),
    limit=st.integers(1, 10**7),
    permitted=st.none() | st.integers(1, 3000),
)
def test_age_is_within_the_limit_or_within_what_was_permitted(age: int, limit: int, permitted: int | None) -> None:
    found = rules.age_blockers(
        timedelta(seconds=age), timedelta(seconds=limit), None if permitted is None else Decimal(permitted)
    )
    assert (not found) == (age <= limit or (permitted is not None and age <= permitted * 3600))


@pytest.mark.requirement("N8")
def test_material_from_the_future_is_refused() -> None:
    assert codes(rules.age_blockers(timedelta(hours=-1), timedelta(hours=72))) == ["logistics.too_old"]


@given(limit=st.integers(1, 1000), age=st.integers(0, 1000), given_h=st.integers(1, 3000))
def test_a_permission_permits_more_than_limit_and_present_age(limit: int, age: int, given_h: int) -> None:
    found = rules.age_permission_blockers(
        maximum_age_h=Decimal(given_h),
        limit=timedelta(hours=limit),
        age=timedelta(hours=age),
        state="received",
        disposition="quarantined",
    )
    assert (not found) == (given_h > limit and given_h > age)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"origin": "X"}, "logistics.lane_elsewhere"),
        ({"destination": "X"}, "logistics.lane_elsewhere"),
        ({"temperature_class": "cryogenic"}, "logistics.lane_temperature"),
        ({"maximum": timedelta(hours=23)}, "logistics.lane_too_long"),
    ],
)
def test_a_lane_that_does_not_fit(changed: dict[str, Any], code: str) -> None:
    values = {name: getattr(JOURNEY, name) for name in JOURNEY.__slots__}
    assert codes(rules.lane_blockers(LANE, rules.Journey(**{**values, **changed}))) == [code]
    assert rules.lane_blockers(LANE, JOURNEY) == []


def test_permits_are_read_by_line() -> None:
    found, faults = rules.permits_given(["Licence = A-1", " ", "Import = licence = B", "Licence = 2", "nothing", "=4"])
    assert found == [rules.PermitGiven("Licence", "A-1"), rules.PermitGiven("Import = licence", "B")]
    assert codes(faults) == ["logistics.permit_unreadable"] * 3


@pytest.mark.requirement("N18")
@given(st.sets(st.sampled_from(["Licence", "Quarantine", "Other"])))
def test_every_permit_that_the_lane_asks_for(names: set[str]) -> None:
    missing = rules.permit_blockers(LANE, [rules.PermitGiven(name, "1") for name in names])
    assert {one.value for one in missing} == set(LANE.permits) - names


def test_no_border_no_permit() -> None:
    assert rules.permit_blockers(rules.LaneView("L", "H", "P", "chilled", Decimal(4)), []) == []


@pytest.mark.requirement("N6")
@pytest.mark.parametrize(
    ("changed", "rfi", "code"),
    [
        ({"disposition": "quarantined"}, "RFI-1", "logistics.not_released"),
        ({"disposition": "accepted"}, "RFI-1", "logistics.not_released"),
        ({"disposition": "rejected"}, "RFI-1", "logistics.rejected"),
        ({"state": "thawed"}, "RFI-1", "logistics.not_intact"),
        ({"expires_at": AT}, "RFI-1", "logistics.expired"),
        ({}, "", "logistics.no_rfi"),
    ],
)
def test_product_that_does_not_leave(changed: dict[str, Any], rfi: str, code: str) -> None:
    assert codes(rules.dispatch_blockers(ShipmentKind.PRODUCT, [bag(**changed)], rfi_number=rfi, at=AT)) == [code]
    assert rules.dispatch_blockers(ShipmentKind.PRODUCT, [bag()], rfi_number="RFI-1", at=AT) == []


def test_starting_material_leaves_unreleased_but_not_rejected() -> None:
    kind = ShipmentKind.STARTING_MATERIAL
    assert rules.dispatch_blockers(kind, [bag(disposition="quarantined")], rfi_number="", at=AT) == []
    found = rules.dispatch_blockers(kind, [bag(disposition="rejected")], rfi_number="", at=AT)
    assert codes(found) == ["logistics.rejected"]


@given(st.lists(st.sampled_from("abc"), max_size=5), st.sets(st.sampled_from("abc"), max_size=3))
def test_contents_are_exactly_what_belongs_in(scanned: list[str], belongs: set[str]) -> None:
    ids = {name: UUID(int=ord(name)) for name in "abc"}
    packed = [bag(container_id=ids[name], code=name) for name in scanned]
    found = rules.contents_blockers(packed, {ids[name]: name for name in belongs}, COI)
    assert (not found) == (bool(belongs) and sorted(scanned) == sorted(belongs))


@pytest.mark.requirement("N5")
def test_another_chain_stops_everything() -> None:
    foreign = bag(coi_id=uuid4())
    assert "logistics.another_chain" in codes(rules.contents_blockers([foreign], {foreign.container_id: "x"}, COI))


@pytest.mark.requirement("N9")
@pytest.mark.parametrize(
    ("verdict", "intact", "findings"),
    [
        (TraceVerdict.OK, True, []),
        (TraceVerdict.OK, False, [Finding.SEAL_BROKEN]),
        (TraceVerdict.EXCURSION, True, [Finding.EXCURSION]),
        (TraceVerdict.INCOMPLETE, True, [Finding.INCOMPLETE_TRACE]),
        (TraceVerdict.MISSING, False, [Finding.MISSING_TRACE, Finding.SEAL_BROKEN]),
    ],
)
def test_what_quarantines(verdict: TraceVerdict, intact: bool, findings: list[Finding]) -> None:
    assert rules.findings_of(verdict, seal_intact=intact) == findings


@pytest.mark.parametrize(
    ("given_it", "reason", "good"), [(True, "", True), (False, "lost", True), (True, "x", False), (False, " ", False)]
)
def test_a_file_or_a_reason(given_it: bool, reason: str, good: bool) -> None:
    assert (not rules.trace_given_blockers(given=given_it, reason=reason)) == good


@pytest.mark.requirement("N9")
@pytest.mark.parametrize("state", list(ShipmentState))
def test_material_is_used_only_when_received(state: ShipmentState) -> None:
    assert (not rules.receipt_state_blockers(state)) == (state is ShipmentState.RECEIVED)


def test_quarantine_is_left_by_a_decision_only() -> None:
    assert set(SHIPMENT.verbs(ShipmentState.QUARANTINED)) == {"accept", "reject"}
    assert SHIPMENT.verbs(ShipmentState.REJECTED) == []


LIMITS: dict[str, Any] = {
    "total_cells": Decimal("5E9"),
    "minimum_cells": Decimal("2E9"),
    "viability_percent": Decimal(95),
    "minimum_viability_percent": Decimal(85),
    "volume_ml": Decimal(200),
    "volume_low_ml": Decimal(80),
    "volume_high_ml": Decimal(400),
}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("total_cells", Decimal("1.999E9"), "logistics.too_few_cells"),
        ("viability_percent", Decimal("84.9"), "logistics.viability_low"),
        ("volume_ml", Decimal("79.9"), "logistics.volume"),
        ("volume_ml", Decimal("400.1"), "logistics.volume"),
        ("volume_ml", None, "logistics.volume"),
    ],
)
def test_limits_of_the_definition(name: str, value: Decimal | None, code: str) -> None:
    assert rules.limit_blockers(**LIMITS) == []
    found = rules.limit_blockers(**{**LIMITS, name: value})
    assert codes(found) == [code]
    assert str(found[0])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"sample": "CTN-2"}, "logistics.another_sample"),
        ({"counted_at": AT - timedelta(minutes=1)}, "logistics.counted_before"),
    ],
)
def test_a_count_of_something_else(changed: dict[str, Any], code: str) -> None:
    values: dict[str, Any] = {
        "sample": "CTN-1",
        "counted_at": AT,
        "instrument": "NC",
        "viability_percent": Decimal(95),
        "total_cells": Decimal(1),
    }
    good = rules.Count(**values)
    bad = rules.Count(**{**values, **changed})
    assert rules.count_blockers(good, container="CTN-1", received_at=AT, instrument_known=True) == []
    assert codes(rules.count_blockers(bad, container="CTN-1", received_at=AT, instrument_known=True)) == [code]
    unknown = rules.count_blockers(good, container="CTN-1", received_at=AT, instrument_known=False)
    assert codes(unknown) == ["logistics.unknown_counter"]


@pytest.mark.parametrize(
    ("warmest", "name"), [(Decimal(8), "chilled"), (Decimal(-150), "cryogenic"), (None, "chilled")]
)
def test_temperature_class(warmest: Decimal | None, name: str) -> None:
    assert rules.temperature_class_of(warmest) == name


@given(st.lists(st.decimals(min_value=-199, max_value=99, places=1), min_size=2, max_size=3 * MOST))
def test_a_thinned_line_keeps_its_extremes(values: list[Decimal]) -> None:
    points = [(AT + timedelta(minutes=at), value) for at, value in enumerate(values)]
    kept = thinned(points)
    assert len(kept) <= 2 * MOST
    assert kept == sorted(kept, key=lambda one: one[0])
    assert {max(values), min(values)} <= {celsius for _, celsius in kept}


@given(st.lists(st.decimals(min_value=-199, max_value=99, places=1), min_size=2, max_size=50))
def test_the_drawing_stays_in_its_frame(values: list[Decimal]) -> None:
    points = [(AT + timedelta(minutes=at), value) for at, value in enumerate(values)]
    made = draw(points, [(Decimal(2), False), (Decimal(15), True)], AT, points[-1][0])
    pairs = [tuple(map(float, pair.split(","))) for pair in made.points.split()]
    assert all(0 <= x <= made.width and 0 <= y <= made.height for x, y in pairs)
    assert all(0 <= one.y <= made.height for one in made.limits)


@pytest.mark.requirement("N17")
def test_a_review_releases_nothing_that_a_late_finding_holds() -> None:
    found = rules.late_finding_blockers(accepting=True, alerts=["DOC-1"])
    assert [(one.code, one.value) for one in found] == [("logistics.late_finding", "DOC-1")]
    assert rules.late_finding_blockers(accepting=False, alerts=["DOC-1"]) == []
    assert rules.late_finding_blockers(accepting=True, alerts=[]) == []
