"""N1: two patients' material is never open at one workstation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack
from tests.attack.sql import forbidden, sql
from vein2vein.engines.codes import Kind, make
from vein2vein.manufacturing.models import Occupancy
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.network.models import Equipment

pytestmark = pytest.mark.requirement("N1")
STEP = "clear_receipt_bench"


@pytest.fixture
def both(ours: Treatment, theirs: Treatment, benches: Callable[..., list[Bench]]) -> list[Bench]:
    """Two open batches; the first has its workstation, the second is about to clear one."""
    found = benches(ours, theirs)
    found[0].to("scan_leukapheresis")
    found[1].to(STEP)
    return found


def test_a_taken_workstation_is_not_cleared_for_another_patient(both: list[Bench], attack: Attack) -> None:
    _, second = both
    given: dict[str, Any] = {
        "batch_id": second.batch.pk,
        "step_code": STEP,
        "equipment_code": make(Kind.EQUIPMENT, "RB-01"),
    }
    clear = "manufacturing.clear_line"
    attack("manufacturing.workstation_occupied", clear, "operator1", "operator2", **given)
    free = given | {"equipment_code": make(Kind.EQUIPMENT, "RB-02")}
    attack("manufacturing.second_person_missing", clear, "operator1", **free)
    attack("journal.own_witness", clear, "operator1", "operator1", **free)
    attack(
        "network.wrong_equipment",
        clear,
        "operator1",
        "operator2",
        **given | {"equipment_code": make(Kind.EQUIPMENT, "WS-01")},
    )


def test_no_step_is_done_without_a_cleared_workstation(both: list[Bench], attack: Attack) -> None:
    first, second = both
    step: dict[str, Any] = {"batch_id": second.batch.pk, "step_code": "scan_leukapheresis"}
    own = second.container("leukapheresis_bag")
    attack(
        "manufacturing.earlier_step_open", "manufacturing.record_step", "operator1", "operator2", **step, scanned=own
    )
    foreign: dict[str, Any] = {"batch_id": first.batch.pk, "step_code": "scan_leukapheresis", "scanned": own}
    attack("manufacturing.wrong_patient", "manufacturing.record_step", "operator1", "operator2", **foreign)


def test_a_workstation_in_use_is_not_cleared_out_by_another_batch(both: list[Bench], attack: Attack) -> None:
    _, second = both
    given: dict[str, Any] = {"batch_id": second.batch.pk, "equipment_code": make(Kind.EQUIPMENT, "RB-01")}
    attack("manufacturing.not_occupied", "manufacturing.clear_out", "operator1", **given)


def test_raw_sql_puts_no_second_patient_there(both: list[Bench]) -> None:
    first, second = both
    station = Equipment.objects.get(code="RB-01").pk
    occupy = (
        "INSERT INTO manufacturing_occupancy (id, workstation_id, batch_id, coi_id, during) "
        "VALUES (gen_random_uuid(), %s, %s, %s, {})"
    )
    for during in ("tstzrange(now(), NULL)", "tstzrange(now() - interval '9 days', NULL)", "'empty'::tstzrange"):
        with forbidden():
            sql(occupy.format(during), station, second.batch.pk, second.batch.coi_id)
    with forbidden():
        sql(occupy.format("tstzrange(now(), NULL)"), station, second.batch.pk, first.batch.coi_id)
    with forbidden():
        sql("UPDATE manufacturing_occupancy SET coi_id = %s", second.batch.coi_id)
    with forbidden():
        sql("DELETE FROM manufacturing_occupancy")
    assert Occupancy.objects.filter(during__endswith__isnull=True).count() == 1
