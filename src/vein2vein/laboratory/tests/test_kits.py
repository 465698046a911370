"""Kits that tests use up: released, in date, of the right kind; a recall finds what rests on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from vein2vein.core.actor import Actor
from vein2vein.core.ids import LotId
from vein2vein.core.refusals import Refusal
from vein2vein.core.uploads import Upload
from vein2vein.journal import run_followers
from vein2vein.journal.reads import list_stream
from vein2vein.journal.verification import verify_fold
from vein2vein.laboratory import reads
from vein2vein.laboratory.models import Result
from vein2vein.laboratory.tests.assays import Laboratory
from vein2vein.materials.models import Lot, Movement

pytestmark = pytest.mark.requirement("N7")


@pytest.fixture
def sampled(lab: Laboratory) -> Laboratory:
    lab.receive()
    return lab


def refuses(lab: Laboratory, code: str, **changed: Any) -> None:
    before = Movement.objects.count()
    with pytest.raises(Refusal) as caught:
        lab.record("endotoxin", **changed)
    assert [one.code for one in caught.value.blockers][:1] == [code]
    assert (Movement.objects.count(), lab.test("endotoxin").state) == (before, "planned")


def test_a_result_names_the_lot_of_its_kit_and_draws_one(sampled: Laboratory) -> None:
    lot = Lot.objects.get(number="DEMO-SK-001")
    made = sampled.record("endotoxin")
    assert (made.kit_id, made.kit.number) == (lot.pk, "DEMO-SK-001")
    drawn = Movement.objects.filter(lot=lot, kind="consumption").latest("id")
    assert (drawn.quantity, drawn.holder) == (Decimal(-1), f"batch:{sampled.batch.pk}")
    entry = list_stream(f"coi:{sampled.batch.coi_id}")[-1]
    assert entry.data["kit_lot"] == "DEMO-SK-001"
    assert f"lot:{lot.pk}" in entry.payload["refs"]
    again = sampled.act(
        "laboratory.correct_result",
        sampled.analyst,
        test_id=sampled.test("endotoxin").pk,
        raw_file=sampled.payload("endotoxin")["raw_file"],
        reason="typing error",
        value=Decimal("0.21"),
        replicates=[Decimal("0.21")] * 2,
    )
    assert again.kit_id == lot.pk
    assert verify_fold() == []


def test_a_kit_is_scanned_of_the_right_kind_and_only_where_one_is_used(sampled: Laboratory) -> None:
    other = sampled.kit("mycoplasma_test_kit")
    refuses(sampled, "laboratory.no_kit", scanned_kit="")
    refuses(sampled, "materials.wrong_material", scanned_kit=other)
    with pytest.raises(Refusal) as caught:
        sampled.record("appearance", scanned_kit=other)
    assert caught.value.blockers[0].code == "laboratory.kit_not_used"


def test_a_count_without_a_kit_takes_none(sampled: Laboratory) -> None:
    before = Movement.objects.count()
    with pytest.raises(Refusal) as caught:
        sampled.count(scanned_kit=sampled.kit("endotoxin_test_kit"))
    assert caught.value.blockers[0].code == "laboratory.kit_not_used"
    assert (Movement.objects.count(), sampled.test("viability").state) == (before, "planned")
    assert {one.kit_id for one in sampled.count()} == {None}


def test_a_kit_is_released_and_in_date_when_it_is_used(
    sampled: Laboratory, actor: Callable[[str], Actor], sign: Callable[..., Actor]
) -> None:
    fresh = sampled.act(
        "materials.receive_lot",
        actor("warehouse"),
        material_code="endotoxin_test_kit",
        number="TK-9",
        supplier="Demonstration Supplier",
        quantity=Decimal(5),
        unit="1",
        vial_quantity=Decimal(1),
        expires_at=sampled.clock.at + timedelta(days=2),
        site_code="CN-LG",
        certificate=Upload("c.txt", b"certificate"),
    )
    refuses(sampled, "materials.not_released", scanned_kit=fresh.code)
    sampled.act("materials.release_lot", actor("qareviewer"), lot_id=fresh.pk, markets=["CN"])
    sampled.clock.move_to(fresh.expires_at + timedelta(minutes=1))
    refuses(sampled, "materials.expired", scanned_kit=fresh.code)


def test_the_recall_of_a_kit_finds_results_batch_and_patient(
    sampled: Laboratory, actor: Callable[[str], Actor]
) -> None:
    made = sampled.record("endotoxin")
    lot = made.kit
    sampled.act("materials.recall_lot", actor("qareviewer"), lot_id=lot.pk, reason="supplier notice")
    found = reads.list_results_of_lot(lot_id=LotId(lot.pk), by=sampled.analyst)
    assert [(one.pk, one.test.batch_id) for one in found] == [(made.pk, sampled.batch.pk)]
    told = list_stream(f"lot:{lot.pk}")[-1]
    assert (told.fact, told.data["used_by"]) == ("materials.LotRecalled", [f"batch:{sampled.batch.pk}"])
    run_followers()
    assert Result.objects.get(pk=made.pk).kit_id == lot.pk
