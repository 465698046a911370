"""The closed loop: plans keep to their times where nothing is left to chance, and keep their promises in the end."""

from __future__ import annotations

import numpy as np
import pytest

from vein2vein.core.records import digest
from vein2vein.engines.scheduling import check
from vein2vein.engines.scheduling.invented import invented_base
from vein2vein.engines.twin.plans import live
from vein2vein.forecasting.closing import close_loop, in_arrays


@pytest.mark.requirement("5-loop")
def test_a_plan_made_again_with_what_its_futures_showed_keeps_its_promises() -> None:
    problem = invented_base(60, seed=4)
    turns = close_loop(problem, futures=60)
    assert 1 < len(turns) <= 4
    assert turns[0].kept < 0.9 <= turns[-1].kept
    assert turns[-1].planned_d > turns[0].planned_d  # what is promised later is what is kept
    assert check(problem, turns[0].plan) == []
    again = close_loop(problem, futures=60)
    assert [(one.kept, one.weak, digest(one.plan)) for one in turns] == [
        (one.kept, one.weak, digest(one.plan)) for one in again
    ]

    certain = in_arrays(problem, turns[0].plan)
    certain = certain._replace(
        shape=np.zeros_like(certain.shape),
        numbers=np.column_stack([certain.median, np.zeros((len(certain.median), 4))]),
        lost=np.zeros_like(certain.lost),
    )
    lived = live(certain, seed=1, futures=2, batches=len(problem.batches))
    planned = np.zeros(len(problem.batches))
    np.maximum.at(planned, certain.batch, certain.start + certain.duration)
    assert lived.ends == pytest.approx(np.stack([planned, planned]))
