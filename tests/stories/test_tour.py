"""Every page that somebody's navigation leads to opens, in both languages, and shows codes and names, never raw ids."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.stories.accessibility import grave_findings
from tests.stories.house import House, Person

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
            assert person.page.locator("h1").first.inner_text()
            if locale == "zh-CN":
                assert CHINESE.search(person.page.locator("h1").first.inner_text()), path
            for scheme in ("light", "dark"):
                person.page.emulate_media(color_scheme=scheme)
                assert not grave_findings(person.page), f"{path} in {scheme}: {grave_findings(person.page)}"
            wide = person.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, f"{path} is {wide} px too wide for a tablet"
    the_end_of_a_session_is_announced(person)


def the_end_of_a_session_is_announced(person: Person) -> None:
    """Two minutes before its end a page says so, and it is read out; after it nothing typed is sent and lost."""
    page, left = person.page, {"left_s": 100}
    page.clock.install()
    person.open("/people/me")
    box = page.locator("[data-session]")
    page.route(
        "**/session", lambda route: route.fulfill(json=left | {"who": box.get_attribute("data-who"), "token": ""})
    )
    expect(box).not_to_be_visible()
    page.clock.fast_forward(800_000)
    expect(box).to_contain_text("您的会话将在两分钟内结束")
    assert not grave_findings(page), grave_findings(page)
    left["left_s"] = 900
    box.get_by_role("button", name="保持登录").click()
    expect(box.locator("p")).to_have_count(0)
    left["left_s"] = 0
    page.clock.fast_forward(800_000)
    expect(box).to_contain_text("您的会话已结束")
    field = page.locator("main form.offer input:not([type=hidden])").first
    field.fill("typed")
    page.locator("main form.offer").first.evaluate("one => { one.noValidate = true; one.requestSubmit(); }")
    assert field.input_value() == "typed"
    assert page.url.endswith("/people/me")
