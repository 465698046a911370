"""N12: no clearance to lymphodeplete before the product is secured; reported all the same: alert and deviation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack
from tests.attack.sql import forbidden, sql
from vein2vein.journal import run_followers
from vein2vein.journal.reads import list_stream
from vein2vein.orders.states import Moment
from vein2vein.quality.models import Deviation

pytestmark = pytest.mark.requirement("N12")
CLEAR = "orders.clear_for_lymphodepletion"


@pytest.mark.parametrize("state", ["manufactured", "released", "dispatched"])
def test_nobody_is_cleared_before_the_product_is_there(ours: Treatment, attack: Attack, state: str) -> None:
    ours.to(state)
    attack("orders.product_not_secured", CLEAR, "physician.rj", order_id=ours.order.pk)
    with forbidden("orders_order_cleared_when_secured"):
        sql("UPDATE orders_order SET state = 'cleared', cleared_at = %s WHERE id = %s", ours.clock.at, ours.order.pk)


def test_nobody_is_cleared_without_reconfirmation_or_while_unfit_or_by_others(ours: Treatment, attack: Attack) -> None:
    ours.to("at_site")
    order: dict[str, Any] = {"order_id": ours.order.pk}
    attack("orders.not_reconfirmed", CLEAR, "physician.rj", **order)
    ours.reconfirm("physician", Moment.LYMPHODEPLETION)
    from vein2vein.orders import actions
    from vein2vein.orders.states import ObstacleKind

    unfit: dict[str, Any] = {"kind": ObstacleKind.PATIENT_UNFIT, "reason": "fever"}
    actions.report_obstacle(order_id=ours.order_id, **unfit, by=ours.who("physician"))
    attack("orders.patient_unfit", CLEAR, "physician.rj", **order)
    for person in ("coordinator.rj", "infusion.rj", "qp", "planner"):
        for door in attack.doors[1:]:
            assert door.act(CLEAR, person, **order).status == 403


def test_product_that_was_lost_after_the_clearance_takes_it_back(ours: Treatment, attack: Attack) -> None:
    ours.to("cleared")
    from vein2vein.orders import actions
    from vein2vein.orders.states import StopCause

    actions.stop_course(
        order_id=ours.order_id, cause=StopCause.PRODUCT_RECALLED, reason="late positive", by=ours.system
    )
    bag = {"scanned_bag": ours.bags[0].code}
    attack("orders.not_cleared", "orders.thaw_product", "celllab.rj", order_id=ours.order.pk, **bag)
    attack("orders.product_not_secured", CLEAR, "physician.rj", order_id=ours.order.pk)


def test_begun_all_the_same_alarms_at_once_and_opens_a_deviation(ours: Treatment, attack: Attack) -> None:
    ours.to("released")
    told: dict[str, Any] = {"order_id": ours.order.pk, "started_at": ours.clock.at - timedelta(hours=1)}
    page = attack.doors[0]
    assert page.act("orders.report_lymphodepletion", "infusion.rj", **told).status == 302
    run_followers()
    facts = [one.fact for one in list_stream(f"coi:{ours.order.coi_id}")]
    assert "orders.LymphodepletionBeforeClearance" in facts
    found = Deviation.objects.get(source=f"lymphodepletion:{ours.order.pk}")
    assert (found.state, found.blocks_release) == ("open", True)
    for person, address in (("physician.rj", "/"), ("planner", "/"), ("qareviewer", "/")):
        assert "ALERT" in page.client(person).get(address).content.decode(), person
