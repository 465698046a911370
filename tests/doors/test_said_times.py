"""A time within a sentence is said in the zone of the page; where there is no site's zone it says which one it is."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from django.utils import timezone

from vein2vein.doors.presenting import words


def test_times_in_sentences_are_in_the_zone_of_the_page() -> None:
    told = {"at": "2026-11-23T08:30:15+00:00", "on": "2026-11-23", "code": "WS-01"}
    with timezone.override(ZoneInfo("Asia/Shanghai")):
        assert words("%(code)s until %(at)s, %(on)s", told) == "WS-01 until 2026-11-23 16:30, 2026-11-23"
    with timezone.override(UTC):
        assert words("until %(at)s", told) == "until 2026-11-23 08:30 UTC"
