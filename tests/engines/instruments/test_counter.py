"""A NucleoView export is read exactly, or refused by name."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vein2vein.core.refusals import Refused
from vein2vein.engines.instruments.counter import read_counter
from vein2vein.engines.instruments.writers import write_counter

SHANGHAI = timezone(timedelta(hours=8))
EXPORT = write_counter(
    sample_id="V2V-COUNT-01",
    measured_at=datetime(2026, 11, 10, 9, 15, 30, tzinfo=SHANGHAI),
    live_cells_per_ml=Decimal("1.93E6"),
    dead_cells_per_ml=Decimal("6.12E4"),
)


def codes(data: bytes, **options: Any) -> list[str]:
    with pytest.raises(Refused) as refusal:
        read_counter(data, "export.csv", **options)
    for blocker in refusal.value.blockers:
        assert blocker.field
        assert blocker.mend
        assert "%(" not in str(blocker)
    return [blocker.code for blocker in refusal.value.blockers]


def test_reads_every_figure_exactly() -> None:
    result = read_counter(EXPORT, "export.csv")
    assert result.sample_id == "V2V-COUNT-01"
    assert result.image_id == "20261110-0001-c-V2V-COUNT-01"
    assert result.viability_percent == Decimal("96.9")
    assert str(result.live_cells_per_ml) == "1.93E+6"
    assert result.dead_cells_per_ml == Decimal(61200)
    assert result.total_cells_per_ml == Decimal("1.99E6")
    assert result.measured_at == datetime(2026, 11, 10, 1, 15, 30, tzinfo=UTC)
    assert result.serial == "DEMO-NC200-0001"
    assert result.software_version == "1.4.2.0"
    assert len(result.checksum) == 8


def test_line_ends_may_be_unix() -> None:
    assert read_counter(EXPORT.replace(b"\r\n", b"\n"), "export.csv").viability_percent == Decimal("96.9")


CHANGES = {
    "viability by hand": (b"Viability (%);96.9", b"Viability (%);99.9", "counter.viability"),
    "viability above 100": (b"Viability (%);96.9", b"Viability (%);196.9", "counter.viability"),
    "live times ten": (b";1.93E6", b";1.93E7", "counter.sum"),
    "dead missing": (b"Dead (cells/ml);6.12E4;", b"Dead (cells/ml);;", "counter.missing"),
    "text for number": (b";6.12E4", b";few", "counter.not_a_number"),
    "negative": (b";6.12E4", b";-6.12E4", "counter.not_a_number"),
    "decimal comma": (b";96.9;", b";96,9;", "counter.decimal_comma"),
    "no zone": (b"Time zone offset;8", b"Time zone offset;", "counter.zone"),
    "zone out of the world": (b"Time zone offset;8", b"Time zone offset;28", "counter.zone"),
    "no such day": (b"20261110 091530", b"20261131 091530", "counter.date"),
    "no image": (b"Image;20261110-0001-c-V2V-COUNT-01;", b"Image;;", "counter.missing"),
    "image without sample": (b"Image;20261110-0001-c-V2V-COUNT-01;", b"Image;x;", "counter.sample"),
    "two samples": (b"Viability (%);96.9;", b"Viability (%);96.9;95.0;", "counter.many_samples"),
    "a line twice": (b"Login ID;qc.analyst", b"Operator;other", "counter.doubled"),
    "another model": (b"NucleoView NC-200", b"NucleoView NC-3000", "counter.other_instrument"),
    "no serial": (b"Instrument s/n;s/n DEMO-NC200-0001", b"Instrument s/n;", "counter.missing"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_refuses_what_does_not_hold(name: str) -> None:
    old, new, code = CHANGES[name]
    assert old in EXPORT
    assert code in codes(EXPORT.replace(old, new))


def test_refuses_a_zone_that_is_not_the_instruments() -> None:
    assert codes(EXPORT, utc_offset=timedelta(hours=2)) == ["counter.zone"]


def test_takes_the_instruments_zone_where_the_file_has_none() -> None:
    data = EXPORT.replace(b"Time zone offset;8\r\n", b"")
    assert codes(data) == ["counter.zone"]
    found = read_counter(data, "export.csv", utc_offset=timedelta(hours=8))
    assert found.measured_at == datetime(2026, 11, 10, 1, 15, 30, tzinfo=UTC)


def test_refuses_the_future() -> None:
    assert codes(EXPORT, latest=datetime(2026, 11, 9, tzinfo=UTC)) == ["counter.future"]


def test_refuses_every_truncation() -> None:
    for length in range(len(EXPORT) - 2):
        codes(EXPORT[:length])


def test_refuses_oversized_binary_and_empty() -> None:
    assert codes(EXPORT + b" " * (5 * 1024 * 1024)) == ["file.oversized"]
    assert codes(EXPORT.replace(b"demonstration", b"\xff\xfe")) == ["file.binary"]
    assert codes(EXPORT.replace(b"demonstration", b"\x00")) == ["file.binary"]
    assert codes(b"PK\x03\x04" + bytes(200)) == ["counter.other_instrument"]
    assert codes(b"%PDF-1.7 ...") == ["counter.other_instrument"]
    assert codes(b"") == ["file.empty"]


@settings(deadline=None, max_examples=60)
@given(
    live=st.integers(1_000, 50_000_000),
    dead=st.integers(0, 50_000_000),
    quarters=st.integers(-48, 56),
    sample=st.text("ABCxyz019-_ ,.", min_size=1, max_size=20).filter(lambda text: text.strip(" -") == text),
)
def test_what_is_written_is_read(live: int, dead: int, quarters: int, sample: str) -> None:
    at = datetime(2026, 11, 10, 9, 15, 30, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    data = write_counter(
        sample_id=f"S{sample}", measured_at=at, live_cells_per_ml=Decimal(live), dead_cells_per_ml=Decimal(dead)
    )
    found = read_counter(data, "export.csv")
    assert found.sample_id == f"S{sample}"
    assert found.measured_at == at
    assert abs(found.live_cells_per_ml - live) <= Decimal(live) / 200


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused(data: bytes) -> None:
    codes(data)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_mutations_are_read_or_refused(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(EXPORT)))
    cut = data.draw(st.integers(0, 12))
    mutant = EXPORT[:at] + data.draw(st.binary(max_size=6)) + EXPORT[at + cut :]
    with contextlib.suppress(Refused):
        assert read_counter(mutant, "export.csv").total_cells_per_ml > 0
