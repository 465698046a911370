"""One patient from a hospital's order to the infused dose, straight through, by the demonstration's people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from vein2vein.core.chain import Finding, verify_lines
from vein2vein.core.ids import CoiId, OrderId
from vein2vein.core.uploads import Upload
from vein2vein.driver.bench import Bench
from vein2vein.driver.crew import PLACES, Crew
from vein2vein.driver.patients import PATIENTS
from vein2vein.driver.plant import Plant
from vein2vein.driver.transport import Way, carry
from vein2vein.engines.fhir.read_order import read_order
from vein2vein.engines.instruments.writers import write_counter
from vein2vein.engines.papers.model import Language
from vein2vein.identity import reads as identity
from vein2vein.identity.printing import label_pdf
from vein2vein.journal.exporting import export
from vein2vein.journal.sealing import seal as journal_seal
from vein2vein.logistics.states import ShipmentKind
from vein2vein.manufacturing import reads as manufacturing
from vein2vein.network import reads as network
from vein2vein.orders import reads as orders
from vein2vein.orders.states import Moment, OrderState
from vein2vein.quality import reads as quality
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.states import EnvironmentVerdict

if TYPE_CHECKING:
    from vein2vein.orders.models import Order


class Journey:
    """One treatment course, stage by stage; every stage is what people do, in the order in which they do it."""

    def __init__(self, crew: Crew, order_file: Upload) -> None:
        self.crew, self.file = crew, order_file
        self.bundle = read_order(order_file.content, now=crew.clock.at)
        self.patient = PATIENTS[self.bundle.therapy_id]
        self.place = PLACES[self.bundle.hospital.site_code]
        self.order: Order
        self.wristband = ""
        self.files: list[Upload] = []
        self.infused = False
        self.bags: list[str] = []

    @property
    def order_id(self) -> OrderId:
        """Return the order's id."""
        return OrderId(self.order.pk)

    @property
    def coi_id(self) -> CoiId:
        """Return the chain of identity's id."""
        assert self.order.coi_id is not None  # noqa: S101 - an accepted order has one
        return CoiId(self.order.coi_id)

    def staff(self, role: str, number: str = "") -> str:
        """Return the user name of one of the hospital's people."""
        return f"{role}.{self.place}{number}"

    def refresh(self) -> None:
        """Read the order again as it stands now."""
        self.order = orders.get_order(order_id=self.order_id, by=self.crew.who("planner"))

    def prescribe(self) -> None:
        """Take the hospital's order, let the physician sign it and the base accept it: slot and COI."""
        received = self.crew.act("exchange.receive_order_bundle", self.staff("coordinator"), bundle=self.file)
        self.order = orders.get_order(order_id=received.order_id, by=self.crew.who("planner"))
        self.crew.wait(hours=1)
        self.crew.act("orders.submit_order", self.staff("physician"), order_id=self.order_id)
        self.crew.wait(hours=2)
        self.crew.act("orders.accept_order", "planner", order_id=self.order_id)
        self.refresh()

    def collect(self) -> None:
        """Print the kit, identify the patient by two people, collect, and account for every label."""
        crew, coordinator, nurse, second = (
            self.crew,
            self.staff("coordinator"),
            self.staff("nurse"),
            self.staff("nurse", "2"),
        )
        crew.clock.move_to(self.order.collection_planned_at - timedelta(hours=3))
        kit = crew.act("orders.print_collection_kit", coordinator, order_id=self.order_id)
        crew.act("orders.reconfirm_site", coordinator, order_id=self.order_id, moment=Moment.COLLECTION)
        crew.clock.move_to(self.order.collection_planned_at)
        self.wristband = crew.act(
            "identity.issue_wristband",
            nurse,
            second,
            coi_id=self.coi_id,
            hospital_number=self.bundle.patient.hospital_number,
            birth_date=self.bundle.patient.born_on,
        ).code
        self.weigh(nurse, second)
        crew.act("orders.start_collection", nurse, second, order_id=self.order_id, scanned_wristband=self.wristband)
        labels = identity.list_labels(coi_id=self.coi_id, by=crew.who(nurse))
        label = next(one for one in labels if one.state == "printed" and one.kit_id == kit.pk)
        crew.act(
            "orders.activate_kit_label",
            nurse,
            order_id=self.order_id,
            scanned_wristband=self.wristband,
            scanned_label=label.code,
        )
        crew.wait(hours=4)
        crew.act("orders.record_collection", nurse, order_id=self.order_id, volume_ml=self.patient.collected_ml)
        crew.act("identity.void_spare_labels", nurse, kit_id=kit.pk, reason="not needed, destroyed")
        crew.act("identity.reconcile_labels", nurse, kit_id=kit.pk, counted_used=1, counted_voided=1)

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

    def send_material(self) -> None:
        """Ship what was collected, receive it, count it and accept it."""
        crew = self.crew
        chilled = self.order.starting_material == "fresh"
        way = Way(
            kind=ShipmentKind.STARTING_MATERIAL,
            planner=self.staff("coordinator"),
            packer=self.staff("nurse"),
            receiver="warehouse",
            second="warehouse2",
            shipper="CB-01" if chilled else "DS-01",
            logger="TL-01",
            around_c=Decimal(5) if chilled else Decimal(-180),
            swing_c=Decimal("1.5") if chilled else Decimal(6),
        )
        bag = self.containers("starting_material")[0]
        shipment, trace = carry(crew, self.order_id, way, [bag])
        self.files.append(trace)
        crew.wait(minutes=30)
        counter = write_counter(
            sample_id=bag,
            measured_at=crew.clock.at,
            live_cells_per_ml=self.patient.received_live_per_ml,
            dead_cells_per_ml=self.patient.received_dead_per_ml,
        )
        export = Upload("count-starting-material.csv", counter)
        self.files.append(export)
        crew.wait(minutes=10)
        crew.act(
            "logistics.accept_material",
            "operator1",
            shipment_id=shipment.pk,
            scanned_container=bag,
            counter=export,
        )

    def containers(self, kind: str) -> list[str]:
        """Return the codes of the course's active containers of a kind, oldest first."""
        found = identity.list_containers(coi_id=self.coi_id, by=self.crew.who("supervisor"), limit=200)
        return [one.code for one in found if one.kind == kind and one.state == "active"]

    def manufacture(self) -> None:
        """Carry the batch through its record and let QA review it."""
        batch = self.crew.act("manufacturing.open_batch", "supervisor", order_id=self.order_id)
        self.plant = Plant(self.crew, batch.pk, self.patient.measured)
        self.plant.make()
        self.crew.wait(hours=6)
        self.crew.act("manufacturing.review_batch", "qareviewer", batch_id=batch.pk, comment="")

    def test(self) -> None:
        """Test the samples; the rapid sterility test takes a week."""
        bench = Bench(self.crew, self.plant.batch_id, self.patient.shown)
        bench.receive()
        self.crew.wait(days=7)
        bench.test("release")
        self.files += bench.files

    def release(self) -> None:
        """Evaluate the rooms, assess conformity, declare the dose, and release on everybody's behalf that must."""
        crew, batch_id = self.crew, self.plant.batch_id
        for number, (room, (began, ended)) in enumerate(sorted(self._rooms().items()), start=1):
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
        crew.wait(hours=4)
        crew.act("quality.assess_batch", "qareviewer", batch_id=batch_id)
        self.weigh(self.staff("infusion"), self.staff("infusion", "2"))
        crew.act("quality.declare_dose", "qareviewer", batch_id=batch_id)
        journal_seal()
        for decision in Dossier(self.plant.batch, by=crew.who("qp"), at=crew.clock.at).awaited:
            crew.wait(hours=2)
            crew.act("quality.dispose_batch", "qp", batch_id=batch_id, decision=decision, reason="all gates met")
        self.refresh()

    def _rooms(self) -> dict[str, tuple[datetime, datetime]]:
        """Return each room that the batch was worked on in, from the first start to the last end there."""
        spans: dict[str, tuple[datetime, datetime]] = {}
        for one in manufacturing.list_operations(self.plant.batch_id, by=self.crew.who("supervisor")):
            room = network.get_equipment(one.workstation_code).room if one.workstation_code else None
            if room is not None and one.started_at is not None and one.ended_at is not None:
                began, ended = spans.get(room.code, (one.started_at, one.ended_at))
                spans[room.code] = (min(began, one.started_at), max(ended, one.ended_at))
        return spans

    def send_product(self) -> None:
        """Ship the released bags in a dry shipper, once the site has reconfirmed; the hospital receives them."""
        crew = self.crew
        crew.act(
            "orders.reconfirm_site", self.staff("physician"), order_id=self.order_id, moment=Moment.PRODUCT_SHIPMENT
        )
        self.bags = [
            bag.container.code for bag in orders.list_dose_bags(order_id=self.order_id, by=crew.who("planner"))
        ]
        way = Way(
            kind=ShipmentKind.PRODUCT,
            planner="warehouse",
            packer="warehouse",
            receiver=self.staff("celllab"),
            second=self.staff("celllab", "2"),
            shipper="DS-02",
            logger="TL-02",
            around_c=Decimal(-180),
            swing_c=Decimal(6),
        )
        _, trace = carry(crew, self.order_id, way, self.bags)
        self.files.append(trace)

    def infuse(self) -> None:
        """Clear the patient, lymphodeplete, confirm the dose, then thaw, match and infuse each bag."""
        crew, physician, nurse = self.crew, self.staff("physician"), self.staff("infusion")
        crew.act("orders.reconfirm_site", physician, order_id=self.order_id, moment=Moment.LYMPHODEPLETION)
        crew.act("orders.clear_for_lymphodepletion", physician, order_id=self.order_id)
        crew.wait(hours=12)
        crew.act("orders.report_lymphodepletion", physician, order_id=self.order_id, started_at=crew.clock.at)
        crew.wait(days=4)
        declared = orders.get_dose(order_id=self.order_id, by=crew.who(physician))
        crew.act(
            "orders.confirm_dose",
            physician,
            order_id=self.order_id,
            weight_kg=self.order.weight_kg,
            weight_measured_at=crew.clock.at - timedelta(hours=1),
            dose_amount=declared.declared_amount,
            dose_unit=declared.unit,
        )
        crew.wait(minutes=30)
        for bag in orders.list_dose_bags(order_id=self.order_id, by=crew.who("planner")):
            given = {"order_id": self.order_id, "scanned_bag": bag.container.code}
            crew.act("orders.thaw_product", self.staff("celllab"), "", **given)
            crew.wait(minutes=8)
            crew.act(
                "orders.match_at_bedside",
                nurse,
                self.staff("infusion", "2"),
                **given,
                scanned_wristband=self.wristband,
            )
            crew.wait(minutes=2)
            crew.act("orders.start_infusion", nurse, "", **given)
            crew.wait(minutes=12)
            crew.act("orders.record_infusion", nurse, "", **given, volume_ml=bag.volume_ml)
        self.refresh()
        self.infused = self.order.state == OrderState.INFUSED

    def run(self, out: Path, say: Callable[[str], None]) -> None:
        """Do every stage, and put the papers into `out`."""
        stages = (
            ("order", self.prescribe),
            ("collection", self.collect),
            ("starting material on its way", self.send_material),
            ("manufacture", self.manufacture),
            ("release tests", self.test),
            ("disposition", self.release),
            ("product on its way", self.send_product),
            ("infusion", self.infuse),
        )
        for number, (name, stage) in enumerate(stages, start=1):
            say(f"[{number}/{len(stages)}] {name}")
            stage()
        say("papers")
        for paper in [*self._papers(), *self.files]:
            (out / paper.filename).write_bytes(paper.content)

    def _papers(self) -> Iterator[Upload]:
        batch_id, boss, qp = self.plant.batch_id, self.crew.who("supervisor"), self.crew.who("qp")
        for label in identity.list_labels(coi_id=self.coi_id, limit=200, by=boss):
            if label.state != "voided":
                yield Upload(f"label-{label.code}.pdf", label_pdf(label))
        for language in (Language.EN, Language.ZH):
            for name, paper in (
                ("batch-record", manufacturing.get_batch_record(batch_id=batch_id, language=language, by=boss)),
                ("certificate", quality.get_certificate(batch_id=batch_id, language=language, by=qp)),
                ("dose-report", quality.get_dose_report(batch_id=batch_id, language=language, by=qp)),
                ("release-for-infusion", quality.get_release_for_infusion(batch_id=batch_id, language=language, by=qp)),
            ):
                yield Upload(f"{name}-{language.value}.pdf", paper.content)
        yield quality.get_case(batch_id=batch_id, by=qp)

    def prove(self, out: Path) -> tuple[Finding, str]:
        """Seal the journal, export it to journal.jsonl, and verify the file against the root."""
        seal = journal_seal()
        assert seal is not None  # noqa: S101 - a journey has written entries
        target = out / "journal.jsonl"
        with target.open("w", encoding="utf-8") as file:
            file.writelines(export())
        with target.open(encoding="utf-8") as file:
            return verify_lines(file, seal.root), seal.root
