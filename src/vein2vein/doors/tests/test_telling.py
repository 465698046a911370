"""What an entry carries is told in words and codes: never by ids, times or names that only a program reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import override

from vein2vein.doors.naming import named
from vein2vein.doors.telling import Told, tell, tell_all
from vein2vein.journal.reads import EntryView

ID = "01a199e0-a9c0-7090-83b2-7030e7f524f3"


def _entry(**data: Any) -> EntryView:
    payload = {
        "action": "orders.accept_order",
        "fact": "orders.OrderAccepted",
        "at": "2026-11-02T04:30:00Z",
        "by": {"name": "system: laboratory.plan_tests"},
        "refs": [f"order:{ID}"],
        "data": data,
    }
    return EntryView(1, f"coi:{ID}", 1, datetime(2026, 11, 2, 4, 30, tzinfo=UTC), "00", payload)


def _details(told: Told) -> dict[str, str]:
    return {one.label: one.text for one in told.details}


def test_what_an_entry_carries_is_told_in_the_readers_words(db: None) -> None:
    entry = _entry(
        route="clinical_trial", trial_only=True, manual=False, order_id=ID, slot_to_at="2026-11-10T23:25:00Z"
    )
    with override("en"), timezone.override("Asia/Shanghai"):
        told = _details(tell_all([entry])[0])
        assert told == {"Route": "clinical trial", "Trial only": "yes", "Slot until": "2026-11-11 07:25"}
    with override("zh-hans"):
        assert _details(tell_all([entry])[0])["仅限临床试验"] == "是"


def test_the_system_is_said_to_have_acted_of_its_own() -> None:
    with override("en"):
        assert tell(_entry()).who == "System: Plan tests"


def test_abbreviations_stand_in_capitals() -> None:
    with override("en"):
        assert (named("coi"), named("qc_analyst"), named("mah")) == ("COI", "QC analyst", "MAH")
