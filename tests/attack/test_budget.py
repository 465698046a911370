"""The most frequent acts stay within a budget of statements: what is read twice shows here."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.attack.courses import Treatment
from vein2vein.manufacturing.tests.bench import Bench

BUDGET = {"check_bag_intact": 16, "measure_received_volume": 17}
"""Statements of recording a step, permission, transaction and journal included, by the step."""


def test_recording_a_step_stays_within_its_budget(ours: Treatment, benches: Callable[..., list[Bench]]) -> None:
    (bench,) = benches(ours)
    for step, budget in BUDGET.items():
        guide = bench.to(step)
        given, who = bench.payload(guide), bench.find("operator1")
        with CaptureQueriesContext(connection) as asked:
            bench.act(guide.action, who, **given)
        assert len(asked) <= budget, [one["sql"][:120] for one in asked]
