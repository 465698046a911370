"""A trace's judgement agrees with one made minute by minute, by code that shares nothing with it."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from vein2vein.engines.instruments.excursions import CHILLED, CRYOGENIC, ExcursionRule, Outcome, judge, mean_kinetic_c
from vein2vein.engines.instruments.trace import Trace, Window

T0 = datetime(2026, 11, 9, 6, 0, tzinfo=UTC)


def minute(number: int) -> datetime:
    return T0 + timedelta(minutes=number)


def trace_of(readings: dict[int, Decimal], interval_minutes: int = 5) -> Trace:
    points = tuple((minute(at), celsius) for at, celsius in sorted(readings.items()))
    interval = timedelta(minutes=interval_minutes)
    return Trace("TL", "m", timedelta(0), points, points[0][0], points[-1][0], interval, "trace.csv", "")


def steady(celsius: str, count: int = 25) -> dict[int, Decimal]:
    return {5 * index: Decimal(celsius) for index in range(count)}


def test_a_quiet_journey_is_ok() -> None:
    verdict = judge(trace_of(steady("4.5")), CHILLED, Window(minute(0), minute(120)))
    assert verdict.outcome is Outcome.OK
    assert verdict.mean_kinetic_c == Decimal("4.50")
    assert verdict.coverage == 1


def test_limits_are_inclusive() -> None:
    assert judge(trace_of(steady("8")), CHILLED, Window(minute(0), minute(120))).outcome is Outcome.OK
    assert judge(trace_of(steady("8.01")), CHILLED, Window(minute(0), minute(120))).outcome is Outcome.EXCURSION
    assert judge(trace_of(steady("-150")), CRYOGENIC, Window(minute(0), minute(120))).outcome is Outcome.OK
    assert judge(trace_of(steady("-149.9")), CRYOGENIC, Window(minute(0), minute(120))).outcome is Outcome.EXCURSION


def test_an_excursion_has_its_extreme_and_minutes() -> None:
    verdict = judge(
        trace_of(steady("4.5") | {30: Decimal("8.4"), 35: Decimal("9.1")}), CHILLED, Window(minute(0), minute(120))
    )
    (excursion,) = verdict.excursions
    assert (excursion.start, excursion.stop) == (minute(25), minute(40))
    assert excursion.extreme_c == Decimal("9.1")
    assert excursion.minutes == verdict.cumulative_minutes_outside == 15


def test_tolerated_minutes_and_hard_limits() -> None:
    readings = steady("4.5") | {30: Decimal("8.4")}
    window = Window(minute(0), minute(120))
    lenient = ExcursionRule(Decimal(2), Decimal(8), Decimal(60), Decimal(60), Decimal(0), Decimal(15))
    assert judge(trace_of(readings), lenient, window).outcome is Outcome.OK
    assert judge(trace_of(readings | {30: Decimal("15.1")}), lenient, window).outcome is Outcome.EXCURSION
    assert judge(trace_of(steady("8.4")), lenient, window).outcome is Outcome.EXCURSION


def test_silence_at_the_ends_and_within_is_incomplete() -> None:
    window = Window(minute(0), minute(120))
    assert judge(trace_of(steady("4.5", 10)), CHILLED, window).outcome is Outcome.INCOMPLETE
    holed = {at: value for at, value in steady("4.5").items() if not 40 < at < 60}
    verdict = judge(trace_of(holed), CHILLED, window)
    assert [(gap.start, gap.stop) for gap in verdict.gaps] == [(minute(40), minute(60))]
    assert verdict.coverage == Decimal("0.8333")
    elsewhere = judge(trace_of(steady("4.5")), CHILLED, Window(minute(600), minute(660)))
    assert (elsewhere.outcome, elsewhere.coverage, elsewhere.mean_kinetic_c) == (Outcome.INCOMPLETE, Decimal(0), None)


def test_a_rule_may_allow_less_silence_than_three_intervals() -> None:
    rule = ExcursionRule(Decimal(2), Decimal(8), max_gap_minutes=Decimal(9))
    holed = {at: value for at, value in steady("4.5").items() if at != 40}
    assert judge(trace_of(holed), CHILLED, Window(minute(0), minute(120))).outcome is Outcome.OK
    assert judge(trace_of(holed), rule, Window(minute(0), minute(120))).outcome is Outcome.INCOMPLETE


@given(st.lists(st.decimals(-20, 40, places=1), min_size=1, max_size=40))
def test_mean_kinetic_temperature_agrees_with_floats(readings: list[Decimal]) -> None:
    rates = [math.exp(-10000 / (float(celsius) + 273.15)) for celsius in readings]
    expected = 10000 / -math.log(math.fsum(rates) / len(rates)) - 273.15
    assert abs(float(mean_kinetic_c(readings)) - expected) < 0.006
    assert min(readings) - Decimal("0.01") <= mean_kinetic_c(readings) <= max(readings) + Decimal("0.01")


def outside_at(readings: dict[int, Decimal], half_minute: float, interval: int, longest: int) -> bool:
    """Say whether the middle of a minute counts as outside, by looking only at its two neighbours."""
    times = sorted(readings)
    before = max((at for at in times if at <= half_minute), default=None)
    after = min((at for at in times if at >= half_minute), default=None)
    if before is None or after is None:
        return False
    silent = after - before > longest
    hot_before = readings[before] > 8 and (not silent or half_minute < before + interval)
    hot_after = readings[after] > 8 and (not silent or half_minute > after - interval)
    return hot_before or hot_after


@settings(max_examples=300)
@given(
    readings=st.dictionaries(
        st.integers(0, 180),
        st.sampled_from([Decimal("4.0"), Decimal("8.0"), Decimal("8.1"), Decimal("12")]),
        min_size=2,
    ),
    start=st.integers(0, 120),
    length=st.integers(1, 120),
)
def test_agrees_with_a_count_of_minutes(readings: dict[int, Decimal], start: int, length: int) -> None:
    window = Window(minute(start), minute(start + length))
    verdict = judge(trace_of(readings), CHILLED, window)
    outside = sum(outside_at(readings, at + 0.5, 5, 15) for at in range(start, start + length))
    assert verdict.cumulative_minutes_outside == outside

    silent = 0
    for at in range(start, start + length):
        before = max((time for time in readings if time <= at), default=None)
        after = min((time for time in readings if time > at), default=None)
        if before is None and after is not None:
            silent += after > start + 15
        elif before is not None and after is None:
            silent += before < start + length - 15
        elif before is not None and after is not None:
            silent += after - before > 15
    assert verdict.coverage == (1 - Decimal(silent) / length).quantize(Decimal("0.0001"))
    hot_inside = any(celsius > 8 for at, celsius in readings.items() if start <= at <= start + length)
    expected = Outcome.EXCURSION if outside or hot_inside else Outcome.INCOMPLETE if silent else Outcome.OK
    assert verdict.outcome is expected
