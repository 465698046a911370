"""The timeline: newest first and page by page, the whole story, one entry; each for whom it is for."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from vein2vein.journal.reads import list_touching
from vein2vein.network.reads import get_site
from vein2vein.people.models import Account
from vein2vein.web.timeline import PAGE

LINE = re.compile(r'data-from="(/timeline/[^"]+/(\d+))"')


@pytest.fixture
def client() -> Client:
    return Client()


def signed_in(client: Client, username: str) -> Client:
    client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def site(db: None) -> str:
    return f"site:{get_site('CN-LG').pk}"


def test_the_pages_lead_from_the_newest_entry_to_the_first(site: str, client: Client) -> None:
    every = [one.id for one in list_touching(site)]
    assert len(every) > 2 * PAGE
    signed_in(client, "supervisor")
    address = f"/timeline/{site.replace(':', '/')}"
    shown, query = list[int](), ""
    while True:
        page = client.get(address + query).text
        shown += [int(number) for _, number in LINE.findall(page)]
        older = re.search(r'href="(\?before=\d+)"', page)
        if older is None:
            break
        query = older[1]
    assert shown == every[::-1]


def test_the_whole_story_begins_at_the_beginning_with_all_it_hangs_on(site: str, client: Client) -> None:
    found = list_touching(site)
    page = signed_in(client, "supervisor").get(f"/timeline/{site.replace(':', '/')}?whole=yes").text
    assert page.index(found[0].hash) < page.index(found[1].hash) < page.index(found[-1].hash)
    assert f"{len(found)} entries" in page


@pytest.mark.parametrize(("language", "word"), [("en", "Refers to"), ("zh-hans", "涉及")])
def test_an_entry_says_on_what_it_hangs(site: str, client: Client, language: str, word: str) -> None:
    client.cookies["django_language"] = language
    found = list_touching(site)[-1]
    page = signed_in(client, "supervisor").get(f"/timeline/{site.replace(':', '/')}/{found.id}")
    assert page.status_code == 200
    assert found.hash in page.text
    assert word in page.text


def test_an_entry_of_another_thing_is_not_shown_here(site: str, client: Client) -> None:
    other = next(
        one
        for one in list_touching(f"site:{get_site('CN-RJ-DEMO').pk}")
        if site not in (one.stream, *one.payload["refs"])
    )
    signed_in(client, "supervisor")
    for number in (other.id, 0, 10**17):
        missing = client.get(f"/timeline/{site.replace(':', '/')}/{number}")
        assert missing.status_code == 404
        assert "web.no_entry" in missing.text


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²"])
def test_what_is_no_number_leads_to_the_newest(site: str, client: Client, before: str) -> None:
    signed_in(client, "supervisor")
    address = f"/timeline/{site.replace(':', '/')}"
    assert LINE.findall(client.get(address, {"before": before}).text) == LINE.findall(client.get(address).text)


def test_a_hospital_sees_neither_page_nor_entry_of_the_base(site: str, client: Client) -> None:
    signed_in(client, "coordinator.rj")
    newest = list_touching(site)[-1].id
    for path in ("", "?whole=yes", f"/{newest}"):
        assert client.get(f"/timeline/{site.replace(':', '/')}{path}").status_code == 403
