"""N8: fresh material past its limit is neither accepted nor processed without quality's documented decision."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack
from tests.attack.sql import forbidden, sql
from vein2vein.identity.models import Container
from vein2vein.manufacturing import actions as manufacturing
from vein2vein.manufacturing.models import BatchOperation
from vein2vein.manufacturing.tests.bench import Bench

pytestmark = pytest.mark.requirement("N8")

RECEIPT = (
    "INSERT INTO logistics_materialreceipt (id, shipment_id, container_id, age_h, volume_ml, viability_percent,"
    " total_cells, viable_cells, counter_serial, counted_at, filename, sha256, content, accepted_at, accepted_by)"
    " VALUES (gen_random_uuid(), %s, %s, 1, 1, 99, 1, 1, 'x', %s, 'x', 'x', '', %s, gen_random_uuid())"
)


def unreasoned(attack: Attack, action: str, **given: Any) -> None:
    """Require that no door takes quality's decision without its reason."""
    for door in attack.doors:
        assert door.act(action, "qareviewer", **given, reason="").status == 422


@pytest.fixture
def old(ours: Treatment) -> Treatment:
    """Material that is received in time and is past its limit now."""
    ours.shipped = True
    ours.to("received")
    ours.clock.advance(timedelta(hours=70))
    return ours


def test_old_material_is_not_accepted(old: Treatment, attack: Attack) -> None:
    bag = old.contents()[0]
    given: dict[str, Any] = {"shipment_id": old.shipment.pk, "scanned_container": bag, "counter": old.count()}
    attack("logistics.too_old", "logistics.accept_material", "operator1", **given)
    attack("logistics.too_old", "logistics.refer_material", "operator1", **given)
    container = Container.objects.get(code=bag)
    with forbidden("logistics_receipt_in_time"):
        sql(RECEIPT, old.shipment.pk, container.pk, old.clock.at, old.clock.at)


def test_nobody_but_quality_permits_it_and_never_without_reason(old: Treatment, attack: Attack) -> None:
    permit = "logistics.permit_aged_material"
    given: dict[str, Any] = {"shipment_id": old.shipment.pk, "maximum_age_h": Decimal(96)}
    unreasoned(attack, permit, **given)
    less = given | {"maximum_age_h": Decimal(72)}
    attack("logistics.permission_empty", permit, "qareviewer", **less, reason="stability")
    for person in ("supervisor", "warehouse", "planner"):
        for door in attack.doors[1:]:
            assert door.act(permit, person, **given, reason="in a hurry").status == 403


def test_material_that_grew_old_in_the_plant_is_not_processed(ours: Treatment, attack: Attack) -> None:
    ours.to("material_accepted")
    bench = Bench(ours.clock, ours.find, ours.sign)
    bench.open(ours.order)
    ours.clock.advance(timedelta(hours=75))
    first = BatchOperation.objects.get(batch=bench.batch, ordinal=1)
    start: dict[str, Any] = {"batch_id": bench.batch.pk, "operation_code": first.code}
    attack("manufacturing.clock_exceeded", "manufacturing.start_operation", "operator1", **start)
    rule: dict[str, Any] = {"batch_id": bench.batch.pk, "subject": "starting_material", "decision": "continue"}
    attack("manufacturing.quality_decides", "manufacturing.rule_on_clock", "supervisor", **rule, reason="hurry")
    unreasoned(attack, "manufacturing.rule_on_clock", **rule)
    with forbidden("manufacturing_material_in_time"):
        sql(
            "UPDATE manufacturing_batchoperation SET state = 'open', started_at = %s WHERE id = %s",
            ours.clock.at,
            first.pk,
        )
    ours.signed(ours.find("qareviewer"), "manufacturing.rule_on_clock", **rule_typed(bench), reason="stability to 96 h")
    assert manufacturing.start_operation(**start, by=ours.find("operator1")).state == "open"


def rule_typed(bench: Bench) -> dict[str, Any]:
    """Return the arguments of QA's ruling that the batch goes on."""
    from vein2vein.manufacturing.states import ClockDecision

    return {"batch_id": bench.batch.pk, "subject": "starting_material", "decision": ClockDecision.CONTINUE}
