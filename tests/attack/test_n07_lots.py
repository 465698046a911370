"""N7: no expired, unreleased or wrong-market lot is used, and no vial is thawed twice or used too late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack
from tests.attack.sql import forbidden, sql
from vein2vein.core.ids import new_id
from vein2vein.core.uploads import Upload
from vein2vein.engines.codes import Kind, make
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.materials import actions
from vein2vein.materials.models import Lot, LotMarket, Movement, Thaw

pytestmark = pytest.mark.requirement("N7")

RECORD, THAW = "manufacturing.record_step", "manufacturing.thaw_material"


@pytest.fixture
def bench(ours: Treatment, benches: Callable[..., list[Bench]]) -> Bench:
    return benches(ours)[0]


def lot_of(bench: Bench, material: str, number: str, *, markets: tuple[str, ...] = (), days: int = 300) -> Lot:
    """Receive a lot like one that is there, and release it for markets where some are named."""
    like = Lot.objects.filter(material_code=material, state="released").order_by("expires_at")[0]
    lot = actions.receive_lot(
        material_code=material,
        number=number,
        supplier="Supplier",
        quantity=like.vial_quantity * 100,
        unit=like.unit,
        vial_quantity=like.vial_quantity,
        expires_at=bench.clock.at + timedelta(days=days),
        site_code="CN-LG",
        certificate=Upload("certificate.pdf", b"certificate"),
        lot_values=[f"{name} = {one['value']} {one['unit']}" for name, one in like.values.items()],
        by=bench.find("warehouse"),
    )
    if markets:
        decide(bench, "release_lot", lot, markets=list(markets), reason="agrees")
    return lot


def decide(bench: Bench, act: str, lot: Lot, **told: Any) -> None:
    bench.act(f"materials.{act}", bench.find("qareviewer"), lot_id=lot.pk, **told)


def unfit(bench: Bench, material: str) -> dict[str, str]:
    """Lots of a material, none of which may be used for our patient, by the code that must refuse them."""
    expiring = lot_of(bench, material, f"EXP-{material}", markets=("CN",), days=1)
    rejected = lot_of(bench, material, f"REJ-{material}")
    decide(bench, "reject_lot", rejected, reason="wrong certificate")
    recalled = lot_of(bench, material, f"REC-{material}", markets=("CN",))
    decide(bench, "recall_lot", recalled, reason="supplier's letter")
    found = {
        lot_of(bench, material, f"QUA-{material}").code: "materials.not_released",
        rejected.code: "materials.not_released",
        recalled.code: "materials.not_released",
        lot_of(bench, material, f"MAR-{material}", markets=("HK", "SG")).code: "materials.wrong_market",
        expiring.code: "materials.expired",
        make(Kind.LOT, "DEMO-SK-001"): "materials.wrong_material",
    }
    bench.clock.move_to(expiring.expires_at)
    return found


def test_no_unfit_reagent_is_used(bench: Bench, attack: Attack) -> None:
    guide = bench.to("consume_wash_set")
    for code, reason in unfit(bench, "wash_set").items():
        attack(reason, RECORD, "operator1", **bench.payload(guide) | {"lot_code": code})


def test_no_unfit_vector_is_thawed_or_used(bench: Bench, attack: Attack) -> None:
    guide = bench.to("consume_vector")
    given: dict[str, Any] = {"batch_id": bench.id, "step_code": guide.step_code}
    two = ("operator1", "operator2")
    attack("materials.not_thawed", guide.action, *two, **bench.payload(guide))
    lots = unfit(bench, "lentiviral_vector")
    for code, reason in lots.items():
        if reason == "materials.wrong_material":
            continue  # without a titre not even a quantity can be computed
        attack(reason, THAW, "operator1", **given, lot_code=code)
        attack(reason, guide.action, *two, **bench.payload(guide) | {"lot_code": code})


def test_a_vial_is_thawed_once_and_used_in_time(bench: Bench, attack: Attack) -> None:
    guide = bench.to("consume_vector")
    given: dict[str, Any] = {"batch_id": bench.id, "step_code": guide.step_code, "lot_code": bench.lot(guide.material)}
    bench.thaw(guide)
    attack("materials.thawed_already", THAW, "operator1", **given)
    bench.clock.advance(timedelta(minutes=121))
    attack("materials.thawed_too_long", guide.action, "operator1", "operator2", **bench.payload(guide))


def test_what_was_made_from_a_recalled_plasmid_is_not_used(bench: Bench, attack: Attack) -> None:
    guide = bench.to("consume_vector")
    decide(bench, "recall_lot", Lot.objects.get(number="DEMO-PR-001"), reason="wrong sequence")
    given: dict[str, Any] = {"batch_id": bench.id, "step_code": guide.step_code, "lot_code": bench.lot(guide.material)}
    attack("materials.ancestor_recalled", THAW, "operator1", **given)
    waiting = Lot.objects.get(number="DEMO-LV-002")
    release: dict[str, Any] = {"lot_id": waiting.pk, "markets": ["CN"], "reason": "in a hurry"}
    attack("materials.parent_not_released", "materials.release_lot", "qareviewer", **release)


def test_a_lot_is_not_released_by_just_anybody_or_after_its_day(bench: Bench, attack: Attack) -> None:
    lot = lot_of(bench, "wash_set", "LATE", days=1)
    release: dict[str, Any] = {"lot_id": lot.pk, "markets": ["CN"], "reason": "in a hurry"}
    for who in ("warehouse", "operator1", "supervisor", "planner", "admin"):
        attack("people.role_needed", "materials.release_lot", who, **release)
    bench.clock.move_to(lot.expires_at)
    attack("materials.expired", "materials.release_lot", "qareviewer", **release)


@pytest.mark.parametrize("action", ["consume_lot", "thaw_vials", "reserve_lot", "secure_for_batch"])
def test_no_door_draws_past_the_record(attack: Attack, action: str) -> None:
    page, interface, command = attack.doors
    assert page.act(f"materials.{action}", "qp").status == 404
    assert command.act(f"materials.{action}", "qp").status == 404
    assert interface.post(f"materials/{action.replace('_', '-')}", {}, "qp").status_code == 404


MOVE = """
INSERT INTO materials_movement (id, lot_id, kind, ordinal, quantity, reserved, on_hand_after, reserved_after, used,
    holder, market, moved_at)
