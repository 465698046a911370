"""Pages that are kept: the same for the same person until something is done, and never another person's."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from vein2vein.doors import keeping
from vein2vein.orders.tests.conftest import Course
from vein2vein.people.models import Account

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def signed_in(username: str, language: str = "en") -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = language
    return client


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the addresses of the pages that are made anew from here on."""
    found: list[str] = []
    keep = keeping._keep

    def noted(look: keeping._Look, page: keeping._Page) -> None:
        found.append(look.path)
        keep(look, page)

    monkeypatch.setattr(keeping, "_keep", noted)
    return found


def test_a_page_is_made_once_until_something_is_done(course: Course, made: list[str]) -> None:
    client = signed_in("coordinator.rj")
    first, second = client.get("/orders").text, client.get("/orders").text
    assert made == ["/orders"]
    assert TOKEN.sub("", first) == TOKEN.sub("", second)
    order = course.draft()
    assert order.code not in second
    assert order.code in client.get("/orders").text
    assert made == ["/orders", "/orders"]


def test_nobody_is_shown_what_was_made_for_another(course: Course, made: list[str]) -> None:
    order = course.draft()
    assert order.code in signed_in("coordinator.rj").get("/orders").text
    assert order.code not in signed_in("coordinator.bj").get("/orders").text
    assert "治疗" in signed_in("coordinator.rj", "zh-hans").get("/orders").text
    assert len(made) == 3


def test_the_forms_of_a_kept_page_hold_for_whoever_opens_it(course: Course, made: list[str]) -> None:
    course.draft()
    for _ in range(2):
        client = signed_in("coordinator.rj")
        token = TOKEN.search(client.get("/orders").text)
        assert token is not None
        assert client.post("/sign-out", {"csrfmiddlewaretoken": token[1]}).status_code == 302
    assert made == ["/orders"]


def test_a_page_grows_old(course: Course, made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    course.draft()
    monkeypatch.setattr(keeping, "AGE_SECONDS", -1.0)
    client = signed_in("coordinator.rj")
    client.get("/orders")
    client.get("/orders")
    assert made == ["/orders", "/orders"]


def test_a_page_that_offers_an_act_is_never_kept(made: list[str], db: None) -> None:
    answer = signed_in("qareviewer").get("/quality/deviations")
    assert 'action="/act/quality.open_deviation"' in answer.text
    page = keeping.kept(lambda _: HttpResponse(answer.text))
    assert page(answer.wsgi_request).status_code == 200
    assert made == []
