"""The rules, by examples and by properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vein2vein.core.refusals import Blocker
from vein2vein.identity import rules
from vein2vein.identity.rules import Bag, Band, ContainerView, KitLabelWish, LabelCount, Ordered
from vein2vein.identity.states import (
    CONTAINER,
    DISPOSITIONS,
    ENDED,
    IN_FORCE,
    LABEL,
    ContainerKind,
    ContainerState,
    Disposition,
    LabelKind,
    LabelState,
    Occasion,
)

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
COIS = st.sampled_from([UUID(int=1), UUID(int=2)])
BAGS = st.sampled_from([UUID(int=11), UUID(int=12)])


def codes(blockers: list[Blocker]) -> set[str]:
    return {blocker.code for blocker in blockers}


views = st.builds(
    ContainerView,
    container_id=BAGS,
    coi_id=COIS,
    kind=st.sampled_from([kind.value for kind in ContainerKind]),
    state=st.sampled_from([state.value for state in ContainerState]),
    disposition=st.sampled_from([one.value for one in Disposition]),
    expires_at=st.sampled_from([None, AT, AT - timedelta(seconds=1), AT + timedelta(seconds=1)]),
)
label_states = st.sampled_from([state.value for state in LabelState])
bands = st.none() | st.builds(Band, COIS, label_states)
bags = st.none() | st.builds(Bag, views, label_states)
ordered = st.builds(Ordered, COIS, st.none() | st.frozensets(BAGS))


@pytest.mark.requirement("N5")
@given(band=bands, bag=bags, order=ordered)
def test_only_a_full_match_lets_a_bag_be_infused(band: Band | None, bag: Bag | None, order: Ordered) -> None:
    matched = rules.match(occasion=Occasion.INFUSION, band=band, bag=bag, ordered=order, at=AT) == []
    if band is None or bag is None:
        assert not matched
        return
    held = bag.container
    assert matched == (
        band.coi_id == held.coi_id == order.coi_id
        and band.state in IN_FORCE
        and bag.label_state in IN_FORCE
        and (order.container_ids is None or held.container_id in order.container_ids)
        and held.kind == "final_product"
        and held.disposition == "released"
        and held.state == "thawed"
        and (held.expires_at is None or held.expires_at > AT)
    )


@pytest.mark.requirement("N5")
@given(occasion=st.sampled_from(Occasion), band=bands, bag=bags, order=ordered)
def test_on_no_occasion_does_anything_of_another_course_pass(
    occasion: Occasion, band: Band | None, bag: Bag | None, order: Ordered
) -> None:
    found = codes(rules.match(occasion=occasion, band=band, bag=bag, ordered=order, at=AT))
    if bag is not None and bag.container.coi_id != order.coi_id:
        assert "identity.bag_other_course" in found
    here = occasion in (Occasion.WRISTBAND, Occasion.COLLECTION, Occasion.INFUSION)
    if here and band is not None and band.coi_id != order.coi_id:
        assert "identity.wristband_other_course" in found
    if here and band is None:
        assert "identity.no_wristband" in found


@pytest.mark.requirement("N5")
@given(band=bands, bag=bags, order=ordered, occasion=st.sampled_from(Occasion))
def test_a_strangers_identity_is_never_told(
    band: Band | None, bag: Bag | None, order: Ordered, occasion: Occasion
) -> None:
    for blocker in rules.match(occasion=occasion, band=band, bag=bag, ordered=order, at=AT):
        if blocker.code.endswith("_other_course"):
            assert (blocker.value, dict(blocker.params)) == ("", {})


@pytest.mark.requirement("N6")
@given(view=views)
def test_a_product_is_thawed_only_when_released_and_in_date(view: ContainerView) -> None:
    found = rules.thaw_blockers(view, AT)
    if view.kind == ContainerKind.FINAL_PRODUCT:
        good = view.disposition == "released" and (view.expires_at is None or view.expires_at > AT)
        assert (found == []) == good
    if view.kind == ContainerKind.SAMPLE:
        assert found == []


@pytest.mark.requirement("N3")
@given(
    used=st.integers(0, 20),
    voided=st.integers(0, 20),
    spare=st.integers(0, 5),
    activated=st.integers(0, 5),
    counted=st.tuples(st.integers(0, 20), st.integers(0, 20)),
)
def test_a_kit_reconciles_exactly_when_every_label_is_used_or_void_and_counted(
    used: int, voided: int, spare: int, activated: int, counted: tuple[int, int]
) -> None:
    count = LabelCount(
        printed=used + voided + spare + activated, spare=spare, activated=activated, used=used, voided=voided
    )
    found = rules.reconciliation_blockers(count, counted_used=counted[0], counted_voided=counted[1])
    assert (found == []) == (spare == activated == 0 and counted == (used, voided))


@pytest.mark.requirement("N2")
@given(parents=st.lists(views, max_size=4), kind=st.sampled_from(ContainerKind), is_open=st.booleans())
def test_nothing_is_made_from_two_chains_or_from_nothing(
    parents: list[ContainerView], kind: ContainerKind, is_open: bool
) -> None:
    found = rules.derive_blockers(parents, kind=kind, chain_open=is_open)
    if not is_open or not parents or len({one.coi_id for one in parents}) > 1 or kind == "starting_material":
        assert found
    if any(one.state in (ContainerState.EXPECTED, ContainerState.INFUSED, ContainerState.DESTROYED) for one in parents):
        assert "identity.parent_state" in codes(found)
    if kind is not ContainerKind.SAMPLE and any(one.disposition == "rejected" for one in parents):
        assert "identity.rejected" in codes(found)


@pytest.mark.requirement("N4")
@given(entered=st.lists(st.text("ABC-1", min_size=1), max_size=3), again=st.lists(st.text("ABC-1"), max_size=3))
def test_typed_codes_are_entered_twice_alike_and_witnessed(entered: list[str], again: list[str]) -> None:
    found = codes(rules.dual_entry_blockers(manual=True, entered=entered, again=again, witnessed=True))
    assert ("identity.entered_differently" in found) == (entered != again)
    alone = codes(rules.dual_entry_blockers(manual=True, entered=entered, again=entered, witnessed=False))
    assert alone == {"identity.manual_unwitnessed"}
    assert rules.dual_entry_blockers(manual=False, entered=entered, again=[], witnessed=False) == []


def test_ended_containers_and_void_labels_have_no_way_on() -> None:
    for state in ENDED:
        assert CONTAINER.verbs(state) == []
    assert LABEL.verbs(LabelState.VOIDED) == []
    assert DISPOSITIONS[Disposition.REJECTED] == frozenset()


VIEW = ContainerView(UUID(int=11), UUID(int=1), "final_product", "active", "quarantined")


@pytest.mark.parametrize(
    ("kind", "was", "became", "good"),
    [
        ("final_product", "quarantined", Disposition.RELEASED, True),
        ("final_product", "quarantined", Disposition.ACCEPTED, False),
        ("final_product", "released", Disposition.REJECTED, True),
        ("final_product", "rejected", Disposition.RELEASED, False),
        ("starting_material", "quarantined", Disposition.ACCEPTED, True),
        ("starting_material", "quarantined", Disposition.RELEASED, False),
        ("starting_material", "accepted", Disposition.QUARANTINED, True),
        ("starting_material", "rejected", Disposition.ACCEPTED, False),
    ],
)
def test_dispositions(kind: str, was: str, became: Disposition, good: bool) -> None:
    view = replace(VIEW, kind=kind, disposition=was)
    assert (rules.disposition_blockers(view, became) == []) == good


@pytest.mark.parametrize("state", ["infused", "destroyed"])
def test_what_is_gone_is_not_decided_upon(state: str) -> None:
    found = rules.disposition_blockers(replace(VIEW, state=state), Disposition.REJECTED)
    assert codes(found) == {"identity.container_ended"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"label_state": "voided"}, "identity.label_state"),
        ({"label_state": "used"}, "identity.label_state"),
        ({"label_coi": UUID(int=2)}, "identity.label_other_course"),
        ({"wristband_coi": UUID(int=2)}, "identity.wristband_other_course"),
        ({"chain_open": False}, "identity.chain_closed"),
        ({"checked": False}, "identity.not_checked"),
    ],
)
def test_activation(change: dict[str, Any], code: str) -> None:
    one = UUID(int=1)
    good: dict[str, Any] = {
        "label_state": "printed",
        "label_coi": one,
        "wristband_coi": one,
        "coi_id": one,
        "chain_open": True,
        "checked": True,
    }
    assert rules.activation_blockers(**good) == []
    assert codes(rules.activation_blockers(**(good | change))) == {code}


WISH = KitLabelWish("starting_material", 2, "apheresis_bag")


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ([], "identity.kit_quantity"),
        ([replace(WISH, quantity=0)], "identity.kit_quantity"),
        ([replace(WISH, quantity=201)], "identity.kit_quantity"),
        ([replace(WISH, purpose=" ")], "identity.kit_purpose"),
        ([replace(WISH, container_kind=ContainerKind.SAMPLE)], "identity.kit_kind"),
    ],
)
def test_kits(wishes: list[KitLabelWish], code: str) -> None:
    assert rules.kit_blockers([WISH], chain_open=True, unreconciled=False) == []
    assert codes(rules.kit_blockers(wishes, chain_open=True, unreconciled=False)) == {code}


@pytest.mark.parametrize(
    ("label", "container", "code"),
    [
        ("printed", None, None),
        ("used", "destroyed", None),
        ("used", "active", "identity.label_needed"),
        ("activated", "expected", "identity.label_needed"),
        ("voided", None, "identity.label_state"),
    ],
)
def test_voiding(label: str, container: str | None, code: str | None) -> None:
    found = codes(rules.void_blockers(label_state=label, container_state=container))
    assert found == (set() if code is None else {code})


def test_reprinting() -> None:
    def said(kind: str, state: str, container: str | None) -> set[str]:
        return codes(rules.reprint_blockers(label_kind=kind, label_state=state, container_state=container))

    assert said(LabelKind.CONTAINER, "used", "active") == set()
    assert said(LabelKind.CONTAINER, "used", "infused") == {"identity.container_ended"}
    assert said(LabelKind.CONTAINER, "voided", None) == {"identity.label_state"}
    assert said(LabelKind.WRISTBAND, "used", None) == {"identity.wristband_reprint"}


@pytest.mark.parametrize(
    ("number", "initials", "born", "code"),
    [
        ("  ", "QX", date(1961, 5, 17), "identity.hospital_number"),
        ("9" * 65, "QX", date(1961, 5, 17), "identity.hospital_number"),
        ("77", "", date(1961, 5, 17), "identity.initials"),
        ("77", "Qiang Xu", date(1961, 5, 17), "identity.initials"),
        ("77", "Q1", date(1961, 5, 17), "identity.initials"),
        ("77", "QX", date(2027, 1, 1), "identity.birth_date"),
        ("77", "QX", date(1890, 1, 1), "identity.birth_date"),
    ],
)
def test_what_is_known_of_a_patient(number: str, initials: str, born: date, code: str) -> None:
    found = rules.patient_blockers(hospital_number=number, initials=initials, birth_date=born, on=AT.date())
    assert codes(found) == {code}
    assert all(blocker.value == "" for blocker in found)


def test_numbers_are_compared_without_blanks_width_and_case() -> None:
    assert rules.normal_number(" zyh 00471１3 ") == "ZYH0047113"
