"""The shipped exports are read, agree with the demonstration and are judged quiet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from vein2vein.engines.instruments.counter import read_counter
from vein2vein.engines.instruments.excursions import CHILLED, CRYOGENIC, ExcursionRule, Outcome, judge
from vein2vein.engines.instruments.trace import Window, read_trace
from vein2vein.engines.instruments.writers import steady_readings

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_counter_example() -> None:
    result = read_counter((EXAMPLES / "counter-nucleoview.csv").read_bytes(), "counter-nucleoview.csv")
    assert result.viability_percent >= 90
    assert (result.sample_id, result.serial) == ("DEMO-RECEIPT-01", "DEMO-NC200-0002")


@pytest.mark.parametrize(
    ("name", "rule"), [("trace-apheresis-chilled.csv", CHILLED), ("trace-product-dry-shipper.csv", CRYOGENIC)]
)
def test_trace_examples(name: str, rule: ExcursionRule) -> None:
    trace = read_trace((EXAMPLES / name).read_bytes(), name)
    verdict = judge(trace, rule, Window(trace.start, trace.stop))
    assert verdict.outcome is Outcome.OK
    assert not verdict.excursions
    assert not verdict.gaps
    assert verdict.coverage == 1


def test_steady_readings_cover_their_span_within_their_swing() -> None:
    start = datetime(2026, 11, 9, 6, 0, tzinfo=UTC)
    stop = start + timedelta(hours=7, minutes=3)
    readings = steady_readings(
        start=start, stop=stop, interval=timedelta(minutes=5), around_c=Decimal("4.6"), swing_c=Decimal("1.2")
    )
    assert readings[0][0] == start
    assert stop <= readings[-1][0] <= stop + timedelta(minutes=5)
    assert all(Decimal("3.4") <= celsius <= Decimal("5.8") for _, celsius in readings)
