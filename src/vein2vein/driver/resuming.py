"""Invented patients found again in the database, and the stage from which each goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId, CoiId, ContainerId, OrderId, PatientId, SiteId
from vein2vein.driver.base import Base
from vein2vein.driver.bench import Bench
from vein2vein.driver.course import Course
from vein2vein.driver.draws import Draws
from vein2vein.driver.invention import Wish, invent
from vein2vein.driver.late import open_alerts, second_stage_awaited
from vein2vein.driver.lives import Life
from vein2vein.driver.plant import Plant
from vein2vein.identity import reads as identity
from vein2vein.laboratory import reads as laboratory
from vein2vein.laboratory.states import TestState
from vein2vein.logistics import reads as logistics
from vein2vein.logistics.states import UNDER_WAY, ShipmentKind, ShipmentState
from vein2vein.manufacturing import reads as manufacturing
from vein2vein.network import reads as network
from vein2vein.orders import reads as orders
from vein2vein.orders.queues import awaits_reserve
from vein2vein.orders.states import OrderState
from vein2vein.quality import reads as quality

if TYPE_CHECKING:
    from vein2vein.orders.models import Order

_S = OrderState
STAGES = {
    _S.DRAFTED: "order",
    _S.SUBMITTED: "order",
    _S.ACCEPTED: "collection",
    _S.COLLECTING: "collection",
    _S.COLLECTED: "starting material on its way",
    _S.IN_TRANSIT: "starting material on its way",
    _S.RECEIVED: "receipt gate",
    _S.MATERIAL_ACCEPTED: "manufacture",
    _S.IN_MANUFACTURE: "manufacture",
    _S.MANUFACTURED: "release tests",
    _S.RELEASED: "product on its way",
    _S.DISPATCHED: "product on its way",
    _S.AT_SITE: "infusion",
    _S.CLEARED: "infusion",
    _S.THAWED: "infusion",
    _S.STOPPED: "decision",
    _S.INFUSED: "",
}
"""Where a course goes on, by its state."""
RELEASED = (_S.RELEASED, _S.DISPATCHED, _S.AT_SITE, _S.CLEARED, _S.THAWED, _S.INFUSED)
MADE = (_S.IN_MANUFACTURE, _S.MANUFACTURED, *RELEASED, _S.STOPPED, _S.CANCELLED, _S.CLOSED)
AT_THE_HOSPITAL = (_S.ACCEPTED, _S.COLLECTING, _S.COLLECTED, _S.IN_TRANSIT)
FEWEST_MISSING = 60
"""After so many numbers without a patient there are no more: a history may have left some out."""


def find_invented(seed: int, *, by: Actor) -> Iterator[tuple[Wish, Draws, list[Order]]]:
    """Yield each invented patient who is known here, by number, with their orders."""
    mine: dict[PatientId, list[Order]] = {}
    after = None
    while page := orders.list_orders(limit=200, after=after, by=by):
        for order in page:
            mine.setdefault(PatientId(order.patient_id), []).append(order)
        after = page[-1].pk
    for placed in mine.values():
        placed.sort(key=lambda order: order.drafted_at)
    number = missing = 0
    while missing < FEWEST_MISSING:
        number += 1
        draws = Draws(seed, number)
        wish = invent(draws, number, date(2026, 1, 1))
        hospital = SiteId(network.get_site(wish.person.hospital_code).pk)
        patient = identity.find_patient_by_number(
            hospital_id=hospital, hospital_number=wish.person.hospital_number, by=by
        )
        missing = missing + 1 if patient is None else 0
        if patient is not None:
            person = replace(wish.person, born_on=patient.birth_date)
            yield replace(wish, person=person), draws, mine.get(PatientId(patient.pk), [])


def stage_of(order: Order) -> str | None:
    """Return the stage from which a course goes on; None where it is over."""
    stage = STAGES.get(OrderState(order.state))
    if order.state == _S.COLLECTED and order.coi_id is not None and identity.has_open_kit(CoiId(order.coi_id)):
        return "collection"
    if awaits_reserve(order):
        return "reserve"
    if order.state == _S.RECEIVED:
        under_way = logistics.list_shipments_under_way(order.pk)
        return "starting material on its way" if under_way else stage
    return stage


def take_up(base: Base, wish: Wish, draws: Draws, placed: list[Order]) -> None:
    """Let each course of a patient go on from where it stands, in a base that nobody else works on."""
    infused = 0
    for order in placed:
        life, stage = resume(base, wish, draws, order), stage_of(order)
        life.again = infused > 0 or order is not placed[-1]
        life.course.held = is_held(life.course)
        infused += order.state == _S.INFUSED
        if has_late_tests(life.course):
            base.under_way += 1
            base.agenda.add(0, life.go_on_late())
        if stage is not None:
            base.under_way += 1
            base.agenda.add(wish.number, life.go_on(stage))
    if placed and stage_of(placed[-1]) is None:
        base.before["infused" if infused else "not infused"] += 1


def resume(base: Base, wish: Wish, draws: Draws, order: Order) -> Life:
    """Return a patient's life as their order stands now."""
    life = Life(base, wish, draws)
    course = life.course
    course.order = orders.get_order(order_id=OrderId(order.pk), by=base.crew.who("planner"))
    if course.order.coi_id is None:
        return life
    course.failure = "not infused" if order.state == _S.STOPPED else ""
    band = identity.find_wristband_in_force(course.coi_id)
    course.wristband = "" if band is None else band.code
    _place(course)
    batch = manufacturing.find_batch_of_order(course.order_id)
    if batch is not None and order.state in MADE:
        course.plant = Plant(course.crew, base.floor, BatchId(batch.pk), course.patient, draws)
        course.bench = Bench(course.crew, base.floor, BatchId(batch.pk), course.patient.shown, draws)
        moments = {"manufactured": batch.completed_at, "released": course.order.released_at}
        course.moments.update({name: at for name, at in moments.items() if at is not None})
    given = orders.list_infusions(order_id=course.order_id, by=base.crew.who("planner"))
    if ended := [one.ended_at for one in given if one.ended_at is not None]:
        course.moments["infused"] = max(ended)
    return life


