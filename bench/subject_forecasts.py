"""Forecasts of years whose true figures are hidden from the twin: how often 80 % intervals hold, learning included."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from bench.registry import Figure, Options, Report
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.compiling import compiled
from vein2vein.engines.twin.forecasts import forecast
from vein2vein.engines.twin.learning import learn
from vein2vein.engines.twin.observing import hidden, observations_of, present_of
from vein2vein.engines.twin.running import Runner
from vein2vein.engines.twin.scoring import Realised, Score, score
from vein2vein.engines.twin.widening import widened, widenings

WORLDS, PATIENTS, FIRST_DAY, EVERY_DAYS, TIMES = 16, 150.0, 60, 25, 12
NOTES = f"""\
{WORLDS} worlds of {PATIENTS:g} patients a year: durations of the model 0.8 to 1.25 times, chances 0.6 to 1.5 times
the twin knows the unmoved figures and what a journal would show; from day {FIRST_DAY} on, every {EVERY_DAYS} days
corrections are learned from the world's own forecasts whose interval was over; no world knows of another
the interval is for as many courses as there were: forecasts of one course hold or miss together
""".splitlines()


def measure(options: Options) -> Report:
    """Measure how often intervals held, before and after correction."""
    del options
    said, bare = list[Realised](), list[Realised]()
    for number in range(WORLDS):
        for one, before in lived(number):
            said.append(one)
            bare.append(before)
    found, before_it = score(said), score(bare)
    off = abs(100.0 * (found.within or 0.0) - 80.0)
    return Report(
        "Forecasts of hidden worlds",
        [
            Figure("forecasts scored", found.forecasts, ""),
            Figure("courses", found.courses, ""),
            *_held("80 % intervals held", found),
            Figure("3 points as a part of how far off that is", round(3.0 / max(off, 0.01), 2), "×", 1.0),
            *_held("before correction", before_it),
            Figure("width of the interval", round(found.width_d or 0.0, 1), "d"),
            Figure("late in the middle", round(found.late_d or 0.0, 2), "d"),
        ],
        NOTES,
    )


def _held(what: str, found: Score) -> Iterator[Figure]:
    yield Figure(what, round(100.0 * (found.within or 0.0), 1), "%")
    yield Figure(f"{what}, 95 % from", round(100.0 * (found.within_low or 0.0), 1), "%")
    yield Figure(f"{what}, 95 % to", round(100.0 * (found.within_high or 0.0), 1), "%")


def lived(number: int) -> Iterator[tuple[Realised, Realised]]:
    """Yield each forecast of one hidden world that can be scored, as it was said and before its correction."""
    days = FIRST_DAY + EVERY_DAYS * TIMES
    base = dataclasses.replace(base_model(PATIENTS), warm_up_days=0.0, days=float(days), run_out_days=250.0)
    run = Runner(compiled(hidden(base, number))).run(7, number, traced=True)
    infusion = run.table.milestones.index("infusion")
    past = list[Realised]()
    for turn in range(TIMES):
        hours = 24.0 * (FIRST_DAY + EVERY_DAYS * turn)
        learnt, _ = learn(base, observations_of(run, hours))
        now = present_of(run, hours)
        corrections = widenings(_over(past, now.as_of))
        for one in forecast(learnt, now, seed=3, replications=120).forecasts:
            at = float(run.times[int(one.name), infusion])
            if math.isnan(at) or one.p10 is None or one.p50 is None or one.p90 is None:
                continue
            happened = run.table.model.starts_at + timedelta(hours=at)
            before = Realised(
                name=f"{number} {one.name}",
                as_of=now.as_of,
                p10=one.p10,
                p50=one.p50,
                p90=one.p90,
                happened_at=happened,
            )
            p10, p90, _ = widened(now.as_of, one.p10, one.p50, one.p90, corrections)
            past.append(before)
            yield dataclasses.replace(before, p10=p10, p90=p90), before


def _over(past: list[Realised], at: datetime) -> list[Realised]:
    over = (one for one in past if one.p90 is not None and one.p90 <= at)
    return [dataclasses.replace(one, happened_at=min(one.happened_at, at)) for one in over]
