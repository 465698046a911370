"""Forecasts: for every open course the distribution of its infusion, from where it stands now."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from vein2vein.core.records import text_of
from vein2vein.core.refusals import N_
from vein2vein.engines.twin.measures import share_of
from vein2vein.engines.twin.model import Model
from vein2vein.engines.twin.models import model_to_json
from vein2vein.engines.twin.presence import Present, check_present, model_from_now, present_to_json
from vein2vein.engines.twin.sweeps import Finished, Progress, blocks_of, carry_out
from vein2vein.engines.twin.workers import Workers

SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One course: when its dose will be given, on the condition that it is, and how likely that is.

    Four courses of five should fall between `p10` and `p90`. A time is None when it lies beyond the days simulated;
    all are None when the course ended without a dose in every future.
    """

    name: str
    chance: float
    p10: datetime | None
    p50: datetime | None
    p90: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """All open courses that wait for their dose at one moment, in the order of the threads."""

    as_of: datetime
    seed: int
    replications: int
    forecasts: tuple[Forecast, ...]


def forecast(
    model: Model,
    present: Present,
    *,
    seed: int,
    replications: int = 200,
    days: float = 180.0,
    workers: Workers | None = None,
    finished: Finished | None = None,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Forecasts:
    """Return each open course's forecast over `days` to come; raises `Refused` for a state that cannot be.

    New patients keep coming as the model's demand says, and compete for the same resources.
    """
    samples = sampled(
        model,
        present,
        seed=seed,
        replications=replications,
        days=days,
        workers=workers,
        finished=finished,
        on_progress=on_progress,
        cancelled=cancelled,
    )
    made = [
        _forecast(one.name, samples[:, place], present.as_of)
        for place, one in enumerate(present.threads)
        if model.vein_in not in one.milestones
    ]
    return Forecasts(as_of=present.as_of, seed=seed, replications=replications, forecasts=tuple(made))


def sampled(
    model: Model,
    present: Present,
    *,
    seed: int,
    replications: int,
    days: float = 180.0,
    workers: Workers | None = None,
    finished: Finished | None = None,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> NDArray[np.float64]:
    """Return hours to infusion, `[replication, thread]`: NaN when the course is lost, infinite when later than all."""
    faults = check_present(model, present)
    if not 1.0 <= days <= 3650.0:
        faults.add("days", days, N_("this span cannot be simulated"), N_("write days, at most 3650"))
    faults.refuse_any()
    now = model_to_json(model_from_now(model, present, days))
    blocks = blocks_of("forecast", now, seed, replications, present_to_json(present), size=50)
    made = carry_out(blocks, workers=workers, finished=finished, on_progress=on_progress, cancelled=cancelled)
    return np.frombuffer(b"".join(made), "<f8").reshape(replications, len(present.threads))


def forecasts_to_json(forecasts: Forecasts) -> str:
    """Return the one JSON text of forecasts."""
    return text_of(forecasts)


def _forecast(name: str, hours: NDArray[np.float64], as_of: datetime) -> Forecast:
    given = np.sort(hours[~np.isnan(hours)])
    p10, p50, p90 = (_time(as_of, _share(given, share)) for share in SHARES)
    return Forecast(name=name, chance=len(given) / len(hours), p10=p10, p50=p50, p90=p90)


def _share(ascending: NDArray[np.float64], share: float) -> float:
    found = share_of(ascending, share)
    return math.inf if math.isnan(found) else found


def _time(as_of: datetime, hours: float) -> datetime | None:
    return as_of + timedelta(seconds=round(hours * 3600.0)) if math.isfinite(hours) else None
