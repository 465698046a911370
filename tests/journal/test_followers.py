"""Followers read everything once, in order; a poisoned entry halts its own stream; a gate cannot overtake them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import Refused
from vein2vein.journal import followers
from vein2vein.journal.reads import EntryView
from vein2vein.network.models import Market

Act = Callable[..., Market]


@pytest.fixture
def seen() -> Iterator[list[tuple[str, int]]]:
    read: list[tuple[str, int]] = []

    @journal.follow("journal_test.watch", "journal_test.MarketNamed")
    def watch(entry: EntryView, *, by: Actor) -> None:
        if any(effect["became"].get("name_en") == "poison" for effect in entry.payload["effects"]):
            raise ValueError("poisoned")
        read.append((entry.stream, entry.seq))

    yield read
    del followers.FOLLOWERS["journal_test.watch"]


def test_each_entry_is_read_once_in_order(db: None, name_market: Act, by: Actor, seen: list[tuple[str, int]]) -> None:
    row = name_market(by=by)
    name_market(market=row.id, read=row.name_en, name="B", by=by)
    followers.run_followers()
    followers.run_followers()
    assert seen == [(f"market:{row.id}", 1), (f"market:{row.id}", 2)]


def test_a_poisoned_entry_halts_its_own_stream_only(
    db: None, name_market: Act, by: Actor, seen: list[tuple[str, int]]
) -> None:
    bad, good = name_market(by=by), name_market(by=by)
    bad = name_market(market=bad.id, read=bad.name_en, name="poison", by=by)
    bad = name_market(market=bad.id, read=bad.name_en, name="B", by=by)
    name_market(market=good.id, read=good.name_en, name="B", by=by)
    followers.run_followers()
    assert [one for one in seen if one[0] == f"market:{bad.id}"] == [(f"market:{bad.id}", 1)]
    assert (f"market:{good.id}", 2) in seen
    (alarm,) = followers.halted()
    assert alarm["stream"] == f"market:{bad.id}"
    assert "entry 2: ValueError: poisoned" in alarm["error"]


def test_a_gate_waits_for_its_followers(db: None, name_market: Act, by: Actor, seen: list[tuple[str, int]]) -> None:
    row = name_market(by=by)
    with pytest.raises(Refused, match="Follow-up work"), transaction.atomic():
        followers.caught_up(f"market:{row.id}")
    followers.run_followers()
    with transaction.atomic():
        followers.caught_up(f"market:{row.id}")


def test_a_halted_follower_keeps_the_gate_shut_and_can_be_resumed(
    db: None, name_market: Act, by: Actor, seen: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = name_market(by=by)
    name_market(market=row.id, read=row.name_en, name="poison", by=by)
    followers.run_followers()
    with pytest.raises(Refused), transaction.atomic():
        followers.caught_up(f"market:{row.id}")
    mended: list[int] = []
    handle: Callable[..., None] = lambda entry, *, by: mended.append(entry.seq)  # noqa: E731
    monkeypatch.setitem(
        followers.FOLLOWERS,
        "journal_test.watch",
        followers.Follower("journal_test.watch", frozenset({"journal_test.MarketNamed"}), handle),
    )
    followers.resume("journal_test.watch", f"market:{row.id}")
    followers.run_followers()
    assert mended == [2]
    with transaction.atomic():
        followers.caught_up(f"market:{row.id}")


def test_a_sweep_looks_at_what_is_new_and_at_what_came_late(
    db: None, name_market: Act, by: Actor, seen: list[tuple[str, int]]
) -> None:
    row = name_market(by=by)
    followers.run_followers()
    with connection.cursor() as cursor:  # read by nobody, and far behind: no sweep looks there again
        cursor.execute("UPDATE journal_cursor SET seq = 0 WHERE stream = %s", [f"market:{row.id}"])
        cursor.execute("UPDATE journal_cursor SET seq = seq + 20000 WHERE stream LIKE 'swept:%%'")
    followers.run_followers()
    assert seen == [(f"market:{row.id}", 1)]
    followers.run_followers([f"market:{row.id}"])  # a stream by its name is always read whole
    assert seen == [(f"market:{row.id}", 1)] * 2


def test_a_follower_of_other_facts_is_swept_from_the_beginning(
    db: None, name_market: Act, by: Actor, seen: list[tuple[str, int]]
) -> None:
    row = name_market(by=by)
    followers.run_followers()
    late: list[int] = []

    @journal.follow("journal_test.late", "journal_test.MarketNamed")
    def watch(entry: EntryView, *, by: Actor) -> None:
        if entry.stream == f"market:{row.id}":
            late.append(entry.seq)

    try:
        followers.run_followers()
    finally:
        del followers.FOLLOWERS["journal_test.late"]
    assert late == [1]


def test_a_follower_that_is_resumed_is_swept_again(db: None, name_market: Act, by: Actor) -> None:
    row, poisoned, read = name_market(by=by), [True], list[int]()

    @journal.follow("journal_test.mended", "journal_test.MarketNamed")
    def watch(entry: EntryView, *, by: Actor) -> None:
        if entry.stream == f"market:{row.id}":
            if poisoned:
                raise ValueError("poisoned")
            read.append(entry.seq)

    try:
        followers.run_followers()
        poisoned.clear()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE journal_cursor SET seq = seq + 20000 WHERE stream LIKE 'swept:%%'")
        followers.resume("journal_test.mended", f"market:{row.id}")
        followers.run_followers()
    finally:
        del followers.FOLLOWERS["journal_test.mended"]
    assert read == [1]
