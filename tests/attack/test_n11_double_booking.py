"""N11: nothing is booked twice: slot, workstation, shipper, logger, courier, bed, person, incubator, room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.urls import reverse

from tests.attack.courses import Treatment, side_by_side
from tests.attack.doors import Attack, Page
from tests.attack.sql import forbidden, sql
from tests.attack.test_races import at_once, whole
from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import new_id
from vein2vein.engines.codes import Kind, make
from vein2vein.logistics.models import Shipment
from vein2vein.logistics.states import ShipmentKind
from vein2vein.manufacturing import reads
from vein2vein.manufacturing.models import Occupancy
from vein2vein.manufacturing.states import Answer
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.materials.models import Movement
from vein2vein.network.models import Reservation

pytestmark = pytest.mark.requirement("N11")
CLEAR = "manufacturing.clear_line"


@pytest.fixture
def began(simulated_db: str) -> SimulatedClock:
    """Give the clock by which courses come to the moment that several want one thing."""
    return SimulatedClock(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))


def receipt_bench(bench: Bench, code: str) -> dict[str, Any]:
    """Return what clears a receipt bench for a batch."""
    station = make(Kind.EQUIPMENT, code)
    return {"batch_id": bench.batch.pk, "step_code": "clear_receipt_bench", "equipment_code": station}


def test_what_travels_with_one_shipment_travels_with_no_other(
    ours: Treatment, theirs: Treatment, attack: Attack
) -> None:
    ours.to("accepted")
    theirs.to("accepted")
    ours.plan()
    given: dict[str, Any] = {"order_id": theirs.order.pk, "kind": ShipmentKind.STARTING_MATERIAL}
    plan = "logistics.plan_shipment"
    attack("logistics.shipper_taken", plan, "coordinator.bj", **given, shipper="CB-01", logger="TL-02")
    attack("logistics.logger_taken", plan, "coordinator.bj", **given, shipper="CB-02", logger="TL-01")
    own = given | {"order_id": ours.order.pk}
    attack("logistics.order_taken", plan, "coordinator.rj", **own, shipper="CB-02", logger="TL-02")
    theirs.plan()
    for column in ("shipper_id", "logger_id"):
        with forbidden():
            sql(
                f"UPDATE logistics_shipment SET {column} = (SELECT {column} FROM logistics_shipment WHERE id = %s)"
                " WHERE id = %s",
                ours.shipment.pk,
                theirs.shipment.pk,
            )


def test_a_slot_is_one_orders(ours: Treatment, theirs: Treatment) -> None:
    ours.to("accepted")
    theirs.to("accepted")
    mine, other = ours.order.slot, theirs.order.slot
    assert mine is not None
    assert other is not None
    with forbidden("network_reservation_overlap"):
        sql(
            "INSERT INTO network_reservation (id, resource_id, during, holder, state)"
            " SELECT %s, resource_id, during, %s, 'held' FROM network_reservation WHERE id = %s",
            new_id(),
            f"order:{theirs.order.pk}",
            mine.pk,
        )
    with forbidden():
        sql("UPDATE orders_order SET slot_id = %s WHERE id = %s", mine.pk, theirs.order.pk)
    with forbidden():
        sql(
            "INSERT INTO network_reservation (id, resource_id, during, holder, state)"
            " SELECT %s, resource_id, 'empty', %s, 'held' FROM network_reservation WHERE id = %s",
            new_id(),
            f"order:{theirs.order.pk}",
            mine.pk,
        )


def test_a_workstation_is_one_batchs(
    ours: Treatment, theirs: Treatment, benches: Callable[..., list[Bench]], attack: Attack
) -> None:
    first, second = benches(ours, theirs)
    first.to("scan_leukapheresis")
    second.to("clear_receipt_bench")
    taken = "manufacturing.workstation_occupied"
    attack(taken, CLEAR, "operator1", "operator2", **receipt_bench(second, "RB-01"))
    held = Occupancy.objects.get(batch=first.batch)
    with forbidden("manufacturing_workstation_one_patient"):
        sql(
            "INSERT INTO manufacturing_occupancy (id, workstation_id, batch_id, coi_id, during)"
            " VALUES (%s, %s, %s, %s, tstzrange(%s, NULL))",
            new_id(),
            held.workstation_id,
            second.batch.pk,
            second.batch.coi_id,
            ours.clock.at,
        )


@pytest.mark.race
def test_two_hospitals_take_one_shipping_container_at_once(
    began: SimulatedClock, actor: Callable[[str], Actor], sign: Callable[..., Actor]
) -> None:
    with clock.use(began):
        courses = [Treatment(began, actor, sign, place=place) for place in ("rj", "bj")]
        for one in courses:
            one.to("accepted")
        people = [actor("coordinator.rj"), actor("coordinator.bj")]
    now = began.at + timedelta(minutes=1)

    def plan(place: int) -> None:
        with clock.use(SimulatedClock(now)):
            journal.ACTIONS["logistics.plan_shipment"].run(
                order_id=courses[place].order.pk,
                kind=ShipmentKind.STARTING_MATERIAL,
                shipper="CB-01",
                logger=f"TL-0{place + 1}",
                by=people[place],
            )

    assert at_once([partial(plan, place) for place in range(2)]) == ["done", "logistics.shipper_taken"]
    assert Shipment.objects.filter(shipper__code="CB-01").count() == 1
    whole()


@pytest.mark.race
def test_orders_accepted_at_once_get_slots_that_do_not_overlap(
    began: SimulatedClock, actor: Callable[[str], Actor], sign: Callable[..., Actor]
) -> None:
    courses = []
    with clock.use(began):
        for number in range(6):
            one = Treatment(began, actor, sign, place=("rj", "bj")[number % 2])
            one.number = f"DEMO-N11-{number}"
            courses.append(one.to("submitted"))
        planner = actor("planner")
    now = began.at + timedelta(minutes=1)

    def accept(place: int) -> None:
        with clock.use(SimulatedClock(now)):
            journal.ACTIONS["orders.accept_order"].run(order_id=courses[place].order.pk, by=planner)

    ran = at_once([partial(accept, place) for place in range(6)])
    assert ran == ["done"] * 6, ran
    spans = [(one.resource_id, one.during.lower, one.during.upper) for one in Reservation.objects.filter(state="held")]
    clashes = [(a, b) for a in spans for b in spans if a < b and a[0] == b[0] and a[1] < b[2] and b[1] < a[2]]
    assert (len(spans), clashes) == (6, [])
    whole()


def test_a_person_is_at_one_batch_at_a_time(
    ours: Treatment, theirs: Treatment, benches: Callable[..., list[Bench]], attack: Attack
) -> None:
    first, second = benches(ours, theirs)
    first.to("check_bag_intact")
    second.to("clear_receipt_bench")
    free = receipt_bench(second, "RB-02")
    taken = "network.person_taken"
    attack(taken, CLEAR, "operator1", "operator2", **free)
    page = Page().client("operator1").get(reverse("manufacturing:batch", args=[second.batch.pk])).content.decode()
    assert taken in page
    assert f"{first.find('operator1').name} is at work on {first.batch.number}" in page
    booked = Reservation.objects.get(holder=f"batch:{first.batch.pk}", resource__kind="person")
    with forbidden("network_reservation_overlap"):
        sql(
            "INSERT INTO network_reservation (id, resource_id, during, holder, state)"
            " SELECT %s, resource_id, during, %s, 'in_use' FROM network_reservation WHERE id = %s",
            new_id(),
            f"batch:{second.batch.pk}",
            booked.pk,
        )
    away = "manufacturing.step_away"
    attack("manufacturing.supervisor_relieves", away, "operator2", batch_id=first.batch.pk, person="operator1")
    attack("manufacturing.not_at_work", away, "operator2", batch_id=first.batch.pk)
    ours.clock.advance(timedelta(minutes=1))
    first.act(away, first.find("supervisor"), batch_id=first.batch.pk, person="operator1")
    second.act(CLEAR, second.find("operator1"), "operator2", **free)
    ours.clock.advance(timedelta(minutes=1))
    intact: dict[str, Any] = {"batch_id": first.batch.pk, "step_code": "check_bag_intact", "answer": Answer.YES}
    attack(taken, "manufacturing.record_step", "operator1", **intact)
    first.act("manufacturing.record_step", first.find("operator4"), **intact)
    whole()


def test_who_thaws_material_for_one_batch_thaws_none_for_another(
    ours: Treatment, theirs: Treatment, benches: Callable[..., list[Bench]], attack: Attack
) -> None:
    first, second = benches(ours, theirs)
    second.stations["closed_workstation"] = "WS-02"
    for bench in (first, second):
        bench.to("consume_vector")
    ours.clock.advance(timedelta(minutes=1))
    for bench, person in ((first, "operator1"), (second, "operator3")):
        bench.act("manufacturing.step_away", bench.find("supervisor"), batch_id=bench.id, person=person)
    guide = second.guide("consume_vector")
    given: dict[str, Any] = {
        "batch_id": second.id,
        "step_code": guide.step_code,
        "lot_code": second.lot(guide.material),
    }
    first.thaw(first.guide("consume_vector"))
    booked = Reservation.objects.get(holder=f"batch:{first.id}", resource__code="operator1", state="in_use")
    assert booked.during.lower == ours.clock.at
    attack("network.person_taken", "manufacturing.thaw_material", "operator1", **given)
    assert not Movement.objects.filter(holder=f"batch:{second.id}", kind="thaw", lot__code=given["lot_code"]).exists()
    second.act("manufacturing.thaw_material", second.find("operator3"), **given)
    attack("network.person_taken", guide.action, "operator1", "operator2", **second.payload(guide))
    attack("network.person_taken", guide.action, "operator3", "operator2", **first.payload(guide))
    whole()


def at_one_incubator(both: list[Bench]) -> list[Bench]:
    """Bring two batches to the step at which an incubator is scanned; the first has IN-01, the second wants it."""
    for bench in both:
        bench.stations["closed_workstation"] = f"WS-0{bench.place + 1}"
        bench.to("scan_incubator")
    first, second = both
    second.stations["incubator"] = "IN-01"
    first.once(first.next())
    return both


def test_an_incubator_is_one_batchs_until_its_operation_is_completed(
    ours: Treatment, theirs: Treatment, benches: Callable[..., list[Bench]], attack: Attack
) -> None:
    first, second = at_one_incubator(benches(ours, theirs))
    guide = second.guide("scan_incubator")
    attack("network.taken", "manufacturing.record_step", "operator3", **second.payload(guide))
    booked = Reservation.objects.get(holder=f"batch:{first.batch.pk}", resource__code="IN-01")
    assert (booked.state, booked.held_for, booked.during.upper) == ("in_use", first.batch.number, None)
    with forbidden("network_reservation_overlap"):
        sql(
            "INSERT INTO network_reservation (id, resource_id, during, holder, state)"
            " SELECT %s, resource_id, tstzrange(%s, %s), %s, 'held' FROM network_reservation WHERE id = %s",
            new_id(),
            ours.clock.at + timedelta(days=30),
            ours.clock.at + timedelta(days=31),
            f"batch:{second.batch.pk}",
            booked.pk,
        )
    first.to("scan_culture_bag")
    booked.refresh_from_db()
    assert booked.state == "used"
    second.perform(guide)
    whole()


def test_an_incubator_of_a_terminated_batch_is_its_own_until_it_is_cleared_out(
    ours: Treatment, theirs: Treatment, benches: Callable[..., list[Bench]], attack: Attack
) -> None:
    first, second = at_one_incubator(benches(ours, theirs))
    out: dict[str, Any] = {"batch_id": first.id, "equipment_code": first.equipment("incubator")}
    attack("manufacturing.not_occupied", "manufacturing.clear_out", "operator1", **out)
    first.act("manufacturing.terminate_batch", first.find("supervisor"), batch_id=first.id, reason="bag leaks")
    booked = Reservation.objects.get(holder=f"batch:{first.batch.pk}", resource__code="IN-01")
    assert booked.state == "in_use"
    guide = second.guide("scan_incubator")
    attack("network.taken", "manufacturing.record_step", "operator3", **second.payload(guide))
    attack("manufacturing.not_occupied", "manufacturing.clear_out", "operator1", **{**out, "batch_id": second.id})
    waiting = [one.pk for one in reads.list_to_clear_out(first.find("operator1"))]
    assert waiting == [first.batch.pk]
    ours.clock.advance(timedelta(minutes=10))
    first.clear_out()
    assert reads.list_to_clear_out(first.find("operator1")) != []
    first.act("manufacturing.clear_out", first.find("operator1"), **out)
    assert reads.list_to_clear_out(first.find("operator1")) == []
    booked.refresh_from_db()
    assert booked.state == "used"
    second.perform(guide)
    whole()


def test_a_room_is_one_patients_where_the_definition_says_so(
    ours: Treatment, theirs: Treatment, benches: Callable[..., list[Bench]], attack: Attack
) -> None:
    first, second = benches(ours, theirs)
    operation = reads.definition_of(first.batch).process.operation("receive")
    object.__setattr__(operation, "single_patient_room", True)
    try:
        first.to("scan_leukapheresis")
        second.to("clear_receipt_bench")
        free = receipt_bench(second, "RB-02")
        attack("network.taken", CLEAR, "operator3", "operator2", **free)
        held = Reservation.objects.filter(holder=f"batch:{first.batch.pk}", state="in_use")
        assert {one.resource.code for one in held.select_related("resource")} == {"RB-01", "RB-02", "operator1"}
        first.to("clear_wash_station")
        second.act(CLEAR, second.find("operator3"), "operator2", **free)
    finally:
        object.__setattr__(operation, "single_patient_room", None)


@pytest.mark.race
def test_one_person_is_asked_to_two_batches_at_once(
    began: SimulatedClock, actor: Callable[[str], Actor], sign: Callable[..., Actor]
) -> None:
    with clock.use(began):
        courses = [Treatment(began, actor, sign, place=place) for place in ("rj", "bj")]
        side_by_side(courses, "collecting", "material_accepted")
        found = [Bench(began, actor, sign, place) for place, _ in enumerate(courses)]
        for bench, course in zip(found, courses, strict=True):
            bench.open(course.order)
            bench.to("clear_receipt_bench")
    now = began.at + timedelta(minutes=1)

    def come(place: int) -> None:
        with clock.use(SimulatedClock(now)):
            told = receipt_bench(found[place], f"RB-0{place + 1}")
            found[place].act(CLEAR, actor("operator1"), "operator2", **told)

    ran = at_once([partial(come, place) for place in range(2)])
    assert ran == ["done", "network.person_taken"], ran
    assert Reservation.objects.filter(resource__kind="person", state="in_use").count() == 1
    whole()


def test_a_courier_is_one_shipments_at_a_time(ours: Treatment, theirs: Treatment, attack: Attack) -> None:
    ours.to("accepted")
    theirs.to("accepted")
    ours.plan()
    booked = Reservation.objects.select_related("resource").get(holder=f"shipment:{ours.shipment.pk}")
    lane = ours.shipment.lane
    assert booked.during.upper - booked.during.lower == timedelta(hours=float(lane.longest_hours))
    told: dict[str, Any] = {
        "order_id": theirs.order.pk,
        "kind": ShipmentKind.STARTING_MATERIAL,
        "shipper": "CB-02",
        "logger": "TL-02",
        "courier": booked.resource.code,
        "collect_at": booked.during.lower + timedelta(hours=1),
    }
    attack("network.taken", "logistics.plan_shipment", "coordinator.bj", **told)
    with forbidden("network_reservation_overlap"):
        sql(
            "INSERT INTO network_reservation (id, resource_id, during, holder, state)"
            " SELECT %s, resource_id, during, %s, 'held' FROM network_reservation WHERE id = %s",
            new_id(),
            "shipment:another",
            booked.pk,
        )
    journal.ACTIONS["logistics.cancel_shipment"].run(
        shipment_id=ours.shipment.pk, reason="flight cancelled", by=ours.who("coordinator")
    )
    journal.ACTIONS["logistics.plan_shipment"].run(**told, by=theirs.who("coordinator"))
    whole()


def test_a_bed_is_one_patients_at_a_time(
    clock_at: SimulatedClock, ours: Treatment, theirs: Treatment, attack: Attack
) -> None:
    theirs.place, theirs.number = "rj", "DEMO-N11-BED"
    side_by_side([ours, theirs], "collecting", "material_accepted", "released")
    plan, at = "orders.plan_infusion", clock_at.at + timedelta(days=9)
    kept = journal.ACTIONS[plan].run(order_id=ours.order.pk, infusion_planned_at=at, by=ours.who("coordinator"))
    assert kept.resource.code == "RJ-BED-1"
    told: dict[str, Any] = {"order_id": theirs.order.pk, "infusion_planned_at": at + timedelta(hours=7)}
    attack("network.taken", plan, "coordinator.rj", **told, bed="RJ-BED-1")
    attack("network.not_found", plan, "coordinator.rj", **told, bed="BJ-BED-1")
    attack("orders.infusion_in_past", plan, "coordinator.rj", order_id=ours.order.pk, infusion_planned_at=clock_at.at)
    page = Page().client("coordinator.rj").get(reverse("orders:order", args=[ours.order.pk])).content.decode()
    assert "RJ-BED-1" in page
    with forbidden("network_reservation_overlap"):
        sql(
            "INSERT INTO network_reservation (id, resource_id, during, holder, state)"
            " SELECT %s, resource_id, during, %s, 'held' FROM network_reservation WHERE id = %s",
            new_id(),
            f"order:{theirs.order.pk}",
            kept.pk,
        )
    journal.ACTIONS[plan].run(
        order_id=ours.order.pk, infusion_planned_at=at + timedelta(days=1), by=ours.who("coordinator")
    )
    other = journal.ACTIONS[plan].run(**told, bed="RJ-BED-1", by=theirs.who("coordinator"))
    assert other.held_for == theirs.order.code
    whole()
