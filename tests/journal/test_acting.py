"""What `@action` promises: written once with its effect, or nothing at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.facts import Fact
from vein2vein.core.refusals import Conflict, NotAllowed, Refused
from vein2vein.journal import deeds
from vein2vein.journal.reads import list_stream
from vein2vein.network.models import Market

Act = Callable[..., Market]


def entries() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_entry")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def test_an_act_is_written_with_who_what_when_was_and_became(db: None, name_market: Act, by: Actor) -> None:
    row = name_market(by=by)
    name_market(market=row.id, read=row.name_en, name="B", reason="it moved", by=by)
    first, second = list_stream(f"market:{row.id}")
    assert (first.seq, second.seq) == (1, 2)
    assert first.payload["effects"][0]["became"]["name_zh"] == "甲"
    assert second.payload["effects"] == [
        {"table": "network_market", "id": str(row.id), "was": {"name_en": "A"}, "became": {"name_en": "B"}}
    ]
    assert second.payload["reason"] == "it moved"
    assert second.payload["by"] == {"account": str(by.account_id), "name": by.name, "roles": ["system"]}
    assert abs(second.performed_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert Market.objects.get(pk=row.pk).name_en == "B"


def test_a_deed_without_an_entry_does_not_commit(db: None, name_market: Act, by: Actor) -> None:
    with pytest.raises(RuntimeError, match="wrote no journal entry"):
        name_market(silent=True, by=by)


def test_what_fails_leaves_neither_row_nor_entry(db: None, name_market: Act, by: Actor) -> None:
    row = name_market(by=by)
    before = entries()
    with pytest.raises(LookupError):
        row = name_market(market=row.id, read=row.name_en, name="fail", by=by)
    assert entries() == before
    assert Market.objects.get(pk=row.pk).name_en == "A"


def test_a_stale_row_is_a_conflict(db: None, name_market: Act, by: Actor) -> None:
    row = name_market(by=by)
    stale = Market.objects.get(pk=row.pk)
    name_market(market=row.id, read=row.name_en, name="B", by=by)
    with pytest.raises(Conflict, match="Somebody else"):
        name_market(market=stale.id, read=stale.name_en, name="C", by=by)
    assert Market.objects.get(pk=row.pk).name_en == "B"


def test_nothing_is_written_outside_an_action(db: None) -> None:
    with pytest.raises(RuntimeError, match="outside an action"):
        deeds.record(Fact(), stream="x")


def test_a_uniqueness_violation_is_a_conflict(
    db: None, name_market: Act, market_named: Callable[..., Fact], by: Actor
) -> None:
    row = name_market(by=by)
    twin = Market(code=row.code, name_en="A", name_zh="甲", agency="-")
    with pytest.raises(Conflict):
        _insert_twin(twin, market_named(code=row.code), by)


def _insert_twin(twin: Market, named: Fact, by: Actor) -> None:
    from vein2vein.network.models import Market as Table

    @journal.action("journal_test.insert_twin", roles=journal.ACTIONS["journal_test.name_market"].roles)
    def insert_twin(*, by: Actor) -> Table:
        journal.record(named, stream="market:x", inserts=[twin])
        return twin

    try:
        insert_twin(by=by)
    finally:
        del journal.ACTIONS["journal_test.insert_twin"]


@pytest.mark.requirement("N15")
def test_a_late_entry_needs_a_past_time_a_reason_and_another_person(db: None, name_market: Act, by: Actor) -> None:
    now = clock.now()
    for wish, refusal in (
        (journal.LateEntry(now + timedelta(hours=1), "paper", by), Refused),
        (journal.LateEntry(now - timedelta(hours=1), " ", by), Refused),
        (journal.LateEntry(now - timedelta(hours=1), "paper", by), NotAllowed),
        (journal.LateEntry(now - timedelta(hours=1), "paper", replace(by, name="other")), NotAllowed),
    ):
        with pytest.raises(refusal), journal.late(wish):
            name_market(by=by)


@pytest.mark.requirement("N15")
def test_a_real_database_refuses_a_simulated_clock(db: None, name_market: Act, by: Actor) -> None:
    before = entries()
    with (
        pytest.raises(Exception, match="refuses a simulated clock"),
        clock.use(clock.SimulatedClock(datetime(2020, 1, 1, tzinfo=UTC))),
    ):
        name_market(by=by)
    assert entries() == before


def test_hooks_run_inside_the_deed(db: None, name_market: Act, by: Actor) -> None:
    seen: list[int] = []
    with journal.before_commit(lambda _: seen.append(entries())):
        before = entries()
        name_market(by=by)
    assert seen == [before + 1]


def test_the_payload_is_canonical_json(db: None, name_market: Act, by: Actor) -> None:
    row = name_market(by=by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM journal_entry WHERE stream = %s", [f"market:{row.id}"])
        found = cursor.fetchone()
    assert found is not None
    assert found[0] == json.dumps(json.loads(found[0]), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
