"""Forecasts and studies as drawings: numbers for inline SVG, nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vein2vein.core.refusals import N_
from vein2vein.engines.twin.outcomes import BASE, Estimate, StudyResult
from vein2vein.forecasting.reads import Calibration, ForecastView

WIDTH, LEFT, RIGHT = 640, 30, 30
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A day on the scale: where, and which."""

    x: float
    day: datetime


@dataclass(frozen=True, slots=True)
class Band:
    """An 80 % interval on a scale of days: from `low` to `high`, its middle, now, and what happened."""

    low: float
    middle: float
    width: float
    now: float
    happened: float | None
    ticks: tuple[Tick, ...]
    whole: int = WIDTH
    end: int = WIDTH - RIGHT
    begin: int = LEFT


def band(view: ForecastView, now: datetime, *, until: datetime | None = None) -> Band | None:
    """Return the drawing of a forecast from the time it was made to a little past its interval, or `until`."""
    if view.p10_at is None or view.p50_at is None or view.p90_at is None:
        return None
    first = view.as_of
    last = max(until or view.p90_at + DAY, view.p90_at, now, view.happened_at or now)
    span = (last - first) / DAY or 1.0

    def x(at: datetime) -> float:
        share = min(max((at - first) / DAY / span, 0.0), 1.0)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * share, 1)

    step = next((one for one in (1, 2, 5, 10, 20, 50) if span / one <= 9), 100)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    days = [midnight + DAY * step * place for place in range(int(span / step) + 1)]
    return Band(
        low=x(view.p10_at),
        middle=x(view.p50_at),
        width=round(max(x(view.p90_at) - x(view.p10_at), 2.0), 1),
        now=x(now),
        happened=None if view.happened_at is None else x(view.happened_at),
        ticks=tuple(Tick(x(one), one) for one in days if one <= last - DAY / 4),
    )


def bands(views: Sequence[ForecastView], now: datetime) -> list[tuple[ForecastView, Band | None]]:
    """Return forecasts with their drawings on one common scale."""
    known = [one.p90_at for one in views if one.p90_at is not None]
    until = max(known, default=None)
    return [(one, band(one, now, until=until)) for one in views]


@dataclass(frozen=True, slots=True)
class Held:
    """How often the intervals of one lead held, on a scale from none to all: the share with its 95 % interval."""

    name: str
    y: float
    share: float
    low: float
    high: float
    text: str


@dataclass(frozen=True, slots=True)
class HeldChart:
    """All leads one below the other, with the band in which eight of ten intervals should hold (80 % ± 3)."""

    rows: tuple[Held, ...]
    height: int
    band: float
    band_width: float
    target: float
    ticks: tuple[tuple[float, str], ...]
    whole: int = 640
    left: int = 110


def held_chart(calibration: Calibration) -> HeldChart:
    """Return the drawing of how often intervals held, by lead and all together."""
    left, room, top = 110, 440, 8

    def x(share: float) -> float:
        return round(left + room * (min(max(share, 0.4), 1.0) - 0.4) / 0.6, 1)

    rows = [
        Held(name, top + 26.0 * place + 13.0, x(one.within), x(one.within_low or 0.0), x(one.within_high or 1.0),
             f"{100.0 * one.within:.0f} %")
        for place, (name, one) in enumerate([*calibration.by_lead, ("", calibration.whole)])
        if one.within is not None
    ]  # fmt: skip
    ticks = tuple((x(share / 100.0), f"{share} %") for share in range(40, 101, 10))
    return HeldChart(tuple(rows), top + 26 * len(rows) + 26, x(0.77), round(x(0.83) - x(0.77), 1), x(0.8), ticks)


@dataclass(frozen=True, slots=True)
class Bar:
    """One variant of a chart: its row, its mean with the ends of its interval, and how far it is from the base."""

    name: str
    y: float
    text_y: float
    width: float
    low: float
    high: float
    end: float
    value: str
    difference: str
    clear: bool
    base: bool

    @property
    def middle_y(self) -> float:
        """Return the height of the interval's line."""
        return self.y + 9.0


@dataclass(frozen=True, slots=True)
class Chart:
    """One measure of a study: bars from nought, with 95 % intervals; the base's mean as a line."""

    title: str
    unit: str
    bars: tuple[Bar, ...]
    height: int
    base_x: float
    whole: int = 760
    left: int = 230


ROW_HEIGHT, ROOM = 30, 330
CHARTS: tuple[tuple[str, str, str, float, int], ...] = (
    ("waiting_d_mean", N_("Waiting in queues, mean"), N_("days"), 1.0, 2),
    ("vein_to_vein_d_p50", N_("Vein to vein, median"), N_("days"), 1.0, 1),
    ("lost_share", N_("Patients lost"), "%", 100.0, 1),
    ("infused", N_("Doses given to the patients of a year"), "", 1.0, 0),
    ("cost_per_dose", N_("Cost of a dose"), "CNY", 1.0, 0),
)
"""Measure, title, unit, scale, decimals."""


def charts(result: StudyResult) -> list[Chart]:
    """Return the charts of a study's result, one for each measure that people ask for."""
    return [_chart(result, *one) for one in CHARTS]


def utilisation_charts(result: StudyResult, *, most: int = 4) -> list[Chart]:
    """Return the charts of the resources that are used most in any variant."""
    used = {
        name: max((one.measures[name].mean or 0.0) for one in result.outcomes if name in one.measures)
        for name in result.outcomes[0].measures
        if name.startswith("utilisation[")
    }
    busiest = sorted(used, key=lambda one: -used[one])[:most]
    return [_chart(result, one, one[len("utilisation[") : -1], "%", 100.0, 0) for one in busiest]


def _chart(result: StudyResult, measure: str, title: str, unit: str, scale: float, places: int) -> Chart:
    found = [(one, one.measures.get(measure)) for one in result.outcomes]
    tops = [max(one.high or one.mean or 0.0, one.mean or 0.0) for _, one in found if one is not None]
    top = max([*tops, 1e-9]) * scale
    left, made = 230, []

    def x(value: float | None) -> float:
        return round(left + ROOM * min(max((value or 0.0) * scale / top, 0.0), 1.0), 1)

    for place, (outcome, one) in enumerate(found):
        if one is None or one.mean is None:
            continue
        base = outcome.name == BASE
        apart = outcome.differences.get(measure)
        made.append(
            Bar(
                name=outcome.name,
                y=place * ROW_HEIGHT + 6.0,
                text_y=place * ROW_HEIGHT + 21.0,
                width=round(x(one.mean) - left, 1),
                low=x(one.low if one.low is not None else one.mean),
                high=x(one.high if one.high is not None else one.mean),
                end=x(max(one.high or 0.0, one.mean)) + 8.0,
                value=f"{one.mean * scale:,.{places}f}",
                difference="" if apart is None else _apart(apart, scale, places),
                clear=apart is not None and apart.clear,
                base=base,
            )
        )
    base_x = next((left + one.width for one in made if one.base), float(left))
    return Chart(title, unit, tuple(made), len(found) * ROW_HEIGHT + 8, base_x)


def _apart(one: Estimate, scale: float, places: int) -> str:
    if one.mean is None:
        return ""
    return f"{one.mean * scale:+,.{places}f}"