SELECT %s, m.lot_id, %s, m.ordinal + 1, -1, 0, m.on_hand_after - 1, m.reserved_after, 1, %s, %s, %s
FROM materials_movement m WHERE m.lot_id = %s ORDER BY m.ordinal DESC LIMIT 1
"""


def drawn_by_sql(bench: Bench, lot: Lot, *, market: str = "CN", kind: str = "consumption") -> None:
    """Draw one unit as a careful forger does: the ledger adds up and the lot agrees with it."""
    sql(MOVE, new_id(), kind, f"batch:{bench.batch.pk}", market, bench.clock.at, lot.pk)
    sql("UPDATE materials_lot SET on_hand = on_hand - 1 WHERE id = %s", lot.pk)


@contextmanager
def at_later(bench: Bench, lot: Lot) -> Iterator[None]:
    was = bench.clock.at
    bench.clock.move_to(lot.expires_at)
    yield
    assert bench.clock.at >= was


def test_raw_sql_draws_no_unfit_lot(bench: Bench) -> None:
    waiting = lot_of(bench, "wash_set", "Q-1")
    abroad = lot_of(bench, "wash_set", "M-1", markets=("HK",))
    fit = lot_of(bench, "wash_set", "F-1", markets=("CN",), days=2)
    for kind in ("consumption", "thaw"):
        with forbidden("materials_movement_released"):
            drawn_by_sql(bench, waiting, kind=kind)
        with forbidden("materials_movement_market"):
            drawn_by_sql(bench, abroad, kind=kind)
    with forbidden("materials_movement_market"):
        drawn_by_sql(bench, fit, market="")
    with at_later(bench, fit), forbidden("materials_movement_in_date"):
        drawn_by_sql(bench, fit)
    vector = Lot.objects.get(number="DEMO-LV-001")
    decide(bench, "recall_lot", Lot.objects.get(number="DEMO-PT-001"), reason="wrong sequence")
    with forbidden("materials_movement_ancestors"):
        drawn_by_sql(bench, vector)


def test_raw_sql_makes_no_lot_fit(bench: Bench) -> None:
    waiting = lot_of(bench, "wash_set", "Q-2")
    rejected = lot_of(bench, "wash_set", "R-2")
    decide(bench, "reject_lot", rejected, reason="wrong certificate")
    recalled = lot_of(bench, "wash_set", "C-2", markets=("CN",))
    decide(bench, "recall_lot", recalled, reason="supplier's letter")
    for lot in (rejected, recalled):
        with forbidden("materials_lot_transition"):
            sql("UPDATE materials_lot SET state = 'released' WHERE id = %s", lot.pk)
    for column, value in (("expires_at", bench.clock.at + timedelta(days=9999)), ("material_code", "x")):
        with forbidden("materials_lot_kept"):
            sql(f"UPDATE materials_lot SET {column} = %s WHERE id = %s", value, waiting.pk)
    with forbidden("materials_lotmarket_released"):
        sql(
            "INSERT INTO materials_lotmarket (id, lot_id, market, released_at) VALUES (%s, %s, 'CN', %s)",
            new_id(),
            waiting.pk,
            bench.clock.at,
        )
    market = LotMarket.objects.filter(market="HK")[0]
    with forbidden():
        sql("UPDATE materials_lotmarket SET market = 'CN' WHERE id = %s", market.pk)
    with forbidden():
        sql("UPDATE materials_lot SET certificate = 'x' WHERE id = %s", waiting.pk)
    parents = "INSERT INTO materials_lotparentage (id, child_id, parent_id) VALUES (%s, %s, %s)"
    with forbidden("materials_lotparentage_at_receipt"):
        sql(parents, new_id(), Lot.objects.get(number="DEMO-LV-001").pk, waiting.pk)


def test_raw_sql_refreezes_no_vial_and_records_no_unfit_lot(bench: Bench) -> None:
    guide = bench.to("consume_vector")
    bench.thaw(guide)
    thaw = Thaw.objects.get(holder=f"batch:{bench.batch.pk}", lot__material_code="lentiviral_vector")
    for change in ("vials = vials + 1", "thawed_at = thawed_at + interval '1 day'"):
        with forbidden():
            sql(f"UPDATE materials_thaw SET {change} WHERE id = %s", thaw.pk)
    bench.act(guide.action, bench.find("operator1"), "operator2", **bench.payload(guide))
    with forbidden("materials_thaw_transition"):
        sql("UPDATE materials_thaw SET state = 'thawed' WHERE id = %s", thaw.pk)
    unused = lot_of(bench, "wash_set", "Q-3")
    step = bench.batch.steps.get(code="consume_wash_set")
    columns = "step_id, unit, answer, scanned, made, named_values, verdict, clock_exceeded, manual, late, recomputed"
    rest = "comment, reason, recorded_by_id, recorded_by_name, witnessed_by_name, performed_at, signature_meaning"
    with forbidden("manufacturing_recording_lot_fit"):
        sql(
            f"INSERT INTO manufacturing_recording (id, revision, lot_id, {columns}, {rest}) "
            f"SELECT %s, 1, %s, {columns}, {rest} FROM manufacturing_recording WHERE step_id = %s",
            new_id(),
            unused.pk,
            step.pk,
        )
    assert Movement.objects.filter(lot=unused, quantity__lt=Decimal(0)).count() == 0
