"""Many invented patients: the same seed makes the same journal, and every invariant holds at the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import translation

from tests.static_files import plain_static_files
from vein2vein.core.actor import Role
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import seeded
from vein2vein.driver.database import simulated
from vein2vein.driver.demo import EPOCH, Demonstration, Made
from vein2vein.driver.site import PATIENTS_A_YEAR
from vein2vein.driver.telling import as_json, as_table
from vein2vein.driver.tests.reading import english_alone
from vein2vein.people import reads as people

__all__ = ["plain_static_files"]


Look = Callable[[], None] | None
"""What is looked at before the database is dropped."""


def run(
    tables: str, *, seed: int, days: float, until_days: float | None = None, patients: int = 2, look: Look = None
) -> Made:
    clock = SimulatedClock(datetime.fromisoformat(EPOCH))
    until = None if until_days is None else clock.at + timedelta(days=until_days)
    with seeded(seed), simulated(clock, keep=False, say=lambda _: None, tables_of=tables):
        spread = timedelta(days=days)
        made = Demonstration(clock, patients=patients, seed=seed, spread=spread, say=lambda _: None).run(until)
        if look is not None:
            look()
        return made


def test_one_course_to_its_end_is_whole_and_told_in_both_languages(tables: str) -> None:
    alone = set[tuple[str, str]]()
    made = run(tables, seed=3, days=3, patients=1, look=lambda: alone.update(english_alone()))
    assert made.faults == []
    assert sorted(alone) == []
    told = as_json(made)
    assert told["endings"] == {"infused": 1}
    assert json.loads(json.dumps(told))["whole"] is True
    assert told["days"]["collected to infused"]["median"] > 12
    assert "Every invariant holds" in list(as_table(made))
    with translation.override("zh-hans"):
        assert "所有不变量均成立" in list(as_table(made))


def test_the_same_seed_makes_the_same_root_and_another_another(tables: str) -> None:
    first, again, other = (run(tables, seed=seed, days=2, until_days=12, patients=3) for seed in (5, 5, 6))
    assert first.faults == again.faults == other.faults == []
    assert first.acts > 20
    assert (first.root, first.entries) == (again.root, again.entries)
    assert other.root != first.root


def test_a_base_for_more_patients_is_built_and_worked_at(tables: str) -> None:
    clock = SimulatedClock(datetime.fromisoformat(EPOCH))
    per_year = 2.5 * PATIENTS_A_YEAR
    with seeded(7), simulated(clock, keep=False, say=lambda _: None, tables_of=tables, per_year=per_year):
        site = Demonstration(clock, patients=2, seed=7, spread=timedelta(days=1), say=lambda _: None)
        team = site.base.floor.team
        assert len(team) == len(set(team.values())) == 3 * 8
        assert all(Role.OPERATOR in people.actor_named(one).roles for one in team.values())
        made = site.run(clock.at + timedelta(days=14))
    assert made.faults == []
    assert made.pace == []
    assert made.acts > 20
