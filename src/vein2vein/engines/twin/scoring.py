"""How good past forecasts were: how often what happened lay within, how far off, and by how much too early or late."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vein2vein.core.records import text_of

LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """A forecast that can be scored: what it said, when, and when the dose was given."""

    name: str
    as_of: datetime
    p10: datetime | None
    p50: datetime | None
    p90: datetime | None
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """So many forecasts: the share within p10–p90 (should be 0.8) with its 95 % interval, the share below p50.

    The interval is Wilson's, for as many forecasts as they are worth: several of one course hold or miss together
    (Kish's effective number, from the variance between courses).

    `pinball_d` is the mean quantile loss in days (smaller is better); `crps_d` estimates the continuous ranked
    probability score from the three quantiles; `width_d` is the mean length of the interval; `late_d` the median of
    what happened minus p50.
    """

    forecasts: int
    within: float | None
    within_low: float | None
    within_high: float | None
    below_p50: float | None
    pinball_d: float | None
    crps_d: float | None
    width_d: float | None
    late_d: float | None
    courses: int = 0


def score(realised: Sequence[Realised]) -> Score:
    """Return the score of forecasts that gave all three times; those that gave none are not counted."""
    told = [(one, one.p10, one.p50, one.p90) for one in realised]
    days = [
        (_days(one, p10), _days(one, p50), _days(one, p90), _days(one, one.happened_at))
        for one, p10, p50, p90 in told
        if p10 is not None and p50 is not None and p90 is not None
    ]
    count = len(days)
    if not count:
        return Score(
            forecasts=0,
            within=None,
            within_low=None,
            within_high=None,
            below_p50=None,
            pinball_d=None,
            crps_d=None,
            width_d=None,
            late_d=None,
        )
    held = [p10 <= at <= p90 for p10, _, p90, at in days]
    within = sum(held) / count
    names = [one.name for one in realised if None not in (one.p10, one.p50, one.p90)]
    low, high = wilson(within, _worth(names, held))
    losses = [
        _pinball(level, said, at) for *quantiles, at in days for level, said in zip(LEVELS, quantiles, strict=True)
    ]
    late = sorted(at - p50 for _, p50, _, at in days)
    return Score(
        forecasts=count,
        within=within,
        within_low=low,
        within_high=high,
        below_p50=sum(at <= p50 for _, p50, _, at in days) / count,
        pinball_d=math.fsum(losses) / len(losses),
        crps_d=2.0 * math.fsum(losses) / len(losses),
        width_d=math.fsum(p90 - p10 for p10, _, p90, _ in days) / count,
        late_d=late[count // 2],
        courses=len(set(names)),
    )


def _worth(names: Sequence[str], held: Sequence[bool]) -> float:
    """Return how many independent forecasts so many forecasts of fewer courses are worth, at least the courses."""
    count, within = len(held), sum(held) / len(held)
    off = defaultdict[str, float](float)
    for name, one in zip(names, held, strict=True):
        off[name] += one - within
    between, alone = math.fsum(one * one for one in off.values()), count * within * (1.0 - within)
    return float(count) if alone <= 0.0 else min(max(count * alone / max(between, 1e-9), len(off)), count)


def score_to_json(found: Score) -> str:
    """Return the one JSON text of a score."""
    return text_of(found)


def wilson(share: float, count: float) -> tuple[float, float]:
    """Return the 95 % interval of a share seen in `count` cases (Wilson 1927)."""
    z = 1.959963984540054
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def _days(one: Realised, at: datetime) -> float:
    return (at - one.as_of).total_seconds() / 86400.0


def _pinball(level: float, said: float, at: float) -> float:
    return level * (at - said) if at >= said else (1.0 - level) * (said - at)
