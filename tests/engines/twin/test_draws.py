"""The numbers: equal in Python and compiled, spread as they should be, and independent of one another."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.engines.twin import oracle
from vein2vein.engines.twin import draws
from vein2vein.engines.twin.machine import interpreted
from vein2vein.engines.twin.model import Figure
from vein2vein.engines.twin.spreads import Empirical, Exponential, Fixed, LogNormal, Spread, Triangular, Uniform
from vein2vein.engines.twin.table import shaped

NO_POINTS = np.zeros(1)
SPREADS: list[tuple[Spread, Any]] = [
    (Uniform(low=22.0, high=36.0), stats.uniform(22.0, 14.0)),
    (Triangular(low=4.0, mode=12.0, high=36.0), stats.triang(0.25, 4.0, 32.0)),
    (LogNormal(median=8.0, sigma=0.5), stats.lognorm(0.5, scale=8.0)),
    (Exponential(mean=5.0), stats.expon(scale=5.0)),
    (Empirical(values=(1.0, 2.0, 4.0)), None),
]


def drawn(spread: Spread, u: float) -> float:
    row = shaped(Figure(value=spread, unit="h", source="-"))
    points = np.array(row.points or [0.0])
    numbers = (0.0, float(len(row.points)), 0.0, 0.0, 0.0) if row.points else row.numbers
    return draws.quantile(int(row.shape), *numbers, points, u)


@given(key=st.integers(0, 2**64 - 1), of=st.integers(0, 2**64 - 1), turn=st.integers(0, 9999))
@settings(max_examples=300, deadline=None)
def test_the_law_of_the_draws_is_the_oracles(key: int, of: int, turn: int) -> None:
    found = draws.uniform(np.uint64(key), np.uint64(of), turn)
    assert found == oracle.uniform(key, of, turn)
    assert 0.0 < found < 1.0
    assert int(draws.joined(np.uint64(key), np.uint64(turn))) == oracle.joined(key, turn)


@given(u=st.floats(2.0**-53, 1.0 - 2.0**-53))
@settings(max_examples=500, deadline=None)
def test_the_normal_quantile_is_right_and_the_same_without_compiling(u: float) -> None:
    found = draws.normal(u)
    assert found == interpreted(draws.normal)(u)
    assert found == pytest.approx(NormalDist().inv_cdf(u), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("spread", "known"), SPREADS)
def test_quantiles_are_those_of_the_distribution(spread: Spread, known: Any) -> None:
    for u in (1e-9, 0.001, 0.1, 0.25, 0.5, 0.9, 0.999, 1.0 - 1e-9):
        expected = np.interp(u * 2.0, [0.0, 1.0, 2.0], [1.0, 2.0, 4.0]) if known is None else known.ppf(u)
        assert drawn(spread, u) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_fixed_is_fixed() -> None:
    assert drawn(Fixed(value=3.0), 0.3) == 3.0


def test_draws_are_uniform_and_independent() -> None:
    streams = [np.uint64(draws.stream(name)) for name in ("culture", "review")]
    keys = [np.uint64(draws.joined(np.uint64(5), np.uint64(number))) for number in range(20_000)]
    first, second = (np.array([draws.uniform(key, of, 0) for key in keys]) for of in streams)
    again = np.array([draws.uniform(key, streams[0], 1) for key in keys])
    for one in (first, second, again):
        assert stats.kstest(one, "uniform").pvalue > 0.001
    for other in (second, again, np.roll(first, 1)):
        assert abs(np.corrcoef(first, other)[0, 1]) < 4.0 / math.sqrt(len(keys))
    assert len(set(first)) == len(first)
