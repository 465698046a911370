"""Intervals corrected by how past ones held: split conformal prediction, by how far ahead a forecast was made.

A past forecast's score says by which part of its own half it missed (above 0), or had to spare (below 0). An interval
gets both its halves lengthened by the score that `HELD` of the past ones of the same lead did not exceed (Romano,
Patterson and Candès, Conformalized quantile regression, 2019; learned anew from what is over at each making, as Gibbs
and Candès, Adaptive conformal inference, 2021, ask under drift). Courses count alike, however often they were forecast,
and the correction counts by as much as has been scored.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vein2vein.engines.twin.scoring import Realised

HELD = 0.8
"""How many of the intervals should hold."""
LEADS = ((10.0, "< 10"), (20.0, "10–20"), (math.inf, "> 20"))
"""Days between a forecast and what it said in the middle, upper ends."""
WORTH = 15.0
"""How many courses the uncorrected interval is worth."""
LEAST, MOST = -0.5, 2.0
_SMALLEST = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening:
    """By which part of themselves the halves of intervals of one lead are lengthened, from so many courses."""

    lead: str
    by: float
    courses: int


def lead_of(as_of: datetime, p50: datetime) -> str:
    """Return the name of how far ahead a forecast looks."""
    days = (p50 - as_of) / timedelta(days=1)
    return next(name for most, name in LEADS if days <= most)


def widenings(past: Sequence[Realised]) -> tuple[Widening, ...]:
    """Return the correction for each lead, learned from past forecasts as they were before any correction."""
    found = []
    for _, lead in LEADS:
        scored = [
            (one.name, _score(one.p10, one.p50, one.p90, one.happened_at))
            for one in past
            if one.p10 is not None
            and one.p50 is not None
            and one.p90 is not None
            and lead_of(one.as_of, one.p50) == lead
        ]
        found.append(_widening(lead, scored))
    return tuple(found)


def _widening(lead: str, scored: Sequence[tuple[str, float]]) -> Widening:
    often = Counter(name for name, _ in scored)
    courses = len(often)
    by = 0.0
    if courses:
        wanted = min(HELD * (courses + 1) / courses, 1.0) * courses
        held = 0.0
        for name, score in sorted(scored, key=lambda one: one[1]):
            held += 1.0 / often[name]
            by = score
            if held >= wanted - 1e-9:
                break
    share = courses / (courses + WORTH)
    return Widening(lead=lead, by=share * min(max(by, LEAST), MOST), courses=courses)


def _score(p10: datetime, p50: datetime, p90: datetime, happened_at: datetime) -> float:
    below, above = max(p50 - p10, _SMALLEST), max(p90 - p50, _SMALLEST)
    return max((p10 - happened_at) / below, (happened_at - p90) / above)


def widened(
    as_of: datetime, p10: datetime, p50: datetime, p90: datetime, found: Sequence[Widening]
) -> tuple[datetime, datetime, Widening]:
    """Return the corrected interval and what corrected it; nothing is expected before the forecast was made."""
    one = next(one for one in found if one.lead == lead_of(as_of, p50))
    below, above = max(p50 - p10, _SMALLEST) * one.by, max(p90 - p50, _SMALLEST) * one.by
    return min(max(p10 - below, as_of), p50), max(p90 + above, p50), one
