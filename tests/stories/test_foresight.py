"""A planner asks what would become of the base: a figure set, a study saved, carried out and read as charts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.stories.accessibility import grave_findings
from tests.stories.house import House
from vein2vein.forecasting.models import StudyRun
from vein2vein.forecasting.studying import carry_out_run

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("V2V_PICTURES", "")


def test_a_planner_asks_what_would_become_of_the_base(house: House) -> None:
    planner = house.person("planner", locale="en-GB", width=1100)
    page = planner.page
    planner.open("/figures/one?name=operators_by_night")
    planner.send("forecasting.set_figure", value="6", reason="the roster of this winter")
    planner.open("/figures")
    expect(page.locator("tr", has_text="operators_by_night")).to_contain_text("the roster of this winter")

    planner.open("/studies")
    planner.send("forecasting.save_study", name="What if next year", replications="4", seed="3")
    page.locator("table a.code").first.click()
    planner.send("forecasting.run_study")
    expect(page.locator("[data-run]")).to_have_attribute("data-run", "queued")
    carry_out_run(StudyRun.objects.get().pk)
    page.reload()
    expect(page.locator("[data-run]")).to_have_attribute("data-run", "finished")
    expect(page.locator("[data-result]")).to_contain_text("Vein to vein, median")
    assert page.locator("svg.chart").count() >= 8
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert not grave_findings(page), grave_findings(page)
    if PICTURES:
        page.emulate_media(color_scheme="light")
        page.locator("[data-result]").screenshot(path=str(Path(PICTURES) / "study.png"))
