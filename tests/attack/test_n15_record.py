"""N15: no record is changed, deleted or back-dated; late entries say so, and are witnessed."""

from __future__ import annotations

import inspect
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model

from tests.attack.courses import Treatment
from tests.attack.doors import Attack, Interface, everything
from tests.attack.sql import forbidden, sql
from vein2vein import journal
from vein2vein.journal.reads import list_recent, list_stream
from vein2vein.journal.verification import folded_models, verify_chain, verify_fold
from vein2vein.people import reads as people

pytestmark = pytest.mark.requirement("N15")
ENTRY = "INSERT INTO journal_entry (stream, payload, {}) VALUES (%s, %s, %s)"


@pytest.mark.parametrize("name", sorted(name for name, one in journal.ACTIONS.items() if not one.internal))
def test_no_act_takes_the_time_of_its_record(name: str) -> None:
    taken = set(inspect.signature(journal.ACTIONS[name].body).parameters)
    assert not taken & {"performed_at", "recorded_at", "at", "now", "clock", "seq"}


def test_page_and_command_cannot_date_an_act(ours: Treatment, attack: Attack) -> None:
    ours.to("collecting")
    yesterday = (ours.clock.at - timedelta(days=1)).isoformat()
    given: dict[str, Any] = {"order_id": ours.order.pk, "volume_ml": Decimal(210), "performed_at": yesterday}
    attack("doors.extra_forbidden", "orders.record_collection", "nurse.rj", **given)


def test_a_late_entry_by_api_is_marked_reasoned_and_witnessed(ours: Treatment) -> None:
    ours.to("accepted")
    interface = Interface()
    body: dict[str, Any] = {"order_id": str(ours.order.pk), "moment": "collection"}
    path = "orders/reconfirm-site"
    earlier = (ours.clock.at - timedelta(hours=3)).isoformat()
    later = (ours.clock.at + timedelta(hours=3)).isoformat()
    reason: dict[str, Any] = {"Late-Reason": "paper form, network down"}
    grant = _grant(interface, body)
    interface.token("coordinator.rj")
    before = everything()
    for headers, code in (
        ({"Performed-At": earlier, **reason}, "api.late_without_witness"),
        ({"Performed-At": "yesterday", **reason}, "api.performed_at"),
        ({"Performed-At": "2020-01-01T00:00:00", **reason}, "api.performed_at"),
        ({"Performed-At": later, "Witness-Grant": _grant(interface, body), **reason}, "journal.performed_in_future"),
        ({"Performed-At": earlier, "Witness-Grant": grant}, "journal.late_without_reason"),
        (
            {"Performed-At": earlier, "Witness-Grant": _grant(interface, body, who="coordinator.rj"), **reason},
            "journal.own_witness",
        ),
    ):
        answer = interface.post(path, body, "coordinator.rj", **headers)
        assert code in {one["code"] for one in answer.json()["blockers"]}, (headers, answer.content)
    assert everything() == before
    told: dict[str, Any] = {"Performed-At": earlier, "Witness-Grant": _grant(interface, body), **reason}
    assert interface.post(path, body, "coordinator.rj", **told).status_code == 200
    entry = list_recent(limit=1)[0]
    assert entry.payload["late"]["reason"] == "paper form, network down"
    assert entry.payload["late"]["witness"]["printed_name"]
    assert entry.recorded_at - entry.performed_at == timedelta(hours=3)


def _grant(interface: Interface, body: dict[str, str], who: str = "physician.rj") -> str:
    wanted: dict[str, Any] = {"action": "orders.reconfirm_site", "arguments": body, "username": who}
    answer = interface.post("signatures", wanted | {"password": people.demonstration_password()}, who)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["grant"])


def test_raw_sql_rewrites_no_entry(ours: Treatment) -> None:
    ours.to("submitted")
    for statement in (
        "UPDATE journal_entry SET payload = replace(payload, 'a', 'b')",
        "UPDATE journal_entry SET recorded_at = recorded_at - interval '1 day'",
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry",
        "ALTER TABLE journal_entry DISABLE TRIGGER ALL",
        "UPDATE journal_stream SET seq = seq - 1",
        "DROP TRIGGER journal_entry_chain ON journal_entry",
        "SET session_replication_role = replica",
        "UPDATE journal_database SET kind = 'demonstration'",
    ):
        with forbidden():
            sql(statement)


def test_raw_sql_dates_no_entry_and_places_none(ours: Treatment) -> None:
    ours.to("submitted")
    stream, head = ours.order.stream, list_stream(ours.order.stream)[-1]
    payload = json.dumps({**head.payload, "effects": [], "refs": []})
    tried: list[tuple[str, object]] = [
        ("recorded_at", "2001-01-01T00:00:00Z"),
        ("seq", 1),
        ("hash", b"\x00"),
        ("previous", b""),
    ]
    for number, (column, value) in enumerate(tried, start=1):
        try:
            sql(f"SET LOCAL v2v.now = '{ours.clock.at.isoformat()}'")
            sql(ENTRY.format(column), stream, payload, value)
        finally:
            newest = list_stream(stream)[-1]
        assert newest.seq == head.seq + number
        assert newest.recorded_at == ours.clock.at
    assert verify_chain() == []


@pytest.mark.parametrize("model", folded_models(), ids=lambda model: model._meta.db_table)
def test_raw_sql_deletes_no_row_of_a_course(db: None, model: type[Model]) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'DELETE'), has_table_privilege(%s, 'TRUNCATE')", [table, table])
        assert cursor.fetchone() == (False, False)


def test_a_row_changed_behind_the_journal_is_named(ours: Treatment) -> None:
    ours.to("submitted")
    assert verify_fold() == []
    sql("UPDATE orders_order SET weight_kg = weight_kg + 1 WHERE id = %s", ours.order.pk)
    assert [one for one in verify_fold() if "weight_kg" in one and str(ours.order.pk) in one]
