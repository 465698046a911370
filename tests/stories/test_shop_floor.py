"""An operation at the bench by scan and keypad, on two tablets, in two languages: interrupted, a wrong bag, offline."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.stories.accessibility import grave_findings
from tests.stories.conftest import ORDER, fresh_order
from tests.stories.house import House, Person
from vein2vein.core.uploads import Upload
from vein2vein.driver.crew import Crew
from vein2vein.driver.journey import Journey
from vein2vein.engines.codes import Kind, make
from vein2vein.people import reads as people

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("V2V_PICTURES", "")
BALANCE, COUNTER, ANALYSER = (make(Kind.EQUIPMENT, code) for code in ("BA-01", "NC-01", "HA-01"))
SOON_S = 0.3


class Hand:
    """What a person does at a tablet, counted: taps, keystrokes, and scans (a trigger pulled)."""

    def __init__(self, person: Person) -> None:
        self.person, self.page = person, person.page
        self.taps = self.keys = self.scans = 0
        self.waited_s: list[float] = []

    @property
    def step(self) -> str:
        return str(self.page.locator("[data-floor]").get_attribute("data-step"))

    def scan(self, code: str, *, records: bool = False) -> None:
        """Scan with a hardware scanner, which types the code and Enter, wherever the focus may be."""
        self.scans += 1
        before = self.step
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Enter")
        if records:
            self.next_after(before)

    def type(self, text: str, *, records: bool = False) -> None:
        """Type something and Enter."""
        self.keys += len(text) + 1
        before = self.step
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        if records:
            self.next_after(before)

    def enter(self) -> None:
        self.type("", records=True)

    def tap(self, selector: str) -> None:
        """Touch something, and see that the next step stands there."""
        self.taps += 1
        before = self.step
        self.page.locator(selector).click()
        self.next_after(before)

    def next_after(self, before: str) -> None:
        """Wait until another step stands there, and note how long that took."""
        began = time.perf_counter()
        self.page.wait_for_function(
            "before => (document.querySelector('[data-floor]')?.dataset.step ?? before) !== before", arg=before
        )
        self.waited_s.append(time.perf_counter() - began)


class Floor:
    """One batch ready to be made, and a neighbour's bag within reach."""

    def __init__(self, house: House) -> None:
        self.house = house
        crew = Crew(house.clock, lambda _line: None)
        order = fresh_order(ORDER, (house.clock.at - timedelta(days=1)).date())
        other = order.replace(b"RJ-2026-004711", b"RJ-2026-004712").replace(b"RJ-ORD-2026-0311", b"RJ-ORD-2026-0312")
        other = other.replace(b'"RJ-014"', b'"RJ-015"')
        both = [Journey(crew, Upload("order.json", one)) for one in (order, other)]
        for journey in both:
            journey.hand_in()
        for stage in ("prescribe", "collect", "send_material", "count_material"):
            for journey in both:
                journey.do(getattr(journey.course, stage)())
                journey.course.refresh()
        self.mine, self.strange = (one.course.containers("starting_material")[0] for one in both)
        self.course = both[0].course
        self.batch = crew.act("manufacturing.open_batch", "supervisor", order_id=self.course.order_id)
        self.address = f"/batches/{self.batch.pk}/execute"
        self.crew = crew

    def picture(self, page: Page, name: str) -> None:
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}.png")

    def signed_in_by_badge(self) -> Hand:
        """Sign in with a scanned badge; the batch is one touch away on the first page."""
        account = people.find_account("operator1")
        assert account is not None
        person = self.house.nobody(width=820, height=1180)
        person.open("/sign-in")
        hand = Hand(person)
        hand.scans += 1
        person.page.keyboard.insert_text(str(account.badge_code))
        person.page.keyboard.press("Enter")
        hand.keys += len(person.password) + 1
        person.page.keyboard.type(person.password)
        person.page.keyboard.press("Enter")
        hand.taps += 1
        person.go("Go on with the batch")
        expect(person.page.locator("[data-floor]")).to_be_visible()
        return hand


def _badge(username: str) -> str:
    account = people.find_account(username)
    assert account is not None
    return str(account.badge_code)


def _equipment(floor: Floor, equipment_class: str) -> str:
    return make(Kind.EQUIPMENT, floor.course.floor.codes(equipment_class)[0])


def _clear_line_and_stop_at_the_wrong_bag(floor: Floor, hand: Hand) -> None:
    """The operation is begun, the line cleared by two people; the neighbour's bag stops everything."""
    password, pin, page = hand.person.password, people.demonstration_pin(), hand.page
    floor.picture(page, "execute-start")
    hand.enter()
    assert hand.step == "clear_receipt_bench"
    hand.scan(_equipment(floor, "receipt_bench"))
    hand.scan(_badge("operator2"))
    hand.type(password)
    floor.picture(page, "execute-two-people")
    hand.type(password, records=True)
    assert hand.step == "scan_leukapheresis"
    expect(page.locator(".band")).to_contain_text(floor.batch.coi.code)
    counted = hand.scans, hand.keys
    hand.scan(floor.strange)
    hand.scan(_badge("operator2"))
    hand.type(pin)
    stop = page.locator("dialog[data-stop]")
    expect(stop).to_be_visible()
    expect(stop).to_contain_text("another patient")
    expect(stop).to_contain_text(floor.strange)
    expect(stop).to_contain_text(floor.mine)
    expect(stop).to_contain_text("call the supervisor")
    floor.picture(page, "execute-wrong-bag")
    assert not grave_findings(page)
    page.keyboard.insert_text(floor.mine)
    page.keyboard.press("Enter")
    expect(stop).to_be_visible()
    stop.locator("button").click()
    hand.scans, hand.keys = counted
    hand.scan(floor.mine)
    hand.type(pin, records=True)


def _measured_in_view_of_the_limits(floor: Floor, hand: Hand) -> None:
    """Limits are judged while somebody types; what is whole is recorded without another touch."""
    page = hand.page
    assert hand.step == "check_bag_intact"
    hand.type("y", records=True)
    page.keyboard.type("30")
    expect(page.locator("[data-verdict]")).to_contain_text("OUT OF THE ACTION LIMIT")
    page.keyboard.press("Backspace")
    page.keyboard.type("50")
    expect(page.locator("[data-verdict]")).to_contain_text("beyond the alert limit")
    floor.picture(page, "execute-limits")
    assert not grave_findings(page)
    for _ in range(3):
        page.keyboard.press("Backspace")
    hand.type("210")
    expect(page.locator("[data-said]")).to_contain_text("NOT RECORDED yet")


def test_an_operation_by_scan_and_keypad(house: House) -> None:
    floor = Floor(house)
    one = floor.signed_in_by_badge()
    _clear_line_and_stop_at_the_wrong_bag(floor, one)
    _measured_in_view_of_the_limits(floor, one)
    one.scan(_equipment(floor, "balance"), records=True)
    counter = _equipment(floor, "cell_counter")
    for value, equipment in (("2e7", counter), ("95", counter), ("2", _equipment(floor, "haematology_analyser"))):
        one.type(value)
        one.scan(equipment, records=True)
    one.enter()
    floor.picture(one.page, "execute-other-role")
    print(one.step, one.taps, one.keys, one.scans, [round(each, 3) for each in one.waited_s])
