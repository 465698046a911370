"""Database gone, disk full, connections used up, follower poisoned, clock stepped: what is seen, nothing half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.http import HttpResponse
from django.test import Client, RequestFactory
from psycopg_pool import PoolTimeout

from tests import template as worlds
from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import EquipmentId
from vein2vein.core.refusals import Refusal
from vein2vein.doors.middleware import RefusalMiddleware
from vein2vein.journal import followers, sealing, verification
from vein2vein.network import actions as network
from vein2vein.network.reads import get_equipment
from vein2vein.people import reads as people
from vein2vein.web import health

pytestmark = pytest.mark.requirement("faults")
TAKE = "network.take_equipment_out_of_service"
Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def supervisor(committed_db: str) -> Client:
    client = Client()
    told = {"username": "supervisor", "password": people.demonstration_password()}
    assert client.post("/sign-in", told).status_code == 302
    return client


@pytest.fixture
def station(committed_db: str) -> dict[str, str]:
    return {"equipment_id": str(get_equipment("WS-01").pk), "reason": "filter", "_back": "/"}


def entries() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_entry")
        return int(cursor.fetchone()[0])


def whole() -> bool:
    return verification.verify_chain() == verification.verify_fold() == []


def server(statement: str) -> None:
    with worlds.maintenance() as session:
        session.execute(statement.encode())


def seen_in_both(client: Client, english: str, chinese: str) -> None:
    for language, words in (("en", english), ("zh-hans", chinese)):
        connections.close_all()
        answer = client.get("/", headers={"accept-language": language})
        assert answer.status_code == 503
        assert answer["Retry-After"] == "5"
        assert words in answer.content.decode()
        assert f'<html lang="{language}">' in answer.content.decode()
        asked = client.get(
            "/api/v1/orders/list-orders", headers={"accept-language": language, "authorization": "Bearer x"}
        )
        assert (asked.status_code, asked["Content-Type"]) == (503, "application/problem+json")
        assert words in asked.json()["blockers"][0]["message"]


@pytest.fixture
def closed(committed_db: str) -> Iterator[str]:
    """Give the name of the database, which is opened again in the end."""
    yield committed_db
    server(f'ALTER DATABASE "{committed_db}" ALLOW_CONNECTIONS true CONNECTION LIMIT -1')


def test_a_database_that_is_gone_before_a_page_is_reached(supervisor: Client, closed: str) -> None:
    supervisor.raise_request_exception = False
    server(f'ALTER DATABASE "{closed}" ALLOW_CONNECTIONS false')
    seen_in_both(supervisor, "The database cannot be reached", "无法连接数据库")
    server(f'ALTER DATABASE "{closed}" ALLOW_CONNECTIONS true')
    assert supervisor.get("/").status_code == 200


def test_connections_that_are_used_up(supervisor: Client, closed: str) -> None:
    supervisor.raise_request_exception = False
    server(f'ALTER DATABASE "{closed}" CONNECTION LIMIT 0')
    seen_in_both(supervisor, "Too many are at work in this moment", "当前操作人数过多")
    asked = Client().get("/health")
    assert (asked.status_code, asked.json()["parts"]["database"]["ok"]) == (503, False)
    server(f'ALTER DATABASE "{closed}" CONNECTION LIMIT -1')
    assert supervisor.get("/").status_code == 200


def test_a_full_disk_changes_nothing_and_is_said(supervisor: Client, station: dict[str, str], as_owner: Sql) -> None:
    before = entries()
    as_owner(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
    )
    as_owner("CREATE TRIGGER full_disk BEFORE INSERT ON journal_entry FOR EACH ROW EXECUTE FUNCTION full_disk()")
    for language, words in (("en", "The disk of the database is full"), ("zh-hans", "数据库磁盘已满")):
        answer = supervisor.post(f"/act/{TAKE}", station, headers={"accept-language": language})
        assert answer.status_code == 503
        assert words in answer.content.decode()
    assert entries() == before
    assert get_equipment("WS-01").state == "available"
    as_owner("DROP TRIGGER full_disk ON journal_entry")
    assert supervisor.post(f"/act/{TAKE}", station).status_code == 302
    assert entries() == before + 1
    assert whole()


def on_health(admin: Client, *words: str, language: str = "en") -> None:
    """Require that the administrators' page says these."""
    page = admin.get("/administration/health", headers={"accept-language": language}).content.decode()
    for one in words:
        assert one in page, one


@pytest.fixture
def admin(committed_db: str) -> Client:
    client = Client()
    client.post("/sign-in", {"username": "admin", "password": people.demonstration_password()})
    return client


