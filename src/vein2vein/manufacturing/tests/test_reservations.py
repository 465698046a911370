"""Vector is kept from the accepted order to the batch that takes it, and given back when it is not needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.refusals import Refused
from vein2vein.journal.reads import list_recent, list_stream
from vein2vein.journal.verification import verify_fold
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.materials import actions as materials
from vein2vein.materials.models import Holding, Lot, Movement
from vein2vein.materials.pages import endangered
from vein2vein.orders import actions as orders
from vein2vein.orders.models import Order
from vein2vein.orders.tests.conftest import Course

SYSTEM = journal.system("test")
Find = Callable[[str], Actor]
Sign = Callable[..., Actor]


def holdings(holder: str) -> list[tuple[str, str, Decimal, str]]:
    rows = (
        Holding.objects.filter(holder=holder).order_by("id").values_list("lot__number", "state", "quantity", "holder")
    )
    return [(number, state, quantity.normalize(), who.partition(":")[0]) for number, state, quantity, who in rows]


@pytest.fixture
def course(clock_at: SimulatedClock, actor: Find, sign: Sign) -> Course:
    made = Course(clock_at, actor, sign)
    made.to("accepted")
    return made


@pytest.mark.requirement("N7")
def test_accepting_an_order_keeps_whole_vials_until_its_slot_ends(course: Course) -> None:
    order = Order.objects.get(pk=course.order_id)
    assert holdings(f"order:{order.pk}") == [("DEMO-LV-001", "held", Decimal(6), "order")]
    kept = Holding.objects.get(holder=f"order:{order.pk}")
    assert order.slot is not None
    assert kept.needed_until_at == order.slot.during.upper
    entry = list_stream(f"lot:{kept.lot_id}")[-1]
    assert (entry.fact, entry.action, entry.payload["refs"]) == (
        "materials.LotReserved",
        "orders.accept_order",
        [f"order:{order.pk}"],
    )
    row = Movement.objects.get(lot_id=kept.lot_id, holder=f"order:{order.pk}")
    assert (row.reserved, row.moved_by_name, row.reason) == (Decimal(6), entry.payload["by"]["name"], entry.action)


def test_a_cancelled_order_gives_it_back(course: Course) -> None:
    orders.cancel_order(order_id=course.order_id, reason="too ill", by=course.who("coordinator"))
    assert holdings(f"order:{course.order_id}") == [("DEMO-LV-001", "released", Decimal(6), "order")]
    assert Lot.objects.get(number="DEMO-LV-001").reserved == 0


@pytest.mark.requirement("N7")
def test_no_order_is_accepted_without_vector(clock_at: SimulatedClock, actor: Find, sign: Sign) -> None:
    course = Course(clock_at, actor, sign)
    course.to("submitted")
    lot = Lot.objects.get(number="DEMO-LV-001")
    until = clock_at.at + timedelta(days=1)
    given: dict[str, Any] = {"material_code": lot.material_code, "unit": "mL", "market": "CN", "until": until}
    materials.reserve_lot(**given, quantity=lot.on_hand - 5, holder="order:other", by=SYSTEM)
    before = list_recent(limit=1)[0].id
    with pytest.raises(Refused) as refusal:
        orders.accept_order(order_id=course.order_id, by=course.find("planner"))
    assert {one.code for one in refusal.value.blockers} == {"materials.none_to_reserve", "materials.too_little"}
    assert list_recent(limit=1)[0].id == before
    assert Order.objects.get(pk=course.order_id).state == "submitted"


@pytest.mark.requirement("N7")
def test_a_lot_that_expires_before_the_slot_ends_is_not_kept(clock_at: SimulatedClock, actor: Find, sign: Sign) -> None:
    course = Course(clock_at, actor, sign)
    course.to("submitted")
    given: dict[str, Any] = {
        "definition_id": Order.objects.get(pk=course.order_id).definition_id,
        "alternative": "fresh",
        "ordered_dose_cells": Decimal("2e7"),
        "patient_weight_kg": Decimal(70),
        "market": "HK",
    }
    first = Lot.objects.get(number="DEMO-LV-003")
    (soon,) = materials.reserve_for_slot(
        **given, holder="order:a", until=first.expires_at - timedelta(days=1), by=SYSTEM
    )
    (later,) = materials.reserve_for_slot(**given, holder="order:b", until=first.expires_at, by=SYSTEM)
    assert (soon.lot.number, later.lot.number) == ("DEMO-LV-003", "DEMO-LV-001")
    assert soon.quantity == Decimal(6)  # 5.45 mL of it, in whole vials


def test_the_batch_takes_what_was_kept_and_gives_the_rest_back(bench: Bench) -> None:
    batch = bench.batch
    assert holdings(f"order:{batch.order_id}") == []
    assert holdings(f"batch:{batch.pk}") == [("DEMO-LV-001", "held", Decimal(6), "batch")]
    assert "materials.ReservationPassedOn" in {
        one.fact for one in list_stream(f"lot:{Lot.objects.get(number='DEMO-LV-001').pk}")
    }
    bench.finish()
    assert Holding.objects.filter(state="held").count() == 0
    lot = Lot.objects.get(number="DEMO-LV-001")
    drawn = Movement.objects.get(lot=lot, holder=f"batch:{batch.pk}", kind="thaw")
    assert (lot.reserved, drawn.reserved) == (Decimal(0), drawn.quantity)
    assert verify_fold() == []


def test_a_terminated_batch_gives_it_back(bench: Bench) -> None:
    bench.act("manufacturing.terminate_batch", bench.find("supervisor"), batch_id=bench.id, reason="bag broke")
    assert [one[1] for one in holdings(f"batch:{bench.batch.pk}")] == ["released"]


@pytest.mark.requirement("N7")
def test_a_lot_recalled_meanwhile_is_replaced_when_the_batch_is_opened(
    clock_at: SimulatedClock, actor: Find, sign: Sign
) -> None:
    course = Course(clock_at, actor, sign)
    course.to("material_accepted")
    released: dict[str, Any] = {
        "lot_id": Lot.objects.get(number="DEMO-LV-002").pk,
        "markets": ["CN"],
        "reason": "agrees with its certificate",
    }
    materials.release_lot(**released, by=sign(actor("qareviewer"), "materials.release_lot", **released))
    recalled: dict[str, Any] = {"lot_id": Lot.objects.get(number="DEMO-LV-001").pk, "reason": "supplier's letter"}
    materials.recall_lot(**recalled, by=sign(actor("qareviewer"), "materials.recall_lot", **recalled))
    entry = list_stream(f"lot:{recalled['lot_id']}")[-1]
    assert entry.data["reserved_for"] == [f"order:{course.order_id}"]
    assert "DEMO-LV-001" in {one.subject.split()[-1] for one in endangered(actor("planner"))}
    bench = Bench(clock_at, actor, sign)
    bench.open(Order.objects.get(pk=course.order_id))
    assert [one[1] for one in holdings(f"order:{course.order_id}")] == ["released"]
    assert holdings(f"batch:{bench.batch.pk}") == [("DEMO-LV-002", "held", Decimal(7), "batch")]