def _place(course: Course) -> None:
    """Say where each container is, what was lost, and which shipping containers are not at home."""
    by = course.crew.who("planner")
    found = identity.list_containers(coi_id=CoiId(course.coi_id), limit=200, by=course.crew.who("supervisor"))
    if course.order.state not in AT_THE_HOSPITAL:
        course.at_plant = {one.code for one in found if one.kind == "starting_material"}
    if course.order.at_site_at is not None:
        course.at_site = {bag.container.code for bag in orders.list_dose_bags(order_id=course.order_id, by=by)}
    for one in found:
        label = identity.find_label_in_force(ContainerId(one.pk))
        if label is not None and label.reprint_of_id is not None:
            course.labels[one.code] = label.code
    for shipment in logistics.list_shipments(order_id=course.order_id, limit=200, by=by):
        if shipment.kind == ShipmentKind.STARTING_MATERIAL and shipment.state == ShipmentState.RECEIVED:
            course.shipment = shipment
        if shipment.state == ShipmentState.LOST:
            course.lost |= {one.code for one in logistics.packed_in(shipment)}
        if shipment.state in UNDER_WAY:
            course.floor.hold(shipment.shipper.equipment_class, shipment.shipper.code)
            course.floor.hold(shipment.logger.equipment_class, shipment.logger.code)


def has_late_tests(course: Course) -> bool:
    """Say whether tests of a released batch are still to be done, or its second stage, or a late finding is open."""
    if "released" not in course.moments or "manufactured" not in course.moments:
        return False
    if open_alerts(course) or second_stage_awaited(course):
        return True
    if course.order.state not in RELEASED:
        return False
    planned = laboratory.list_tests(
        batch_id=course.batch_id, state=TestState.PLANNED, limit=500, by=course.crew.who("analyst")
    )
    return bool(planned)


def is_held(course: Course) -> bool:
    """Say whether the product is held for a late finding about which nobody has decided."""
    return course.order.coi_id is not None and bool(quality.undecided_alerts(course.order.coi_id))
