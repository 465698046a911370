"""Forecasts as they would have been made in the past, from what the journal held then, against what happened since."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from vein2vein.engines.twin.model import Figure
from vein2vein.engines.twin.scoring import Realised
from vein2vein.engines.twin.workers import Workers
from vein2vein.forecasting.foretelling import foretell, happened
from vein2vein.forecasting.gathering import gather
from vein2vein.forecasting.modelling import live_base


def look_back(
    first: datetime,
    last: datetime,
    every: timedelta,
    kept: Mapping[str, Figure],
    *,
    replications: int = 100,
    workers: Workers | None = None,
    say: Callable[[datetime, int], None] = lambda _at, _count: None,
) -> tuple[list[Realised], list[Realised]]:
    """Return the forecasts a twin would have made from `first` on whose interval was over at `last`, and bare ones.

    Each is made from the entries up to its time and no others, and corrected by those whose interval was over by then;
    definitions, network and lots are those of today. Courses that ended without a dose are left out; one that still
    waits counts as given at `last`: later than said.
    """
    courses = gather(live_base(last, kept), last)
    given = {str(order): when for order, when in happened(courses).items()}
    waiting = {str(one.order_id) for one in courses if one.story.infused_at is None and not one.story.ended}
    at, said, bare = first, list[Realised](), list[Realised]()
    while at <= last:
        made = foretell(at, kept, _over(bare, at), replications=replications, workers=workers)
        for one in made.told:
            infused_at = given.get(one.order_id, last if one.order_id in waiting else None)
            if infused_at is None or one.p90 is None:
                continue
            told = Realised(name=one.order_id, as_of=at, p10=one.p10, p50=one.p50, p90=one.p90, happened_at=infused_at)
            bare.append(dataclasses.replace(told, p10=one.bare_p10, p90=one.bare_p90))
            if one.p90 <= last:
                said.append(told)
        say(at, len(made.told))
        at += every
    return said, _over(bare, last)


def _over(said: list[Realised], at: datetime) -> list[Realised]:
    """Return the forecasts whose interval is over at a time, as they are known then: who waits, waits until now."""
    over = (one for one in said if one.p90 is not None and one.p90 <= at)
    return [dataclasses.replace(one, happened_at=min(one.happened_at, at)) for one in over]
