"""N2: no bag, tube or sample without a scanned parent on its own chain of identity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack
from tests.attack.sql import forbidden, sql
from vein2vein.core.ids import new_id
from vein2vein.engines.codes import Kind, issue
from vein2vein.identity.models import Container
from vein2vein.manufacturing.tests.bench import Bench

pytestmark = pytest.mark.requirement("N2")
RECORD = "manufacturing.record_step"


@pytest.fixture
def producing(ours: Treatment, theirs: Treatment, benches: Callable[..., list[Bench]]) -> tuple[Bench, Bench]:
    """Two open batches; the first is about to produce a washed bag."""
    first, second = benches(ours, theirs)
    first.to("produce_washed_bag")
    return first, second


def test_a_container_is_made_from_a_scanned_parent_only(producing: tuple[Bench, Bench], attack: Attack) -> None:
    bench, other = producing
    step: dict[str, Any] = {"batch_id": bench.batch.pk, "step_code": "produce_washed_bag"}
    good, foreign = bench.container("leukapheresis_bag"), other.container("leukapheresis_bag")
    wrong = good[:-1] + ("A" if good[-1] != "A" else "B")
    attack("manufacturing.scan_missing", RECORD, "operator1", **step)
    attack("codes.bad_code", RECORD, "operator1", **step, scanned="the bag on the left")
    attack("codes.bad_code", RECORD, "operator1", **step, scanned=wrong)
    attack("identity.wrong_kind", RECORD, "operator1", **step, scanned=bench.batch.coi.code)
    attack("identity.unknown_code", RECORD, "operator1", **step, scanned=issue(Kind.CONTAINER))
    attack("manufacturing.wrong_patient", RECORD, "operator1", **step, scanned=foreign)


@pytest.mark.parametrize(
    "action",
    ["identity.derive_container", "identity.activate_label", "identity.fill_container", "identity.set_disposition"],
)
def test_no_door_makes_a_container_by_itself(attack: Attack, action: str) -> None:
    for door in attack.doors:
        if type(door).__name__ == "Interface":
            answer = door.post(action.replace(".", "/").replace("_", "-"), {}, "supervisor")
            assert answer.status_code == 404
            assert answer["Content-Type"] == "application/problem+json"
        else:
            assert door.act(action, "supervisor").status == 404


def test_raw_sql_makes_no_orphan_and_no_child_of_another(producing: tuple[Bench, Bench]) -> None:
    bench, other = producing
    made = (
        "INSERT INTO identity_container (id, coi_id, code, kind, role, state, disposition, donation_number, "
        "statement_en, statement_zh, made_at) "
        "VALUES (%s, %s, 'CTN-ATTACK', %s, 'washed_bag', 'active', 'quarantined', '', '', '', now())"
    )
    for kind in ("intermediate", "sample", "final_product", "retain"):
        with forbidden("identity_container_has_parent"):
            sql(made, new_id(), bench.batch.coi_id, kind)
    ours, theirs = (Container.objects.get(coi_id=one.batch.coi_id, role="leukapheresis_bag") for one in (bench, other))
    tied = "INSERT INTO identity_parentage (id, coi_id, child_id, parent_id) VALUES (gen_random_uuid(), %s, %s, %s)"
    with forbidden("identity_parentage_parent_on_chain"):
        sql(tied, ours.coi_id, ours.pk, theirs.pk)
    with forbidden("identity_parentage_child_on_chain"):
        sql(tied, theirs.coi_id, ours.pk, theirs.pk)
    with forbidden("identity_container_coi_id_kept"):
        sql("UPDATE identity_container SET coi_id = %s WHERE id = %s", theirs.coi_id, ours.pk)
