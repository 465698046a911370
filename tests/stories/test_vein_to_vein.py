"""One patient from the hospital's order to the infusion, by page and scan; the driver's people do what is not shown."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.stories.conftest import ORDER, fresh_order
from tests.stories.house import House, Person
from vein2vein.core.ids import BatchId
from vein2vein.core.uploads import Upload
from vein2vein.driver.crew import Crew
from vein2vein.driver.journey import Journey
from vein2vein.driver.plant import Plant
from vein2vein.engines.codes import Kind, make
from vein2vein.identity import reads as identity
from vein2vein.journal.reads import list_touching
from vein2vein.orders import reads as orders

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("V2V_PICTURES", "")
RAW = re.compile(
    r"\b[a-z]+(?:_[a-z0-9]+)+\b(?!\.[a-z])|[0-9a-f]{8}-[0-9a-f]{4}-|\d{4}-\d\d-\d\dT\d\d:|\b(?:None|True|False)\b"
)
"""A code of a program, an id, a time in ISO 8601; the names of files may look like codes."""
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Story:
    """Two patients of one hospital: one is carried through the pages, the neighbour is carried by the driver."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        crew = Crew(house.clock, lambda _line: None)
        order = fresh_order(ORDER, (house.clock.at - timedelta(days=1)).date())
        other = order.replace(b"RJ-2026-004711", b"RJ-2026-004712").replace(b"RJ-ORD-2026-0311", b"RJ-ORD-2026-0312")
        other = other.replace(b'"RJ-014"', b'"RJ-015"')
        self.file = folder / "order.json"
        self.file.write_bytes(order)
        self.neighbour = Journey(crew, Upload("neighbour.json", other))
        self.journey = Journey(crew, Upload("order.json", order))
        self.course = self.journey.course
        self.nurse = house.person("nurse.rj")
        self.operator = house.person("operator1")

    def picture(self, person: Person, name: str) -> None:
        """Take a picture for the guide, where pictures are wanted."""
        if PICTURES:
            person.page.screenshot(path=Path(PICTURES) / f"{name}.png")

    @property
    def page(self) -> str:
        return f"/orders/{self.course.order_id}"

    def order(self) -> None:
        """The coordinator hands the hospital's file in, the physician signs, the planner accepts, once."""
        self.neighbour.hand_in()
        self.neighbour.do(self.neighbour.course.prescribe())
        coordinator = self.house.person("coordinator.rj")
        coordinator.open("/").go("Order as FHIR Bundle").send("exchange.receive_order_bundle", bundle=str(self.file))
        expect(coordinator.page.locator("h1 .state").first).to_have_text("drafted")
        found = orders.list_orders(limit=10, by=self.course.crew.who("planner"))
        self.course.order = next(one for one in found if one.pk != self.neighbour.course.order_id)
        physician = self.house.person("physician.rj")
        physician.open("/").go("Prescribe").send("orders.submit_order", secret="not the password")
        expect(physician.page.locator(".blockers").first).to_be_visible()
        physician.open(self.page).act("orders.submit_order", secret=physician.password)
        planner = self.house.person("planner")
        planner.open("/")
        self.picture(planner, "home")
        planner.go("Accept order")
        self.picture(planner, "order")
        late = planner.another().open(self.page)
        planner.act("orders.accept_order")
        late.send("orders.accept_order").refused("This order has a chain of identity already")
        self.course.refresh()

    def strangers(self) -> None:
        """Another hospital sees neither order nor timeline nor chain."""
        stranger, coi = self.house.person("physician.bj"), self.course.coi_id
        for path in (self.page, f"/timeline/coi/{coi}", f"/chains/{coi}"):
            assert stranger.status_of(path) == 404
            assert self.house.person("physician.rj").status_of(path) == 200

    def collect(self) -> None:
        """Kit, wristband, two people at the bedside; a label of the neighbour's kit is refused."""
        self.neighbour.do(self.neighbour.course.collect())
        coi = f"/chains/{self.course.coi_id}"
        coordinator = self.house.person("coordinator.rj").open(coi)
        form = coordinator.form("orders.print_collection_kit")
        coordinator.fill(form, spare="1")
        with coordinator.page.expect_navigation():
            form.locator("button[type=submit]").dblclick()
        expect(coordinator.page.locator("main section h3 .code")).to_have_count(1)
        assert self._facts("identity.KitPrinted") == 1
        coordinator.open(self.page).act("orders.reconfirm_site", at={"moment": "collection"})
        patient = self.course.person
        self.nurse.open(coi).act(
            "identity.issue_wristband",
            second="nurse.rj2",
            hospital_number=patient.hospital_number,
            birth_date=str(patient.born_on),
        )
        self._bedside()

    def _bedside(self) -> None:
        crew, nurse = self.course.crew, self.nurse
        who = crew.who("nurse.rj")
        band = identity.find_wristband_in_force(self.course.coi_id)
        assert band is not None
        self.course.wristband = band.code
        crew.act(
            "orders.confirm_weight",
            "nurse.rj",
            "nurse.rj2",
            order_id=self.course.order_id,
            weight_kg=self.course.order.weight_kg,
            weight_measured_at=crew.clock.at,
        )
        nurse.open(self.page)
        nurse.act("orders.start_collection", second="nurse.rj2", scans={"scanned_wristband": band.code})
        wrong = identity.list_labels(coi_id=self.neighbour.course.coi_id, by=who)
        mine = [one for one in identity.list_labels(coi_id=self.course.coi_id, by=who) if one.state == "printed"]
        strange = next(one.code for one in wrong if one.kit_id)
        nurse.send("orders.activate_kit_label", scans={"scanned_wristband": band.code, "scanned_label": strange})
        nurse.refused("another")
        self.picture(nurse, "wrong-label")
        nurse.open(self.page)
        nurse.act("orders.activate_kit_label", scans={"scanned_wristband": band.code, "scanned_label": mine[0].code})
        self.house.wait(hours=4)
        nurse.open(self.page).act("orders.record_collection", volume_ml="210")
        nurse.open(f"/chains/{self.course.coi_id}").act("identity.void_spare_labels", reason="not needed, destroyed")
        nurse.open(f"/chains/{self.course.coi_id}")
        nurse.act("identity.reconcile_labels", counted_used="1", counted_voided="1")

    def _facts(self, name: str) -> int:
        return sum(one.fact == name for one in list_touching(f"coi:{self.course.coi_id}"))

    def bench(self) -> None:
        """Line clearance by two people; the neighbour's bag is refused; a value outside its limits puts on hold."""
        self.neighbour.course.refresh()
        strange = self.neighbour.course.containers("starting_material")[0]
        self.journey.do(self.course.send_material())
        self.journey.do(self.course.count_material())
        self.house.person("supervisor").open("/").go("Open the batch").act("manufacturing.open_batch")
        operator, bag = self.operator, self.course.containers("starting_material")[0]
        operator.open("/").go("Go on with the batch")
        self.batch_page = operator.page.url.removeprefix(operator.address).removesuffix("/execute")
        operator.open(self.batch_page).act("manufacturing.start_operation", at={"operation_code": "receive"})
        operator.act(
            "manufacturing.clear_line",
            at={"step_code": "clear_receipt_bench"},
            equipment_code=make(Kind.EQUIPMENT, "RB-01"),
            second="operator2",
            secret=operator.password,
        )
        here = {"step_code": "scan_leukapheresis"}
        operator.send("manufacturing.record_step", at=here, second="operator2", scans={"scanned": strange})
        operator.refused("another")
        self.picture(operator, "wrong-bag")
        operator.open(self.batch_page)
        operator.act("manufacturing.record_step", at=here, second="operator2", scans={"scanned": bag})
        operator.act("manufacturing.record_step", at={"step_code": "check_bag_intact"}, answer="yes")
        balance = make(Kind.EQUIPMENT, "BA-01")
        weighing = {"step_code": "measure_received_volume"}
        operator.send("manufacturing.record_step", at=weighing, value="30", scans={"equipment_code": balance})
        operator.refused("What is out of limits needs a comment")
        operator.open(self.batch_page)
        operator.act("manufacturing.record_step", at=weighing, value="210", scans={"equipment_code": balance})
        counter = make(Kind.EQUIPMENT, "NC-01")
        for step, value in (("measure_received_count", "2e7"), ("measure_received_viability", "88")):
            scan = {"equipment_code": counter}
            operator.act("manufacturing.record_step", at={"step_code": step}, value=value, scans=scan)
        row = operator.page.locator("tr[data-step='measure_received_viability']")
        expect(row.locator(".state.warn")).to_be_visible()
        self.picture(operator, "batch")
        planner = self.house.person("planner").open("/control-room")
        expect(planner.page.locator("tr .way.now").first).to_be_visible()
        self.picture(planner, "control-room")

    def plant_and_laboratory(self) -> None:
        """The driver's people finish the record, test, release and ship, on the same database and clock."""
        crew, batch_id = self.course.crew, self.batch_page.rpartition("/")[2]
        floor, patient = self.course.floor, self.course.patient
        self.course.plant = Plant(crew, floor, BatchId(UUID(batch_id)), patient, self.course.draws)
        self.journey.do(self.course.manufacture())
        self.journey.do(self.course.test())
        self._look("qcreviewer", "/laboratory", "laboratory")
        self.journey.do(self.course.release())
        self._look("qp", "/quality/batches", "disposition")
        self.journey.do(self.course.send_product())
        self._look("planner", "/shipments", "shipment")

    def _look(self, username: str, path: str, picture: str) -> None:
        """Somebody opens the first thing in a list."""
        person = self.house.person(username).open(path)
        with person.page.expect_navigation():
            person.page.locator("main table a").first.click()
        expect(person.page.locator("h1")).to_be_visible()
        self.picture(person, picture)

    def bedside(self) -> None:
        """The physician clears and confirms, the cell laboratory thaws, two nurses match, the patient is infused."""
        physician, house = self.house.person("physician.rj"), self.house
        physician.open(self.page).act("orders.reconfirm_site", at={"moment": "lymphodepletion"})
        physician.open(self.page).act("orders.clear_for_lymphodepletion", secret=physician.password)
        crew = self.course.crew
        self.house.clock.advance(timedelta(hours=2))
        started = crew.clock.at
        crew.act("orders.report_lymphodepletion", "physician.rj", order_id=self.course.order_id, started_at=started)
        self.house.clock.advance(timedelta(days=5))
        dose = orders.get_dose(order_id=self.course.order_id, by=crew.who("physician.rj"))
        physician.open(self.page).act(
            "orders.confirm_dose",
            weight_kg=str(self.course.order.weight_kg),
            weight_measured_at=f"{timezone.localtime(crew.clock.at, SHANGHAI):%Y-%m-%dT%H:%M}",
            dose_amount=str(dose.declared_amount),
            dose_unit=dose.unit,
            secret=physician.password,
        )
        for bag in orders.list_dose_bags(order_id=self.course.order_id, by=crew.who("planner")):
            house.person("celllab.rj").open(self.page).act(
                "orders.thaw_product", scans={"scanned_bag": bag.container.code}
            )
            self.house.clock.advance(timedelta(minutes=5))
            nurse = house.person("infusion.rj").open(self.page)
            nurse.act(
                "orders.match_at_bedside",
                second="infusion.rj2",
                scans={"scanned_wristband": self.course.wristband, "scanned_bag": bag.container.code},
            )
            nurse.open(self.page).act("orders.start_infusion", scans={"scanned_bag": bag.container.code})
            self.house.clock.advance(timedelta(minutes=10))
            nurse.open(self.page).act(
                "orders.record_infusion", scanned_bag=bag.container.code, volume_ml=str(bag.volume_ml)
            )
        expect(nurse.page.locator("h1 .state").first).to_have_text("infused")
        self.picture(nurse, "infused")

    def timeline(self) -> None:
        """The hospital reads the whole thread in one timeline, in Chinese."""
        reader = self.house.person("coordinator.rj", locale="zh-CN").open(f"/timeline/coi/{self.course.coi_id}")
        expect(reader.page.locator("h1")).to_contain_text("全程追溯")
        expect(reader.page.locator("[data-fact^='orders.Infusion']").first).to_be_visible()
        hanging = reader.page.locator(".timeline details").first
        hanging.locator("summary").click()
        expect(hanging.locator("dl")).to_contain_text("SHA-256")
        self.picture(reader, "timeline")
        whole = f"/timeline/coi/{self.course.coi_id}?whole=yes"
        for someone in (reader.open(whole), self.house.person("qp").open(whole)):
            someone.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            raw = RAW.findall(someone.page.locator("main").inner_text())
            assert not raw, f"the timeline of {someone.username} shows what only a program reads: {sorted(set(raw))}"


def test_one_patient_by_page_and_scan(house: House, tmp_path: Path) -> None:
    story = Story(house, tmp_path)
    for chapter in CHAPTERS:
        getattr(story, chapter)()


CHAPTERS = ("order", "strangers", "collect", "bench", "plant_and_laboratory", "bedside", "timeline")
