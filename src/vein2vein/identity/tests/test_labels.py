"""Kits and labels: printed as a series, activated at the bedside, printed again by two, reconciled to the last."""

from __future__ import annotations

from typing import Any

import pytest

from vein2vein.core.refusals import Conflict, NotAllowed, Refused
from vein2vein.engines.codes import Kind, issue
from vein2vein.identity import actions, reads
from vein2vein.identity.rules import KitLabelWish
from vein2vein.identity.tests.conftest import Course, refused, written
from vein2vein.journal.reads import list_stream

# -- kits and labels


def test_a_kit_prints_serialised_labels_of_its_chain(ours: Course) -> None:
    labels = ours.labels()
    assert [label.ordinal for label in labels] == [1, 2, 3]
    assert {label.coi_id for label in labels} == {ours.chain.pk}
    assert len({label.code for label in labels}) == 3
    entry = list_stream(f"coi:{ours.chain.pk}")[-1]
    assert (entry.action, entry.fact, entry.data["labels"]) == ("identity_test.do", "identity.KitPrinted", 3)


@pytest.mark.requirement("N3")
def test_no_second_kit_before_the_first_is_reconciled(ours: Course) -> None:
    with refused(Refused, "identity.kit_unreconciled"):
        ours.bench.do(
            actions.print_kit,
            by="coordinator.rj",
            coi_id=ours.chain.pk,
            labels=[KitLabelWish("starting_material", 1, "apheresis_bag")],
        )


@pytest.mark.requirement("N2")
def test_a_bag_needs_the_check_and_the_bedside_scan(ours: Course) -> None:
    with refused(Refused, "identity.not_checked"):
        ours.activate(ours.labels()[0])
    ours.check_collection()
    bag = ours.activate(ours.labels()[0], donation_number="=G12349865432177")
    assert (bag.state, bag.coi_id, bag.donation_number) == ("expected", ours.chain.pk, "G123498654321")
    assert reads.get_custody(bag.pk).custodian_ref == f"account:{ours.bench.who('nurse.rj').account_id}"


@pytest.mark.requirement("N3")
def test_a_label_is_activated_once(ours: Course) -> None:
    ours.check_collection()
    ours.activate(ours.labels()[0])
    with refused(Refused, "identity.label_state"):
        ours.activate(ours.labels()[0])


@pytest.mark.requirement("N2")
def test_another_patients_kit_or_wristband_is_refused_without_saying_whose(ours: Course, theirs: Course) -> None:
    ours.check_collection()
    with refused(Refused, "identity.label_other_course"):
        ours.activate(theirs.labels()[0])
    with pytest.raises(Refused) as caught:
        ours.activate(ours.labels()[0], scanned_wristband=theirs.band.code)
    assert {one.code for one in caught.value.blockers} == {"identity.wristband_other_course"}
    told = str(caught.value)
    assert theirs.chain.code not in told
    assert theirs.number not in told


@pytest.mark.requirement("N4")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "codes.bad_code"),
        ("QX 17.5.1961", "codes.bad_code"),
        ("LBL-2345-6789-ABCD-*", "codes.bad_code"),
        ("container", "identity.wrong_kind"),
    ],
)
def test_typed_identity_is_refused(ours: Course, typed: str, code: str) -> None:
    ours.check_collection()
    text = issue(Kind.LOT) if typed == "container" else typed
    with refused(Refused, code):
        ours.activate(ours.labels()[0], scanned_label=text)


@pytest.mark.requirement("N4")
def test_the_wrong_kind_of_code_says_what_was_scanned(ours: Course) -> None:
    with pytest.raises(Refused, match="A badge code was scanned where a wristband code is needed"):
        ours.activate(ours.labels()[0], scanned_wristband=issue(Kind.BADGE))


@pytest.mark.requirement("N4")
def test_the_manual_path_takes_two_entries_and_a_witness_and_is_recorded(ours: Course) -> None:
    ours.check_collection()
    label = ours.labels()[0]
    again = [ours.band.code, label.code]
    with refused(Refused, "identity.manual_unwitnessed"):
        ours.activate(label, manual=True, entered_again=again)
    with refused(Refused, "identity.entered_differently"):
        ours.activate(label, manual=True, entered_again=again[::-1], witness="nurse.rj2")
    ours.activate(label, manual=True, entered_again=again, witness="nurse.rj2")
    entry = list_stream(f"coi:{ours.chain.pk}")[-1]
    assert entry.data["manual"] is True
    assert [one["printed_name"] for one in entry.payload["signatures"]] == [ours.bench.who("nurse.rj2").name]


