"""An operation at the bench by scan and keypad, on two tablets, in two languages: interrupted, a wrong bag, offline."""

from __future__ import annotations

import io
import os
import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from tests.chromium import film
from tests.stories.accessibility import grave_findings
from tests.stories.conftest import ORDER, fresh_order
from tests.stories.house import House, Person
from vein2vein.core.ids import ContainerId
from vein2vein.core.uploads import Upload
from vein2vein.driver.crew import Crew
from vein2vein.driver.journey import Journey
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.papers import Form
from vein2vein.identity.printing import label_pdf
from vein2vein.identity.reads import container_scanned, find_label_in_force
from vein2vein.journal.reads import list_stream
from vein2vein.manufacturing import reads
from vein2vein.materials import reads as materials
from vein2vein.people import reads as people

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("V2V_PICTURES", "")
SHANGHAI = ZoneInfo("Asia/Shanghai")


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

    def enter_secret(self, secret: str) -> None:
        """Sign: Enter on the empty line leads to the secret, its Enter records."""
        self.keys += 1
        self.page.keyboard.press("Enter")
        self.type(secret, records=True)

    def enter_form(self, action: str) -> None:
        """Press Enter on the button that has the focus: the form of an action that carries the batch on."""
        form = self.page.locator(f"form[data-action='{action}']")
        expect(form.locator("button")).to_be_focused()
        self.keys += 1
        self.page.keyboard.press("Enter")
        expect(form).to_have_count(0)

    def look(self) -> None:
        """Let the page look now for what others did, as it does every five seconds."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def wait_for_step(self, step: str) -> None:
        """Wait until the page shows a step."""
        self.page.wait_for_function("step => document.querySelector('[data-floor]')?.dataset.step === step", arg=step)

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
        """Sign in with a scanned badge at a bench's tablet: the batch to go on with stands there."""
        account = people.find_account("operator1")
        assert account is not None
        person = self.house.nobody(width=820, height=1180)
        person.open("/floor")
        hand = Hand(person)
        hand.scans += 1
        person.page.keyboard.insert_text(str(account.badge_code))
        person.page.keyboard.press("Enter")
        hand.keys += len(person.password) + 1
        person.page.keyboard.type(person.password)
        person.page.keyboard.press("Enter")
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
    expect(page.locator(".whose")).to_contain_text(floor.batch.coi.code)
    counted = hand.scans, hand.keys
    page.keyboard.type(floor.mine, delay=90)
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_contain_text("scanned, not typed")
    _stopped_at_the_scan(hand, floor.strange, ("another patient", floor.strange, floor.mine, "call the supervisor"))
    floor.picture(page, "execute-wrong-bag")
    assert not grave_findings(page)
    page.keyboard.insert_text(floor.mine)
    page.keyboard.press("Enter")
    expect(page.locator("dialog[data-stop]")).to_be_visible()
    _put_away(hand)
    assert reads.news_of(floor.batch).step_code == "clear_receipt_bench"
    hand.scans, hand.keys = counted
    hand.scan(floor.mine)
    expect(page.locator("[data-judged].right")).to_be_visible()
    hand.scan(_badge("operator2"))
    hand.type(pin, records=True)


def _stopped_at_the_scan(hand: Hand, code: str, words: tuple[str, ...]) -> None:
    """Scan what is wrong here: the whole screen stops before anybody signs or presses anything, and says why."""
    hand.scan(code)
    stop = hand.page.locator("dialog[data-stop]")
    expect(stop).to_be_visible()
    for one in words:
        expect(stop).to_contain_text(one)
    expect(stop.locator("[data-why][aria-live=assertive] [data-code]")).to_be_visible()
    expect(stop.locator("h1")).to_be_focused()


def _put_away(hand: Hand) -> None:
    """Say that what was wrong is put away: the field is empty, the step waits for the right scan."""
    hand.page.locator("[data-understood]").click()
    assert not hand.page.locator("[data-expected][data-slot]").first.input_value()


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


