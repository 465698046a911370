"""Every action: who may, what is written, and that a refusal leaves nothing behind."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.ids import SiteId
from vein2vein.core.refusals import Conflict, NotAllowed, NotFound, Refused
from vein2vein.engines.codes import Kind, issue
from vein2vein.identity import actions, reads
from vein2vein.identity.rules import Custodian, KitLabelWish
from vein2vein.identity.states import ContainerKind, CustodianKind, Disposition, Occasion, Sex
from vein2vein.identity.tests.conftest import Bench, Course, make_course, refused, written
from vein2vein.journal.reads import list_stream
from vein2vein.network import reads as network

INTERNAL = [
    "register_patient",
    "issue_chain",
    "close_chain",
    "activate_label",
    "fill_container",
    "measure_container",
    "derive_container",
    "set_disposition",
    "consume_container",
    "thaw_container",
    "mark_infused",
    "destroy_container",
    "hand_over",
    "check_identity",
]


@pytest.mark.parametrize("verb", INTERNAL)
def test_internal_actions_have_no_door(bench: Bench, verb: str) -> None:
    spec = journal.ACTIONS[f"identity.{verb}"]
    assert spec.internal
    arguments = dict.fromkeys(name for name in _parameters(spec.body) if name != "by")
    with refused(NotAllowed, "people.internal_action"):
        spec.run(**arguments, by=bench.who("supervisor"))


def _parameters(body: Any) -> list[str]:
    import inspect

    return list(inspect.signature(body).parameters)


PUBLIC: dict[str, str] = {
    "link_patient_number": "operator1",
    "issue_wristband": "operator1",
    "record_identity_check": "planner",
    "print_kit": "operator1",
    "void_label": "planner",
    "void_spare_labels": "operator1",
    "reprint_label": "planner",
    "reconcile_labels": "operator1",
    "store_container": "planner",
    "take_container": "planner",
    "add_position": "operator1",
}


@pytest.mark.parametrize(("verb", "username"), PUBLIC.items())
def test_the_wrong_role_may_not(bench: Bench, verb: str, username: str) -> None:
    spec = journal.ACTIONS[f"identity.{verb}"]
    arguments = dict.fromkeys(name for name in _parameters(spec.body) if name != "by")
    with refused(NotAllowed, "people.role_needed"):
        spec.run(**arguments, by=bench.who(username))


def test_every_action_stands_in_this_matrix() -> None:
    found = {name.partition(".")[2] for name in journal.ACTIONS if name.startswith("identity.")}
    assert found == set(INTERNAL) | set(PUBLIC)


def test_a_course_from_patient_to_infusion_is_written_step_by_step(ours: Course) -> None:
    made = ours.product()
    bench = ours.bench
    bench.do(actions.thaw_container, by="celllab.rj", container_id=made.pk)
    _match(ours, made)
    bench.do(actions.mark_infused, by="infusion.rj", container_id=made.pk)
    bench.do(actions.close_chain, by="coordinator.rj", coi_id=ours.chain.pk)
    assert [fact for _, fact in written(f"coi:{ours.chain.pk}")] == [
        "ChainIssued",
        "WristbandIssued",
        "KitPrinted",
        "IdentityChecked",
        "ContainerExpected",
        "LabelActivated",
        "LabelUsed",
        "ContainerFilled",
        "DispositionSet",
        "ContainerDerived",
        "DispositionSet",
        "ContainerThawed",
        "IdentityChecked",
        "ContainerInfused",
        "ChainClosed",
    ]
    assert [fact for _, fact in written(f"patient:{ours.chain.patient_id}")] == ["PatientRegistered"]
    made.refresh_from_db()
    assert made.state == "infused"


def _match(course: Course, bag: Any, **change: Any) -> Any:
    arguments = {
        "occasion": Occasion.INFUSION,
        "coi_id": course.chain.pk,
        "scanned_wristband": course.band.code,
        "scanned_label": reads.get_label_in_force(bag.pk).code,
        "container_ids": [bag.pk],
    }
    people = {"by": course.person("infusion"), "witness": course.person("infusion") + "2"}
    return course.bench.do(actions.check_identity, **(people | arguments | change))


# -- patients and chains


def test_a_doubled_patient_is_a_conflict(ours: Course, bench: Bench) -> None:
    with refused(Conflict, "identity.number_known"):
        make_course(bench, "rj", "CN-RJ-DEMO", " zyh-0047113", date(1961, 5, 17))


def test_the_same_number_at_another_hospital_is_another_patient(ours: Course, bench: Bench) -> None:
    other = make_course(bench, "hk", "HK-QM-DEMO", ours.number, date(1961, 5, 17))
    assert other.chain.patient_id != ours.chain.patient_id


def test_a_number_finds_its_patient_for_the_own_hospital_only(ours: Course, bench: Bench) -> None:
    hospital = SiteId(network.get_site("CN-RJ-DEMO").pk)
    for username, found in (("coordinator.rj", ours.chain.patient_id), ("coordinator.hk", None)):
        patient = reads.find_patient_by_number(
            hospital_id=hospital, hospital_number="ZYH-0047113 ", by=bench.who(username)
        )
        assert (None if patient is None else patient.pk) == found


def test_an_order_has_one_chain(ours: Course, bench: Bench) -> None:
    with refused(Conflict, "identity.order_has_chain"):
        bench.do(
            actions.issue_chain,
            by="coordinator.rj",
            patient_id=ours.chain.patient_id,
            therapy_code="x",
            order_ref=ours.chain.order_ref,
        )


def test_another_hospital_neither_sees_nor_issues(ours: Course, bench: Bench) -> None:
    with refused(NotFound, "identity.not_found"):
        bench.do(
            actions.issue_chain,
            by="coordinator.hk",
            patient_id=ours.chain.patient_id,
            therapy_code="x",
            order_ref="order:9",
        )
    for read in (reads.get_chain_by_id, reads.bedside):
        with pytest.raises(NotFound):
            read(ours.chain.pk, by=bench.who("coordinator.hk"))


LINK = {
    "former_number": "ZYH-0047113",
    "new_number": "ZYH-0050001",
    "birth_date": date(1961, 5, 17),
    "reason": "new stay",
}


def link(course: Course, **change: Any) -> Any:
    people: dict[str, Any] = {"by": "coordinator.rj", "witness": "physician.rj"}
    return course.bench.public(
        "identity.link_patient_number", **(people | {"patient_id": course.chain.patient_id} | LINK | change)
    )


def test_a_new_number_is_linked_by_two_people_and_both_are_found(ours: Course, bench: Bench) -> None:
    link(ours)
    hospital = SiteId(network.get_site("CN-RJ-DEMO").pk)
    for number in ("ZYH-0047113", "ZYH-0050001"):
        found = reads.find_patient_by_number(hospital_id=hospital, hospital_number=number, by=bench.who("nurse.rj"))
        assert found is not None
        assert found.pk == ours.chain.patient_id
    assert reads.bedside(ours.chain.pk, by=bench.who("nurse.rj")).hospital_number == "ZYH-0050001"
    assert written(f"patient:{ours.chain.patient_id}")[-1] == ("identity.link_patient_number", "PatientNumberLinked")


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"witness": None}, Refused, "identity.second_person"),
        ({"witness": "coordinator.rj"}, NotAllowed, "journal.own_witness"),
        ({"witness": "physician.hk"}, Refused, "identity.second_person"),
        ({"former_number": "ZYH-1"}, Refused, "identity.not_this_patient"),
        ({"birth_date": date(1961, 5, 18)}, Refused, "identity.not_this_patient"),
        ({"new_number": "ZYH-0047113"}, Conflict, "identity.number_known"),
        ({"new_number": " "}, Refused, "identity.hospital_number"),
    ],
)
def test_a_number_is_not_linked(ours: Course, change: dict[str, Any], kind: Any, code: str) -> None:
    with refused(kind, code):
        link(ours, **change)


def test_a_chain_with_an_expected_bag_is_not_closed(ours: Course, bench: Bench) -> None:
    ours.check_collection()
    ours.activate(ours.labels()[0])
    with refused(Refused, "identity.container_expected"):
        bench.do(actions.close_chain, by="coordinator.rj", coi_id=ours.chain.pk)


# -- wristbands


def wristband(course: Course, **change: Any) -> Any:
    arguments = {"coi_id": course.chain.pk, "hospital_number": course.number, "birth_date": course.birth_date}
    people = {"by": course.person("nurse"), "witness": course.person("nurse") + "2"}
    return course.bench.public("identity.issue_wristband", **(people | arguments | change))


@pytest.mark.requirement("N5")
def test_a_new_wristband_voids_the_former_one(ours: Course) -> None:
    band = wristband(ours)
    ours.band.refresh_from_db()
    assert (ours.band.state, band.state) == ("voided", "used")
    with refused(Refused, "identity.wristband_void"):
        ours.check_collection()


@pytest.mark.requirement("N5")
@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"hospital_number": "HKQ9930218"}, Refused, "identity.not_this_patient"),
        ({"birth_date": date(1975, 11, 2)}, Refused, "identity.not_this_patient"),
        ({"witness": None}, Refused, "identity.second_person"),
        ({"witness": "nurse.rj"}, NotAllowed, "journal.own_witness"),
        ({"by": "nurse.hk"}, NotFound, "identity.not_found"),
    ],
)
def test_a_wristband_is_not_issued(ours: Course, theirs: Course, change: dict[str, Any], kind: Any, code: str) -> None:
    with refused(kind, code):
        wristband(ours, **change)


# -- kits and labels


def test_a_kit_prints_serialised_labels_of_its_chain(ours: Course) -> None:
    labels = ours.labels()
    assert [label.ordinal for label in labels] == [1, 2, 3]
    assert {label.coi_id for label in labels} == {ours.chain.pk}
    assert len({label.code for label in labels}) == 3
    entry = list_stream(f"coi:{ours.chain.pk}")[-1]
    assert (entry.action, entry.fact, entry.data["labels"]) == ("identity.print_kit", "identity.KitPrinted", 3)


@pytest.mark.requirement("N3")
def test_no_second_kit_before_the_first_is_reconciled(ours: Course) -> None:
    with refused(Refused, "identity.kit_unreconciled"):
        ours.bench.public(
            "identity.print_kit",
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


# -- containers


@pytest.mark.requirement("N2")
def test_a_child_inherits_the_chain_and_its_label_is_in_force(ours: Course) -> None:
    bag = ours.collected()
    sample = ours.derive([bag], ContainerKind.SAMPLE)
    assert (sample.coi_id, sample.code[:3]) == (ours.chain.pk, "SMP")
    label = reads.get_label_in_force(sample.pk)
    assert reads.container_scanned(label.code).pk == reads.container_scanned(sample.code).pk == sample.pk
    tree = reads.genealogy(coi_id=ours.chain.pk, by=ours.bench.who("nurse.rj"))
    assert [(one.child_id, one.parent_id) for one in tree.relations] == [(sample.pk, bag.pk)]


@pytest.mark.requirement("N2")
def test_containers_of_two_patients_never_meet(ours: Course, theirs: Course) -> None:
    mine, other = ours.collected(), theirs.collected()
    with refused(Refused, "identity.two_chains"):
        ours.derive([mine, other], ContainerKind.INTERMEDIATE)
    with refused(Refused, "identity.no_parent"):
        ours.derive([], ContainerKind.SAMPLE)


def test_a_container_is_measured_consumed_and_destroyed(ours: Course) -> None:
    bag, bench = ours.collected(), ours.bench
    bench.do(actions.measure_container, by="operator1", container_id=bag.pk, viable_cells=2 * 10**9)
    with refused(Refused, "identity.not_accepted"):
        bench.do(actions.consume_container, by="operator1", container_id=bag.pk)
    bench.do(actions.set_disposition, by="warehouse", container_id=bag.pk, disposition=Disposition.ACCEPTED)
    middle = ours.derive([bag], ContainerKind.INTERMEDIATE)
    bench.do(actions.consume_container, by="operator1", container_id=bag.pk)
    with refused(Refused, "identity.no_reason"):
        bench.do(actions.destroy_container, by="operator1", container_id=middle.pk, reason="")
    bench.do(actions.destroy_container, by="operator1", container_id=middle.pk, reason="waste")
    with refused(Conflict, "journal.no_such_transition"):
        bench.do(actions.consume_container, by="operator1", container_id=middle.pk)
    with refused(Refused, "identity.container_ended"):
        bench.do(actions.measure_container, by="operator1", container_id=middle.pk, volume_ml=1)


@pytest.mark.requirement("N6")
def test_a_product_in_quarantine_is_not_thawed_but_its_sample_is(ours: Course) -> None:
    made = ours.derive([ours.collected()], ContainerKind.FINAL_PRODUCT)
    with refused(Refused, "identity.not_released"):
        ours.bench.do(actions.thaw_container, by="celllab.rj", container_id=made.pk)
    sample = ours.derive([made], ContainerKind.SAMPLE)
    ours.bench.do(actions.thaw_container, by="analyst", container_id=sample.pk)
    assert sample.pk


@pytest.mark.requirement("N6")
def test_a_recalled_product_is_not_infused(ours: Course) -> None:
    made, bench = ours.product(), ours.bench
    bench.do(actions.thaw_container, by="celllab.rj", container_id=made.pk)
    _match(ours, made)
    bench.do(actions.set_disposition, by="qp", container_id=made.pk, disposition=Disposition.REJECTED)
    with refused(Refused, "identity.not_released"):
        bench.do(actions.mark_infused, by="infusion.rj", container_id=made.pk)


# -- the bedside match


@pytest.mark.requirement("N5")
def test_another_patients_bag_is_refused_at_the_bedside(ours: Course, theirs: Course) -> None:
    mine, other = ours.product(), theirs.product()
    for course, bag in ((ours, mine), (theirs, other)):
        course.bench.do(actions.thaw_container, by=course.person("celllab"), container_id=bag.pk)
    label = reads.get_label_in_force(other.pk)
    with pytest.raises(Refused) as caught:
        _match(ours, mine, scanned_label=label.code)
    assert {one.code for one in caught.value.blockers} == {"identity.bag_other_course"}
    for secret in (theirs.chain.code, theirs.number, other.code, str(other.pk), str(theirs.chain.pk)):
        assert secret not in str(caught.value)
    with refused(Refused, "identity.wristband_other_course"):
        _match(ours, mine, scanned_wristband=theirs.band.code)
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
        _match(ours, made, **change)


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
        _match(ours, made)


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


# -- custody


def carrier() -> Custodian:
    site = network.get_site("CARRIER-A-DEMO")
    return Custodian(CustodianKind.ORGANISATION, f"site:{site.pk}", site.name_en)


@pytest.mark.requirement("N5")
def test_a_hand_over_closes_and_opens_at_one_instant(ours: Course) -> None:
    bag = ours.collected()
    ours.bench.do(actions.hand_over, by="nurse.rj", container_ids=[bag.pk], to=carrier())
    former, present = reads.list_custody(container_id=bag.pk, by=ours.bench.who("nurse.rj"))
    assert former.during.upper == present.during.lower
    assert present.during.upper is None
    assert [fact for _, fact in written(f"coi:{ours.chain.pk}")[-2:]] == ["CustodyEnded", "CustodyHandedOver"]


def test_many_hand_overs_on_a_clock_that_stands_still(ours: Course) -> None:
    bag = ours.collected()
    with journal_stands_still():
        for _ in range(3):
            ours.bench.do(actions.hand_over, by="nurse.rj", container_ids=[bag.pk], to=carrier())
    rows = reads.list_custody(container_id=bag.pk, by=ours.bench.who("nurse.rj"))
    assert len(rows) == 4
    rest = reads.list_custody(container_id=bag.pk, after=rows[1].pk, by=ours.bench.who("nurse.rj"))
    assert [row.pk for row in rest] == [row.pk for row in rows[2:]]
    assert all(before.during.upper == after.during.lower for before, after in pairwise(rows))


def journal_stands_still() -> Any:
    from unittest.mock import patch

    at = clock.now()
    return patch("vein2vein.core.clock.now", lambda: at)


def test_storing_and_taking(ours: Course, bench: Bench) -> None:
    bag = ours.collected()
    base = network.get_site("CN-LG").pk
    position = bench.public("identity.add_position", by="supervisor", site_id=base, serial="LN2-01-A-3", name="tank 1")
    assert written(f"site:{base}")[-1] == ("identity.add_position", "PositionAdded")
    label = ours.labels()[0].code
    custody = bench.public(
        "identity.store_container", by="warehouse", scanned_label=label, scanned_position=position.code
    )
    assert custody.position_id == position.pk
    other = ours.derive([bag], ContainerKind.SAMPLE)
    with refused(Conflict, "identity.one_container_a_position"):
        bench.public(
            "identity.store_container", by="warehouse", scanned_label=other.code, scanned_position=position.code
        )
    taken = bench.public("identity.take_container", by="operator1", scanned_label=label)
    assert taken.custodian_name == bench.who("operator1").name
    with refused(Refused, "codes.bad_code"):
        bench.public("identity.add_position", by="supervisor", site_id=base, serial="LN2 / 7", name="tank")
    with refused(Refused, "identity.empty"):
        bench.public("identity.add_position", by="supervisor", site_id=base, serial="LN2-7", name=" ")


def test_what_is_with_the_carrier_is_received_not_taken(ours: Course, bench: Bench) -> None:
    bag = ours.collected()
    bench.do(actions.hand_over, by="nurse.rj", container_ids=[bag.pk], to=carrier())
    with refused(NotAllowed, "identity.with_carrier"):
        bench.public("identity.take_container", by="warehouse", scanned_label=ours.labels()[0].code)


def test_unknown_and_ended_containers_do_not_change_hands(ours: Course, bench: Bench) -> None:
    bag = ours.collected()
    bench.do(actions.destroy_container, by="operator1", container_id=bag.pk, reason="waste")
    with refused(Refused, "identity.container_ended"):
        bench.do(actions.hand_over, by="nurse.rj", container_ids=[bag.pk], to=carrier())
    with refused(Refused, "identity.unknown_container"):
        bench.do(actions.hand_over, by="nurse.rj", container_ids=[ours.chain.pk], to=carrier())


# -- reads


def test_a_scan_says_what_it_is_to_whom_may_see_it(ours: Course, bench: Bench) -> None:
    bag, nurse, stranger = ours.collected(), bench.who("nurse.rj"), bench.who("nurse.hk")
    for code in (ours.chain.code, ours.band.code, ours.kit.code, ours.labels()[0].code, bag.code):
        thing = reads.resolve_scan(scanned=code, by=nurse)
        assert (thing.coi_id, thing.coi, thing.patient_id) == (ours.chain.pk, ours.chain.code, ours.chain.patient_id)
        with pytest.raises(NotFound):
            reads.resolve_scan(scanned=code, by=stranger)
    lot = issue(Kind.LOT)
    assert reads.resolve_scan(scanned=lot, by=stranger).kind == "lot"


def test_lists_keep_to_the_site(ours: Course, theirs: Course, bench: Bench) -> None:
    def seen(username: str) -> set[Any]:
        return {one.pk for one in reads.list_chains(by=bench.who(username))}

    assert ours.chain.pk in seen("nurse.rj")
    assert theirs.chain.pk not in seen("nurse.rj")
    assert {ours.chain.pk, theirs.chain.pk} <= seen("supervisor")
    for read in (reads.list_containers, reads.list_labels, reads.list_kits, reads.list_identity_checks):
        with pytest.raises(NotFound):
            read(coi_id=theirs.chain.pk, by=bench.who("nurse.rj"))


def test_sex_is_one_of_few_words() -> None:
    assert {sex.value for sex in Sex} == {"female", "male", "other", "unknown"}
