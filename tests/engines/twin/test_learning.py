"""Learning: figures move to what was observed, by as much as the observations are worth; scores count rightly."""

from __future__ import annotations

import dataclasses
import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from vein2vein.core.refusals import Refused
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.learning import Observation, learn, learn_figure, observations_from_json
from vein2vein.engines.twin.model import Figure
from vein2vein.engines.twin.scoring import Realised, score
from vein2vein.engines.twin.spreads import Empirical, Exponential, LogNormal, Uniform
from vein2vein.engines.twin.widening import widened, widenings

LUCK = random.Random(3)  # noqa: S311 - luck, not a secret


def figure(value: float | LogNormal | Exponential | Uniform, unit: str = "h") -> Figure:
    return Figure(value=value, unit=unit, source="a guess")


def share(after: Figure, part: float) -> float:
    """Return a quantile of a learned duration."""
    assert isinstance(after.value, Empirical)
    return after.value.values[round(part * (len(after.value.values) - 1))]


def test_a_duration_finds_its_place_and_its_spread() -> None:
    seen = [Observation(figure="x", hours=LUCK.lognormvariate(3.0, 0.3)) for _ in range(3000)]
    after = learn_figure(figure(LogNormal(median=5.0, sigma=1.0)), seen)
    assert share(after, 0.5) == pytest.approx(20.09, rel=0.03)
    assert share(after, 0.84) / share(after, 0.5) == pytest.approx(math.exp(0.3), rel=0.04)
    assert after.worth == 3020.0
    assert "3000 observations" in after.source


def test_a_few_observations_move_a_duration_and_leave_it_wide() -> None:
    before = LogNormal(median=10.0, sigma=0.2)
    few, many = (
        learn_figure(
            figure(before), [Observation(figure="x", hours=LUCK.lognormvariate(3.0, 0.2)) for _ in range(count)]
        )
        for count in (6, 200)
    )
    assert share(few, 0.5) == pytest.approx(20.0, rel=0.2)
    assert share(few, 0.9) / share(few, 0.1) > 1.15 * share(many, 0.9) / share(many, 0.1)


def test_what_still_runs_is_not_left_out() -> None:
    seen = []
    for _ in range(4000):
        hours, asked = LUCK.lognormvariate(3.0, 0.5), LUCK.uniform(5.0, 40.0)
        seen.append(Observation(figure="x", hours=min(hours, asked), running=hours > asked))
    after = learn_figure(figure(LogNormal(median=10.0, sigma=0.4)), seen)
    over = learn_figure(figure(LogNormal(median=10.0, sigma=0.4)), [one for one in seen if not one.running])
    assert share(after, 0.5) == pytest.approx(20.09, rel=0.04)
    assert share(over, 0.5) < 0.85 * share(after, 0.5)


def test_a_bound_stands_until_something_is_seen_beyond_it() -> None:
    bound = figure(LogNormal(median=9.0, sigma=0.3, at_least=6.0))
    seen = [Observation(figure="x", hours=max(LUCK.lognormvariate(2.0, 0.5), 6.0)) for _ in range(4000)]
    after = learn_figure(bound, seen)
    assert share(after, 0.5) == pytest.approx(7.39, rel=0.05)
    assert after.value.at_least == 6.0  # type: ignore[union-attr]  # share() has said that it is no number
    broken = learn_figure(bound, [*seen, Observation(figure="x", hours=3.0)])
    assert broken.value.at_least is None  # type: ignore[union-attr]  # as above


def test_a_chance_is_counted_with_what_it_was_worth() -> None:
    seen = [Observation(figure="x", happened=place < 10) for place in range(80)]
    assert learn_figure(figure(5.0, "%"), seen).value == pytest.approx((20 * 0.05 + 10) / 100 * 100)


def test_a_rate_is_learnt_from_exposure() -> None:
    seen = [Observation(figure="x", hours=240.0, happened=place % 20 == 0) for place in range(2000)]
    after = learn_figure(figure(0.01, "1/d"), seen)
    assert after.value == pytest.approx(0.005, rel=0.1)


def test_durations_of_every_form_become_quantiles() -> None:
    seen = [Observation(figure="x", hours=LUCK.uniform(10.0, 20.0)) for _ in range(2000)]
    for before in (Uniform(low=2.0, high=5.0), Exponential(mean=10.0), 4.0):
        after = learn_figure(figure(before), seen)
        assert share(after, 0.5) == pytest.approx(15.0, abs=0.5)
        assert share(after, 0.05) == pytest.approx(10.5, abs=0.5)
    assert learn_figure(figure(4.0), [Observation(figure="x", hours=4.0)] * 5).value == 4.0


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


def test_a_score_of_few_courses_is_worth_no_more_than_they() -> None:
    held, missed = said(10.0, 9.0), said(10.0, 20.0)
    apart = score([dataclasses.replace(held if place % 5 else missed, name=str(place)) for place in range(100)])
    together = score([dataclasses.replace(held if place % 5 else missed, name=str(place % 5)) for place in range(100)])
    assert (apart.within, together.within, apart.courses, together.courses) == (0.8, 0.8, 100, 5)
    assert (apart.within_low or 0.0) > 0.70
    assert (together.within_low or 1.0) < 0.40


def test_intervals_that_missed_are_lengthened_and_those_that_spared_shortened() -> None:
    missing = [dataclasses.replace(said(9.0, 15.0), name=str(place)) for place in range(40)]  # 3 days late, half is 3
    sparing = [dataclasses.replace(said(9.0, 9.0 + (place % 2) / 10), name=str(place)) for place in range(40)]
    (near, *far) = widenings(missing)
    assert near.by == pytest.approx(40 / 55)
    assert (near.lead, near.courses, [one.by for one in far]) == ("< 10", 40, [0.0, 0.0])
    one = said(9.0, 9.0)
    assert one.p10 is not None
    assert one.p50 is not None
    assert one.p90 is not None
    low, high, by = widened(one.as_of, one.p10, one.p50, one.p90, (near, *far))
    assert by == near
    assert high - one.p90 == (one.p90 - one.p50) * near.by
    assert low < one.p10
    assert widenings(sparing)[0].by < 0.0
    assert widenings([])[0].by == 0.0
    repeated = [*missing[:1] * 200, *(dataclasses.replace(one, name=one.name) for one in sparing[1:])]
    assert widenings(repeated)[0].by < 0.0  # one course, however often it was forecast, is one course
