"""Batches of every release route, made and tested once for all tests of this folder: making one takes long."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests import template as databases_of_tests
from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import ContainerId
from vein2vein.identity.actions import set_disposition
from vein2vein.identity.models import Container
from vein2vein.identity.states import Disposition
from vein2vein.laboratory.tests import worlds
from vein2vein.laboratory.tests.assays import Laboratory
from vein2vein.manufacturing.models import Batch
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.orders import actions
from vein2vein.orders.models import Order
from vein2vein.orders.states import OrderRoute
from vein2vein.orders.tests.conftest import Course
from vein2vein.people import reads
from vein2vein.quality.tests.ready import Quality

PAPERLESS: dict[str, Any] = {"protocol": "", "subject_number": "", "arm": ""}


@dataclass(frozen=True, slots=True)
class Way:
    """One order of this world: whose hospital, by which route, which tests are left open, dead cells per mL.

    With more than one apheresis the material is frozen, and what is not used is left for another batch. `prepare` is
    done before the order is placed; `bench` makes the batch.
    """

    place: str
    ordered: Mapping[str, Any]
    without: tuple[str, ...] = ("sterility_compendial",)
    dead: Decimal = Decimal("400000")
    aphereses: int = 1
    prepare: Callable[[], None] | None = None
    bench: type[Bench] | None = None


LUPUS_ARM = {"indication_code": "sle", "protocol": "DEMO-SLE-101", "arm": "sle-dl2", "dose_amount": Decimal(200000)}
WAYS: dict[str, Way] = {
    "commercial": Way("rj", {"route": OrderRoute.COMMERCIAL, **PAPERLESS}),
    "named_patient": Way(
        "hk",
        {"route": OrderRoute.NAMED_PATIENT, **PAPERLESS, "starting_material": "cryopreserved"},
        dead=Decimal("1900000"),
        aphereses=2,
    ),
    "two_stage": Way(
        "sg",
        {"subject_number": "SG-001", **LUPUS_ARM},
        without=("sterility", "sterility_compendial"),
    ),
}


@dataclass(frozen=True, slots=True)
class Made:
    """A batch of this world, its patient's wristband, and when it was settled."""

    batch_id: UUID
    wristband: str
    at: datetime


FOUND: dict[str, Made] = {}
KNOWN: dict[str, Way] = {}


@contextmanager
def world(template: str, ways: Mapping[str, Way], name: str = "routes") -> Iterator[str]:
    """Give a simulated database with a tested batch for each way; it is dropped in the end."""
    database = f"{template}_{name}_{os.getpid()}"
    KNOWN.update(ways)
    with worlds.clone(template, database):
        databases_of_tests.simulate(database)
        before = worlds.point_to(database)
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
        with clock.use(SimulatedClock(start)) as simulated:
            for each, way in ways.items():
                FOUND[each] = Made(*made(simulated, way), simulated.at)
        worlds.point_to(before)
        yield database


class Ordered(Course):
    """A course whose dose is confirmed as its own order says, with as many aphereses as its way has."""

    aphereses = 1

    def dose(self, **changed: Any) -> dict[str, Any]:
        return super().dose(**{"dose_amount": self.order.dose_amount} | changed)

    def _collected(self) -> None:
        if self.aphereses == 1:
            super()._collected()
            return
        for number in range(self.aphereses):
            if number:
                self.again()
                given: dict[str, Any] = {"order_id": self.order_id, "scanned_wristband": self.wristband}
                self.witnessed(self.who("nurse"), self.second("nurse"), "orders.start_collection", **given)
            self.activate()
            self.clock.advance(timedelta(hours=4))
            kind: dict[str, Any] = {"volume_ml": Decimal(150), "alternative": "cryopreserved"}
            actions.record_collection(order_id=self.order_id, **kind, by=self.who("nurse"))

    def infuse(self, bag: Container) -> None:
        assert bag.volume_ml is not None
        self.match(bag)
        given: dict[str, Any] = {"order_id": self.order_id, "scanned_bag": bag.code, "by": self.who("infusion")}
        actions.start_infusion(**given)
        self.clock.advance(timedelta(minutes=12))
        actions.record_infusion(**given, volume_ml=bag.volume_ml)


class Received(Bench):
    """A bench at which every bag of the starting material was accepted."""

    def receive(self, order: Order) -> None:
        for bag in Container.objects.filter(coi_id=order.coi_id, kind="starting_material").order_by("id"):
            set_disposition(
                container_id=ContainerId(bag.pk),
                disposition=Disposition.ACCEPTED,
                reason="test",
                by=journal.system("test"),
            )


def made(simulated: SimulatedClock, way: Way) -> tuple[UUID, str]:
    """Carry an order of this way until its batch is tested and settled; return batch and wristband."""
    if way.prepare is not None:
        way.prepare()
    course = Ordered(simulated, reads.actor_named, worlds.granted, place=way.place)
    course.aphereses = way.aphereses
    course.draft(**way.ordered)
    course.to("material_accepted")
    bench = (way.bench or Received)(simulated, reads.actor_named, worlds.granted)
    bench.open(course.order)
    bench.finish()
    lab = Laboratory(bench)
    lab.dead = way.dead
    lab.finish(without=way.without)
    Quality(lab, place=way.place).prepare()
    return bench.batch.pk, course.wristband


def quality_of(name: str, simulated: SimulatedClock) -> Quality:
    """Return the batch of a way with its people."""
    simulated.at = FOUND[name].at
    bench = Bench(simulated, reads.actor_named, worlds.granted)
    found = Batch.objects.select_related("coi", "site", "order", "definition")
    bench.batch = found.get(pk=FOUND[name].batch_id)
    return Quality(Laboratory(bench), place=KNOWN[name].place)


def course_of(name: str, simulated: SimulatedClock) -> Course:
    """Return the course of a way's patient, as its hospital goes on with it."""
    course = Ordered(simulated, reads.actor_named, worlds.granted, place=KNOWN[name].place)
    course.wristband = FOUND[name].wristband
    course.order = Batch.objects.select_related("order").get(pk=FOUND[name].batch_id).order
    course.again()
    course.bags = [bag.container for bag in course.order.bags.select_related("container")]
    return course