def test_a_disk_that_fills_is_told_before_it_is_full(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    left = health.LEAST_FREE_BYTES - 1
    monkeypatch.setattr("vein2vein.web.health.shutil.disk_usage", lambda _: SimpleNamespace(free=left, total=10**12))
    on_health(admin, "Make room: when the disk is full nothing can be recorded.", "not well")
    on_health(admin, "磁盘", "异常", language="zh-hans")
    told = Client().get("/health").json()
    assert (told["ok"], told["parts"]["disk"]) == (False, {"ok": False, "free_bytes": left, "total_bytes": 10**12})


def test_a_clock_that_was_set_back_is_told_and_people_work_on(
    admin: Client, supervisor: Client, station: dict[str, str], as_owner: Sql
) -> None:
    ((before,),) = as_owner("SELECT pg_get_functiondef('journal_now'::regproc)")
    as_owner(
        "CREATE OR REPLACE FUNCTION journal_now() RETURNS timestamptz LANGUAGE plpgsql "
        "AS $$ BEGIN RETURN clock_timestamp() + interval '2 days'; END $$"
    )
    assert supervisor.post(f"/act/{TAKE}", station).status_code == 302
    as_owner(before)
    on_health(admin, "The clock was set back, or had been ahead", "behind the newest entry")
    on_health(admin, "时钟被拨回", language="zh-hans")
    told = Client().get("/health").json()["parts"]["clock"]
    assert (told["ok"], told["behind_s"] > 170000) == (False, True)
    other = {**station, "equipment_id": str(get_equipment("WS-02").pk)}
    assert supervisor.post(f"/act/{TAKE}", other).status_code == 302
    assert supervisor.get("/").status_code == 200
    assert supervisor.get(f"/timeline/equipment/{station['equipment_id']}").status_code == 200
    assert whole()


def test_a_poisoned_follower_halts_its_stream_alone_and_goes_on_after_the_mend(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned, read = ["WS-01"], []

    def handle(entry: Any, *, by: Actor) -> None:
        if entry.data["code"] in poisoned:
            raise KeyError("no such shelf")
        read.append(entry.data["code"])

    name, facts = "quality.test_follower", frozenset({"network.EquipmentTakenOutOfService"})
    monkeypatch.setitem(followers.FOLLOWERS, name, followers.Follower(name, facts, handle))
    by = people.actor_named("supervisor")
    for code in ("WS-01", "WS-02"):
        found = EquipmentId(get_equipment(code).pk)
        network.take_equipment_out_of_service(equipment_id=found, reason="filter", by=by)
    followers.run_followers()
    (alarm,) = followers.halted()
    stream = f"equipment:{get_equipment('WS-01').pk}"
    assert (alarm["follower"], alarm["stream"]) == ("quality.test_follower", stream)
    assert read == ["WS-02"]
    with pytest.raises(Refusal):
        journal.caught_up(stream)
    admin = Client()
    admin.post("/sign-in", {"username": "admin", "password": people.demonstration_password()})
    page = admin.get("/administration/health", headers={"accept-language": "zh-hans"}).content.decode()
    assert "quality.test_follower" in page
    assert not Client().get("/health").json()["parts"]["followers"]["ok"]
    assert "排除原因后运行" in page

    poisoned.clear()
    followers.resume("quality.test_follower", stream)
    followers.run_followers()
    assert sorted(read) == ["WS-01", "WS-02"]
    assert followers.halted() == []


@pytest.mark.parametrize("step", ["- interval '2 days'", "+ interval '2 days'"])
def test_a_clock_that_is_stepped_breaks_no_chain(step: str, committed_db: str, as_owner: Sql) -> None:
    by = people.actor_named("supervisor")
    network.take_equipment_out_of_service(equipment_id=EquipmentId(get_equipment("WS-01").pk), reason="a", by=by)
    first = sealing.seal()
    as_owner(
        "CREATE OR REPLACE FUNCTION journal_now() RETURNS timestamptz LANGUAGE plpgsql "
        f"AS $$ BEGIN RETURN clock_timestamp() {step}; END $$"
    )
    network.take_equipment_out_of_service(equipment_id=EquipmentId(get_equipment("WS-02").pk), reason="b", by=by)
    followers.run_followers()
    second = sealing.seal()
    assert first is not None
    assert second is not None
    assert second.id > first.id
    assert whole()
    assert Client().get("/health").json()["parts"]["journal"]["ok"]


def test_a_pool_that_is_used_up_says_the_same() -> None:
    lost = OperationalError("couldn't get a connection after 10.00 sec")
    lost.__cause__ = PoolTimeout("couldn't get a connection after 10.00 sec")
    for address, words in (("/api/v1/x", b"doors.too_busy"), ("/orders", b"Too many are at work in this moment")):
        answer = RefusalMiddleware(HttpResponse).process_exception(RequestFactory().get(address), lost)
        assert answer is not None
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert words in answer.content
