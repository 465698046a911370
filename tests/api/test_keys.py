"""Idempotency keys, tokens, signature grants, pages of lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.attack.doors import Interface
from vein2vein.core.actor import Actor
from vein2vein.network.models import Equipment
from vein2vein.people import actions as people_actions
from vein2vein.people import reads as people
from vein2vein.people.models import ApiToken, Grant

TAKE = "network/take-equipment-out-of-service"
RETURN = "network.return_equipment_to_service"
pytestmark = pytest.mark.requirement("E")


@pytest.fixture
def told(db: None) -> dict[str, str]:
    return {"equipment_id": str(Equipment.objects.get(code="WS-01").pk), "reason": "filter due"}


def _entries() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_entry")
        return int(cursor.fetchone()[0])


def test_the_same_key_does_it_once(interface: Interface, told: dict[str, str]) -> None:
    first = interface.post(TAKE, told, "supervisor", **{"Idempotency-Key": "k-1"})
    assert (first.status_code, first.headers.get("Idempotency-Replayed")) == (200, None)
    before = _entries()
    again = interface.post(TAKE, told, "supervisor", **{"Idempotency-Key": "k-1"})
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (200, "true")
    assert again.json() == first.json()
    assert _entries() == before


def test_another_body_under_the_key_is_a_conflict(interface: Interface, told: dict[str, str]) -> None:
    interface.token("operator1")
    assert interface.post(TAKE, told, "supervisor", **{"Idempotency-Key": "k-2"}).status_code == 200
    before = _entries()
    other = interface.post(TAKE, {**told, "reason": "another"}, "supervisor", **{"Idempotency-Key": "k-2"})
    assert (other.status_code, other.json()["blockers"][0]["code"]) == (409, "doors.key_reused")
    foreign = interface.post(TAKE, told, "operator1", **{"Idempotency-Key": "k-2"})
    assert foreign.status_code in (409, 422)
    assert "Idempotency-Replayed" not in foreign.headers
    assert _entries() == before


def test_a_refusal_is_not_kept_under_the_key(interface: Interface, told: dict[str, str]) -> None:
    wrong = {**told, "reason": ""}
    assert interface.post(TAKE, wrong, "supervisor", **{"Idempotency-Key": "k-3"}).status_code == 422
    assert interface.post(TAKE, told, "supervisor", **{"Idempotency-Key": "k-3"}).status_code == 200


def test_a_replay_needs_no_new_signature(interface: Interface, told: dict[str, str]) -> None:
    assert interface.post(TAKE, told, "supervisor").status_code == 200
    path = RETURN.replace(".", "/").replace("_", "-")
    headers = {"Idempotency-Key": "k-4", "Signature-Grant": _grant(interface, told)}
    assert interface.post(path, told, "supervisor", **headers).status_code == 200
    again = interface.post(path, told, "supervisor", **{"Idempotency-Key": "k-4"})
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (200, "true")


def _grant(interface: Interface, told: dict[str, Any]) -> str:
    wanted = {"action": RETURN, "arguments": told, "username": "supervisor"}
    answer = interface.post("signatures", wanted | {"password": people.demonstration_password()}, "supervisor")
    assert (answer.status_code, answer.json()["good_for_s"]) == (200, 60)
    return str(answer.json()["grant"])


def test_a_grant_signs_one_act_with_its_arguments_for_a_minute(interface: Interface, told: dict[str, str]) -> None:
    path = RETURN.replace(".", "/").replace("_", "-")
    assert interface.post(TAKE, told, "supervisor").status_code == 200
    grant = _grant(interface, told)
    other = interface.post(path, {**told, "reason": "other"}, "supervisor", **{"Signature-Grant": grant})
    assert other.status_code == 403
    assert interface.post(path, told, "qareviewer", **{"Signature-Grant": grant}).status_code == 403
    late = _grant(interface, told)
    Grant.objects.filter(used_at__isnull=True).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert interface.post(path, told, "supervisor", **{"Signature-Grant": late}).status_code == 403
    fresh = _grant(interface, told)
    assert interface.post(path, told, "supervisor", **{"Signature-Grant": fresh}).status_code == 200
    assert interface.post(TAKE, told, "supervisor").status_code == 200
    assert interface.post(path, told, "supervisor", **{"Signature-Grant": fresh}).status_code == 403


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer \u00fc"])
def test_no_token_opens_nothing(db: None, given: str) -> None:
    answer = Client().get("/api/v1/orders/list-orders", headers={"Authorization": given} if given else {})
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["blockers"][0]["code"] == "api.no_token"


def test_an_expired_or_revoked_token_opens_nothing(interface: Interface, actor: Callable[[str], Actor]) -> None:
    assert interface.get("orders/list-orders", "planner").status_code == 200
    row = ApiToken.objects.get()
    people_actions.revoke_token(token_id=row.pk, by=actor("planner"))
    assert interface.get("orders/list-orders", "planner").status_code == 401
    assert interface.get("orders/list-orders", "supervisor").status_code == 200
    mine = ApiToken.objects.exclude(pk=row.pk)
    mine.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert interface.get("orders/list-orders", "supervisor").status_code == 401


@pytest.mark.parametrize("path", ["network/list-equipment", "people/list-accounts", "network/list-sites"])
def test_a_list_is_turned_page_by_page(interface: Interface, path: str) -> None:
    whole = interface.get(path, "admin", limit=200).json()
    assert len(whole) > 3
    seen: list[Any] = []
    after: dict[str, str] = {}
    for _ in range(len(whole)):
        page = interface.get(path, "admin", limit=3, **after).json()
        seen += page
        if not page:
            break
        after = {"after": page[-1]["id"]}
    assert [one["id"] for one in seen] == [one["id"] for one in whole]


@pytest.mark.parametrize("query", [{"limit": -1}, {"limit": 10**9}, {"limit": "x"}, {"after": "x"}, {"after": "\x00"}])
def test_a_wrong_page_is_refused_or_bounded(interface: Interface, query: dict[str, Any]) -> None:
    answer = interface.get("network/list-equipment", "admin", **query)
    assert answer.status_code in (200, 422), answer.content
