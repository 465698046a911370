"""One treatment course, stage by stage: what people do, in the order in which they do it, and how long they wait.

`journey` carries one course, `demo` many at once; both play these stages, and there is no second copy of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vein2vein.core.ids import BatchId, CoiId, OrderId, ShipmentId
from vein2vein.core.uploads import Upload
from vein2vein.driver import figures
from vein2vein.driver.agenda import Pause, Play
from vein2vein.driver.bedside import infuse
from vein2vein.driver.bench import Bench
from vein2vein.driver.crew import PLACES, Crew
from vein2vein.driver.dates import ask_for_a_date
from vein2vein.driver.draws import Draws
from vein2vein.driver.patients import InventedPatient
from vein2vein.driver.plant import Floor, Plant
from vein2vein.driver.settling import settle
from vein2vein.driver.transport import Journeyed, Way, carry, mishaps, transit_of
from vein2vein.engines.instruments.writers import write_counter
from vein2vein.identity import reads as identity
from vein2vein.laboratory.cases import release_rule
from vein2vein.logistics.states import ShipmentKind
from vein2vein.manufacturing import reads as manufacturing
from vein2vein.network import reads as network
from vein2vein.orders import reads as orders
from vein2vein.orders.queues import only_copy_blockers
from vein2vein.orders.states import Moment, OrderState, VisitState
from vein2vein.quality import reads as quality
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.states import Decision, EnvironmentVerdict

if TYPE_CHECKING:
    from uuid import UUID

    from vein2vein.identity.models import Container, Kit
    from vein2vein.logistics.models import Shipment
    from vein2vein.orders.models import DoseBag, Order


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the hospital treats: its code, the patient's number and day of birth (the wristband asks for both)."""

    hospital_code: str
    hospital_number: str
    born_on: date

    @property
    def place(self) -> str:
        """Return how the user names of the hospital's people end."""
        return PLACES[self.hospital_code]

    @property
    def abroad(self) -> bool:
        """Say whether a border lies between hospital and base."""
        return self.place in ("hk", "sg")


