"""Judging a trace against the limits of a lane: excursions, gaps, cumulative time, mean kinetic temperature."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from vein2vein.engines.instruments.trace import LONGEST_GAP_INTERVALS, Trace, Window

# USP <1079.2>: activation energy 83.144 kJ/mol over the gas constant, in kelvin.
ACTIVATION_K = Decimal("10000")
ZERO_CELSIUS_K = Decimal("273.15")


@dataclass(frozen=True, slots=True)
class ExcursionRule:
    """Limits in °C (None: no limit on that side), both inclusive; tolerated minutes; hard limits never to be passed.

    A silence is a gap when longer than `max_gap_minutes` or than three of the logger's intervals, whichever is less.
    """

    low_c: Decimal | None = None
    high_c: Decimal | None = None
    max_single_minutes: Decimal = Decimal(0)
    max_cumulative_minutes: Decimal = Decimal(0)
    hard_low_c: Decimal | None = None
    hard_high_c: Decimal | None = None
    max_gap_minutes: Decimal | None = None
    mean_kinetic: bool = False

    def is_outside(self, celsius: Decimal) -> bool:
        """Return whether a reading is beyond the limits."""
        return (self.low_c is not None and celsius < self.low_c) or (self.high_c is not None and celsius > self.high_c)

    def is_beyond_hard(self, celsius: Decimal) -> bool:
        """Return whether a reading is beyond the hard limits."""
        return (self.hard_low_c is not None and celsius < self.hard_low_c) or (
            self.hard_high_c is not None and celsius > self.hard_high_c
        )

    def depth(self, celsius: Decimal) -> Decimal:
        """Return by how many degrees a reading is beyond the limits; zero within."""
        below = self.low_c - celsius if self.low_c is not None else Decimal(0)
        above = celsius - self.high_c if self.high_c is not None else Decimal(0)
        return max(below, above, Decimal(0))


CHILLED = ExcursionRule(low_c=Decimal(2), high_c=Decimal(8), mean_kinetic=True)
CRYOGENIC = ExcursionRule(high_c=Decimal(-150))


class Outcome(StrEnum):
    """What the trace says of the shipment."""

    OK = "ok"
    EXCURSION = "excursion"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Excursion:
    """A span outside the limits and its worst reading in °C."""

    start: datetime
    stop: datetime
    extreme_c: Decimal
    minutes: Decimal


@dataclass(frozen=True, slots=True)
class Gap:
    """A span of the window in which the logger is silent for more than three intervals."""

    start: datetime
    stop: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement: coverage is the share of the window, 0 to 1, that is not in a gap."""

    outcome: Outcome
    excursions: tuple[Excursion, ...]
    gaps: tuple[Gap, ...]
    cumulative_minutes_outside: Decimal
    mean_kinetic_c: Decimal | None
    coverage: Decimal


def judge(trace: Trace, rule: ExcursionRule, window: Window) -> Verdict:
    """Return what the trace says of the window under the rule.

    Cautious: a reading outside is taken to hold from the reading before it to the reading after it
    (for one interval into a gap). An excursion that the rule does not tolerate outweighs a gap.
    """
    longest = _longest_silence(trace, rule)
    gaps = _gaps(trace, longest, window)
    excursions = _excursions(trace, rule, longest, window)
    cumulative = sum((excursion.minutes for excursion in excursions), Decimal(0))
    silent = sum((gap.stop - gap.start for gap in gaps), timedelta(0))
    coverage = (1 - _minutes(silent) / _minutes(window.stop - window.start)).quantize(Decimal("0.0001"))
    intolerable = cumulative > rule.max_cumulative_minutes or any(
        excursion.minutes > rule.max_single_minutes or rule.is_beyond_hard(excursion.extreme_c)
        for excursion in excursions
    )
    # A single reading out on the very edge of the window lasts no time, and still counts where nothing is tolerated.
    intolerable = intolerable or (bool(excursions) and not rule.max_single_minutes)
    outcome = Outcome.EXCURSION if intolerable else Outcome.INCOMPLETE if gaps else Outcome.OK
    inside = [celsius for at, celsius in trace.points if window.start <= at <= window.stop]
    return Verdict(
        outcome=outcome,
        excursions=excursions,
        gaps=gaps,
        cumulative_minutes_outside=cumulative,
        mean_kinetic_c=mean_kinetic_c(inside) if rule.mean_kinetic and inside else None,
        coverage=coverage,
    )


def mean_kinetic_c(readings: Iterable[Decimal]) -> Decimal:
    """Return the mean kinetic temperature in °C of one or more equally spaced readings, to 0.01 (USP <1079.2>)."""
    counts = Counter(readings)
    total = sum(counts.values())
    rates = (number * (-ACTIVATION_K / (celsius + ZERO_CELSIUS_K)).exp() for celsius, number in counts.items())
    mean = sum(rates, Decimal(0)) / total
    return (ACTIVATION_K / -mean.ln() - ZERO_CELSIUS_K).quantize(Decimal("0.01"))


def _minutes(span: timedelta) -> Decimal:
    return Decimal(int(span.total_seconds())) / 60


def _longest_silence(trace: Trace, rule: ExcursionRule) -> timedelta:
    longest = LONGEST_GAP_INTERVALS * trace.interval
    if rule.max_gap_minutes is None:
        return longest
    return min(longest, timedelta(seconds=int(rule.max_gap_minutes * 60)))


def _gaps(trace: Trace, longest: timedelta, window: Window) -> tuple[Gap, ...]:
    """Return the silences within the window, at its two ends as well."""
    times = [at for at, _ in trace.points]
    gaps: list[Gap] = []
    if times[0] > window.start + longest:
        gaps.append(Gap(window.start, min(times[0], window.stop)))
    for before, after in itertools.pairwise(times):
        start, stop = max(before, window.start), min(after, window.stop)
        if after - before > longest and start < stop:
            gaps.append(Gap(start, stop))
    if times[-1] < window.stop - longest:
        gaps.append(Gap(max(times[-1], window.start), window.stop))
    return tuple(gaps)


def _excursions(trace: Trace, rule: ExcursionRule, longest: timedelta, window: Window) -> tuple[Excursion, ...]:
    points = trace.points
    found: list[Excursion] = []
    for index, (at, celsius) in enumerate(points):
        if not rule.is_outside(celsius):
            continue
        before = _reach(at - points[index - 1][0], trace.interval, longest) if index else timedelta(0)
        after = _reach(points[index + 1][0] - at, trace.interval, longest) if index + 1 < len(points) else timedelta(0)
        start, stop = max(at - before, window.start), min(at + after, window.stop)
        if start > stop or (start == stop and not window.start <= at <= window.stop):
            continue
        if found and start <= found[-1].stop:
            start = found[-1].start
            celsius = max(found.pop().extreme_c, celsius, key=rule.depth)  # noqa: PLW2901 - the worst so far
        found.append(Excursion(start, stop, celsius, _minutes(stop - start)))
    return tuple(found)


def _reach(distance: timedelta, interval: timedelta, longest: timedelta) -> timedelta:
    return distance if distance <= longest else min(interval, distance)
