"""The way of one shipment: planned, packed, carried, received with its logger's trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from vein2vein.core.ids import OrderId, SiteId, new_token
from vein2vein.core.uploads import Upload
from vein2vein.driver.crew import Crew
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.instruments.writers import steady_readings, write_trace
from vein2vein.logistics import reads
from vein2vein.logistics.states import ShipmentKind
from vein2vein.network import reads as network
from vein2vein.network.states import TemperatureClass

if TYPE_CHECKING:
    from vein2vein.logistics.models import Shipment


@dataclass(frozen=True, slots=True)
class Way:
    """Who sends, who receives, in which equipment, and what its logger shows (°C around, swing)."""

    kind: ShipmentKind
    planner: str
    packer: str
    receiver: str
    second: str
    shipper: str
    logger: str
    around_c: Decimal
    swing_c: Decimal


def carry(crew: Crew, order_id: OrderId, way: Way, containers: Sequence[str]) -> tuple[Shipment, Upload]:
    """Carry `containers` all the way; return the received shipment and the trace's file."""
    planned = crew.act(
        "logistics.plan_shipment",
        way.planner,
        order_id=order_id,
        kind=way.kind,
        shipper=way.shipper,
        logger=way.logger,
        permits=_permits(order_id, way.kind),
    )
    crew.wait(minutes=30)
    shipment: Shipment = crew.act(
        "logistics.pack_shipment",
        way.packer,
        shipment_id=planned.pk,
        scanned_containers=list(containers),
        scanned_shipper=planned.shipper_code,
        scanned_logger=planned.logger_code,
        scanned_seal=make(Kind.SEAL, new_token(8)),
    )
    lane = network.get_lane(shipment.lane.code)
    carrier = "carrier.a" if lane.carrier.code == "CARRIER-A-DEMO" else "carrier.b"
    scanned = {"shipment_id": shipment.pk, "scanned_shipment": shipment.code}
    crew.wait(minutes=20)
    crew.act("logistics.hand_over_shipment", carrier, "", **scanned)
    crew.wait(hours=float(lane.typical_hours))
    crew.act("logistics.deliver_shipment", carrier, "", **scanned)
    crew.wait(minutes=15)
    trace = trace_of(crew, shipment, way)
    received = crew.act(
        "logistics.receive_shipment",
        way.receiver,
        way.second,
        **scanned,
        scanned_seal=shipment.seal,
        seal_intact=True,
        scanned_containers=list(containers),
        trace=trace,
    )
    return received, trace


def trace_of(crew: Crew, shipment: Shipment, way: Way) -> Upload:
    """Return the file of a logger that saw nothing unusual from packing until now."""
    assert shipment.packed_at is not None  # noqa: S101 - a packed shipment has its time
    interval = timedelta(minutes=10)
    points = steady_readings(
        start=shipment.packed_at, stop=crew.clock.at, interval=interval, around_c=way.around_c, swing_c=way.swing_c
    )
    data = write_trace(serial=shipment.logger_serial, model="Demonstration logger", interval_s=600, points=points)
    return Upload(f"trace-{way.kind.value.replace('_', '-')}.csv", data)


def _permits(order_id: OrderId, kind: ShipmentKind) -> list[str]:
    """Return the permits that the lane asks for, each with a number for the demonstration."""
    wanted = reads.wanted_of(order_id, kind).journey
    lane = network.find_lane(
        origin_id=SiteId(network.get_site(wanted.origin).pk),
        destination_id=SiteId(network.get_site(wanted.destination).pk),
        temperature_class=TemperatureClass(wanted.temperature_class),
    )
    asked = [] if lane is None else lane.permits
    return [f"{name} = DEMO-{number}" for number, name in enumerate(asked, start=1)]
