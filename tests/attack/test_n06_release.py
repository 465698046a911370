"""N6: nothing is infused, and nothing leaves the manufacturer's control, without the disposition its route requires."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack
from tests.attack.sql import forbidden, sql
from vein2vein.core.ids import new_id
from vein2vein.identity.states import Disposition
from vein2vein.logistics.states import ShipmentKind
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.orders.states import Moment

pytestmark = pytest.mark.requirement("N6")


def test_unreleased_product_is_neither_shipped_nor_thawed(ours: Treatment, attack: Attack) -> None:
    ours.to("manufactured")
    order: dict[str, Any] = {"order_id": ours.order.pk}
    bag = ours.make_bag(disposition=None)
    ours.plan(ShipmentKind.PRODUCT)
    ours.bags = [bag]
    for code in ("logistics.no_rfi", "logistics.not_released", "logistics.order_not_there"):
        attack(code, "logistics.pack_shipment", "warehouse", **ours.packing())
    for door in attack.doors:
        outcome = door.act("orders.clear_for_lymphodepletion", "physician.rj", **order)
        assert "orders.product_not_secured" in outcome.codes, outcome
    attack("orders.bag_not_released", "orders.thaw_product", "celllab.rj", **order, scanned_bag=bag.code)
    ended: dict[str, Any] = {"scanned_wristband": ours.wristband, "scanned_bag": bag.code}
    attack("orders.bag_not_released", "orders.match_at_bedside", "infusion.rj", "infusion.rj2", **order, **ended)
    attack("orders.bag_not_released", "orders.start_infusion", "infusion.rj", **order, scanned_bag=bag.code)


def test_a_product_that_is_not_of_the_release_is_not_packed(ours: Treatment, attack: Attack) -> None:
    ours.to("released")
    ours.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
    ours.plan(ShipmentKind.PRODUCT)
    kept = ours.make_bag(disposition=None)
    rejected = ours.make_bag(disposition=Disposition.REJECTED)
    pack = "logistics.pack_shipment"
    for bag in (kept, rejected):
        codes = [one.code for one in ours.bags]
        attack("logistics.not_in_shipment", pack, "warehouse", **ours.packing(scanned_containers=[*codes, bag.code]))
    scanned: dict[str, Any] = {"shipment_id": ours.shipment.pk, "scanned_shipment": ours.shipment.code}
    attack("logistics.shipment_not_there", "logistics.hand_over_shipment", "carrier.a", **scanned)


def test_what_was_rejected_after_its_release_stays(ours: Treatment, attack: Attack) -> None:
    ours.to("released")
    ours.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
    ours.plan(ShipmentKind.PRODUCT)
    _reject(ours)
    attack("logistics.rejected", "logistics.pack_shipment", "warehouse", **ours.packing())


def _reject(course: Treatment) -> None:
    from vein2vein.core.ids import ContainerId
    from vein2vein.identity import actions as identity

    identity.set_disposition(
        container_id=ContainerId(course.bags[0].pk),
        disposition=Disposition.REJECTED,
        reason="late finding",
        by=course.system,
    )


def test_an_open_batch_is_not_released_by_anybody(
    ours: Treatment, benches: Callable[..., list[Bench]], attack: Attack
) -> None:
    (bench,) = benches(ours)
    dispose = "quality.dispose_batch"
    for decision in ("release_by_sponsor", "release_by_manufacturer", "release_by_mah"):
        given: dict[str, Any] = {"batch_id": bench.batch.pk, "decision": decision, "reason": "in a hurry"}
        for door in attack.doors:
            outcome = door.act(dispose, "qp", **given)
            assert outcome.status in (403, 422), outcome
            assert outcome.codes, outcome
    for person in ("operator1", "supervisor", "qareviewer", "planner", "physician.rj", "admin"):
        for door in attack.doors[1:]:
            mine: dict[str, Any] = {"batch_id": bench.batch.pk, "decision": "reject", "reason": "not mine to decide"}
            assert door.act(dispose, person, **mine).status == 403


@pytest.mark.parametrize(
    "action", ["orders.record_release", "identity.set_disposition", "identity.thaw_container", "orders.mark_dispatched"]
)
def test_no_door_leads_past_the_disposition(attack: Attack, action: str) -> None:
    page, interface, command = attack.doors
    assert page.act(action, "qp").status == 404
    assert command.act(action, "qp").status == 404
    assert interface.post(action.replace(".", "/").replace("_", "-"), {}, "qp").status_code == 404


def test_raw_sql_thaws_infuses_and_ships_nothing_unreleased(ours: Treatment) -> None:
    ours.to("manufactured")
    bag = ours.make_bag(disposition=None)
    for columns in ("state = 'thawed'", "state = 'thawed', disposition = 'released'"):
        with forbidden("identity_product_released"):
            sql(f"UPDATE identity_container SET {columns} WHERE id = %s", bag.pk)
    with forbidden("identity_container_transition"):
        sql("UPDATE identity_container SET state = 'infused' WHERE id = %s", bag.pk)
    ours.bags = [ours.make_bag(), ours.make_bag()]
    ours.release(*ours.bags)
    ours.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
    ours.plan(ShipmentKind.PRODUCT)
    with forbidden("logistics_item_gate"):
        sql(
            "INSERT INTO logistics_shipmentitem (id, shipment_id, coi_id, container_id) VALUES (%s, %s, %s, %s)",
            new_id(),
            ours.shipment.pk,
            ours.shipment.coi_id,
            bag.pk,
        )
    with forbidden():
        sql("UPDATE logistics_shipment SET state = 'in_transit' WHERE id = %s", ours.shipment.pk)
