"""The loop equals SimPy to the last bit: every milestone, wait, outcome and sum of every patient and resource."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engines.twin.equality import assert_equal, difference
from tests.engines.twin.oracle import Oracle
from tests.engines.twin.small import models
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.checking import check
from vein2vein.engines.twin.compiling import compiled
from vein2vein.engines.twin.model import Model
from vein2vein.engines.twin.running import Runner


@pytest.mark.parametrize("seed", range(8))
def test_a_small_base_over_many_seeds(seed: int) -> None:
    assert_equal(compiled(base_model(50.0)), seed, range(2))


def test_the_whole_base() -> None:
    assert_equal(compiled(base_model(2000.0)), 7)


@given(model=models(), seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_any_small_model(model: Model, seed: int) -> None:
    assert list(check(model)) == []
    assert_equal(compiled(model), seed, range(2))


def test_a_difference_is_seen() -> None:
    table = compiled(base_model(20.0))
    told = Oracle(table, 1, 0).run()
    assert difference(Runner(table).run(1, 1), told) != ""
    told.waited[3] += 1e-12
    assert difference(Runner(table).run(1, 0), told).startswith("waited(3,)")
