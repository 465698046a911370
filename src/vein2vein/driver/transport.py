"""The way of one shipment: planned, packed, carried, received with its logger's trace; and what goes wrong on it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vein2vein.core.ids import EquipmentId, OrderId, SiteId, new_token
from vein2vein.core.refusals import Refusal
from vein2vein.core.uploads import Upload
from vein2vein.driver import figures
from vein2vein.driver.agenda import Pause, Play
from vein2vein.driver.crew import Crew
from vein2vein.driver.draws import Draws
from vein2vein.driver.plant import Floor
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.instruments.writers import steady_readings, write_trace
from vein2vein.logistics import reads
from vein2vein.logistics.states import IncidentKind, ReviewDecision, ShipmentKind, ShipmentState
from vein2vein.network import reads as network
from vein2vein.network.states import TemperatureClass
from vein2vein.orders.states import ObstacleKind

if TYPE_CHECKING:
    from vein2vein.logistics.models import Shipment

READING = timedelta(minutes=10)
WARM_SPELL = timedelta(minutes=100)
"""How long an invented excursion lasts: longer than the definitions allow, within their absolute limits."""
RETURN = timedelta(days=2)
"""How long an empty shipping container takes back to the base, cleaned and qualified again [assumed]."""
QUALIFIED_FOR = timedelta(days=365)
SEARCH = timedelta(hours=30)
"""How long a shipment that does not come is looked for before it is declared lost [assumed]."""
ASK_AGAIN = timedelta(days=2)


TRANSIT = {
    "material": ("TRANSIT_DOMESTIC", "TRANSIT_CROSS_BORDER"),
    "product": ("PRODUCT_TRANSIT_DOMESTIC", "PRODUCT_TRANSIT_CROSS_BORDER"),
}
"""The figures of how long journeys take, at home and across a border."""


def transit_of(what: str, draws: Draws, *, abroad: bool) -> timedelta:
    """Draw how long a journey of `material` or `product` takes; across a border the customs come on top."""
    at_home, across = (getattr(figures, name) for name in TRANSIT[what])
    if not abroad:
        return draws.span(f"transit of {what}", at_home)
    return draws.span(f"transit of {what}", across) + draws.span(f"customs of {what}", figures.CUSTOMS)


@dataclass(frozen=True, slots=True)
class Mishaps:
    """What goes wrong on one way: late by a span, lost, tipped, cracked bags, a warm spell; whether QA accepts it."""

    late: timedelta = timedelta(0)
    lost: bool = False
    tipped: bool = False
    cracked: bool = False
    excursion: bool = False
    accepted: bool = True
    found_after: timedelta = timedelta(0)

    @property
    def names(self) -> list[str]:
        """Return what happened, as it is counted."""
        if self.lost:
            return ["lost on its way"]
        happened = {
            "late on its way": bool(self.late),
            "tipped on its way": self.tipped,
            "cracked on its way": self.cracked,
            "temperature excursion": self.excursion,
        }
        return [name for name, true in happened.items() if true]


def mishaps(draws: Draws, of: str) -> Mishaps:
    """Draw what goes wrong on a way of `of`, "material" or "product"."""
    late = draws.happens(f"late {of}", figures.LATE)
    return Mishaps(
        late=draws.span(f"delay of {of}", figures.DELAY) if late else timedelta(0),
        lost=draws.happens(f"lost {of}", figures.SHIPMENT_LOST),
        tipped=draws.happens(f"tipped {of}", figures.SHIPPER_FAILURE),
        cracked=draws.happens(f"cracked {of}", figures.BAG_FRACTURE),
        excursion=draws.happens(f"excursion of {of}", figures.EXCURSION),
        accepted=not draws.happens(f"{of} rejected at its review", figures.REVIEW_REJECTED),
        found_after=draws.span(f"{of} found", figures.LOST_UNTIL_FOUND),
    )


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
    mishaps: Mishaps = Mishaps()
    not_ready: timedelta = timedelta(0)
    """How long the hospital, once a way is planned, says that it is not ready."""

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

    @property
    def spell_c(self) -> Decimal:
        """Return by how much a warm spell in the middle is warmer; 0: there is none."""
        if not self.mishaps.excursion:
            return Decimal(0)
        return Decimal("4.5") if self.chilled else Decimal(37)


@dataclass(slots=True)
class Journeyed:
    """A shipment whose way is over, and the file of its trace, where it came."""

    shipment: Shipment | None
    """None where the course ended before anything left."""
    trace: Upload | None = None

    @property
    def usable(self) -> bool:
        """Say whether all that it held may be used."""
        return self.shipment is not None and self.shipment.state == ShipmentState.RECEIVED


class CalledOff(Exception):
    """The treatment course stopped before its shipment left."""


@dataclass(slots=True)
class _Trip:
    """One way while it is gone."""

    crew: Crew
    floor: Floor
    order_id: OrderId
    way: Way
    containers: Sequence[str]
    shipper: str
    logger: str
    ready: Callable[[], Generator[Pause, Any, bool]] | None = None
    shipment: Shipment = field(init=False)

    @property
    def scanned(self) -> dict[str, Any]:
        """Return the shipment as it is scanned."""
        return {"shipment_id": self.shipment.pk, "scanned_shipment": self.shipment.code}

    def _wait(self) -> Play:
        if self.ready is not None and not (yield from self.ready()):
            raise CalledOff

    def plan(self) -> Play:
        """Plan it; a site that is not ready lets it wait."""
        crew, way = self.crew, self.way
        self.shipment = crew.act(
            "logistics.plan_shipment",
            way.planner,
            order_id=self.order_id,
            kind=way.kind,
            shipper=self.shipper,
            logger=self.logger,
            permits=_permits(self.order_id, way.kind),
        )
        yield timedelta(minutes=30)
        yield from self._wait()
        if way.not_ready:
            told: dict[str, Any] = {"order_id": self.order_id, "kind": ObstacleKind.SITE_NOT_READY}
            crew.act("orders.report_obstacle", way.receiver, **told, reason="nitrogen store in alarm")
            yield way.not_ready
            yield from self._wait()
            crew.act("orders.lift_obstacle", way.receiver, **told, reason="store repaired and in its range")

    def leave(self) -> Play:
        """Pack what is planned, and hand over what is packed."""
        crew, way = self.crew, self.way
        if self.shipment.state == ShipmentState.PLANNED:
            self.shipment = crew.act(
                "logistics.pack_shipment",
                way.packer,
                shipment_id=self.shipment.pk,
                scanned_containers=list(self.containers),
                scanned_shipper=self.shipment.shipper_code,
                scanned_logger=self.shipment.logger_code,
                scanned_seal=make(Kind.SEAL, new_token(8)),
            )
            yield timedelta(minutes=20)
            yield from self._wait()
        if self.shipment.state == ShipmentState.PACKED:
            self.shipment = crew.act("logistics.hand_over_shipment", self.carrier, "", **self.scanned)

    @property
    def carrier(self) -> str:
        """Return the user name of the lane's carrier."""
        return "carrier.a" if self.shipment.lane.carrier.code == "CARRIER-A-DEMO" else "carrier.b"

    def carry(self) -> Play:
        """Carry what is on its way until it is delivered, or lost."""
        if self.shipment.state != ShipmentState.IN_TRANSIT:
            return
        crew, wrong, lane = self.crew, self.way.mishaps, network.get_lane(self.shipment.lane.code)
        transit = min(self.way.transit, timedelta(hours=float(lane.longest_hours)) - timedelta(hours=1))
        yield transit / 2
        if wrong.late:
            self._report(IncidentKind.DELAYED, "held up on the way", crew.clock.at + transit / 2 + wrong.late)
        if wrong.tipped:
            self._report(IncidentKind.TIPPED, "fell from the trolley at a transfer")
        if wrong.lost:
            yield SEARCH
            given: dict[str, Any] = {"shipment_id": self.shipment.pk, "reason": "no sign of it since its transfer"}
            self.shipment = crew.act("logistics.report_lost", "planner", **given)
            return
        yield transit / 2 + wrong.late
        self.shipment = crew.act("logistics.deliver_shipment", self.carrier, "", **self.scanned)

    def _report(self, kind: IncidentKind, description: str, expected_at: datetime | None = None) -> None:
        given: dict[str, Any] = {"shipment_id": self.shipment.pk, "kind": kind, "description": description}
        self.crew.act("logistics.report_incident", self.carrier, **given, expected_at=expected_at)

    def receive(self) -> Generator[Pause, Any, Upload | None]:
        """Let two people receive it; what is quarantined then is reviewed by QA."""
        crew, way, wrong, trace = self.crew, self.way, self.way.mishaps, None
        if self.shipment.state == ShipmentState.DELIVERED:
            yield timedelta(minutes=15)
            trace = trace_of(self.shipment, way, crew.clock.at)
            self.shipment = crew.act(
                "logistics.receive_shipment",
                way.receiver,
                way.second,
                **self.scanned,
                scanned_seal=self.shipment.seal,
                seal_intact=True,
                scanned_containers=list(self.containers),
                trace=trace,
                tipped=wrong.tipped,
                cracked_containers=list(self.containers)[:1] if wrong.cracked else None,
            )
        self.floor.agenda.add(0, _come_back(crew, self.floor, way, self.shipper, self.logger))
        if self.shipment.state == ShipmentState.QUARANTINED:
            yield from self._review()
        return trace

    def _review(self) -> Play:
        yield timedelta(hours=3)
        goes_on = self.ready is None or (yield from self.ready())
        nothing_whole = self.way.mishaps.cracked and len(self.containers) == 1
        awaited = "not_awaited" not in self.shipment.findings and self.way.kind is not ShipmentKind.RETURN
        good = self.way.mishaps.accepted and awaited and goes_on and not nothing_whole
        self.shipment = self.crew.act(
            "logistics.review_excursion",
            "qareviewer",
            shipment_id=self.shipment.pk,
            decision=ReviewDecision.ACCEPTED if good else ReviewDecision.REJECTED,
            assessment="within the stability data" if good else "not covered by the stability data",
        )

    def look_for(self) -> Play:
        """Find what was lost, bring it home and reject it there; while another one is on its way, wait."""
        yield self.way.mishaps.found_after
        for _ in range(10):
            try:
                given = {"shipment_id": self.shipment.pk, "reason": "it stood on a wrong shelf"}
                self.shipment = self.crew.act("logistics.report_found", self.carrier, "", **given)
            except Refusal:
                yield ASK_AGAIN
                continue
            yield timedelta(hours=6)
            self.shipment = self.crew.act("logistics.deliver_shipment", self.carrier, "", **self.scanned)
            yield from self.receive()
            for code in self.containers:
                told: dict[str, Any] = {
                    "order_id": self.order_id,
                    "scanned_container": code,
                    "reason": "lost and found",
                }
                self.crew.act("orders.destroy_unused", self.way.receiver, self.way.second, **told)
            return


