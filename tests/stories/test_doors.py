"""What every page promises: only who is signed in, only what is theirs, once, from this machine alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.stories.house import House

pytestmark = pytest.mark.browser


def test_nobody_sees_anything_before_signing_in(house: House) -> None:
    stranger = house.nobody().open("/")
    expect(stranger.page).to_have_url(f"{house.address}/sign-in?next=%2F")
    expect(stranger.page.locator("nav")).to_have_count(0)


def test_pages_come_with_a_policy_and_from_here_alone(house: House) -> None:
    person = house.person("planner")
    answer = person.context.request.get(house.address + "/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
