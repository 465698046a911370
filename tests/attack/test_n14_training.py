"""N14: no collection, product thaw or infusion by somebody who has the role and not the training."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from tests.attack.courses import Treatment
from tests.attack.doors import Attack, Page
from vein2vein.core.actor import Role
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.people import actions as people
from vein2vein.people import reads

pytestmark = pytest.mark.requirement("N14")

NOT_TRAINED = "people.not_trained"


def trusted(course: Treatment, username: str, role: Role) -> str:
    """Give a person of the hospital a role, and no training; return the user name."""
    account_id = reads.actor_named(username).account_id
    people.assign_role(account_id=account_id, role=role, by=reads.actor_named("admin"))
    return username


def test_nobody_untrained_collects(ours: Treatment, attack: Attack) -> None:
    ours.to("accepted")
    who = trusted(ours, "coordinator.rj", Role.APHERESIS_NURSE)
    order: dict[str, Any] = {"order_id": ours.order.pk}
    band: dict[str, Any] = {"scanned_wristband": "V2V-W-1"}
    attack(NOT_TRAINED, "orders.start_collection", who, "nurse.rj2", **order, **band)
    attack(NOT_TRAINED, "orders.activate_kit_label", who, **order, **band, scanned_label="V2V-L-1")
    attack(NOT_TRAINED, "orders.record_collection", who, **order, volume_ml=Decimal(150))


def test_nobody_untrained_thaws_or_infuses(ours: Treatment, attack: Attack) -> None:
    ours.to("accepted")
    who = trusted(ours, "coordinator.rj2", Role.CELL_LAB)
    bag: dict[str, Any] = {"order_id": ours.order.pk, "scanned_bag": "V2V-C-1"}
    attack(NOT_TRAINED, "orders.thaw_product", who, **bag)
    attack(NOT_TRAINED, "orders.match_at_bedside", "physician.rj", "infusion.rj2", **bag, scanned_wristband="V2V-W-1")
    attack(NOT_TRAINED, "orders.start_infusion", "physician.rj", **bag)
    attack(NOT_TRAINED, "orders.record_infusion", "physician.rj", **bag, volume_ml=Decimal(20))


def test_the_blocker_names_person_training_and_mend(ours: Treatment, attack: Attack) -> None:
    ours.to("accepted")
    page = attack.doors[0]
    told = page.act("orders.start_infusion", "physician.rj", order_id=ours.order.pk, scanned_bag="V2V-C-1").text
    for text in ("is not trained in infusion on", "let a trained person do it"):
        assert text in told


def test_nobody_untrained_looks_a_second_time(
    ours: Treatment, benches: Callable[..., list[Bench]], attack: Attack
) -> None:
    (bench,) = benches(ours)
    step: dict[str, Any] = {"batch_id": bench.batch.pk, "step_code": "scan_leukapheresis"}
    bench.to("scan_leukapheresis")
    bag = bench.container("leukapheresis_bag")
    attack(NOT_TRAINED, "manufacturing.record_step", "operator1", "qareviewer", **step, scanned=bag)
    guide = bench.to("consume_vector")
    bench.thaw(guide)
    bench.perform(guide, second="")
    given: dict[str, Any] = {"batch_id": bench.batch.pk, "step_code": "consume_vector"}
    attack(NOT_TRAINED, "manufacturing.verify_step", "qareviewer", **given)
    attack("manufacturing.own_work", "manufacturing.verify_step", "operator1", **given)
    address = reverse("manufacturing:batch", args=[bench.batch.pk])
    for who, grey, code in (
        ("qareviewer", True, NOT_TRAINED),
        ("operator1", True, "manufacturing.own_work"),
        ("operator2", False, NOT_TRAINED),
    ):
        page = Page().client(who).get(address).content.decode()
        row = page.partition('data-step="consume_vector"')[2].partition("data-step=")[0]
        assert "verify_step" in row, who
        assert (code in row) is grey, who
    bench.act("manufacturing.verify_step", bench.find("operator2"), **given)