@dataclass(slots=True)
class Course:
    """One patient's course; a stage leaves behind what the next needs."""

    crew: Crew
    floor: Floor
    person: Person
    patient: InventedPatient
    draws: Draws
    number: int = 1
    order: Order = field(init=False)
    plant: Plant = field(init=False)
    bench: Bench = field(init=False)
    shipment: Shipment = field(init=False)
    wristband: str = ""
    files: list[Upload] = field(default_factory=list)
    held: bool = False
    """Whether the product is held for a late finding."""
    failure: str = ""
    """What stopped the course, until it goes on."""
    several: bool = False
    """Whether it was collected on two days."""
    partial: bool = False
    """Whether a part of the dose was not given."""
    at_plant: set[str] = field(default_factory=set)
    """Starting material that the base has received, by code."""
    at_site: set[str] = field(default_factory=set)
    """Product that the hospital has received, by code."""
    lost: set[str] = field(default_factory=set)
    """Containers that were lost on their way; they are found and destroyed by whoever finds them."""
    labels: dict[str, str] = field(default_factory=dict)
    """The label in force of each container that was labelled again, by the container's code."""
    happened: Counter[str] = field(default_factory=Counter)
    moments: dict[str, datetime] = field(default_factory=dict)
    """When each stage was over, by its name."""

    @property
    def order_id(self) -> OrderId:
        """Return the order's id."""
        return OrderId(self.order.pk)

    @property
    def coi_id(self) -> CoiId:
        """Return the chain of identity's id."""
        assert self.order.coi_id is not None  # noqa: S101 - an accepted order has one
        return CoiId(self.order.coi_id)

    @property
    def batch_id(self) -> BatchId:
        """Return the batch's id."""
        return self.plant.batch_id

    @property
    def infused(self) -> bool:
        """Say whether the dose was infused."""
        return self.order.state == OrderState.INFUSED

    @property
    def left_open(self) -> frozenset[str]:
        """Return the tests that the release of the order's market and route leaves open."""
        batch = self.plant.batch
        rule = release_rule(self.plant.definition.specification, batch.market, batch.route)
        return frozenset() if rule is None else frozenset(rule.open_tests)

    def scan(self, container: str) -> str:
        """Return what is scanned on a container: its own code, or the label that it bears since."""
        return self.labels.get(container, container)

    def ready(self) -> Generator[Pause, Any, bool]:
        """Wait while the product is held for a late finding; return whether the course goes on after that."""
        while self.held:
            yield timedelta(hours=2)
        return not self.failure

    def staff(self, role: str, number: str = "") -> str:
        """Return the user name of one of the hospital's people."""
        return f"{role}.{self.person.place}{number}"

    def refresh(self) -> None:
        """Read the order again as it stands now."""
        self.order = orders.get_order(order_id=self.order_id, by=self.crew.who("planner"))

    def over(self, stage: str) -> None:
        """Note that a stage is over now."""
        self.moments[stage] = self.crew.clock.at

    def prescribe(self) -> Play:
        """Let the physician sign the drafted order, and the base accept it: slot and COI."""
        if self.order.state == OrderState.DRAFTED:
            yield timedelta(hours=1)
            self.crew.act("orders.submit_order", self.staff("physician"), order_id=self.order_id)
        if self.draws.happens("asked for a date", figures.PROMISED):
            ask_for_a_date(self)
        yield timedelta(hours=2)
        self.crew.act("orders.accept_order", "planner", order_id=self.order_id)
        self.refresh()
        self.over("accepted")

    def collect(self) -> Play:
        """Print the kit, identify the patient by two people, collect, and account for every label.

        A collection that was begun is ended, and nothing that was done already is done again.
        """
        nurse, second = self.staff("nurse"), self.staff("nurse", "2")
        if self.order.state == OrderState.ACCEPTED:
            yield from self._prepared(nurse, second)
        often = self.draws.happens("several collections", figures.SEVERAL_COLLECTIONS)
        self.several = often and not (self.person.abroad and self.order.starting_material == "fresh")
        kit = self._kit()
        assert kit is not None  # noqa: S101 - it is printed before the collection, and reconciled after it
        if identity.count_labels(kit).used == 0:
            yield from self._collected(nurse, second, kit.pk)
        if self.several and identity.count_labels(kit).spare + identity.count_labels(kit).activated:
            if self.order.state != OrderState.COLLECTING:
                yield self.draws.span("next collection", figures.NEXT_COLLECTION)
            yield from self._collected(nurse, second, kit.pk)
            self.happened["collected on two days"] += 1
        self._account(nurse, kit)
        self.over("collected")

    def _account(self, nurse: str, kit: Kit) -> None:
        """Void the spare labels of a kit, and account for all of them."""
        if identity.count_labels(kit).spare:
            reason = "not needed, destroyed"
            self.crew.act("identity.void_spare_labels", nurse, kit_id=kit.pk, reason=reason)
        found = identity.count_labels(kit)
        counted: dict[str, Any] = {"counted_used": found.used, "counted_voided": found.voided}
        self.crew.act("identity.reconcile_labels", nurse, kit_id=kit.pk, **counted)

    def _prepared(self, nurse: str, second: str) -> Play:
        """Print the kit, reconfirm, put the wristband on, and weigh the patient on the planned day."""
        crew, coordinator = self.crew, self.staff("coordinator")
        while (begins := self.order.collection_planned_at - timedelta(hours=3)) > crew.clock.at:
            yield begins
            self.refresh()  # a plan may have moved it meanwhile
        if self._kit() is None:
            crew.act("orders.print_collection_kit", coordinator, order_id=self.order_id)
        crew.act("orders.reconfirm_site", coordinator, order_id=self.order_id, moment=Moment.COLLECTION)
        yield self.order.collection_planned_at
        if not self.wristband:
            self.wristband = crew.act(
                "identity.issue_wristband",
                nurse,
                second,
                coi_id=self.coi_id,
                hospital_number=self.person.hospital_number,
                birth_date=self.person.born_on,
            ).code
        self.weigh(nurse, second)

    def _kit(self) -> Kit | None:
        """Return the kit whose labels are printed and not accounted for, or None."""
        kits = identity.list_kits(coi_id=self.coi_id, limit=200, by=self.crew.who("supervisor"))
        return next((one for one in kits if one.state == "printed"), None)

    def _collected(self, nurse: str, second: str, kit_id: UUID) -> Play:
        """Identify the patient by two people, activate a label of the kit at the bedside, and collect."""
        crew, wristband = self.crew, {"scanned_wristband": self.wristband}
        if self.order.state != OrderState.COLLECTING:
            crew.act("orders.start_collection", nurse, second, order_id=self.order_id, **wristband)
        labels = identity.list_labels(coi_id=self.coi_id, limit=200, by=crew.who(nurse))
        if not any(one.state == "activated" and one.kit_id == kit_id for one in labels):
            label = next(one for one in labels if one.state == "printed" and one.kit_id == kit_id)
            scanned = {**wristband, "scanned_label": label.code}
            crew.act("orders.activate_kit_label", nurse, order_id=self.order_id, **scanned)
        yield self.draws.span("collection", figures.COLLECTION)
        crew.act("orders.record_collection", nurse, order_id=self.order_id, volume_ml=self.patient.collected_ml)
        self.refresh()

    def weigh(self, nurse: str, second: str) -> None:
        """Weigh the patient again, seen by two people: a dose is never reckoned from an old weight."""
        self.crew.act(
            "orders.confirm_weight",
            nurse,
            second,
            order_id=self.order_id,
            weight_kg=self.order.weight_kg,
            weight_measured_at=self.crew.clock.at,
        )

    def send_material(self) -> Play:
        """Ship what was collected to the base, where two people receive it; it may be lost, or rejected there."""
        way = Way(
            kind=ShipmentKind.STARTING_MATERIAL,
            planner=self.staff("coordinator"),
            packer=self.staff("nurse"),
            receiver="warehouse",
            second="warehouse2",
            chilled=self.order.starting_material == "fresh",
            transit=transit_of("material", self.draws, abroad=self.person.abroad),
            mishaps=mishaps(self.draws, "material"),
        )
        gone = [one for one in self.containers("starting_material") if one not in self.at_plant | self.lost]
        done = yield from carry(self.crew, self.floor, self.order_id, way, gone)
        self._arrived(done, way, "starting material")
        if way.mishaps.lost:
            self.lost |= set(gone)
            return
        assert done.shipment is not None  # noqa: S101 - nothing calls off what carries cells to the base
        self.at_plant |= set(gone)
        self.shipment = done.shipment
        self.over("received")

    def _arrived(self, done: Journeyed, way: Way, what: str) -> None:
        """Count what went wrong on a way; what is lost or rejected stops the course."""
        for name in way.mishaps.names:
            self.happened[f"{name}: {what}"] += 1
        if done.trace is not None:
            self.files.append(done.trace)
        if not done.usable and not self.failure:
            self.failure = f"{what} lost" if way.mishaps.lost else f"{what} rejected"

    def count_material(self, dead: Decimal | None = None, action: str = "logistics.accept_material") -> Play:
        """Count the material and accept it; or refer it, with more `dead` cells per mL, for others to judge."""
        yield self.draws.span("receipt", figures.RECEIPT)
        for bag in self.uncounted():
            counter = write_counter(
                sample_id=bag,
                measured_at=self.crew.clock.at,
                live_cells_per_ml=self.patient.received_live_per_ml,
                dead_cells_per_ml=self.patient.received_dead_per_ml if dead is None else dead,
            )
            export = Upload("count-starting-material.csv", counter)
            self.files.append(export)
            yield timedelta(minutes=10)
            given: dict[str, Any] = {"shipment_id": ShipmentId(self.shipment.pk), "scanned_container": bag}
            self.crew.act(action, "operator1", **given, counter=export)

    def uncounted(self) -> list[str]:
        """Return the codes of the starting material at the base about which nobody has decided."""
        there = [one for one in self.cells() if one.kind == "starting_material" and one.code in self.at_plant]
        return [one.code for one in there if one.disposition not in ("accepted", "rejected")]

    def is_at_site(self, container: Container) -> bool:
        """Say whether a container is at the hospital: it has not left yet, or has come back as product."""
        if container.kind == "starting_material":
            return container.code not in self.at_plant
        return container.code in self.at_site

    def dose(self) -> list[DoseBag]:
        """Return the bags of the dose that are still good, in the order in which they are given."""
        found = orders.list_dose_bags(order_id=self.order_id, by=self.crew.who("planner"))
        good = [one for one in found if one.withdrawn_at is None and one.container.disposition == "released"]
        return [one for one in good if one.container.state == "active"]

    def thawed(self) -> list[DoseBag]:
        """Return the bags of the dose that are thawed and not infused."""
        found = orders.list_dose_bags(order_id=self.order_id, by=self.crew.who("planner"))
        return [one for one in found if one.withdrawn_at is None and one.container.state == "thawed"]

    def cells(self) -> list[Container]:
        """Return the containers of starting material and product that are there, oldest first."""
        found = identity.list_containers(coi_id=self.coi_id, by=self.crew.who("supervisor"), limit=200)
        return [one for one in found if one.kind in ("starting_material", "final_product") and one.state == "active"]

    def containers(self, kind: str) -> list[str]:
        """Return the codes of the course's active containers of a kind, oldest first."""
        found = identity.list_containers(coi_id=self.coi_id, by=self.crew.who("supervisor"), limit=200)
        return [one.code for one in found if one.kind == kind and one.state == "active"]

    def open_batch(self) -> None:
        """Open the batch record of the accepted material."""
        batch = self.crew.act("manufacturing.open_batch", "supervisor", order_id=self.order_id)
        self.plant = Plant(self.crew, self.floor, BatchId(batch.pk), self.patient, self.draws)

    def manufacture(self) -> Play:
        """Carry the batch through its record and let QA review it."""
        yield from self.plant.make()
        self.over("manufactured")
        yield from self.review()

    def review(self) -> Play:
        """Let QA review the record of a completed batch."""
        yield timedelta(hours=6)
        yield from self.plant.heed_recalls()
        odd = manufacturing.exceptions(self.batch_id, by=self.crew.who("qareviewer"))
        comment = "every exception seen; none touches the product" if odd else ""
        self.crew.act("manufacturing.review_batch", "qareviewer", batch_id=self.batch_id, comment=comment)

    def test(self) -> Play:
        """Test the samples; the longest sterility test decides how long it takes."""
        bench = Bench(self.crew, self.floor, self.batch_id, self.patient.shown, self.draws)
        bench.receive()
        compendial = "sterility_14d" in self.patient.shown.values
        spread = figures.COMPENDIAL_RELEASE_TESTS if compendial else figures.RAPID_RELEASE_TESTS
        yield self.moments["manufactured"] + self.draws.span("release tests", spread) - timedelta(hours=24)
        yield from bench.test("release", self.left_open)
        self.files += bench.files
        self.bench = bench
        self.over("tested")

    def release(self) -> Play:
        """Evaluate the rooms, assess conformity, declare the dose, and release on everybody's behalf that must."""
        crew, batch_id = self.crew, self.batch_id
        known = {
            one.room.code for one in quality.list_environment_records(batch_id=batch_id, by=crew.who("qareviewer"))
        }
        for number, (room, (began, ended)) in enumerate(sorted(self._rooms().items()), start=1):
            if room in known:
                continue
            crew.act(
                "quality.record_environment",
                "qareviewer",
                batch_id=batch_id,
                room_code=room,
                began_at=began,
                ended_at=ended,
                verdict=EnvironmentVerdict.WITHIN,
                reference=f"DEMO-EM-{number}",
            )
        yield self.draws.span("QA review", figures.QA_REVIEW)
        yield from settle(self, batch_id)
        if self._recalled():
            return
        crew.act("quality.assess_batch", "qareviewer", batch_id=batch_id)
        self.weigh(self.staff("infusion"), self.staff("infusion", "2"))
        crew.act("quality.declare_dose", "qareviewer", batch_id=batch_id)
        for decision in Dossier(self.plant.batch, by=crew.who("qp"), at=crew.clock.at).awaited:
            yield timedelta(hours=2)
            yield from settle(self, batch_id)
            if self._recalled():
                return
            crew.act("quality.dispose_batch", "qp", batch_id=batch_id, decision=decision, reason="all gates met")
        self.refresh()
        self.over("released")

    def _recalled(self) -> bool:
        """Have the batch rejected where a lot that went into it was recalled; return whether it was."""
        if not any(f"batch:{self.batch_id}" in used_by for used_by in self.floor.recalled.values()):
            return False
        told: dict[str, Any] = {"batch_id": self.batch_id, "reason": "a lot that went into it was recalled"}
        self.crew.act("quality.assess_batch", "qareviewer", batch_id=self.batch_id)
        self.crew.act("quality.dispose_batch", "qp", "", **told, decision=Decision.REJECT)
        self.failure = "a recalled lot was used"
        return True

    def _rooms(self) -> dict[str, tuple[datetime, datetime]]:
        """Return each room that the batch was worked on in, from the first start to the last end there."""
        spans: dict[str, tuple[datetime, datetime]] = {}
        for one in manufacturing.list_operations(self.batch_id, by=self.crew.who("supervisor")):
            room = network.get_equipment(one.workstation_code).room if one.workstation_code else None
            if room is not None and one.started_at is not None and one.ended_at is not None:
                began, ended = spans.get(room.code, (one.started_at, one.ended_at))
                spans[room.code] = (min(began, one.started_at), max(ended, one.ended_at))
        return spans

    def send_product(self) -> Play:
        """Ship the released bags in a dry shipper, once the site has reconfirmed; the hospital receives them."""
        crew, draws = self.crew, self.draws
        physician = self.staff("physician")
        crew.act("orders.reconfirm_site", physician, order_id=self.order_id, moment=Moment.PRODUCT_SHIPMENT)
        bags = [bag.container.code for bag in self.dose()]
        self._accept_single_copy()
        late = draws.happens("site not ready", figures.SITE_NOT_READY)
        way = Way(
            kind=ShipmentKind.PRODUCT,
            planner="warehouse",
            packer="warehouse",
            receiver=self.staff("celllab"),
            second=self.staff("celllab", "2"),
            chilled=False,
            transit=transit_of("product", draws, abroad=self.person.abroad),
            mishaps=mishaps(draws, "product"),
            not_ready=draws.span("until the site is ready", figures.SITE_READY_AGAIN) if late else timedelta(0),
        )
        if late:
            self.happened["site not ready for the product"] += 1
        if not (yield from self.ready()):
            return
        done = yield from carry(crew, self.floor, self.order_id, way, [self.scan(one) for one in bags], self.ready)
        self._arrived(done, way, "product")
        if way.mishaps.lost:
            self.lost |= set(bags)
            return
        if done.shipment is None:
            return
        self.at_site |= set(bags)
        if way.mishaps.cracked and done.usable:
            self.failure = "product bag cracked"
        self.over("at site")

    def _accept_single_copy(self) -> None:
        """Have the risk accepted by name where everything that there is of the product travels in one bag (N19)."""
        self.refresh()
        if not only_copy_blockers(self.order):
            return
        role = self.plant.definition.supply.back_up.accepted_by.value
        names = {"qualified_person": "qp", "qa_reviewer": "qareviewer", "physician": self.staff("physician")}
        self.crew.act(
            "orders.accept_single_copy",
            names[role],
            order_id=self.order_id,
            reason="the process fills one bag; a second apheresis is possible",
        )

    def follow_up(self, until: datetime) -> Play:
        """Hold each visit on its day, as far as `until`."""
        for visit in orders.list_visits(order_id=self.order_id, by=self.crew.who("planner")):
            if visit.state != VisitState.DUE:
                continue
            due = self.moments["infused"] + timedelta(days=visit.day)
            if due > until:
                return
            yield due
            self.crew.act(
                "orders.record_visit",
                self.staff("coordinator"),
                order_id=self.order_id,
                visit=visit.code,
                on=visit.due_on,
            )

    def stages(self) -> Iterator[tuple[str, Play]]:
        """Yield every stage of a straight course after the draft, by name."""
        yield "order", self.prescribe()
        yield "collection", self.collect()
        yield "starting material on its way", self.send_material()
        yield "receipt gate", self.count_material()
        self.open_batch()
        yield "manufacture", self.manufacture()
        yield "release tests", self.test()
        yield "disposition", self.release()
        yield "product on its way", self.send_product()
        yield "infusion", infuse(self)
