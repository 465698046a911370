"""A logger's CSV is read with its zone, or refused line by line."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vein2vein.core.refusals import Refused
from vein2vein.engines.instruments.trace import Window, read_trace
from vein2vein.engines.instruments.writers import write_trace

SHANGHAI = timezone(timedelta(hours=8))
START = datetime(2026, 11, 9, 14, 0, tzinfo=SHANGHAI)
POINTS = [(START + timedelta(minutes=5 * index), Decimal("4.5")) for index in range(49)]
CSV = write_trace(serial="TL-0042", model="Demonstration logger", interval_s=300, points=POINTS)
JOURNEY = Window(START + timedelta(minutes=20), START + timedelta(hours=4))


def codes(data: bytes, **options: Any) -> list[str]:
    with pytest.raises(Refused) as refusal:
        read_trace(data, "trace.csv", **options)
    for blocker in refusal.value.blockers:
        assert blocker.field
        assert blocker.mend
        assert "%(" not in str(blocker)
    return [blocker.code for blocker in refusal.value.blockers]


def line(number: int) -> bytes:
    return CSV.split(b"\n")[number - 1]


def test_reads_times_as_utc_and_temperatures_exactly() -> None:
    trace = read_trace(CSV, "trace.csv", expected_serial="TL-0042", expected_window=JOURNEY)
    assert trace.start == datetime(2026, 11, 9, 6, 0, tzinfo=UTC)
    assert trace.stop == datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
    assert trace.interval == timedelta(minutes=5)
    assert len(trace.points) == 49
    assert str(trace.points[0][1]) == "4.5"


CHANGES = {
    "another logger's header": (b"Logger serial,TL-0042", b"Serial,TL-0042", "trace.header"),
    "fahrenheit": (b"Unit,C", b"Unit,F", "trace.unit"),
    "no zone": (b"Time zone,+08:00", b"Time zone,CST", "trace.zone"),
    "no interval": (b"Interval s,300", b"Interval s,0", "trace.interval"),
    "not a number": (line(20), line(20)[:20] + b"ERR", "trace.temperature"),
    "impossible": (line(20), line(20)[:20] + b"-300", "trace.temperature"),
    "not a time": (line(20), b"9/11/26 15:05" + line(20)[19:], "trace.time"),
    "time twice": (line(20), line(19), "trace.doubled"),
    "out of order": (line(20) + b"\n" + line(21), line(21) + b"\n" + line(20), "trace.order"),
    "a line lost": (line(20) + b"\n", b"", "trace.truncated"),
    "a line added": (line(20), line(20) + b"\n" + line(20), "trace.truncated"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_refuses_what_does_not_hold(name: str) -> None:
    old, new, code = CHANGES[name]
    assert CSV.count(old) == 1
    assert code in codes(CSV.replace(old, new))


def test_a_fault_names_its_line() -> None:
    with pytest.raises(Refused, match="Line 20 has no temperature"):
        read_trace(CSV.replace(line(20), line(20)[:20] + b"ERR"), "trace.csv")


def test_refuses_another_logger() -> None:
    assert codes(CSV, expected_serial="TL-0043") == ["trace.serial"]


def test_refuses_a_gap_unless_it_is_to_be_judged() -> None:
    points = POINTS[:20] + POINTS[24:]
    data = write_trace(serial="TL-0042", model="m", interval_s=300, points=points)
    assert codes(data) == ["trace.gap"]
    assert len(read_trace(data, "trace.csv", allow_gaps=True).points) == 45


def test_names_the_zone_in_which_the_trace_would_fit() -> None:
    data = CSV.replace(b"+08:00", b"+00:00")
    with pytest.raises(Refused, match=r"would if the logger's zone were \+08:00"):
        read_trace(data, "trace.csv", expected_window=JOURNEY)


def test_refuses_the_trace_of_another_journey() -> None:
    later = Window(START + timedelta(days=9), START + timedelta(days=10))
    assert codes(CSV, expected_window=later) == ["trace.elsewhere"]


def test_refuses_every_truncation() -> None:
    for length in range(len(CSV) - 1):
        codes(CSV[:length])


def test_refuses_oversized_binary_and_empty() -> None:
    assert codes(CSV + b" " * (5 * 1024 * 1024)) == ["file.oversized"]
    assert codes(b"\x89PNG\r\n\x1a\n") == ["file.binary"]
    assert codes(b" \n ") == ["file.empty"]


@settings(max_examples=300)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_refused(data: bytes) -> None:
    codes(data)


@settings(max_examples=400)
@given(st.data())
def test_mutations_are_read_or_refused(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(CSV)))
    cut = data.draw(st.integers(0, 30))
    mutant = CSV[:at] + data.draw(st.binary(max_size=6) | st.sampled_from([b"\n", b",", b"9999"])) + CSV[at + cut :]
    with contextlib.suppress(Refused):
        trace = read_trace(mutant, "trace.csv", expected_window=JOURNEY)
        assert [at for at, _ in trace.points] == sorted({at for at, _ in trace.points})
