"""A date promised, a plan dragged, undone and signed, a line that closes: at two screens."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.stories.accessibility import grave_findings
from tests.stories.conftest import ORDER, fresh_order
from tests.stories.house import House, Person
from vein2vein.core.uploads import Upload
from vein2vein.driver.crew import Crew
from vein2vein.driver.journey import Journey
from vein2vein.orders.reads import load_order
from vein2vein.planning.compiling import compile_plant
from vein2vein.planning.courses import PLANT
from vein2vein.planning.making import make

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("V2V_PICTURES", "")


def picture(person: Person, name: str) -> None:
    if PICTURES:
        person.page.screenshot(path=Path(PICTURES) / f"{name}.png")


def drawn(planner: Person) -> None:
    planner.page.wait_for_selector("#board[data-drawn]", timeout=20_000)


def dragged(planner: Person) -> None:
    """Drag the slot's bar where something speaks against it, then a day on, where nothing does."""
    bar = planner.page.locator(".vis-item.before", has_text="Manufacturing slot").first
    bar.hover(position={"x": 40, "y": 10})  # waits until it stands still
    box = bar.bounding_box()
    assert box is not None
    x, y = box["x"] + 40, box["y"] + 10
    planner.page.mouse.down()
    planner.page.mouse.move(x - 60, y, steps=5)
    planner.page.mouse.move(x - 120, y, steps=5)
    expect(planner.page.locator("#proposal")).to_contain_text("This speaks against it:", timeout=30_000)
    picture(planner, "planner")
    planner.page.mouse.move(x + 139, y, steps=8)  # about a day: the same hours are worked
    expect(planner.page.locator("#proposal")).to_contain_text("Nothing speaks against it", timeout=30_000)
    planner.page.mouse.up()


def test_a_date_is_promised_planned_and_kept(house: House) -> None:
    crew = Crew(house.clock, lambda _line: None)
    journey = Journey(crew, Upload("order.json", fresh_order(ORDER, (house.clock.at - timedelta(days=1)).date())))
    journey.hand_in()
    order_id = journey.course.order_id
    coordinator = house.person("coordinator.rj")
    coordinator.open(f"/orders/{order_id}").go("none yet: see the dates that are free")
    expect(coordinator.page.locator("form[data-action='planning.promise_date']")).to_have_count(5)
    picture(coordinator, "promise")
    coordinator.act("planning.promise_date")
    expect(coordinator.page.get_by_role("heading", name="Promised")).to_be_visible()
    journey.do(journey.course.prescribe())
    slot = load_order(order_id).slot
    assert slot is not None

    make(compile_plant(PLANT, house.clock.at))  # the engine is compiled before somebody waits for it
    planner = house.person("planner")
    planner.page.set_default_timeout(30_000)
    planner.open("/planning").act("planning.make_plan", reason="The first")
    planner.open("/planning")
    drawn(planner)
    dragged(planner)
    form = planner.form("planning.move_operation")
    expect(form.locator("[name=reason]")).to_be_focused()
    assert form.locator("[name=unit_code]").input_value() == slot.resource.code
    planner.act("planning.move_operation", reason="The room is cleaned first")
    planner.open("/planning").act("planning.undo_move")
    planner.open("/planning").act("planning.adopt_plan", secret=planner.password)
    expect(planner.page.locator("h1 .state")).to_have_text("adopted")

    supervisor = house.person("supervisor")
    at = house.clock.at
    supervisor.open("/planning/disruptions")
    supervisor.act(
        "planning.record_absence",
        unit_code=slot.resource.code,
        starts_at=f"{at:%Y-%m-%dT%H:%M}",
        ends_at=f"{at + timedelta(days=40):%Y-%m-%dT%H:%M}",
        reason="The line is repaired",
    )
    planner.open("/planning/disruptions")
    expect(planner.page.locator("main")).to_contain_text("Unit closed: plan anew")
    picture(planner, "disruptions")
    planner.act("planning.make_plan", reason="Around the repair")
    planner.open("/planning")
    drawn(planner)
    expect(planner.page.locator("main")).to_contain_text(f"{slot.resource.code} is closed or not there then")
    for scheme in ("light", "dark"):
        planner.page.emulate_media(color_scheme=scheme)
        assert not grave_findings(planner.page), grave_findings(planner.page)
    planner.act("planning.adopt_plan", secret=planner.password)
    moved = load_order(order_id).slot
    assert moved is not None
    assert moved.resource.code != slot.resource.code
    assert moved.during == slot.during
    planner.open("/planning/disruptions")
    expect(planner.page.locator("main")).to_contain_text("Nothing waits for the planner.")
    assert not house.errors
