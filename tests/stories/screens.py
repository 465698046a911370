"""The driver's people at screens: what they do goes through the page on which they would do it, in a real browser."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from playwright.sync_api import Locator, expect

from tests.stories.house import House, Person
from vein2vein.core.uploads import Upload
from vein2vein.driver.crew import Crew
from vein2vein.driver.spoken import spoken
from vein2vein.driver.tests.reading import english_in
from vein2vein.identity import reads as identity
from vein2vein.laboratory import reads as laboratory
from vein2vein.logistics import reads as logistics

if TYPE_CHECKING:
    from vein2vein.driver.course import Course

SHANGHAI = ZoneInfo("Asia/Shanghai")
TABLETS = ("nurse", "celllab", "infusion", "warehouse", "carrier")
"""Who works at a tablet; the others sit at a desk."""
BEHIND = ("manufacturing.", "network.", "quality.record_environment")
"""What is left to the driver itself here: the shop floor has a story of its own."""
A_FEW = {"laboratory.record_result": 2, "laboratory.review_result": 2}
"""Of what is done alike for every test, how often it is done by page."""
HIDDEN = """one => [...one.querySelectorAll('input[type=hidden]')]
  .filter(it => !one.querySelector(`[name='${it.name}']:not([type=hidden])`)).map(it => [it.name, it.value])"""
"""What a form says without showing it; a box that may be left unticked has a hidden field beside it."""


class AtScreens(Crew):
    """Everybody on one patient's way, each at a screen of their own, in one language."""

    def __init__(self, house: House, locale: str) -> None:
        super().__init__(house.clock)
        self.house, self.locale = house, locale
        self.by_page: list[str] = []
        """What was done by page, in its order."""
        self.english = set[str]()
        """What the pages said in English alone."""
        self.course: Course

    def act(self, action: str, username: str, second: str = "", **arguments: Any) -> Any:
        """Do it on the page where it is offered, and return what the driver goes on with."""
        if action.startswith(BEHIND) or self.by_page.count(action) >= A_FEW.get(action, 1000):
            return super().act(action, username, second, **arguments)
        person, arguments = self.at_screen(username), spoken(arguments)
        person.open(self._path(action, arguments))
        self.english |= set(english_in(person.page.content()))
        form = _form(person, action, arguments)
        _fill(form, arguments)
        if second:
            form.locator("[name='_witness']").fill(second)
            form.locator("[name='_witness_secret']").fill(person.password)
        if (secret := form.locator("[name='_secret']")).count():
            secret.fill(person.password)
        lacking = form.evaluate("one => [...one.querySelectorAll('input:invalid, select:invalid')].map(it => it.name)")
        assert not lacking, f"{action} by {username} lacks {lacking}"
        with person.page.expect_navigation():
            form.locator("button[type=submit]").click()
        expect(person.page.locator(".message[role=status]"), f"{action} by {username}").to_be_visible()
        self.by_page.append(action)
        return self._result(action, arguments)

    def at_screen(self, username: str) -> Person:
        """Return somebody at their own screen."""
        small = username.startswith(TABLETS)
        width, height = (820, 1180) if small else (1280, 900)
        return self.house.person(username, locale=self.locale, width=width, height=height)

    def _path(self, action: str, given: Mapping[str, Any]) -> str:
        context = action.partition(".")[0]
        if context == "exchange":
            return f"/act/{action}"
        if action == "logistics.plan_shipment":
            return f"/shipments/plan/{given['order_id']}"
        if "deviation_id" in given:
            return f"/quality/deviations/{given['deviation_id']}"
        return {
            "identity": f"/chains/{self.course.order.coi_id}",
            "logistics": f"/shipments/{given.get('shipment_id')}",
            "laboratory": f"/laboratory/{getattr(self.course, 'plant', None) and self.course.batch_id}",
            "quality": f"/quality/batches/{given.get('batch_id')}",
            "orders": f"/orders/{given.get('order_id')}",
        }[context]

    def _result(self, action: str, given: Mapping[str, Any]) -> Any:
        planner = self.who("planner")
        if action == "logistics.plan_shipment":
            return logistics.find_shipment_of(given["order_id"], given["kind"])
        if "shipment_id" in given:
            return logistics.get_shipment(shipment_id=given["shipment_id"], by=planner)
        if action == "identity.issue_wristband":
            return identity.find_wristband_in_force(given["coi_id"])
        if action == "laboratory.read_counter_result":
            return [one for _, one in laboratory.all_results(given["batch_id"]) if one is not None]
        return None


def _form(person: Person, action: str, given: Mapping[str, Any]) -> Locator:
    """Return the form of an action on the open page whose hidden fields say what is given, unfolded."""
    forms = person.page.locator(f"main form[data-action='{action}']")
    for form in forms.all():
        hidden = form.evaluate(HIDDEN)
        if all(value == _text(given[name]) for name, value in hidden if given.get(name) is not None):
            form.evaluate("one => { for (let each = one; each; each = each.parentElement) each.open = true; }")
            return form
    raise AssertionError(f"{person.username} has no form for {action} on {person.page.url}: {forms.count()} others")


def _fill(form: Locator, given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        field = form.locator(f"[name='{name}']:not([type=hidden])")
        if value is None or not field.count():
            continue
        kind = field.evaluate("one => one.tagName + ':' + one.type")
        if kind.startswith("SELECT"):
            field.select_option(_text(value))
        elif kind == "INPUT:checkbox":
            field.set_checked(bool(value))
        elif isinstance(value, Upload):
            field.set_input_files({"name": value.filename, "mimeType": "text/csv", "buffer": value.content})
        else:
            field.fill(_text(value))


def _text(value: Any) -> str:
    """Return a value as it is typed into a field."""
    if isinstance(value, list):
        return "\n".join(_text(one) for one in value)
    if isinstance(value, datetime):
        return f"{timezone.localtime(value, SHANGHAI):%Y-%m-%dT%H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return str(getattr(value, "value", value))
