"""N3: a spare, void or reprinted label is never used, and labels add up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack, Interface
from tests.attack.sql import forbidden, sql
from vein2vein import journal
from vein2vein.identity.models import Container, Label

pytestmark = pytest.mark.requirement("N3")
ACTIVATE = "orders.activate_kit_label"


@pytest.fixture
def collecting(ours: Treatment, theirs: Treatment) -> tuple[Treatment, Treatment]:
    for course in (ours, theirs):
        course.to("collecting")
    return ours, theirs


def _labels(course: Treatment) -> list[Label]:
    return list(Label.objects.filter(coi_id=course.order.coi_id, kind="container").order_by("ordinal"))


def _scan(course: Treatment, label: str, wristband: str = "") -> dict[str, Any]:
    return {
        "order_id": course.order.pk,
        "scanned_wristband": wristband or course.wristband,
        "scanned_label": label,
    }


def test_another_patients_label_is_not_activated(collecting: tuple[Treatment, Treatment], attack: Attack) -> None:
    ours, theirs = collecting
    foreign = _labels(theirs)[0].code
    attack("identity.label_other_course", ACTIVATE, "nurse.rj", **_scan(ours, foreign), absent=[theirs.order.code])
    attack(
        "identity.wristband_other_course", ACTIVATE, "nurse.rj", **_scan(ours, _labels(ours)[0].code, theirs.wristband)
    )
    attack("orders.not_found", ACTIVATE, "nurse.rj", **_scan(theirs, foreign))


def test_a_label_is_used_once(collecting: tuple[Treatment, Treatment], attack: Attack) -> None:
    ours, _ = collecting
    first, spare = _labels(ours)
    ours.collect()
    attack("orders.no_collection", ACTIVATE, "nurse.rj", **_scan(ours, first.code))
    attack("orders.no_collection", ACTIVATE, "nurse.rj", **_scan(ours, spare.code))


def test_a_second_bag_gets_no_label_beside_the_first(collecting: tuple[Treatment, Treatment], attack: Attack) -> None:
    ours, _ = collecting
    first, spare = _labels(ours)
    made = attack.doors[0].act(ACTIVATE, "nurse.rj", **_scan(ours, first.code))
    assert made.done, made.text
    attack("identity.label_state", ACTIVATE, "nurse.rj", **_scan(ours, first.code))
    attack("orders.bag_labelled", ACTIVATE, "nurse.rj", **_scan(ours, spare.code))


def test_a_void_label_is_dead(collecting: tuple[Treatment, Treatment], attack: Attack) -> None:
    ours, _ = collecting
    spare = _labels(ours)[1]
    done = attack.doors[1].act("identity.void_label", "nurse.rj", scanned_label=spare.code, reason="torn")
    assert done.done, done.text
    attack("identity.label_state", ACTIVATE, "nurse.rj", **_scan(ours, spare.code))
    attack("identity.label_state", "identity.void_label", "nurse.rj", scanned_label=spare.code, reason="again")


def test_a_reprint_needs_a_second_person_and_kills_the_old_label(
    collecting: tuple[Treatment, Treatment], attack: Attack
) -> None:
    ours, _ = collecting
    first = _labels(ours)[0]
    assert attack.doors[0].act(ACTIVATE, "nurse.rj", **_scan(ours, first.code)).done
    reprint: dict[str, Any] = {"label_id": first.pk, "reason": "smeared"}
    attack("identity.second_person", "identity.reprint_label", "nurse.rj", **reprint)
    attack("journal.own_witness", "identity.reprint_label", "nurse.rj", "nurse.rj", **reprint)
    done = attack.doors[1].act("identity.reprint_label", "nurse.rj", "nurse.rj2", **reprint)
    assert done.done, done.text
    attack("identity.label_state", "identity.take_container", "nurse.rj", scanned_label=first.code)


def test_labels_that_do_not_add_up_stop_the_next_kit(collecting: tuple[Treatment, Treatment], attack: Attack) -> None:
    ours, _ = collecting
    first = _labels(ours)[0]
    assert attack.doors[0].act(ACTIVATE, "nurse.rj", **_scan(ours, first.code)).done
    kit: dict[str, Any] = {"kit_id": first.kit_id}
    reconcile = "identity.reconcile_labels"
    attack("identity.labels_astray", reconcile, "nurse.rj", **kit, counted_used=1, counted_voided=0)
    assert attack.doors[0].act("identity.void_spare_labels", "nurse.rj", **kit, reason="not needed").done
    attack("identity.labels_miscounted", reconcile, "nurse.rj", **kit, counted_used=2, counted_voided=0)


def test_raw_sql_revives_and_moves_no_label(collecting: tuple[Treatment, Treatment], attack: Attack) -> None:
    ours, theirs = collecting
    first, spare = _labels(ours)
    theirs.collect()
    bag = Container.objects.get(coi_id=theirs.order.coi_id)
    assert attack.doors[0].act("identity.void_label", "nurse.rj", scanned_label=spare.code, reason="torn").done
    with forbidden("identity_label_transition"):
        sql("UPDATE identity_label SET state = 'printed' WHERE id = %s", spare.pk)
    with forbidden("identity_one_label_in_force"):
        sql("UPDATE identity_label SET container_id = %s, state = 'activated' WHERE id = %s", bag.pk, first.pk)
    with forbidden("identity_label_container_on_chain"):
        sql("UPDATE identity_label SET container_id = %s, state = 'voided' WHERE id = %s", bag.pk, first.pk)
    with forbidden("identity_label_coi_id_kept"):
        sql("UPDATE identity_label SET coi_id = %s WHERE id = %s", theirs.order.coi_id, first.pk)
    with forbidden():
        sql("DELETE FROM identity_label WHERE id = %s", first.pk)


def test_a_kit_is_printed_by_its_order_alone(collecting: tuple[Treatment, Treatment], attack: Attack) -> None:
    ours, theirs = collecting
    attack("identity.kit_unreconciled", "orders.print_collection_kit", "coordinator.rj", order_id=ours.order.pk)
    attack("orders.not_found", "orders.print_collection_kit", "coordinator.rj", order_id=theirs.order.pk)
    assert journal.ACTIONS["identity.print_kit"].internal
    path = "identity/print-kit"
    assert Interface().post(path, {"coi_id": str(ours.order.coi_id), "labels": []}, "coordinator.rj").status_code == 404
