"""Out of specification: rejected, decided on by the physician, and made again from the material that is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.attack.doors import Attack, Interface, Page
from vein2vein import journal
from vein2vein.core import clock
from vein2vein.identity.models import Container
from vein2vein.manufacturing.models import Batch
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.orders.models import Order
from vein2vein.orders.states import CourseDecision
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.states import Decision
from vein2vein.quality.tests.ready import Quality

Find = Callable[[str], Quality]


def deciding(one: Quality, decision: CourseDecision, reason: str) -> dict[str, Any]:
    return {"order_id": one.batch.order_id, "decision": decision, "reason": reason}


@pytest.mark.requirement("W")
def test_a_rejected_batch_is_made_again_from_what_is_left(
    quality: Find, page: Page, interface: Interface, attack: Attack
) -> None:
    one = quality("named_patient")
    reject: dict[str, Any] = {"batch_id": one.batch.pk, "decision": Decision.REJECT, "reason": "viability 68 %"}
    assert page.act("quality.dispose_batch", "qp", **reject).done
    order = Order.objects.get(pk=one.batch.order_id)
    assert (order.state, order.rfi_number) == ("stopped", "")
    assert "Product does not conform" not in page.client("physician.hk").get("/").content.decode()
    assert "Decide how the course goes on" in page.client("physician.hk").get("/").content.decode()
    assert "The course stands still" in page.client("planner").get("/").content.decode()
    journal.run_followers()
    attack("quality.decided_finally", "quality.dispose_batch", "qp", **reject)
    one.clock.advance(timedelta(hours=2))
    again = deciding(one, CourseDecision.REMANUFACTURE, "the second apheresis is in the store")
    assert interface.act("orders.decide_course", "qp", **again).status == 403
    assert interface.act("orders.decide_course", "physician.hk", **again).done
    order.refresh_from_db()
    assert order.state == "material_accepted"
    assert interface.act("manufacturing.open_batch", "supervisor", order_id=order.pk).done
    batch = Batch.objects.exclude(pk=one.batch.pk).get(order_id=order.pk)
    assert batch.alternative == "cryopreserved"
    dossier = Dossier(batch, by=one.find("qp"), at=clock.now())
    assert dossier.final_containers() == []  # the rejected bags are of another batch
    bench = Bench(one.clock, one.find, one.lab.sign, 3)  # an operator who is nowhere else
    bench.batch = batch
    bench.stations = {"receipt_bench": "RB-02", "closed_workstation": "WS-04"}  # the world goes on elsewhere
    left = Container.objects.get(coi_id=batch.coi_id, kind="starting_material", state="active")
    assert bench.container("leukapheresis_bag") == left.code
    bench.once(None)
    bench.once(bench.next())
    rejected = Container.objects.filter(coi_id=batch.coi_id, kind="final_product")
    assert set(rejected.values_list("disposition", flat=True)) == {"rejected"}


def test_without_material_left_another_apheresis_is_the_way(quality: Find, attack: Attack) -> None:
    one = quality("two_stage")
    one.decide(Decision.REJECT)
    one.clock.advance(timedelta(hours=2))
    none = deciding(one, CourseDecision.REMANUFACTURE, "there must be something")
    attack("orders.no_material_left", "orders.decide_course", "physician.sg", **none)
    assert Order.objects.get(pk=one.batch.order_id).state == "stopped"
