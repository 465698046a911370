"""Whatever a page links to opens for whoever sees the link: no way leads to 403, 404 or an error, for any role."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.attack.doors import Page
from vein2vein.quality.states import Decision
from vein2vein.quality.tests.ready import Quality

LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/equipment/)[^/]+|(?<=/orders/new/)[^/]+")
PAPER = re.compile(r"\.(?:pdf|csv|json)$|/certificate$|/raw/")
CLOSED = {403, 404, 500, 503}
PEOPLE = (
    "physician.rj",
    "coordinator.rj",
    "nurse.rj",
    "celllab.rj",
    "infusion.rj",
    "carrier.a",
    "warehouse",
    "operator1",
    "supervisor",
    "analyst",
    "qcreviewer",
    "qareviewer",
    "qp",
    "planner",
    "admin",
)


def closed_ways(client: Client) -> tuple[int, list[tuple[int, str, str]]]:
    """Follow every kind of link from the work list on; return how many opened, and those that did not with their page.

    One page of a kind is opened: their links are all alike. A paper is opened from each kind of page that has it.
    """
    waiting, closed, known = [("/", "")], list[tuple[int, str, str]](), set[str]()
    while waiting:
        address, origin = waiting.pop(0)
        kind = _kind(address)
        kind = f"{kind} of {_kind(origin)}" if PAPER.search(kind) else kind
        if kind in known:
            continue
        known.add(kind)
        answer = client.get(address)
        if answer.status_code in CLOSED:
            closed.append((answer.status_code, address, origin))
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            waiting += [(unescape(one), address) for one in dict.fromkeys(LINK.findall(answer.content.decode()))]
    return len(known), closed


def _kind(address: str) -> str:
    return ID.sub("*", urlsplit(address).path)


@pytest.mark.parametrize("username", PEOPLE)
def test_every_link_that_somebody_sees_opens(quality: Callable[[str], Quality], page: Page, username: str) -> None:
    one = quality("commercial")
    one.decide(Decision.RELEASE_BY_MANUFACTURER)
    one.decide(Decision.RELEASE_BY_MAH)
    opened, closed = closed_ways(page.client(username))
    assert closed == []
    assert opened > 5
