"""N14: nobody checks their own work: not a step, not a batch, not a receipt, not a destruction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack
from tests.attack.sql import forbidden, sql
from vein2vein.manufacturing.models import BatchStep
from vein2vein.manufacturing.tests.bench import Bench

pytestmark = pytest.mark.requirement("N14")


def test_nobody_verifies_a_step_of_their_own(
    ours: Treatment, benches: Callable[..., list[Bench]], attack: Attack
) -> None:
    (bench,) = benches(ours)
    guide = bench.to("scan_leukapheresis")
    given: dict[str, Any] = {"batch_id": bench.batch.pk, "step_code": guide.step_code}
    scanned = {"scanned": bench.container("leukapheresis_bag")}
    attack("journal.own_witness", "manufacturing.record_step", "operator1", "operator1", **given, **scanned)
    attack("manufacturing.second_person_missing", "manufacturing.record_step", "operator1", **given, **scanned)
    bench.once(guide)
    step = BatchStep.objects.get(batch=bench.batch, code=guide.step_code)
    with forbidden("manufacturing_step_not_own_check"):
        sql("UPDATE manufacturing_batchstep SET verified_by_id = done_by_id WHERE id = %s", step.pk)


def test_two_people_are_two_people_at_a_destruction(ours: Treatment, attack: Attack) -> None:
    ours.to("at_site")
    ended: dict[str, Any] = {"order_id": ours.order.pk, "reason": "in intensive care"}
    from vein2vein.orders.states import EndCause, UnusedDecision

    ours.signed(ours.who("physician"), "orders.end_course", **ended, cause=EndCause.TOO_ILL)
    bag: dict[str, Any] = {"order_id": ours.order.pk, "scanned_container": ours.bags[0].code, "reason": "course over"}
    attack("orders.destruction_not_decided", "orders.destroy_unused", "celllab.rj", "celllab.rj2", **bag)
    ours.signed(ours.find("qareviewer"), "orders.decide_unused", **bag, decision=UnusedDecision.DESTROY)
    attack("journal.own_witness", "orders.destroy_unused", "celllab.rj", "celllab.rj", **bag)
    attack("orders.destroyed_by_two", "orders.destroy_unused", "celllab.rj", **bag)