def _ten_steps(floor: Floor, one: Hand) -> None:
    """From the badge at the sign-in to ten steps recorded: every tap, key and scan counted, no page waited for."""
    pin = people.demonstration_pin()
    _clear_line_and_stop_at_the_wrong_bag(floor, one)
    _measured_in_view_of_the_limits(floor, one)
    one.scan(_equipment(floor, "balance"), records=True)
    counter = _equipment(floor, "cell_counter")
    counted = one.scans
    washer = _equipment(floor, "cell_washer")
    _stopped_at_the_scan(one, washer, (washer.split("-", 1)[1].rpartition("-")[0], "is needed"))
    floor.picture(one.page, "execute-wrong-equipment")
    _put_away(one)
    one.scans = counted
    for value, equipment in (("2e7", counter), ("95", counter), ("2", _equipment(floor, "haematology_analyser"))):
        one.type(value)
        one.scan(equipment, records=True)
    one.enter()
    assert one.step == "sign_receipt"
    expect(one.page.locator(".step .blockers")).to_contain_text("supervisor")
    supervisor = Hand(floor.house.person("supervisor", locale="zh-CN"))
    supervisor.person.open(floor.address)
    expect(supervisor.page.locator(".step h1")).to_have_text("该物料可投入生产。")
    supervisor.enter_secret(supervisor.person.password)
    one.look()
    one.wait_for_step("")
    one.enter_form("manufacturing.complete_operation")
    _a_time_runs_out(floor, one)
    one.enter_form("manufacturing.start_operation")
    assert one.step == "clear_wash_station"
    one.scan(_equipment(floor, "closed_workstation"))
    one.scan(_badge("operator2"))
    one.type(pin)
    one.type(pin, records=True)
    one.scan(floor.mine)
    one.scan(_badge("operator2"))
    one.type(pin, records=True)
    assert one.step == "scan_washer"


def _a_time_runs_out(floor: Floor, one: Hand) -> None:
    """A hold time counts by the server's clock; it rings before its end, after a reload too, until silenced."""
    page = one.page
    timer, quiet = page.locator("[data-timer='wash']"), page.locator("[data-silence]")
    expect(timer).to_contain_text("left 2")
    expect(quiet).to_be_hidden()
    floor.house.wait(hours=23, minutes=53)
    page.reload()
    expect(timer).to_have_attribute("data-rings", "")
    expect(timer).to_contain_text("Soon run out")
    floor.picture(page, "execute-alarm")
    quiet.click()
    page.reload()
    expect(timer).to_contain_text("Soon run out")
    expect(quiet).to_be_hidden()


def _seen_by_the_camera(floor: Floor, one: Hand, camera: Path) -> None:
    """The label of the bag, as it was printed, is held before the tablet's camera: it is read and records the step."""
    label = find_label_in_force(ContainerId(container_scanned(floor.mine).pk))
    assert label is not None
    film(Image.open(io.BytesIO(label_pdf(label, Form.PNG))), camera)
    before = one.step
    one.page.locator("[data-camera]").click()
    expect(one.page.locator("[data-viewfinder] video")).to_be_visible()
    one.next_after(before)
    assert before == "produce_washed_bag"
    assert reads.news_of(floor.batch).step_code == before


def _reviewed(floor: Floor) -> None:
    """The reviewer sees what was late and who checked; what is as it should be is a count; in both languages."""
    for locale in ("en-GB", "zh-CN"):
        reviewer = floor.house.person("qareviewer", locale=locale)
        page = reviewer.open(f"/quality/batches/{floor.batch.pk}/review").page
        late = page.locator("[data-section=late]")
        expect(late).to_contain_text("70")
        with page.expect_navigation():
            late.locator("a").first.click()
        expect(page.locator("[data-fact='manufacturing.StepRecorded']")).to_be_visible()
        page.go_back()
        assert not grave_findings(page)
        floor.picture(page, f"review-{locale[:2]}")


def _interrupted(floor: Floor, one: Hand, camera: Path) -> None:
    """A value half entered on one tablet; a colleague does the step on another, in Chinese; the first is told who."""
    page, machine = one.page, floor.crew
    one.scan(_equipment(floor, "cell_washer"), records=True)
    for material in ("wash_set", "wash_buffer"):
        holder = f"batch:{floor.batch.pk}"
        found = materials.list_usable(material, market=floor.batch.market, at=machine.clock.at, holder=holder)
        one.scan(found[0].code, records=True)
    _seen_by_the_camera(floor, one, camera)
    assert one.step == "measure_washed_count"
    one.type("5e7")
    other = Hand(floor.house.person("operator2", locale="zh-CN"))
    other.person.open("/").go("继续生产批")
    expect(other.page.locator(".step h1")).to_have_text("洗涤后细胞计数。")
    other.type("3e7")
    other.scan(_equipment(floor, "cell_counter"), records=True)
    floor.picture(other.page, "execute-chinese")
    one.look()
    said = page.locator("[data-notice]")
    expect(said).to_contain_text("done by somebody else")
    expect(said).to_contain_text("NOT RECORDED by you")
    expect(said).to_contain_text("5e7")
    name = floor.crew.who("operator2").name
    expect(said).to_contain_text(name)
    floor.picture(page, "execute-interrupted")


