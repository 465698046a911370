"""Any tampering, by the owner of the database himself, is found and named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from vein2vein.core import chain
from vein2vein.core.actor import Actor
from vein2vein.journal import exporting, rights, sealing, verification
from vein2vein.network.models import Market

Act = Callable[..., Market]

Sql = Callable[..., list[tuple[Any, ...]]]

pytestmark = pytest.mark.requirement("N15")


@pytest.mark.parametrize(
    "table", ["journal_entry", "journal_stream", "journal_seal", "journal_leaf", "journal_database"]
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_run_time_role_can_neither_change_nor_remove(db: None, table: str, statement: str) -> None:
    column = {"journal_entry": "payload", "journal_stream": "seq", "journal_seal": "streams"}.get(table, "seq")
    column = "kind" if table == "journal_database" else column
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column, column))


def test_the_run_time_role_has_no_excessive_rights(db: None) -> None:
    assert rights.excessive_rights() == []


def test_even_the_owner_is_stopped_by_the_triggers(committed_db: str, as_owner: Sql) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        as_owner("UPDATE journal_entry SET payload = payload || ' '")
    with pytest.raises(DatabaseError, match="append-only"):
        as_owner("DELETE FROM journal_entry")


def test_an_untouched_journal_is_whole(committed_db: str, name_market: Act, by: Actor) -> None:
    row = name_market(by=by)
    name_market(market=row.id, read="A", name="B", by=by)
    assert verification.verify_chain() == []
    assert verification.verify_fold() == []
    sealing.seal()
    assert verification.verify_chain() == []


TAIL_AND_HEAD = """
WITH gone AS (DELETE FROM journal_entry WHERE stream = %(s)s AND seq = 3)
UPDATE journal_stream h SET seq = 2, hash = (SELECT hash FROM journal_entry e WHERE e.stream = %(s)s AND seq = 2)
WHERE h.stream = %(s)s
"""
TAMPERING = {
    "altered": ("UPDATE journal_entry SET payload = payload || ' ' WHERE stream = %(s)s AND seq = 2", "entry 2"),
    "redated": (
        "UPDATE journal_entry SET recorded_at = recorded_at - interval '1 day' WHERE stream = %(s)s AND seq = 2",
        "altered",
    ),
    "removed": ("DELETE FROM journal_entry WHERE stream = %(s)s AND seq = 2", "entry 3"),
    "tail cut": ("DELETE FROM journal_entry WHERE stream = %(s)s AND seq = 3", "tail cut"),
    "tail cut with its head": (TAIL_AND_HEAD, "not as seal"),
    "whole stream removed": ("DELETE FROM journal_entry WHERE stream = %(s)s", "tail cut"),
    "derived column": ("UPDATE journal_entry SET action = 'x' WHERE stream = %(s)s AND seq = 2", "derived columns"),
    "reordered": (
        "UPDATE journal_entry SET seq = CASE seq WHEN 2 THEN 20 ELSE seq END WHERE stream = %(s)s",
        "out of order",
    ),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_with_the_triggers_off_is_found(
    committed_db: str, as_owner: Sql, name_market: Act, by: Actor, how: str
) -> None:
    row = name_market(by=by)
    for name in ("B", "C"):
        row = name_market(market=row.id, read=row.name_en, name=name, by=by)
    sealing.seal()
    statement, said = TAMPERING[how]
    as_owner("ALTER TABLE journal_entry DISABLE TRIGGER USER")
    as_owner(statement, {"s": f"market:{row.id}"})
    faults = verification.verify_chain()
    assert any(said in fault and f"market:{row.id}" in fault for fault in faults), faults


def test_a_row_changed_behind_the_journal_is_found(
    committed_db: str, as_owner: Sql, name_market: Act, by: Actor
) -> None:
    row = name_market(by=by)
    as_owner("UPDATE network_market SET agency = 'bribed' WHERE id = %s", [row.id])
    assert verification.verify_fold() == [f"network_market {row.id} differs from what the journal tells in agency"]


def test_a_row_written_or_removed_behind_the_journal_is_found(
    committed_db: str, as_owner: Sql, name_market: Act, by: Actor
) -> None:
    row = name_market(by=by)
    as_owner("DELETE FROM network_market WHERE id = %s", [row.id])
    as_owner(
        "INSERT INTO network_market (id, code, name_en, name_zh, agency) "
        "VALUES ('00000000-0000-0000-0000-0000000000ff', 'zz', '', '', '')"
    )
    faults = verification.verify_fold()
    assert f"network_market {row.id} is told of, but does not stand in the table" in faults
    assert any("no entry tells of it" in fault for fault in faults)


def test_an_export_is_proved_without_the_database(committed_db: str, name_market: Act, by: Actor) -> None:
    row = name_market(by=by)
    seal = sealing.seal()
    assert seal is not None
    name_market(market=row.id, read=row.name_en, name="B", by=by)
    lines = list(exporting.export())
    finding = chain.verify_lines(lines, seal.root)
    assert finding.whole, finding.faults
    assert finding.anchored
    assert finding.entries - finding.sealed == 1
    part = list(exporting.export([f"market:{row.id}"]))
    assert chain.verify_lines(part, seal.root).whole
    assert not chain.verify_lines([line for line in lines if '"seq":2' not in line], seal.root).whole
