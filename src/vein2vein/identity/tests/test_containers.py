"""Containers: made on one chain, decided upon, in one custody at a time; and what a scan says."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from vein2vein.core import clock
from vein2vein.core.refusals import Conflict, NotAllowed, NotFound, Refused
from vein2vein.engines.codes import Kind, issue
from vein2vein.identity import actions, reads
from vein2vein.identity.rules import Custodian
from vein2vein.identity.states import ContainerKind, CustodianKind, Disposition, Sex
from vein2vein.identity.tests.conftest import Bench, Course, match, refused, written
from vein2vein.network import reads as network

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
    match(ours, made)
    bench.do(actions.set_disposition, by="qp", container_id=made.pk, disposition=Disposition.REJECTED)
    with refused(Refused, "identity.not_released"):
        bench.do(actions.mark_infused, by="infusion.rj", container_id=made.pk)


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
