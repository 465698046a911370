"""A treatment course whose journeys are real: the lower contexts' acts below, the acts of logistics on top."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import ShipmentId
from vein2vein.core.uploads import Upload
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.instruments.writers import steady_readings, write_counter, write_trace
from vein2vein.identity.models import Container
from vein2vein.logistics import actions
from vein2vein.logistics.models import MaterialReceipt, Shipment
from vein2vein.logistics.states import ShipmentKind
from vein2vein.orders.states import Moment
from vein2vein.orders.tests.conftest import Course, Find, Sign, clock_at

__all__ = ["clock_at"]

CHILLED = (Decimal(5), Decimal("1.5"))
CRYOGENIC = (Decimal(-180), Decimal(6))


@pytest.fixture(scope="session")
def _worker_database(simulated_database: str) -> str:
    """Days may pass in these tests."""
    return simulated_database


class Way(Course):
    """One patient's course whose shipments are planned, packed, carried and received for real."""

    shipment: Shipment
    seals = 0

    def to(self, state: str) -> Way:
        """Carry the course on until it is in `state`."""
        super().to(state)
        return self

    def carrier(self) -> Any:
        return self.find("carrier.a" if self.place in ("rj", "bj") else "carrier.b")

    def plan(self, kind: ShipmentKind = ShipmentKind.STARTING_MATERIAL, **changed: Any) -> Shipment:
        """Plan a shipment, with some arguments changed."""
        starting = kind is ShipmentKind.STARTING_MATERIAL
        numbers = {"rj": 1, "bj": 2, "hk": 3}
        given = {
            "order_id": self.order.pk,
            "kind": kind,
            "shipper": f"{'CB' if starting else 'DS'}-0{numbers[self.place]}",
            "logger": f"TL-0{numbers[self.place] + (0 if starting else 3)}",
            **changed,
        }
        by = given.pop("by", None) or (self.who("coordinator") if starting else self.find("warehouse"))
        self.shipment = actions.plan_shipment(**given, by=by)
        return self.shipment

    def contents(self) -> list[str]:
        """Return the codes of what belongs in the shipment."""
        if self.shipment.kind == "product":
            return [bag.code for bag in self.bags]
        return list(
            Container.objects.filter(coi_id=self.order.coi_id, kind="starting_material", state="active").values_list(
                "code", flat=True
            )
        )

    def packing(self, **changed: Any) -> dict[str, Any]:
        """Return good arguments of pack_shipment, with some changed."""
        Way.seals += 1
        return {
            "shipment_id": self.shipment.pk,
            "scanned_containers": self.contents(),
            "scanned_shipper": self.shipment.shipper_code,
            "scanned_logger": self.shipment.logger_code,
            "scanned_seal": make(Kind.SEAL, f"{os.getpid()}{Way.seals:05d}"),
            **changed,
        }

    def packer(self) -> Any:
        return self.find("warehouse") if self.shipment.kind == "product" else self.who("nurse")

    def pack(self, **changed: Any) -> Shipment:
        by = changed.pop("by", None) or self.packer()
        self.shipment = actions.pack_shipment(**self.packing(**changed), by=by)
        return self.shipment

    def depart(self) -> Shipment:
        self.shipment = actions.hand_over_shipment(
            shipment_id=ShipmentId(self.shipment.pk), scanned_shipment=self.shipment.code, by=self.carrier()
        )
        return self.shipment

    def deliver(self, hours: int = 10) -> Shipment:
        self.clock.advance(timedelta(hours=hours))
        self.shipment = actions.deliver_shipment(
            shipment_id=ShipmentId(self.shipment.pk), scanned_shipment=self.shipment.code, by=self.carrier()
        )
        self.clock.advance(timedelta(minutes=5))
        return self.shipment

    def readings(self) -> list[tuple[datetime, Decimal]]:
        """Return good readings from the packing until now."""
        assert self.shipment.packed_at is not None
        around, swing = CHILLED if self.shipment.kind == "starting_material" else CRYOGENIC
        return steady_readings(
            start=self.shipment.packed_at,
            stop=self.clock.at,
            interval=timedelta(minutes=5),
            around_c=around,
            swing_c=swing,
        )

    def trace(self, points: list[tuple[datetime, Decimal]] | None = None, serial: str = "") -> Upload:
        """Return the logger's file of these readings."""
        made = write_trace(
            serial=serial or self.shipment.logger_serial,
            model="Demonstration logger",
            interval_s=300,
            points=points or self.readings(),
        )
        return Upload("trace.csv", made)

    def receiving(self, **changed: Any) -> dict[str, Any]:
        """Return good arguments of receive_shipment, with some changed."""
        return {
            "shipment_id": self.shipment.pk,
            "scanned_shipment": self.shipment.code,
            "scanned_seal": self.shipment.seal,
            "seal_intact": True,
            "scanned_containers": self.contents(),
            "trace": changed["trace"] if "trace" in changed else self.trace(),
            **changed,
        }

    def receivers(self) -> tuple[Any, Any]:
        if self.shipment.kind == "product":
            return self.who("celllab"), self.second("celllab")
        return self.find("warehouse"), self.find("warehouse2")

    def receive(self, **changed: Any) -> Shipment:
        first, second = self.receivers()
        self.shipment = self.witnessed(first, second, "logistics.receive_shipment", **self.receiving(**changed))
        return self.shipment

    def count(self, **changed: Any) -> Upload:
        """Return the counter's export of a good count, with some values changed."""
        given = {
            "sample_id": self.contents()[0],
            "measured_at": self.clock.at,
            "live_cells_per_ml": Decimal("2.4E7"),
            "dead_cells_per_ml": Decimal("1.0E6"),
            **changed,
        }
        return Upload("count.csv", write_counter(**given))

    def accept(self, counter: Upload | None = None, **changed: Any) -> MaterialReceipt:
        self.clock.advance(timedelta(minutes=20))
        given = {
            "shipment_id": self.shipment.pk,
            "scanned_container": self.contents()[0],
            "counter": counter or self.count(),
            **changed,
        }
        by = given.pop("by", None) or self.find("operator1")
        return actions.accept_material(**given, by=by)

    def review(self, decision: Any, who: str = "qareviewer") -> Shipment:
        self.shipment = self.signed(
            self.find(who),
            "logistics.review_excursion",
            shipment_id=self.shipment.pk,
            decision=decision,
            assessment="The cells bear it: stability study",
        )
        return self.shipment

    def _in_transit(self) -> None:
        self.plan()
        self.pack()
        self.depart()

    def _received(self) -> None:
        self.deliver()
        self.receive()

    def _material_accepted(self) -> None:
        self.accept()

    def _dispatched(self) -> None:
        self.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
        self.plan(ShipmentKind.PRODUCT)
        self.pack()
        self.depart()

    def _at_site(self) -> None:
        self.deliver(24)
        self.receive()


@pytest.fixture
def way(clock_at: SimulatedClock, actor: Find, sign: Sign) -> Way:
    return Way(clock_at, actor, sign)


@pytest.fixture
def other_way(clock_at: SimulatedClock, actor: Find, sign: Sign) -> Way:
    """A course of another hospital's patient."""
    return Way(clock_at, actor, sign, place="bj")
