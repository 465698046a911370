"""Forecasts: exact where nothing is left to chance, calibrated where the twin had to learn a hidden world."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from vein2vein.core.refusals import Refused
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.compiling import compiled
from vein2vein.engines.twin.forecasts import forecast, sampled
from vein2vein.engines.twin.learning import learn
from vein2vein.engines.twin.model import Figure, Model
from vein2vein.engines.twin.observing import hidden, observations_of, present_of
from vein2vein.engines.twin.presence import Position, Present, Thread, present_from_json, present_to_json
from vein2vein.engines.twin.running import Run, Runner
from vein2vein.engines.twin.scoring import Realised, score
from vein2vein.engines.twin.spreads import Fixed
from vein2vein.engines.twin.workers import Processes


def certain(model: Model) -> Model:
    """Return the model with nothing left to chance but who fails: durations at about their middle, no losses."""
    figures = {}
    for name, one in model.figures.items():
        value: Any = one.value if name == "fresh_limit" else 0.0
        if not isinstance(one.value, float):
            value = getattr(one.value, "median", None) or getattr(one.value, "mode", None)
            value = value or (getattr(one.value, "low", 0.0) + getattr(one.value, "high", 0.0)) / 2.0
        figures[name] = dataclasses.replace(one, value=value)
    return dataclasses.replace(model, figures=figures)


@pytest.mark.parametrize("day", [20.0, 31.3, 47.77, 60.0])
def test_where_nothing_is_left_to_chance_the_forecast_is_what_happens(day: float) -> None:
    world = dataclasses.replace(certain(base_model(300.0)), warm_up_days=0.0, days=day, run_out_days=200.0)
    run = Runner(compiled(world)).run(1, 0, traced=True)
    present = present_of(run, day * 24.0)
    alone = dataclasses.replace(
        world, demand=tuple(dataclasses.replace(one, patients_per_year=0.0) for one in world.demand)
    )
    hours = sampled(alone, present, seed=1, replications=2, days=180.0)
    infused = run.times[[int(one.name) for one in present.threads], run.table.milestones.index("infusion")]
    assert len(present.threads) > 10
    assert hours[0] == pytest.approx(infused - day * 24.0, abs=1e-3)
    assert hours[1] == pytest.approx(hours[0], abs=0.0)


def realised(twin: Model, run: Run, at_h: float) -> list[Realised]:
    present = present_of(run, at_h)
    infusion = run.table.milestones.index("infusion")
    made = []
    for one in forecast(twin, present, seed=5, replications=120).forecasts:
        hours = run.times[int(one.name), infusion]
        if not np.isnan(hours):
            happened = run.table.model.starts_at + timedelta(hours=float(hours))
            made.append(
                Realised(
                    name=one.name, as_of=present.as_of, p10=one.p10, p50=one.p50, p90=one.p90, happened_at=happened
                )
            )
    return made


@pytest.mark.requirement("5-forecast")
def test_four_of_five_fall_within_after_a_year_of_learning() -> None:
    year, learnt_all, unlearnt_all = 365 * 24.0, list[Realised](), list[Realised]()
    for number in range(4):
        base = dataclasses.replace(base_model(400.0), warm_up_days=0.0, days=730.0, run_out_days=200.0)
        world = hidden(base, number)
        run = Runner(compiled(world)).run(99, number, traced=True)
        learnt, _ = learn(base, observations_of(run, year))
        for month in range(0, 12, 3):
            learnt_all += realised(learnt, run, year + month * 30 * 24.0)
            if number < 2:
                unlearnt_all += realised(base, run, year + month * 30 * 24.0)
    found = score(learnt_all)
    assert found.within is not None
    assert found.forecasts > 800
    assert 0.77 <= found.within <= 0.83
    assert score(learnt_all[: len(unlearnt_all)]).pinball_d < score(unlearnt_all).pinball_d  # type: ignore[operator]  # not None


def small_state() -> tuple[Model, Present]:
    world = dataclasses.replace(base_model(100.0), warm_up_days=0.0, days=60.0)
    return world, present_of(Runner(compiled(world)).run(1, 0, traced=True), 50 * 24.0)


def test_forecasts_are_the_same_whoever_works() -> None:
    world, present = small_state()
    one = forecast(world, present, seed=2, replications=60)
    assert one == forecast(
        world, present_from_json(present_to_json(present)), seed=2, replications=60, workers=Processes(2)
    )
    assert one != forecast(world, present, seed=3, replications=60)


def test_another_course_does_not_change_ones_own_luck() -> None:
    world, present = small_state()
    fewer = dataclasses.replace(present, threads=present.threads[1:])
    hours, without = (sampled(world, one, seed=2, replications=40) for one in (present, fewer))
    assert np.nanmedian(np.abs(hours[:, 1:] - without)) < 1.0


def test_the_longer_a_duration_lasts_the_less_is_left_of_it() -> None:
    world, present = small_state()
    left = []
    for hours in (1.0, 10.0, 20.0, 23.9, 40.0):
        at = Position(operation="culture", since=present.as_of - timedelta(hours=hours))
        one = Thread(
            name="a", demand="CN lupus", at=(at,), milestones={"apheresis": present.as_of - timedelta(hours=60)}
        )
        alone = dataclasses.replace(present, threads=(one,))
        left.append(float(np.nanmean(sampled(world, alone, seed=2, replications=200))))
    assert 15.0 < left[0] - left[3] < 45.0
    assert left[:4] == sorted(left[:4], reverse=True)


CANNOT: list[tuple[dict[str, Any], str]] = [
    ({"operation": "dreaming"}, "no such thing"),
    ({"operation": "culture", "waiting_for": "moon"}, "nobody waits like this"),
    ({"operation": "panel", "then": "panel_repeat"}, "no course can stand like this"),
    ({"operation": "panel", "then": "culture"}, "no course can stand like this"),
    ({"operation": "panel", "hours": -5.0}, "in the future"),
]


@pytest.mark.parametrize(("at", "message"), CANNOT)
def test_a_position_that_cannot_be_is_refused(at: dict[str, Any], message: str) -> None:
    world, present = small_state()
    since = present.as_of - timedelta(hours=at.get("hours", 1.0))
    places = [Position(operation=at["operation"], since=since, waiting_for=at.get("waiting_for"))]
    if "then" in at:
        places.append(Position(operation=at["then"], since=since))
    wrong = dataclasses.replace(present, threads=(Thread(name="a", demand="CN lupus", at=tuple(places)),))
    with pytest.raises(Refused, match=message):
        forecast(world, wrong, seed=1, replications=1)


def test_stocks_must_be_told() -> None:
    world, present = small_state()
    with pytest.raises(Refused, match="on hand"):
        forecast(world, dataclasses.replace(present, on_hand={}), seed=1, replications=1)


def test_an_overdue_course_is_expected_soon() -> None:
    world, present = small_state()
    figures = dict(world.figures) | {"bed": Figure(value=Fixed(value=12.0), unit="d", source="-")}
    at = Position(operation="release_to_infusion", since=present.as_of - timedelta(days=200))
    one = Thread(name="a", demand="CN lupus", at=(at,), milestones={"apheresis": present.as_of - timedelta(days=20)})
    made = forecast(
        dataclasses.replace(world, figures=figures),
        dataclasses.replace(present, threads=(one,)),
        seed=1,
        replications=50,
    )
    assert made.forecasts[0].chance > 0.5
    assert made.forecasts[0].p10 is not None
