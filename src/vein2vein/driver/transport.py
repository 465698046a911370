"""The way of one shipment: planned, packed, carried, received with its logger's trace."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vein2vein.core.ids import EquipmentId, OrderId, SiteId, new_token
from vein2vein.core.uploads import Upload
from vein2vein.driver.agenda import Pause, Play
from vein2vein.driver.crew import Crew
from vein2vein.driver.plant import Floor
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.instruments.writers import steady_readings, write_trace
from vein2vein.logistics import reads
from vein2vein.logistics.states import ReviewDecision, ShipmentKind, ShipmentState
from vein2vein.network import reads as network
from vein2vein.network.states import TemperatureClass

if TYPE_CHECKING:
    from vein2vein.logistics.models import Shipment

READING = timedelta(minutes=10)
WARM_SPELL = timedelta(minutes=100)
"""How long an invented excursion lasts: longer than the definitions allow, within their absolute limits."""
RETURN = timedelta(days=2)
"""How long an empty shipping container takes back to the base, cleaned and qualified again [assumed]."""
QUALIFIED_FOR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Way:
    """Who sends, who receives, and what the logger shows (°C around, swing, and by how much a spell is warmer)."""

    kind: ShipmentKind
    planner: str
    packer: str
    receiver: str
    second: str
    chilled: bool
    transit: timedelta
    spell_c: Decimal = Decimal(0)

    @property
    def shipper_class(self) -> str:
        """Return the class of shipping container."""
        return "shipper_2_8" if self.chilled else "dry_shipper"

    @property
    def around_c(self) -> Decimal:
        """Return the temperature around which the readings wander."""
        return Decimal(5) if self.chilled else Decimal(-180)

    @property
    def swing_c(self) -> Decimal:
        """Return how far they wander."""
        return Decimal("1.5") if self.chilled else Decimal(6)


@dataclass(slots=True)
class Journeyed:
    """A received shipment and the file of its trace."""

    shipment: Shipment
    trace: Upload


def carry(
    crew: Crew, floor: Floor, order_id: OrderId, way: Way, containers: Sequence[str]
) -> Generator[Pause, Any, Journeyed]:
    """Carry `containers` all the way; a quarantined shipment is reviewed by QA and accepted."""
    shipper: str = yield floor.pool(way.shipper_class)
    logger: str = yield floor.pool("temperature_logger")
    planned = crew.act(
        "logistics.plan_shipment",
        way.planner,
        order_id=order_id,
        kind=way.kind,
        shipper=shipper,
        logger=logger,
        permits=_permits(order_id, way.kind),
    )
    yield timedelta(minutes=30)
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
    yield timedelta(minutes=20)
    crew.act("logistics.hand_over_shipment", carrier, "", **scanned)
    yield min(way.transit, timedelta(hours=float(lane.longest_hours)) - timedelta(hours=1))
    crew.act("logistics.deliver_shipment", carrier, "", **scanned)
    yield timedelta(minutes=15)
    trace = trace_of(shipment, way, crew.clock.at)
    received: Shipment = crew.act(
        "logistics.receive_shipment",
        way.receiver,
        way.second,
        **scanned,
        scanned_seal=shipment.seal,
        seal_intact=True,
        scanned_containers=list(containers),
        trace=trace,
    )
    floor.agenda.add(0, _come_back(crew, floor, way, shipper, logger))
    if received.state == ShipmentState.QUARANTINED:
        yield timedelta(hours=3)
        received = crew.act(
            "logistics.review_excursion",
            "qareviewer",
            shipment_id=shipment.pk,
            decision=ReviewDecision.ACCEPTED,
            assessment="within the stability data for a short spell; demonstration",
        )
    return Journeyed(received, trace)


def _come_back(crew: Crew, floor: Floor, way: Way, shipper: str, logger: str) -> Play:
    """Bring shipping container and logger home, requalify what the definition asks for, and let others have them."""
    yield RETURN
    row = network.get_equipment(shipper)
    due = row.requalification_due_on
    if due is not None and due <= crew.clock.at.date():
        crew.act(
            "network.record_calibration",
            "warehouse",
            equipment_id=EquipmentId(row.pk),
            certificate=f"DEMO-RQ-{shipper}-{crew.clock.at:%Y%m%d}",
            requalification_due_on=(crew.clock.at + QUALIFIED_FOR).date(),
        )
    floor.give_back(way.shipper_class, shipper)
    floor.give_back("temperature_logger", logger)


def trace_of(shipment: Shipment, way: Way, until: datetime) -> Upload:
    """Return the file of a logger from packing to `until`, with a warmer spell in the middle where the way has one."""
    assert shipment.packed_at is not None  # noqa: S101 - a packed shipment has its time
    points = steady_readings(
        start=shipment.packed_at, stop=until, interval=READING, around_c=way.around_c, swing_c=way.swing_c
    )
    if way.spell_c:
        middle = shipment.packed_at + (until - shipment.packed_at) / 2
        points = [
            (at, celsius + way.spell_c if abs(at - middle) <= WARM_SPELL / 2 else celsius) for at, celsius in points
        ]
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
