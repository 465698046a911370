"""A demonstration takes past times while it is being loaded, and only then; a loading cut short begins anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from vein2vein.driver import starting
from vein2vein.driver.site import end_loading, load_if_empty, open_database
from vein2vein.journal.reads import database_kind, is_loading, list_recent

REFUSED = "refuses a simulated clock"


def told(at: datetime) -> datetime:
    """Return what the journal's trigger makes of a told time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('v2v.now', %s, true), journal_now()", [at.isoformat()])
        found: datetime = cursor.fetchone()[1]
        return found


def test_past_times_are_taken_until_the_loading_ends(empty: str) -> None:
    past = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
    open_database("demonstration")
    assert is_loading()
    assert told(past) == past
    with pytest.raises(ProgrammingError, match=REFUSED):
        told(datetime.now(UTC) + timedelta(hours=1))
    end_loading()
    assert not is_loading()
    with pytest.raises(ProgrammingError, match=REFUSED):
        told(past)


def test_production_never_takes_a_told_time(empty: str) -> None:
    open_database("production")
    assert not is_loading()
    with pytest.raises(ProgrammingError, match=REFUSED):
        told(datetime.now(UTC) - timedelta(days=1))


def test_the_end_of_a_loading_is_for_ever(empty: str) -> None:
    open_database("demonstration")
    end_loading()
    end_loading()
    for change in ("DELETE FROM journal_loaded", "UPDATE journal_loaded SET loaded_at = now()"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_a_loading_that_was_cut_short_begins_anew(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("V2V_DEMONSTRATION_PATIENTS", "0")
    assert load_if_empty(history=True)
    before = list_recent(limit=1)[0].hash
    assert is_loading()
    assert "Sign in by role" in starting.demonstration_at_start()[0]
    assert (database_kind(), is_loading()) == ("demonstration", False)
    assert list_recent(limit=1)[0].hash != before


def test_a_history_ends_now(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("V2V_DEMONSTRATION_PATIENTS", "1")
    monkeypatch.setattr(starting, "HISTORY", timedelta(days=3))
    starting.demonstration_at_start()
    newest = list_recent(limit=1)[0]
    assert datetime.now(UTC) - timedelta(days=4) < newest.recorded_at <= datetime.now(UTC)
    assert not is_loading()
