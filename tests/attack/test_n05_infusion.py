"""N5: nobody is infused with another patient's bag, nor with the right patient's wrong one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.attack.courses import Treatment, side_by_side
from tests.attack.doors import Attack
from tests.attack.sql import forbidden, sql
from vein2vein.identity.states import Disposition
from vein2vein.orders import actions

pytestmark = pytest.mark.requirement("N5")


@pytest.fixture
def beds(ours: Treatment, theirs: Treatment) -> tuple[Treatment, Treatment]:
    """Two patients, both lymphodepleted, with a thawed bag each."""
    side_by_side([ours, theirs], "collecting", "released", "cleared")
    for course in (ours, theirs):
        actions.report_lymphodepletion(order_id=course.order_id, started_at=course.clock.at, by=course.who("physician"))
    ours.clock.advance(timedelta(days=4))
    for course in (ours, theirs):
        course.confirm_dose()
        course.thaw(course.bags[0])
    return ours, theirs


def test_another_patients_bag_is_stopped_at_every_act(beds: tuple[Treatment, Treatment], attack: Attack) -> None:
    ours, theirs = beds
    foreign = theirs.bags[0].code
    given: dict[str, Any] = {"order_id": ours.order.pk, "scanned_bag": foreign}
    match = "orders.match_at_bedside"
    code = "orders.bag_of_another_patient"
    attack(code, match, "infusion.rj", "infusion.rj2", **given, scanned_wristband=ours.wristband)
    attack(code, "orders.start_infusion", "infusion.rj", **given)
    attack(code, "orders.thaw_product", "celllab.rj", order_id=ours.order.pk, scanned_bag=theirs.bags[1].code)
    ended: dict[str, Any] = {"volume_ml": Decimal(20)}
    attack("orders.no_infusion", "orders.record_infusion", "infusion.rj", **given, **ended)


def test_the_wristband_decides_whose_bag_it_is(beds: tuple[Treatment, Treatment], attack: Attack) -> None:
    ours, theirs = beds
    given: dict[str, Any] = {"order_id": ours.order.pk, "scanned_bag": ours.bags[0].code}
    match, two = "orders.match_at_bedside", ("infusion.rj", "infusion.rj2")
    attack("orders.wristband_of_another", match, *two, **given, scanned_wristband=theirs.wristband)
    attack("orders.second_person", match, "infusion.rj", **given, scanned_wristband=ours.wristband)
    attack("journal.own_witness", match, "infusion.rj", "infusion.rj", **given, scanned_wristband=ours.wristband)


def test_nothing_is_infused_that_was_not_matched(beds: tuple[Treatment, Treatment], attack: Attack) -> None:
    ours, _ = beds
    given: dict[str, Any] = {"order_id": ours.order.pk, "scanned_bag": ours.bags[0].code}
    attack("orders.bag_not_matched", "orders.start_infusion", "infusion.rj", **given)


def test_another_hospitals_order_is_not_even_seen(beds: tuple[Treatment, Treatment], attack: Attack) -> None:
    _, theirs = beds
    given: dict[str, Any] = {"order_id": theirs.order.pk, "scanned_bag": theirs.bags[0].code}
    hidden = [theirs.order.code, theirs.wristband]
    attack("orders.not_found", "orders.start_infusion", "infusion.rj", **given, absent=hidden)


def test_the_right_patients_wrong_bag_is_stopped(beds: tuple[Treatment, Treatment], attack: Attack) -> None:
    ours, _ = beds
    match, two = "orders.match_at_bedside", ("infusion.rj", "infusion.rj2")
    band: dict[str, Any] = {"order_id": ours.order.pk, "scanned_wristband": ours.wristband}
    rejected = ours.make_bag(disposition=Disposition.REJECTED)
    spare = ours.make_bag()
    for bag in (rejected, spare):
        attack("orders.bag_not_of_dose", match, *two, **band, scanned_bag=bag.code)
        attack(
            "orders.bag_not_of_dose", "orders.thaw_product", "celllab.rj", order_id=ours.order.pk, scanned_bag=bag.code
        )
    attack("orders.bag_not_released", match, *two, **band, scanned_bag=rejected.code)
    ours.infuse(ours.bags[0])
    given: dict[str, Any] = {"order_id": ours.order.pk, "scanned_bag": ours.bags[0].code}
    for action in ("orders.match_at_bedside", "orders.start_infusion"):
        more: dict[str, Any] = {"scanned_wristband": ours.wristband} if action == match else {}
        attack("orders.bag_not_thawed", action, two[0], two[1] if action == match else "", **given, **more)


def test_raw_sql_infuses_nothing_that_no_two_people_matched(beds: tuple[Treatment, Treatment]) -> None:
    ours, theirs = beds
    for bag in (ours.bags[0], theirs.bags[0]):
        with forbidden("identity_infused_after_check"):
            sql("UPDATE identity_container SET state = 'infused' WHERE id = %s", bag.pk)
    with forbidden():
        sql("UPDATE identity_identitycheck SET coi_id = %s", ours.order.coi_id)
    with forbidden("identity_container_coi_id_kept"):
        sql("UPDATE identity_container SET coi_id = %s WHERE id = %s", ours.order.coi_id, theirs.bags[0].pk)
