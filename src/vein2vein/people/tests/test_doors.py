"""People at the doors: signing in, idling, signing by page, API and command line, and attacks through each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from vein2vein.core.actor import Actor
from vein2vein.core.ids import AccountId, EquipmentId
from vein2vein.journal.reads import list_stream
from vein2vein.network import actions as network
from vein2vein.network.models import Equipment
from vein2vein.network.reads import get_equipment
from vein2vein.people import actions, reads, signing
from vein2vein.people.models import ApiToken, ControlledSession, Grant
from vein2vein.people.sessions import SEEN

pytestmark = pytest.mark.requirement("B")

Find = Callable[[str], Actor]
RETURN = "network.return_equipment_to_service"


def password() -> str:
    return reads.demonstration_password()


def signed_in(username: str) -> Client:
    client = Client()
    answer = client.post("/sign-in", {"username": username, "password": password()})
    assert answer.status_code == 302, answer.content.decode()
    return client


@pytest.fixture
def bench(actor: Find) -> Equipment:
    found = get_equipment("WS-01")
    network.take_equipment_out_of_service(equipment_id=EquipmentId(found.pk), reason="filter", by=actor("supervisor"))
    return found


def post(client: Client, bench: Equipment, **changed: str) -> Any:
    told = {
        "equipment_id": str(bench.pk),
        "reason": "changed",
        "_signer": "supervisor",
        "_secret": password(),
        "_back": "/",
    }
    return client.post(reverse("act", args=[RETURN]), told | changed)


def state(bench: Equipment) -> str:
    return get_equipment(bench.code).state


def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(db: None) -> None:
    answer = Client().get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in")


def test_five_wrong_passwords_lock_the_page_and_every_other_door(db: None) -> None:
    client = Client()
    for _ in range(5):
        assert client.post("/sign-in", {"username": "planner", "password": "wrong"}).status_code in (403, 429)
    assert client.post("/sign-in", {"username": "planner", "password": password()}).status_code in (403, 429)
    with pytest.raises(Exception, match="locked"):
        signing.sign_in("planner", password())
    assert signed_in("operator1")


def test_a_deactivated_person_is_out_at_once(actor: Find) -> None:
    client = signed_in("operator2")
    assert client.get("/").status_code == 200
    found = reads.find_account("operator2")
    assert found is not None
    actions.deactivate_account(account_id=AccountId(found.pk), reason="left", by=actor("admin"))
    assert client.get("/").status_code == 302
    assert client.post("/sign-in", {"username": "operator2", "password": password()}).status_code == 403


def test_an_idle_session_ends(db: None) -> None:
    client = signed_in("supervisor")
    assert client.get("/").status_code == 200
    session = client.session
    session[SEEN] = time.time() - settings.SESSION_IDLE_SECONDS - 1
    session.save()
    assert client.get("/session", headers={"x-live": "yes"}).json() == {"left_s": 0, "who": "", "token": ""}
    assert client.get("/").status_code == 302
    assert not Session.objects.filter(session_key=session.session_key).exists()


def test_a_form_sent_after_the_end_says_so_and_leads_back_to_its_page(db: None) -> None:
    client, page = Client(headers={"accept-language": "zh-hans"}), "/act/network.clean?equipment_id=1&reason=x"
    sent = {"reason": "typed at length", "_back": "/orders?state=accepted"}
    for came_from, back in (
        (page, page),
        ("/act/network.clean", sent["_back"]),
        ("//elsewhere.example/x", sent["_back"]),
    ):
        told = {"referer": f"http://testserver{came_from}" if came_from[1] != "/" else f"http:{came_from}"}
        answer = client.post("/act/network.clean", sent, headers=told)
        assert answer.status_code == 403
        assert "您的会话在提交之前已结束" in answer.text
        link = f"/sign-in?{urlencode({'next': back})}"
        assert link.replace("&", "&amp;") in answer.text
        done = Client().post(link, {"username": "supervisor", "password": password(), "next": back})
        assert done["Location"] == back
    looked = client.get("/orders?state=accepted")
    assert looked["Location"] == f"/sign-in?{urlencode({'next': '/orders?state=accepted'})}"


def test_a_session_in_use_goes_on(db: None) -> None:
    client = signed_in("supervisor")
    client.get("/")
    session = client.session
    session[SEEN] = time.time() - settings.SESSION_IDLE_SECONDS + 30
    session.save()
    assert client.get("/", headers={"x-live": "yes"}).status_code == 200
    assert client.session[SEEN] < time.time() - 30, "a page that renews itself keeps no session alive"
    assert client.get("/").status_code == 200
    assert client.session[SEEN] > time.time() - 30
    told = client.get("/session").json()
    assert settings.SESSION_IDLE_SECONDS - 30 < told["left_s"] <= settings.SESSION_IDLE_SECONDS
    assert told["who"] in client.get("/").text


def test_a_page_signs_with_all_components_then_with_one(bench: Equipment, actor: Find) -> None:
    client = signed_in("supervisor")
    pin = reads.demonstration_pin()
    assert post(client, bench, _signer="", _secret=pin).status_code == 403
    assert post(client, bench, _secret=pin).status_code == 403
    assert state(bench) == "out_of_service"
    assert post(client, bench).status_code == 302
    assert state(bench) == "available"
    network.take_equipment_out_of_service(equipment_id=EquipmentId(bench.pk), reason="x", by=actor("supervisor"))
    assert post(client, bench, _signer="", _secret=pin).status_code == 302
    methods = [one["method"] for entry in list_stream(f"equipment:{bench.pk}") for one in entry.payload["signatures"]]
    assert methods == ["username and password", "PIN within a controlled session"]


def test_signing_out_ends_the_controlled_session(bench: Equipment, actor: Find) -> None:
    client = signed_in("supervisor")
    assert post(client, bench).status_code == 302
    network.take_equipment_out_of_service(equipment_id=EquipmentId(bench.pk), reason="x", by=actor("supervisor"))
    client.post("/sign-out")
    client.post("/sign-in", {"username": "supervisor", "password": password()})
    assert post(client, bench, _signer="", _secret=reads.demonstration_pin()).status_code == 403
    assert ControlledSession.objects.count() == 1


def test_another_persons_name_and_password_do_not_sign_for_me(bench: Equipment) -> None:
    client = signed_in("supervisor")
    assert post(client, bench, _signer="qareviewer").status_code == 403
    assert state(bench) == "out_of_service"


def test_wrong_secrets_on_a_page_count_and_are_kept_nowhere(bench: Equipment) -> None:
    client = signed_in("supervisor")
    for _ in range(5):
        assert post(client, bench, _secret="nearly the right one").status_code == 403
    assert post(client, bench).status_code == 403
    assert state(bench) == "out_of_service"
    kept = [f"{row.get_data} {row.post_data}" for row in AccessAttempt.objects.all()]
    assert kept
    assert "nearly" not in "".join(kept)


def test_a_refused_form_does_not_show_the_password_again(db: None) -> None:
    client = signed_in("admin")
    told = {"username": "X Y", "name": "N", "employer": "CN-LG", "password": "a secret phrase of mine", "_back": "/"}
    answer = client.post(reverse("act", args=["people.create_account"]), told)
    assert answer.status_code == 422
    assert "a secret phrase of mine" not in answer.content.decode()


def api(token: str, path: str, body: dict[str, Any], **headers: str) -> Any:
    return Client().post(
        f"/api/v1/{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"} | headers,
    )


@pytest.fixture
def token(actor: Find, sign: Callable[..., Actor]) -> Callable[[str], str]:
    def of(username: str) -> str:
        told: dict[str, Any] = {"label": "test", "days": 1}
        row = actions.issue_token(**told, by=sign(actor(username), "people.issue_token", **told))
        return reads.reveal_token(token_id=row.pk, by=actor(username))

    return of


def grant(token: str, bench: Equipment, username: str = "supervisor", **changed: Any) -> Any:
    told = {"equipment_id": str(bench.pk), "reason": "changed"} | changed
    return api(token, "signatures", {"action": RETURN, "arguments": told, "username": username, "password": password()})


def test_by_api_a_password_yields_a_grant_and_the_grant_signs_once(
    bench: Equipment, token: Callable[[str], str]
) -> None:
    mine = token("supervisor")
    told = {"equipment_id": str(bench.pk), "reason": "changed"}
    path = "network/return-equipment-to-service"
    assert api(mine, path, told).status_code == 403
    given = grant(mine, bench)
    assert given.status_code == 200, given.content
    one = given.json()["grant"]
    assert api(mine, path, told | {"reason": "other"}, **{"Signature-Grant": one}).status_code == 403
    assert api(token("qareviewer"), path, told, **{"Signature-Grant": one}).status_code == 403
    assert state(bench) == "out_of_service"
    assert api(mine, path, told, **{"Signature-Grant": one}).status_code == 200
    assert state(bench) == "available"
    assert Grant.objects.filter(used_at__isnull=True).count() == 0
    assert api(mine, path, told, **{"Signature-Grant": one}).status_code == 403


def test_by_api_one_signs_for_oneself_only(bench: Equipment, token: Callable[[str], str]) -> None:
    assert grant(token("supervisor"), bench, username="qareviewer").status_code == 403


@pytest.mark.parametrize("text", ["", "nonsense", "v2v_0_0", "Bearer"])
def test_a_made_up_token_opens_nothing(db: None, text: str) -> None:
    assert api(text, "people/revoke-token", {}).status_code == 401


def test_a_token_is_not_in_any_answer_nor_table(token: Callable[[str], str]) -> None:
    mine = token("planner")
    answer = Client().get("/api/v1/people/list-tokens", headers={"Authorization": f"Bearer {mine}"})
    assert answer.status_code == 200
    assert mine not in answer.content.decode()
    row = ApiToken.objects.get()
    assert mine not in {row.digest, row.label}
    assert row.digest not in answer.content.decode()


def test_no_answer_of_the_api_shows_a_secret_column(token: Callable[[str], str]) -> None:
    mine = token("admin")
    body = {"username": "new.person", "name": "N", "employer": "CN-LG", "password": "a quite long pass phrase"}
    answer = api(mine, "people/create-account", body)
    assert answer.status_code == 200, answer.content
    assert "argon2" not in answer.content.decode()
    assert not {"password", "pin"} & set(answer.json())


@pytest.mark.parametrize("role", ["system", "god"])
def test_the_api_gives_nobody_the_systems_role(token: Callable[[str], str], role: str) -> None:
    found = reads.find_account("operator1")
    assert found is not None
    answer = api(token("admin"), "people/assign-role", {"account_id": str(found.pk), "role": role})
    assert answer.status_code == 422


@pytest.mark.parametrize("username", ["admin", "qp", "nurse.rj", "carrier.a"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_of_people_open_for_everybody(db: None, username: str, language: str) -> None:
    client = signed_in(username)
    client.cookies.load({settings.LANGUAGE_COOKIE_NAME: language})
    for address in ("/people", "/people/me"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert ("人员" if language == "zh-hans" else "People") in answer.content.decode()


def test_one_sees_people_of_ones_own_site_only(db: None) -> None:
    client = signed_in("nurse.rj")
    own, other = reads.find_account("physician.rj"), reads.find_account("physician.bj")
    assert own is not None
    assert other is not None
    assert client.get(f"/people/{own.pk}").status_code == 200
    assert client.get(f"/people/{other.pk}").status_code == 404
    page = client.get("/people").content.decode()
    assert "physician.rj" in page
    assert "physician.bj" not in page


def test_an_administrator_gives_a_role_by_page(db: None) -> None:
    client, found = signed_in("admin"), reads.find_account("operator2")
    assert found is not None
    page = client.get(f"/people/{found.pk}").content.decode()
    assert 'data-action="people.assign_role"' in page
    told = {"account_id": str(found.pk), "role": "planner", "_back": f"/people/{found.pk}"}
    assert client.post(reverse("act", args=["people.assign_role"]), told).status_code == 302
    assert "planner" in reads.actor_named("operator2").roles


def test_a_token_is_shown_to_its_owner_after_its_issue(db: None) -> None:
    client = signed_in("planner")
    told = {"label": "script", "days": "1", "_signer": "planner", "_secret": password(), "_back": "/people/me"}
    assert client.post(reverse("act", args=["people.issue_token"]), told).status_code == 302
    row = ApiToken.objects.get()
    assert reads.bearer(row.pk) in client.get("/people/me").content.decode()
