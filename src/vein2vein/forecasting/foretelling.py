"""One making of forecasts: the base read live, its figures learned from the journal, each open course carried on."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from vein2vein.engines.twin.forecasts import Forecast, forecast
from vein2vein.engines.twin.learning import Learnt, learn
from vein2vein.engines.twin.model import Figure, Model
from vein2vein.engines.twin.scoring import Realised, wilson
from vein2vein.engines.twin.table import HOURS, shaped
from vein2vein.engines.twin.widening import Widening, widened, widenings
from vein2vein.engines.twin.workers import Workers
from vein2vein.forecasting.gathering import Course, gather, observations, present
from vein2vein.forecasting.modelling import SLOT, live_base
from vein2vein.forecasting.told import Course as Told

REPLICATIONS, DAYS, SEED = 200, 150.0, 1
MOST_OPEN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What was said of all open courses, by which model, and what it had learned."""

    as_of: datetime
    model: Model
    learnt: tuple[Learnt, ...]
    observations: int
    told: tuple[Told, ...]
    replications: int
    seed: int


def foretell(
    at: datetime,
    kept: Mapping[str, Figure],
    past: Sequence[Realised] = (),
    *,
    replications: int = REPLICATIONS,
    workers: Workers | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Foretold:
    """Return the forecasts of every open course at a time: the same journal and `past` give the same ones.

    `past` are forecasts whose interval was over by then, as they were before any correction: they correct these.
    """
    base = live_base(at, kept)
    courses = gather(base, at)
    seen = observations(courses, base, at)
    learned, learnt = learn(base.model, seen)
    now, order_of = present(courses, base, at)
    told: tuple[Told, ...] = ()
    if now.threads:
        made = forecast(
            waits_within(learned),
            now,
            seed=SEED,
            replications=replications,
            days=DAYS,
            workers=workers,
            cancelled=cancelled,
        )
        stages = {one.name: "+".join(sorted(place.operation for place in one.at)) for one in now.threads}
        corrections = widenings(past)
        told = tuple(_told(one, str(order_of[one.name]), stages[one.name], at, corrections) for one in made.forecasts)
    return Foretold(
        as_of=at,
        model=learned,
        learnt=learnt,
        observations=len(seen),
        told=told,
        replications=replications,
        seed=SEED,
    )


def _told(one: Forecast, order_id: str, stage: str, at: datetime, corrections: Sequence[Widening]) -> Told:
    said = Told(
        order_id=order_id,
        stage=stage,
        chance=one.chance,
        p10=one.p10,
        p50=one.p50,
        p90=one.p90,
        bare_p10=one.p10,
        bare_p90=one.p90,
    )
    if one.p10 is None or one.p50 is None or one.p90 is None:
        return said
    p10, p90, by = widened(at, one.p10, one.p50, one.p90, corrections)
    return dataclasses.replace(said, p10=p10, p90=p90, widened_by=by.by, widened_from=by.courses)


def waits_within(model: Model) -> Model:
    """Return a model in which nobody waits for a slot, or for people.

    An accepted course has its own slot reserved; and what the journal shows of an operation lasts from the end of the
    one before, nights and waits for people included: they must not be waited for twice.
    """
    kept = (
        dataclasses.replace(one, shifts=(), closures=(), capacity=one.capacity + MOST_OPEN)
        if one.name == SLOT or one.shifts
        else one
        for one in model.resources
    )
    return dataclasses.replace(model, resources=tuple(kept))


def learned_model(at: datetime, kept: Mapping[str, Figure]) -> Model:
    """Return the base's model at a time with its figures learned from the journal."""
    base = live_base(at, kept)
    learned, _ = learn(base.model, observations(gather(base, at), base, at))
    return learned


def happened(courses: list[Course]) -> dict[UUID, datetime]:
    """Return when the dose was given, by order."""
    return {one.order_id: one.story.infused_at for one in courses if one.story.infused_at is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a figure comes to: its mean with the 95 % interval of that mean, and how it spreads (10 and 90 %)."""

    mean: float
    low: float
    high: float
    p10: float | None = None
    p90: float | None = None


def estimate(figure: Figure) -> Estimate:
    """Return a figure's mean, in its unit, with the interval that what it is worth leaves open."""
    worth = max(figure.worth, 1.0)
    if isinstance(figure.value, float):
        if figure.unit in {"%", "1"}:
            scale = 100.0 if figure.unit == "%" else 1.0
            low, high = wilson(figure.value / scale, max(round(worth), 1))
            return Estimate(mean=figure.value, low=low * scale, high=high * scale)
        if figure.unit in {"1/d", "1/h"}:
            reach = 1.96 * figure.value / math.sqrt(worth)
            return Estimate(mean=figure.value, low=max(figure.value - reach, 0.0), high=figure.value + reach)
        return Estimate(mean=figure.value, low=figure.value, high=figure.value)
    values = np.array([_at(figure, (place + 0.5) / 200.0) for place in range(200)])
    mean, reach = float(values.mean()), 1.96 * float(values.std()) / math.sqrt(worth)
    low, high = float(values[19]), float(values[179])
    return Estimate(mean=mean, low=max(mean - reach, 0.0), high=mean + reach, p10=low, p90=high)


def _at(figure: Figure, share: float) -> float:
    from vein2vein.engines.twin.draws import quantile

    row, scale = shaped(figure), HOURS[figure.unit]
    points = np.array(row.points or (0.0,))
    numbers = (0.0, float(len(row.points)), 0.0, 0.0, 0.0) if row.points else row.numbers
    found = quantile(int(row.shape), *numbers, points, share)
    return float(min(max(found, row.least), row.most) / scale)


def learnt_as_json(learnt: tuple[Learnt, ...]) -> list[dict[str, object]]:
    """Return what was learned as JSON knows it: figure, how many were seen, mean before and after with its interval."""
    found: list[dict[str, object]] = []
    for one in learnt:
        after = estimate(one.after)
        told = {"before": estimate(one.before).mean, "mean": after.mean, "low": after.low, "high": after.high}
        found.append({"figure": one.figure, "seen": one.observations, "estimate": told})
    return found
