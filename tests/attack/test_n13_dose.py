"""N13: a wrong dose (stale weight, all cells for CAR+ cells, another unit, a power of ten) is declared by nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.attack.doors import Attack, changed
from tests.attack.sql import forbidden, sql
from tests.routes import world
from vein2vein.core import clock
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import new_id
from vein2vein.identity.models import Container
from vein2vein.laboratory.models import Result
from vein2vein.orders.models import Order
from vein2vein.quality.models import DeclaredDose
from vein2vein.quality.states import Decision
from vein2vein.quality.tests.ready import Quality

pytestmark = pytest.mark.requirement("N13")
DECLARE = "quality.declare_dose"


@pytest.fixture(scope="session")
def _worker_database(routes_database: str) -> str:
    return routes_database


@pytest.fixture
def clock_at(db: None) -> Iterator[SimulatedClock]:
    with clock.use(SimulatedClock(world.FOUND["commercial"].at)) as simulated:
        yield simulated


@pytest.fixture
def quality(clock_at: SimulatedClock) -> Quality:
    """Give a batch whose dose is to be declared."""
    return world.quality_of("commercial", clock_at)


def _stale(quality: Quality) -> None:
    quality.clock.advance(timedelta(days=15))


def _result(**wrong: Any) -> Callable[[Quality], None]:
    def spoil(quality: Quality) -> None:
        dose = DeclaredDose.objects.filter(batch=quality.batch).latest("id")
        Result.objects.filter(pk=dose.result_id).update(**wrong)

    return spoil


def _bag(**wrong: Any) -> Callable[[Quality], None]:
    def spoil(quality: Quality) -> None:
        Container.objects.filter(coi_id=quality.batch.coi_id, role="product_bag").update(**wrong)

    return spoil


def _weight(kg: int) -> Callable[[Quality], None]:
    def spoil(quality: Quality) -> None:
        Order.objects.filter(pk=quality.batch.order_id).update(weight_kg=kg)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_stale, "orders.weight_stale"),
        (_result(value=Decimal(180_000_000)), "quality.dose_reckonings_differ"),  # ten times too much
        (_result(value=Decimal(60_000_000)), "quality.dose_total"),  # all cells, not the CAR+ ones
        (_result(unit="cell/kg"), "quality.dose_unit"),
        (_bag(volume_ml=Decimal(150)), "quality.dose_volume"),
        (_weight(6), "orders.weight_bounds"),
        (_weight(132), "quality.dose_not_as_ordered"),  # pounds for kilograms
    ],
    ids=["stale-weight", "ten-times", "total-for-car", "unit", "volume", "weight-tenth", "pounds"],
)
def test_no_door_declares_a_wrong_dose(
    quality: Quality, attack: Attack, spoil: Callable[[Quality], None], code: str
) -> None:
    spoil(quality)
    attack(code, DECLARE, "qareviewer", batch_id=quality.batch.pk)


def test_the_physician_reads_the_dose_back_and_errors_are_caught(
    quality: Quality, clock_at: SimulatedClock, attack: Attack
) -> None:
    for decision in (Decision.RELEASE_BY_MANUFACTURER, Decision.RELEASE_BY_MAH):
        quality.decide(decision)
    course = world.course_of("commercial", clock_at).to("at_site")
    read = course.dose()
    for wrong, code in (
        ({"dose_amount": Decimal(3_000_000)}, "orders.dose_misread"),  # ten times
        ({"dose_amount": Decimal(18_000_000)}, "orders.dose_misread"),  # the whole dose for that of a kilogram
        ({"dose_amount": Decimal(1_000_000)}, "orders.dose_misread"),  # all cells for CAR+ cells
        ({"dose_unit": "cell"}, "orders.dose_unit"),
        ({"weight_kg": Decimal(132)}, "orders.weight_jump"),
        ({"weight_measured_at": clock_at.at - timedelta(days=20)}, "orders.weight_stale"),
    ):
        attack(code, "orders.confirm_dose", "physician.rj", **changed(read, **wrong))
    for stranger in ("coordinator.rj", "qp", "physician.bj"):
        for door in attack.doors[1:]:
            assert door.act("orders.confirm_dose", stranger, **read).status in (403, 404)


def test_raw_sql_writes_no_dose_that_does_not_add_up(quality: Quality) -> None:
    dose = DeclaredDose.objects.filter(batch=quality.batch).latest("id")
    columns = [str(one.column) for one in DeclaredDose._meta.concrete_fields if one.column != "id"]
    copied = ", ".join(columns)
    for name, wrong in (
        ("amount", "amount * 10"),
        ("total_cells", "total_cells * 10"),
        ("weight_kg", "weight_kg / 10"),
        ("unit", "'cell'"),
        ("total_cells", "0"),
        ("amount", "-1"),
    ):
        written = ", ".join(wrong if one == name else one for one in columns)
        with forbidden():
            sql(
                f"INSERT INTO quality_declareddose (id, {copied}) SELECT %s, {written} "
                "FROM quality_declareddose WHERE id = %s",
                new_id(),
                dose.pk,
            )
    with forbidden("quality_dose_adds_up"):
        sql("UPDATE quality_declareddose SET amount = amount * 10 WHERE id = %s", dose.pk)
