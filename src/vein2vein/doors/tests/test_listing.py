"""Lists on pages: every row stands on exactly one page, whatever was asked for besides."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as some

from vein2vein.doors.listing import PAGE, listed


@dataclass(frozen=True)
class Row:
    pk: uuid.UUID


def find(rows: list[Row]) -> Callable[[int, uuid.UUID | None], list[Row]]:
    def newest(limit: int, after: uuid.UUID | None) -> list[Row]:
        older = [one for one in reversed(rows) if after is None or one.pk < after]
        return older[:limit]

    return newest


@given(some.integers(0, 4 * PAGE + 3))
def test_all_rows_are_reached_from_newest_to_oldest(count: int) -> None:
    rows = [Row(uuid.UUID(int=number)) for number in range(count)]
    seen, query = list[Row](), "?state=open"
    for _ in range(count // PAGE + 1):
        found = listed(RequestFactory().get(f"/rows{query}"), find(rows))
        seen += found.rows
        assert bool(found.newest) is ("after" in query)
        if not found.older:
            break
        query = found.older
        assert parse_qs(query[1:])["state"] == ["open"]
    assert seen == rows[::-1]


@pytest.mark.parametrize("after", ["", "garbage", "1", "\x00"])
def test_what_is_no_id_leads_to_the_newest(after: str) -> None:
    rows = [Row(uuid.UUID(int=number)) for number in range(3)]
    assert listed(RequestFactory().get("/rows", {"after": after}), find(rows)).rows == rows[::-1]
