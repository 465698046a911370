"""Forecasts and studies as drawings: numbers for inline SVG, nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vein2vein.forecasting.reads import ForecastView

WIDTH, LEFT, RIGHT = 640, 16, 16
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