@pytest.mark.requirement("N3")
def test_a_spare_or_void_label_names_no_container(ours: Course) -> None:
    spare = ours.labels()[2]
    with pytest.raises(Refused, match="never activated"):
        reads.container_scanned(spare.code)
    ours.bench.public("identity.void_label", by="nurse.rj", scanned_label=spare.code, reason="torn")
    with pytest.raises(Refused, match="This label is void"):
        reads.container_scanned(spare.code)
    assert written(f"coi:{ours.chain.pk}")[-1] == ("identity.void_label", "LabelVoided")
    with refused(Refused, "identity.label_state"):
        ours.bench.public("identity.void_label", by="nurse.rj", scanned_label=spare.code, reason="torn")


@pytest.mark.requirement("N3")
def test_a_label_in_force_is_not_voided_by_one_person(ours: Course) -> None:
    ours.collected()
    with refused(Refused, "identity.label_needed"):
        ours.bench.public("identity.void_label", by="nurse.rj", scanned_label=ours.labels()[0].code, reason="x")


def reprint(course: Course, label: Any, **change: Any) -> Any:
    people = {"by": "operator1", "witness": "supervisor"}
    return course.bench.public(
        "identity.reprint_label", **(people | {"label_id": label.pk, "reason": "smeared"} | change)
    )


@pytest.mark.requirement("N3")
def test_a_reprint_takes_two_people_and_voids_the_old_label(ours: Course) -> None:
    bag, old = ours.collected(), ours.labels()[0]
    for change, kind, code in (
        ({"witness": None}, Refused, "identity.second_person"),
        ({"witness": "operator1"}, NotAllowed, "journal.own_witness"),
        ({"witness": "planner"}, Refused, "identity.second_person"),
        ({"reason": " "}, Refused, "identity.no_reason"),
    ):
        with refused(kind, code):
            reprint(ours, old, **change)
    new = reprint(ours, old)
    assert reads.container_scanned(new.code).pk == bag.pk
    for code, said in ((old.code, "This label is void"), (bag.code, "labelled again")):
        with pytest.raises(Refused, match=said):
            reads.container_scanned(code)
    entry = list_stream(f"coi:{ours.chain.pk}")[-1]
    assert (entry.fact, entry.data["voided"], entry.data["label"]) == ("identity.LabelReprinted", old.code, new.code)
    with refused(Refused, "identity.label_state"):
        reprint(ours, old)


def _kit(course: Course) -> dict[str, Any]:
    return {"kit_id": course.kit.pk}


@pytest.mark.requirement("N3")
def test_a_kit_is_reconciled_to_the_last_label(ours: Course) -> None:
    ours.collected()
    bench, kit = ours.bench, _kit(ours)
    with refused(Refused, "identity.labels_astray"):
        bench.public("identity.reconcile_labels", by="nurse.rj", **kit, counted_used=1, counted_voided=2)
    bench.public("identity.void_spare_labels", by="nurse.rj", **kit, reason="spare")
    with refused(Refused, "identity.no_spare_labels"):
        bench.public("identity.void_spare_labels", by="nurse.rj", **kit, reason="spare")
    with refused(Refused, "identity.labels_miscounted"):
        bench.public("identity.reconcile_labels", by="nurse.rj", **kit, counted_used=1, counted_voided=1)
    bench.public("identity.reconcile_labels", by="nurse.rj", **kit, counted_used=1, counted_voided=2)
    entry = list_stream(f"coi:{ours.chain.pk}")[-1]
    assert (entry.fact, entry.data["printed"], entry.data["used"], entry.data["voided"]) == (
        "identity.LabelsReconciled",
        3,
        1,
        2,
    )
    with refused(Conflict, "journal.no_such_transition"):
        bench.public("identity.reconcile_labels", by="nurse.rj", **kit, counted_used=1, counted_voided=2)
