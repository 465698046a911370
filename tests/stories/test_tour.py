"""Every page that somebody's navigation leads to opens, in both languages, and shows codes and names, never raw ids."""

from __future__ import annotations

import re

import pytest

from tests.stories.accessibility import grave_findings
from tests.stories.house import House

pytestmark = pytest.mark.browser
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_navigation_leads_to_pages_that_people_can_read(house: House) -> None:
    tours = [("physician.rj", "en-GB"), ("carrier.a", "zh-CN"), ("supervisor", "zh-CN"), ("qareviewer", "en-GB")]
    for username, locale in [*tours, ("admin", "zh-CN")]:
        person = house.person(username, locale=locale, width=820)
        person.open("/")
        places = [str(link.get_attribute("href")) for link in person.page.locator("header nav a").all()]
        begun = [str(link.get_attribute("href")) for link in person.page.locator("main .cards a").all()]
        for path in dict.fromkeys(["/", *places, *begun, "/people/me", "/style"]):
            answer = person.page.goto(house.address + path)
            assert answer is not None
            assert answer.status == 200, path
            seen = person.page.locator("main").inner_text()
            assert not UUID.search(seen), path
            assert person.page.locator("h1").inner_text()
            if locale == "zh-CN":
                assert CHINESE.search(person.page.locator("h1").inner_text()), path
            for scheme in ("light", "dark"):
                person.page.emulate_media(color_scheme=scheme)
                assert not grave_findings(person.page), f"{path} in {scheme}: {grave_findings(person.page)}"
            wide = person.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, f"{path} is {wide} px too wide for a tablet"
