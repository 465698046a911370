"""Every action: who may, what is written, and that a refusal leaves nothing behind."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from vein2vein import journal
from vein2vein.core.ids import SiteId
from vein2vein.core.refusals import Conflict, NotAllowed, NotFound, Refused
from vein2vein.identity import actions, reads
from vein2vein.identity.tests.conftest import Bench, Course, make_course, match, on_labels, refused, written
from vein2vein.network import reads as network

INTERNAL = [
    "register_patient",
    "issue_chain",
    "close_chain",
    "print_kit",
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
    "void_unused_labels",
    "set_statement",
    "quarantine_contents",
    "destroy_expected",
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
    match(ours, made)
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
            on_labels=on_labels(),
        )


def test_another_hospital_neither_sees_nor_issues(ours: Course, bench: Bench) -> None:
    with refused(NotFound, "identity.not_found"):
        bench.do(
            actions.issue_chain,
            by="coordinator.hk",
            patient_id=ours.chain.patient_id,
            therapy_code="x",
            order_ref="order:9",
            on_labels=on_labels(),
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
