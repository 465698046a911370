"""N9: what had an excursion, or came without its trace, is not used before quality has reviewed it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack
from tests.attack.sql import forbidden, sql
from vein2vein.core.uploads import Upload
from vein2vein.identity.models import Container

pytestmark = pytest.mark.requirement("N9")


@pytest.fixture
def traceless(ours: Treatment) -> Treatment:
    """Starting material that came without a trace: quarantined."""
    ours.shipped = True
    ours.to("in_transit")
    ours.deliver()
    ours.receive(trace=None, no_trace_reason="battery empty")
    ours.again()
    return ours


def test_unreviewed_material_is_not_used(traceless: Treatment, attack: Attack) -> None:
    bag = traceless.contents()[0]
    shipment: dict[str, Any] = {"shipment_id": traceless.shipment.pk}
    given = {**shipment, "scanned_container": bag, "counter": traceless.count()}
    attack("logistics.not_reviewed", "logistics.accept_material", "operator1", **given)
    opening: dict[str, Any] = {"order_id": traceless.order.pk}
    attack("journal.no_such_transition", "manufacturing.open_batch", "supervisor", **opening)
    review = {**shipment, "decision": "accepted"}
    for door in attack.doors:
        assert door.act("logistics.review_excursion", "qareviewer", **review, assessment="").status == 422
    for person in ("warehouse", "operator1", "supervisor", "planner"):
        for door in attack.doors[1:]:
            assert door.act("logistics.review_excursion", person, **review, assessment="fine").status == 403
    with forbidden("logistics_excursion_reviewed"):
        sql("UPDATE logistics_shipment SET state = 'received' WHERE id = %s", traceless.shipment.pk)
    with forbidden("logistics_trace_kept"):
        sql("UPDATE logistics_trace SET verdict = 'ok', sha256 = 'x' WHERE shipment_id = %s", traceless.shipment.pk)


def test_a_receipt_has_a_trace_or_says_why_not_and_another_journeys_is_refused(ours: Treatment, attack: Attack) -> None:
    ours.shipped = True
    ours.to("in_transit")
    ours.deliver()
    receive, told = "logistics.receive_shipment", ours.receiving()
    people = ("warehouse", "warehouse2")
    attack("logistics.trace_or_reason", receive, *people, **{**told, "trace": None, "no_trace_reason": ""})
    other = ours.trace(serial="DEMO-TL-9999")
    attack("trace.serial", receive, *people, **{**told, "trace": other})
    for door in attack.doors:
        assert door.act(receive, *people, **{**told, "trace": Upload("trace.csv", b"not a trace")}).status == 422


def test_product_is_not_cleared_before_the_review(ours: Treatment, attack: Attack) -> None:
    ours.shipped = True
    ours.to("dispatched")
    ours.deliver(24)
    ours.receive(trace=None, no_trace_reason="battery empty")
    order: dict[str, Any] = {"order_id": ours.order.pk}
    attack("orders.product_not_secured", "orders.clear_for_lymphodepletion", "physician.rj", **order)
    attack("orders.bag_not_released", "orders.thaw_product", "celllab.rj", **order, scanned_bag=ours.bags[0].code)
    assert {one.disposition for one in Container.objects.filter(pk__in=[bag.pk for bag in ours.bags])} == {
        "quarantined"
    }