def carry(
    crew: Crew,
    floor: Floor,
    order_id: OrderId,
    way: Way,
    containers: Sequence[str],
    ready: Callable[[], Generator[Pause, Any, bool]] | None = None,
) -> Generator[Pause, Any, Journeyed]:
    """Carry `containers` all the way; a quarantined shipment is reviewed by QA, a lost one is found in the end.

    `ready` is asked before it is packed and before it leaves: it waits while the product is held. A shipment of the
    kind that is on its way already is carried on from where it stands.
    """
    known = [one for one in reads.list_shipments_under_way(order_id) if one.kind == way.kind]
    shipper: str = known[0].shipper.code if known else (yield floor.pool(way.shipper_class))
    logger: str = known[0].logger.code if known else (yield floor.pool("temperature_logger"))
    trip = _Trip(crew, floor, order_id, way, containers, shipper, logger, ready)
    try:
        if known:
            trip.shipment = known[0]
        else:
            yield from trip.plan()
        yield from trip.leave()
    except CalledOff:
        floor.agenda.add(0, _come_back(crew, floor, way, shipper, logger))
        return Journeyed(None)
    except Refusal:
        floor.agenda.add(0, _come_back(crew, floor, way, shipper, logger))
        raise
    yield from trip.carry()
    if trip.shipment.state == ShipmentState.LOST:
        floor.agenda.add(0, trip.look_for())
        return Journeyed(trip.shipment)
    trace = yield from trip.receive()
    return Journeyed(trip.shipment, trace)


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