def _without_a_server(floor: Floor, one: Hand) -> None:
    """The server is lost: said at once, nothing is sent, the signed pack is in the page; then a late entry."""
    page, pin, house = one.page, people.demonstration_pin(), floor.house
    page.locator("[data-packs] summary").first.click()
    form = page.locator("form[data-action='manufacturing.issue_offline_pack']")
    form.locator("[name=_secret]").fill(pin)
    form.locator("button").click()
    expect(page.locator("[data-packs] small")).to_be_visible()
    expect(page.locator("[data-pack]")).to_have_attribute("href", re.compile("^blob:"))
    one.type("70")
    one.person.context.set_offline(True)
    lost = page.locator("[data-offline]")
    expect(lost).to_contain_text("NOTHING IS RECORDED")
    floor.picture(page, "execute-offline")
    before = reads.news_of(floor.batch).mark
    page.keyboard.insert_text(_equipment(floor, "flow_cytometer"))
    page.keyboard.press("Enter")
    with page.expect_download() as opened:
        page.locator("[data-pack]").click()
    issued = reads.find_open_pack(floor.batch)
    assert issued is not None
    assert opened.value.path().read_bytes() == bytes(issued.attachment.content)
    house.wait(minutes=30)
    one.person.context.set_offline(False)
    expect(lost).to_be_hidden()
    assert reads.news_of(floor.batch).mark == before
    assert one.step == "measure_cd3_fraction"
    done_at = timezone.localtime(house.clock.at - timedelta(minutes=20), SHANGHAI)
    _entered_late(floor, Hand(house.person("analyst")), done_at)
    _reconciled(floor, one)


def _entered_late(floor: Floor, hand: Hand, done_at: datetime) -> None:
    """What the analyst did on paper is entered with its time and a witness; the pack is reconciled by two people."""
    page, password = hand.page, hand.person.password
    hand.person.open(floor.address).go("Enter from paper")
    hand.type("70")
    page.fill("[name=_performed_at]", f"{done_at:%Y-%m-%dT%H:%M}")
    page.locator("[data-line]").focus()
    hand.scan(_equipment(floor, "flow_cytometer"))
    hand.scan(_badge("operator2"))
    hand.type(password, records=True)
    page.goto(floor.house.address + f"/batches/{floor.batch.pk}/exceptions")
    expect(page.locator("main")).to_contain_text("late")
    floor.picture(page, "execute-late")


def _reconciled(floor: Floor, one: Hand) -> None:
    """Two people account for the pack at the bench: "not used" is refused, for an act of it was entered late."""
    page, person, pin = one.page, one.person, people.demonstration_pin()
    person.open(floor.address)
    form = person.form("manufacturing.reconcile_offline_pack")
    for used, said in ((False, "entered late since"), (True, "")):
        form = person.form("manufacturing.reconcile_offline_pack")
        form.locator("[name=used][type=checkbox]").set_checked(used)
        person.fill(
            form, note="Binder 7, archive room 2", _witness=_badge("operator2"), _witness_secret=pin, _secret=pin
        )
        form.locator("button[type=submit]").click()
        if said:
            expect(form.locator(".refusal")).to_contain_text(said)
            floor.picture(page, "execute-pack-refused")
    expect(page.locator("[data-packs]")).to_contain_text("None in force")
    assert reads.find_open_pack(floor.batch) is None
    told = list_stream(f"coi:{floor.batch.coi_id}")[-1]
    assert (told.fact, told.data["late_entries"]) == ("manufacturing.OfflinePackReconciled", 1)
    assert floor.crew.who("operator2").name in str(told.payload["signatures"])
    floor.picture(page, "execute-pack-reconciled")


def test_an_operation_by_scan_and_keypad(house: House, camera: Path) -> None:
    floor = Floor(house)
    one = floor.signed_in_by_badge()
    _ten_steps(floor, one)
    print(f"ten steps: {one.taps} taps, {one.keys} keystrokes, {one.scans} scans; slowest {max(one.waited_s):.3f} s")
    print([round(each, 3) for each in one.waited_s])
    _interrupted(floor, one, camera)
    _without_a_server(floor, one)
    _reviewed(floor)
