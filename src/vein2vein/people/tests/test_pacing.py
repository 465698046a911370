"""Addresses and tokens that ask too much are slowed; a clinic behind one address is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client, RequestFactory, override_settings

from vein2vein.core.refusals import TooOften
from vein2vein.people import pacing, reads, signing

pytestmark = pytest.mark.requirement("B")
STAFF = ("physician.rj", "coordinator.rj", "nurse.rj", "celllab.rj", "infusion.rj")


@pytest.fixture(autouse=True)
def _fresh(db: None) -> Iterator[None]:
    pacing._shares.clear()
    yield
    pacing._shares.clear()


@pytest.fixture
def settings_of() -> Iterator[Callable[..., None]]:
    """Let settings be others for one test."""
    with ExitStack() as stack:

        def change(**changed: Any) -> None:
            stack.enter_context(override_settings(**changed))

        yield change


def sign_in(username: str, password: str, address: str = "198.51.100.7", **more: Any) -> Any:
    return Client(REMOTE_ADDR=address).post("/sign-in", {"username": username, "password": password}, **more)


def right(username: str, address: str = "198.51.100.7") -> bool:
    return bool(sign_in(username, reads.demonstration_password(), address).status_code == 302)


def test_five_people_at_one_address_who_each_mistype_four_times_all_get_in() -> None:
    for username in STAFF:
        for _ in range(4):
            assert sign_in(username, "wrong").status_code == 403
    assert all(right(username) for username in STAFF)


def test_one_name_tried_from_many_addresses_is_locked_and_the_others_are_not() -> None:
    answers = [sign_in("physician.rj", "wrong", f"203.0.113.{each}").status_code for each in range(1, 7)]
    assert set(answers) <= {403, 429}
    assert not right("physician.rj", "203.0.113.99")
    assert right("coordinator.rj", "203.0.113.1")


def test_an_address_that_tries_many_names_waits_and_other_addresses_do_not(settings_of: Any) -> None:
    settings_of(PACE_FAILURES=10)
    for each in range(10):
        assert sign_in(f"nobody{each}", "wrong").status_code == 403
    refused = sign_in("nurse.rj", reads.demonstration_password())
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 900
    assert "Too many requests from here" in refused.content.decode()
    chinese = sign_in("nurse.rj", reads.demonstration_password(), HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()
    assert "此地址的请求过于频繁" in chinese
    assert right("nurse.rj", "198.51.100.8"), "the name was not locked by what was refused unread"


def test_signing_counts_at_the_same_address(settings_of: Any) -> None:
    settings_of(PACE_FAILURES=2)
    token = pacing._ADDRESS.set("198.51.100.7")
    try:
        for name in ("nurse.rj", "infusion.rj"):
            with pytest.raises(Exception, match="do not fit"):
                signing.sign_in(name, "wrong")
        with pytest.raises(TooOften):
            signing.sign_in("celllab.rj", reads.demonstration_password())
    finally:
        pacing._ADDRESS.reset(token)
    signing.sign_in("celllab.rj", reads.demonstration_password())


def test_attempts_themselves_have_a_pace(settings_of: Any) -> None:
    settings_of(PACE_SIGN_INS=3)
    assert [sign_in("nurse.rj", reads.demonstration_password()).status_code for _ in range(4)] == [302, 302, 302, 429]


def test_the_api_answers_429_with_a_problem_for_one_token_and_not_for_another(settings_of: Any) -> None:
    settings_of(PACE_API_TOKEN=5)
    ask = {"Authorization": "Bearer one", "Accept-Language": "zh-hans"}
    answers = [Client().get("/api/v1/orders/list-orders", headers=ask) for _ in range(6)]
    assert [each.status_code for each in answers] == [401] * 5 + [429]
    assert answers[-1]["Content-Type"] == "application/problem+json"
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    problem = answers[-1].json()
    assert (problem["status"], problem["title"]) == (429, "请求过于频繁")
    assert problem["blockers"][0]["code"] == "people.too_often"
    other = Client().get("/api/v1/orders/list-orders", HTTP_AUTHORIZATION="Bearer two")
    assert other.status_code == 401


def test_the_api_has_a_pace_for_an_address_with_many_tokens(settings_of: Any) -> None:
    settings_of(PACE_API_ADDRESS=4)
    answers = [
        Client(REMOTE_ADDR="192.0.2.1").get("/api/v1/orders/list-orders", HTTP_AUTHORIZATION=f"Bearer {each}")
        for each in range(5)
    ]
    assert [each.status_code for each in answers] == [401] * 4 + [429]
    assert Client(REMOTE_ADDR="192.0.2.2").get("/api/v1/orders/list-orders").status_code == 401


def test_processes_share_one_count() -> None:
    pace = pacing.Pace("test", 10, 3600, share=4)
    first = [pacing.take(pace, "somebody") for _ in range(4)]
    pacing._shares.clear()  # another process
    second = [pacing.take(pace, "somebody") for _ in range(4)]
    pacing._shares.clear()
    third = [pacing.take(pace, "somebody") for _ in range(4)]
    assert [wait > 0 for wait in first + second + third] == [False] * 10 + [True] * 2


@pytest.mark.parametrize(
    ("address", "forwarded", "found"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "1.1.1.1, 198.51.100.1, 10.0.0.3", "198.51.100.1"),
        ("10.0.0.2", "nonsense", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", "", "203.0.113.5"),
        ("", "198.51.100.1", ""),
    ],
)
def test_only_a_trusted_proxy_names_another_address(address: str, forwarded: str, found: str, settings_of: Any) -> None:
    settings_of(TRUSTED_PROXIES=[ip_network("10.0.0.0/8")])
    more = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert pacing.address_of(RequestFactory().get("/", headers=more, REMOTE_ADDR=address)) == found
