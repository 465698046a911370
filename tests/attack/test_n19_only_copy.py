"""N19: the only copy of a patient's cells is not in one place, unless somebody accepted that by name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack
from vein2vein.core.ids import ContainerId, EquipmentId, SiteId
from vein2vein.core.refusals import Refused
from vein2vein.identity import actions as identity
from vein2vein.identity.models import Container, Position
from vein2vein.identity.states import Disposition
from vein2vein.logistics.states import ShipmentKind
from vein2vein.network.models import Equipment
from vein2vein.orders.states import Moment

pytestmark = pytest.mark.requirement("N19")
ACCEPT = "orders.accept_single_copy"


@pytest.fixture
def single(ours: Treatment) -> Treatment:
    """A released product whose reserve was rejected, with its shipment planned."""
    ours.to("released")
    reserve = Container.objects.get(coi_id=ours.order.coi_id, role="reserve_bag")
    identity.set_disposition(
        container_id=ContainerId(reserve.pk), disposition=Disposition.REJECTED, reason="cracked", by=ours.system
    )
    ours.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
    ours.plan(ShipmentKind.PRODUCT)
    return ours


def test_the_only_copy_does_not_leave_unless_accepted_by_name(single: Treatment, attack: Attack) -> None:
    pack = single.packing()
    attack("orders.only_copy", "logistics.pack_shipment", "warehouse", **pack)
    given: dict[str, Any] = {"order_id": single.order.pk, "reason": "yield was low"}
    attack("orders.risk_of_another_role", ACCEPT, "qareviewer", **given)
    for door in attack.doors:
        assert door.act(ACCEPT, "qp", **given | {"reason": ""}).status == 422
    shown = attack.doors[0].client("qp").get(f"/orders/{single.order.pk}").content.decode()
    assert "only copy" in shown
    single.signed(single.find("qp"), ACCEPT, **given)
    single.pack(**pack)
    shown = attack.doors[0].client("physician.rj").get(f"/orders/{single.order.pk}").content.decode()
    assert "the risk was accepted by name" in shown


def test_dose_and_reserve_in_one_store_are_not_released(ours: Treatment) -> None:
    ours.to("manufactured")
    bags = [ours.make_bag(), ours.make_bag(disposition=None, role="reserve_bag")]
    tank = Equipment.objects.filter(site__code="CN-LG").order_by("code").first()
    assert tank is not None
    for number, bag in enumerate(bags):
        position = identity.add_position(
            site_id=SiteId(tank.site_id),
            serial=f"N19-{number}",
            name="shelf",
            equipment_id=EquipmentId(tank.pk),
            by=ours.find("supervisor"),
        )
        ours.clock.advance(_minute())
        identity.store_container(scanned_label=bag.code, scanned_position=position.code, by=ours.find("warehouse"))
    with pytest.raises(Refused, match="is in the store"):
        ours.release(bags[0])
    assert Position.objects.count() == 2
    ours.signed(ours.find("qp"), ACCEPT, order_id=ours.order.pk, reason="the second tank is down")
    assert ours.release(bags[0]).state == "released"


def _minute() -> Any:
    from datetime import timedelta

    return timedelta(minutes=1)
