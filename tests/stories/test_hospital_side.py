"""The hospital's side and the administration by page: search, another date, a document, labels, the trail signed."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.stories.accessibility import grave_findings
from tests.stories.conftest import ORDER, fresh_order
from tests.stories.house import House, Person
from vein2vein.core.uploads import Upload
from vein2vein.driver.crew import Crew
from vein2vein.driver.journey import Journey

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("V2V_PICTURES", "")
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def picture(person: Person, name: str) -> None:
    """See that the page has no grave finding, and take it for the guide where pictures are wanted."""
    assert not grave_findings(person.page), name
    if PICTURES:
        person.page.screenshot(path=Path(PICTURES) / f"{name}.png")


class Walk:
    """One patient of a hospital in Shanghai, accepted and with a kit; people of both sides look after it."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.folder = house, folder
        crew = Crew(house.clock, lambda _line: None)
        order = fresh_order(ORDER, (house.clock.at - timedelta(days=1)).date())
        journey = Journey(crew, Upload("order.json", order))
        journey.hand_in()
        journey.do(journey.course.prescribe())
        self.course = journey.course
        self.course.refresh()
        self.order = self.course.order
        self.coordinator = house.person("coordinator.rj")

    def found_by_scan(self) -> None:
        """A key leads to the field of the search, a beginning lists, a whole code leads straight there."""
        page, code = self.coordinator.page, self.order.code
        self.coordinator.open("/hospital")
        expect(page.locator(f"tr[data-order='{code}']")).to_contain_text("Slot reserved")
        picture(self.coordinator, "hospital")
        page.locator("h1").click()
        page.keyboard.press("/")
        expect(page.locator("[data-find]")).to_be_focused()
        with page.expect_navigation():
            page.keyboard.type(code[:8])
            page.keyboard.press("Enter")
        expect(page.locator("section[data-kind=order]")).to_contain_text(code)
        picture(self.coordinator, "search")
        page.locator("[data-find]").fill(code)
        with page.expect_navigation():
            page.locator("[data-find]").press("Enter")
        assert page.url.endswith(f"/orders/{self.order.pk}")

    def asked(self) -> None:
        """The coordinator asks for another date and hands a document in."""
        another = self.order.collection_planned_at + timedelta(days=1)
        wished = timezone.localtime(another, ZoneInfo("Asia/Shanghai"))
        self.coordinator.open("/hospital").go("Ask for another date").send(
            "orders.request_date", wished_at=wished.strftime("%Y-%m-%dT%H:%M"), reason="fever"
        )
        file = self.folder / "consent.pdf"
        file.write_bytes(PDF)
        self.coordinator.open(f"/orders/{self.order.pk}").act(
            "orders.share_document", kind="consent", document=str(file)
        )
        expect(self.coordinator.page.locator("#documents + div")).to_contain_text("consent.pdf")

    def strangers(self) -> None:
        """Another hospital finds neither patient nor paper, by search, page or address."""
        link = self.coordinator.page.locator("#documents + div a").first.get_attribute("href")
        stranger = self.house.person("physician.bj")
        stranger.open(f"/find?text={self.order.code}")
        expect(stranger.page.locator("main")).to_contain_text("Nothing at your site")
        for path in (
            f"/orders/{self.order.pk}",
            str(link),
            f"/papers/{self.order.coi_id}",
            "/hospital?site=CN-RJ-DEMO",
        ):
            assert stranger.status_of(path) == 404, path

    def answered(self) -> None:
        """The planner reads the request in Chinese and agrees; the hospital sees the answer."""
        planner = self.house.person("planner", locale="zh-CN", width=820)
        planner.open("/").go("答复医院的改期申请")
        planner.act("orders.agree_date", reason="有空档")
        self.coordinator.open("/hospital")
        expect(self.coordinator.page.locator(f"tr[data-order='{self.order.code}']")).to_contain_text("agreed")

    def labelled(self) -> None:
        """The kit is printed; its labels are seen as they are printed, and stand among those to be reconciled."""
        self.coordinator.open(f"/orders/{self.order.pk}").act("orders.print_collection_kit")
        self.coordinator.open(f"/papers/{self.order.coi_id}")
        label = self.coordinator.page.locator("ul.prints img").first
        label.scroll_into_view_if_needed()
        expect(label).to_have_js_property("complete", value=True)
        assert label.evaluate("one => one.naturalWidth") > 0
        picture(self.coordinator, "labels")
        self.coordinator.open("/papers")
        expect(self.coordinator.page.locator("tr[data-kit]")).to_have_count(1)

    def administered(self) -> None:
        """The administrator sees what is due; quality filters the trail, sees what it would sign, and signs."""
        admin = self.house.person("admin")
        admin.open("/administration")
        expect(admin.page.locator("main")).to_contain_text("The whole trail waits for its review")
        picture(admin, "administration")
        for path in ("/people", "/people/training", "/people/delegations", "/equipment?due=yes", "/network/routes"):
            admin.open(path)
            assert not grave_findings(admin.page), path
        self.house.wait(minutes=3)
        reviewer = self.house.person("qareviewer", locale="zh-CN")
        reviewer.open("/administration/audit-trail")
        form = reviewer.page.locator("form.sieve")
        form.locator("[name=who]").fill("planner")
        form.locator("[name=subject]").fill(self.order.code)
        with reviewer.page.expect_navigation():
            form.locator("button").click()
        expect(reviewer.page.locator("ol.timeline")).to_contain_text("有空档")
        picture(reviewer, "audit-trail")
        reviewer.act("quality.review_audit_trail", conclusion="nothing_found", secret=reviewer.password)
        expect(reviewer.page.locator("main table").last).to_contain_text("未发现问题")


def test_the_hospital_asks_the_base_answers_and_the_trail_is_signed(house: House, tmp_path: Path) -> None:
    walk = Walk(house, tmp_path)
    walk.found_by_scan()
    walk.asked()
    walk.strangers()
    walk.answered()
    walk.labelled()
    walk.administered()
