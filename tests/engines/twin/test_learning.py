"""Learning: figures move to what was observed, by as much as the observations are worth; scores count rightly."""

from __future__ import annotations

import dataclasses
import random
from datetime import UTC, datetime, timedelta

import pytest

from vein2vein.core.refusals import Refused
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.learning import Observation, learn, learn_figure, observations_from_json
from vein2vein.engines.twin.model import Figure
from vein2vein.engines.twin.scoring import Realised, score
from vein2vein.engines.twin.spreads import Empirical, Exponential, LogNormal, Uniform

LUCK = random.Random(3)  # noqa: S311 - luck, not a secret


def figure(value: float | LogNormal | Exponential | Uniform, unit: str = "h") -> Figure:
    return Figure(value=value, unit=unit, source="a guess")


def test_a_lognormal_finds_median_and_spread() -> None:
    seen = [Observation(figure="x", hours=LUCK.lognormvariate(3.0, 0.3)) for _ in range(3000)]
    after = learn_figure(figure(LogNormal(median=5.0, sigma=1.0)), seen)
    assert isinstance(after.value, LogNormal)
    assert after.value.median == pytest.approx(20.09, rel=0.03)
    assert after.value.sigma == pytest.approx(0.3, abs=0.06)
    assert after.worth == 3020.0
    assert "3000 observations" in after.source


def test_what_still_runs_is_not_left_out() -> None:
    seen = []
    for _ in range(4000):
        hours, asked = LUCK.lognormvariate(3.0, 0.5), LUCK.uniform(5.0, 40.0)
        seen.append(Observation(figure="x", hours=min(hours, asked), running=hours > asked))
    after = learn_figure(figure(LogNormal(median=10.0, sigma=0.4)), seen)
    over = learn_figure(figure(LogNormal(median=10.0, sigma=0.4)), [one for one in seen if not one.running])
    assert isinstance(after.value, LogNormal)
    assert isinstance(over.value, LogNormal)
    assert after.value.median == pytest.approx(20.09, rel=0.04)
    assert over.value.median < 0.85 * after.value.median


def test_a_floor_does_not_pull_the_median() -> None:
    seen = [Observation(figure="x", hours=max(LUCK.lognormvariate(2.0, 0.5), 6.0)) for _ in range(4000)]
    after = learn_figure(figure(LogNormal(median=9.0, sigma=0.3, at_least=6.0)), seen)
    assert isinstance(after.value, LogNormal)
    assert after.value.median == pytest.approx(7.39, rel=0.05)
    assert after.value.at_least == 6.0


def test_a_chance_is_counted_with_what_it_was_worth() -> None:
    seen = [Observation(figure="x", happened=place < 10) for place in range(80)]
    assert learn_figure(figure(5.0, "%"), seen).value == pytest.approx((20 * 0.05 + 10) / 100 * 100)


def test_a_rate_is_learnt_from_exposure() -> None:
    seen = [Observation(figure="x", hours=240.0, happened=place % 20 == 0) for place in range(2000)]
    after = learn_figure(figure(0.01, "1/d"), seen)
    assert after.value == pytest.approx(0.005, rel=0.1)


def test_other_durations_become_quantiles() -> None:
    seen = [Observation(figure="x", hours=LUCK.uniform(10.0, 20.0)) for _ in range(2000)]
    after = learn_figure(figure(Uniform(low=2.0, high=5.0)), seen)
    assert isinstance(after.value, Empirical)
    assert after.value.values[50] == pytest.approx(15.0, abs=0.5)
    assert after.value.values[0] < 5.0
    exponential = learn_figure(figure(Exponential(mean=10.0)), [Observation(figure="x", hours=30.0)] * 20)
    assert exponential.value == Exponential(mean=20.0)


def test_nothing_seen_changes_nothing() -> None:
    assert learn_figure(figure(0.3, "1"), []) == figure(0.3, "1")
    model = base_model(50.0)
    assert learn(model, []) == (model, ())


def test_chances_of_one_branch_stay_possible() -> None:
    model = base_model(50.0)
    names = ("material_rejected", "excursion", "apheresis_repeated")
    learnt, what = learn(model, [Observation(figure=name, happened=True) for name in names for _ in range(2000)])
    values = [learnt.figures[name].value for name in names]
    total = sum(one for one in values if isinstance(one, float))
    assert total == pytest.approx(100.0)
    assert {one.figure for one in what} == set(names)
    assert what[0].after == learnt.figures[what[0].figure]


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (Observation(figure="moon", hours=3.0), "no such thing"),
        (Observation(figure="culture", happened=True), "what the figure is about"),
        (Observation(figure="culture", hours=-3.0), "what the figure is about"),
        (Observation(figure="terminated", hours=3.0), "what the figure is about"),
        (Observation(figure="attrition", happened=True), "what the figure is about"),
    ],
)
def test_what_cannot_be_observed_is_refused(one: Observation, message: str) -> None:
    with pytest.raises(Refused, match=message):
        learn(base_model(50.0), [one])


def test_observations_come_as_json() -> None:
    found = observations_from_json('[{"figure": "culture", "hours": 20}, {"figure": "terminated", "happened": false}]')
    assert found == (Observation(figure="culture", hours=20.0), Observation(figure="terminated", happened=False))
    with pytest.raises(Refused, match="figure"):
        observations_from_json('[{"hours": 20}]')


def said(days: float, happened: float, low: float = 8.0, high: float = 12.0) -> Realised:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    p10, p50, p90, then = (at + timedelta(days=one) for one in (low, days, high, happened))
    return Realised(name="a", as_of=at, p10=p10, p50=p50, p90=p90, happened_at=then)


def test_a_score_counts_rightly() -> None:
    found = score([said(10.0, 9.0), said(10.0, 11.0), said(10.0, 12.0), said(10.0, 20.0)])
    assert (found.forecasts, found.within, found.below_p50) == (4, 0.75, 0.25)
    assert found.within_low is not None
    assert found.within_low < 0.75 < (found.within_high or 0.0)
    assert found.width_d == pytest.approx(4.0)
    assert found.late_d == pytest.approx(2.0)
    losses = [
        0.1 * (at - 8) + 0.5 * abs(at - 10) + (0.9 * (at - 12) if at > 12 else 0.1 * (12 - at))
        for at in (9, 11, 12, 20)
    ]
    assert found.pinball_d == pytest.approx(sum(losses) / 12.0)


def test_forecasts_without_times_are_not_scored() -> None:
    assert score([dataclasses.replace(said(10.0, 9.0), p90=None)]).forecasts == 0
