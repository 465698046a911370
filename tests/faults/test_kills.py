"""The short version of `tests/faults/kills.py`: nine kills under load."""

from __future__ import annotations

import pytest

from tests.faults.kills import BACK_WITHIN_SECONDS, attack
from tests.running import a_run


@pytest.mark.requirement("faults")
def test_what_was_acknowledged_outlives_every_kill_once() -> None:
    with a_run() as run:
        finding = attack(run, kills=9, seed=20)
    assert finding.faults == []
    assert finding.acknowledged > 50
    assert {victim for victim, _ in finding.kills} == {"database", "server", "worker"}
    assert all(seconds < BACK_WITHIN_SECONDS for _, seconds in finding.kills), str(finding)
