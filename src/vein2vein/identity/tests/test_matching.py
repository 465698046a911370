"""The bedside match: wristband, bag and order are one, before two people, or nothing happens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from vein2vein.core import clock
from vein2vein.core.refusals import NotAllowed, NotFound, Refused
from vein2vein.identity import actions, reads
from vein2vein.identity.states import Occasion
from vein2vein.identity.tests.conftest import Course, match, refused, written

# -- the bedside match


@pytest.mark.requirement("N5")
def test_another_patients_bag_is_refused_at_the_bedside(ours: Course, theirs: Course) -> None:
    mine, other = ours.product(), theirs.product()
    for course, bag in ((ours, mine), (theirs, other)):
        course.bench.do(actions.thaw_container, by=course.person("celllab"), container_id=bag.pk)
    label = reads.get_label_in_force(other.pk)
    with pytest.raises(Refused) as caught:
        match(ours, mine, scanned_label=label.code)
    assert {one.code for one in caught.value.blockers} == {"identity.bag_other_course"}
    for secret in (theirs.chain.code, theirs.number, other.code, str(other.pk), str(theirs.chain.pk)):
        assert secret not in str(caught.value)
    with refused(Refused, "identity.wristband_other_course"):
        match(ours, mine, scanned_wristband=theirs.band.code)
    with refused(Refused, "identity.not_matched"):
        ours.bench.do(actions.mark_infused, by="infusion.rj", container_id=mine.pk)


@pytest.mark.requirement("N5")
@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"container_ids": []}, Refused, "identity.not_the_ordered_bag"),
        ({"scanned_wristband": ""}, Refused, "identity.no_wristband"),
        ({"scanned_label": ""}, Refused, "identity.no_bag"),
        ({"witness": None}, Refused, "identity.second_person"),
        ({"witness": "infusion.rj"}, NotAllowed, "journal.own_witness"),
        ({"witness": "infusion.hk"}, Refused, "identity.second_person"),
        ({"witness": "planner"}, Refused, "identity.second_person"),
        ({"by": "infusion.hk", "witness": "infusion.hk2"}, NotFound, "identity.not_found"),
        ({"manual": True}, Refused, "identity.entered_differently"),
    ],
)
def test_the_match_is_refused(ours: Course, change: dict[str, Any], kind: Any, code: str) -> None:
    made = ours.product()
    ours.bench.do(actions.thaw_container, by="celllab.rj", container_id=made.pk)
    with refused(kind, code):
        match(ours, made, **change)


@pytest.mark.requirement("N5")
def test_an_expired_bag_is_neither_thawed_nor_matched(ours: Course) -> None:
    made = ours.product()
    ours.bench.do(
        actions.measure_container,
        by="operator1",
        container_id=made.pk,
        expires_at=clock.now() - timedelta(minutes=1),
    )
    with refused(Refused, "identity.expired"):
        ours.bench.do(actions.thaw_container, by="celllab.rj", container_id=made.pk)
    with refused(Refused, "identity.expired"):
        match(ours, made)


@pytest.mark.requirement("N5")
@pytest.mark.parametrize("occasion", [Occasion.INFUSION, Occasion.THAW, Occasion.WRISTBAND])
def test_an_infusion_is_not_checked_without_its_order(ours: Course, occasion: Occasion) -> None:
    with refused(Refused, "identity.matched_elsewhere"):
        ours.bench.public(
            "identity.record_identity_check",
            by="infusion.rj",
            witness="infusion.rj2",
            occasion=occasion,
            coi_id=ours.chain.pk,
            scanned_wristband=ours.band.code,
        )


def test_a_receipt_is_checked_by_two_people_at_the_base(ours: Course, theirs: Course) -> None:
    bag, other = ours.collected(), theirs.collected()
    people = {"by": "warehouse", "witness": "warehouse2"}
    arguments: dict[str, Any] = {"occasion": Occasion.RECEIPT, "coi_id": ours.chain.pk}
    check = ours.bench.public(
        "identity.record_identity_check", **people, **arguments, scanned_label=ours.labels()[0].code
    )
    assert (check.container_id, check.performed_by_id) == (bag.pk, ours.bench.who("warehouse").account_id)
    assert written(f"coi:{ours.chain.pk}")[-1] == ("identity.record_identity_check", "IdentityChecked")
    label = reads.get_label_in_force(other.pk)
    with refused(Refused, "identity.bag_other_course"):
        ours.bench.public("identity.record_identity_check", **people, **arguments, scanned_label=label.code)
