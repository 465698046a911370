"""The record follows whatever the definition says: cryopreserved material, and a therapy with expansion."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.journal.verification import verify_chain, verify_fold
from vein2vein.manufacturing import reads
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.orders import actions
from vein2vein.orders.tests.conftest import Course


class Frozen(Course):
    """A course whose material is frozen at the hospital."""

    def _collected(self) -> None:
        self.activate()
        actions.record_collection(
            order_id=self.order_id, volume_ml=Decimal(150), alternative="cryopreserved", by=self.who("nurse")
        )


LUPUS: dict[str, Any] = {
    "therapy_code": "cd19-lupus",
    "indication_code": "sle",
    "protocol": "DEMO-LUP-001",
    "arm": "cohort-2",
    "dose_amount": Decimal("4e7"),
    "dose_unit": "cell",
    "consent_version": "1.1",
}


@pytest.mark.parametrize("ordered", [{}, LUPUS], ids=["rapid", "lupus"])
def test_a_batch_of_frozen_material(
    clock_at: SimulatedClock, actor: Callable[[str], Actor], sign: Callable[..., Actor], ordered: dict[str, Any]
) -> None:
    course = Frozen(clock_at, actor, sign)
    course.draft(**ordered, starting_material="cryopreserved")
    course.to("material_accepted")
    bench = Bench(clock_at, actor, sign)
    bench.open(course.order)
    batch = bench.finish()
    assert batch.state == "completed"
    codes = {guide.step_code for guide in reads.list_steps(bench.id, by=actor("supervisor"))}
    assert ("measure_received_count" in codes) is False
    assert verify_chain() == []
    assert verify_fold() == []
