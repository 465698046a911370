"""A patient whose cells came too warm: another apheresis, and the dose after all; every role by page, in Chinese."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.stories.conftest import ORDER, fresh_order
from tests.stories.house import House
from tests.stories.screens import AtScreens
from vein2vein.core.uploads import Upload
from vein2vein.driver.agenda import Play
from vein2vein.driver.bedside import infuse
from vein2vein.driver.course import Course
from vein2vein.driver.deciding import decide
from vein2vein.driver.draws import Typical
from vein2vein.driver.journey import Journey
from vein2vein.orders import reads as orders

pytestmark = pytest.mark.browser
FATE = ("excursion of material", "material rejected at its review", "collected again")
BY_PAGE = {
    "orders.submit_order",
    "orders.accept_order",
    "identity.issue_wristband",
    "identity.reconcile_labels",
    "logistics.receive_shipment",
    "logistics.review_excursion",
    "orders.decide_course",
    "orders.renew_eligibility",
    "logistics.accept_material",
    "laboratory.receive_sample",
    "laboratory.read_counter_result",
    "laboratory.review_result",
    "quality.close_deviation",
    "quality.declare_dose",
    "quality.dispose_batch",
    "orders.clear_for_lymphodepletion",
    "orders.match_at_bedside",
    "orders.record_infusion",
}
"""What is done by page at the least."""


class Fate(Typical):
    """The usual course of things, but for one warm spell on the way, which quality does not accept."""

    def happens(self, name: str, chance: float) -> bool:
        """Say yes to what this patient meets, once."""
        del chance
        met = name in FATE and name not in self._asked
        self._asked[name] = 1
        return met


def test_everybody_by_page_in_chinese_with_an_excursion_and_a_second_apheresis(house: House) -> None:
    crew = AtScreens(house, "zh-CN")
    order = fresh_order(ORDER, (house.clock.at - timedelta(days=1)).date())
    journey = Journey(crew, Upload("order.json", order))
    course = crew.course = journey.course
    course.draws = Fate()
    crew.act("exchange.receive_order_bundle", "coordinator.rj", bundle=journey.file)
    (course.order,) = orders.list_orders(limit=5, by=crew.who("planner"))
    for stage in (course.prescribe(), course.collect(), course.send_material()):
        journey.do(stage)
    assert course.failure == "starting material rejected"
    waiting = crew.at_screen("physician.rj").open("/")
    expect(waiting.page.locator(f"main a[href^='/orders/{course.order_id}']").first).to_be_visible()
    journey.do(_decided(course))
    course.failure = ""
    for stage in (course.collect(), course.send_material(), course.count_material()):
        journey.do(stage)
    course.open_batch()
    for stage in (course.manufacture(), course.test(), course.release(), course.send_product(), infuse(course)):
        journey.do(stage)
    assert course.infused
    assert set(crew.by_page) >= BY_PAGE
    assert crew.by_page.count("orders.start_collection") == 2
    assert not crew.english


def _decided(course: Course) -> Play:
    yield from decide(course, last=False)
