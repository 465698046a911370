"""Rehearsal: difficult virtual patients one by one, then a crowd; what blocks and what only warns."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from vein2vein.core.refusals import Refused
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.changes import Change, changed
from vein2vein.engines.twin.model import Model
from vein2vein.engines.twin.rehearsal import Verdict, rehearse, verdict_to_json

BASE = base_model(200.0)


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    return rehearse(BASE, seed=1, patients=300)


def with_changes(*changes: Change, base: Model = BASE) -> Verdict:
    return rehearse(changed(base, changes), seed=1, patients=50)


def said(blockers: Sequence[object]) -> str:
    return " ".join(str(one) for one in blockers)


def test_the_base_passes(verdict: Verdict) -> None:
    assert verdict.passes
    assert said(verdict.blockers) == ""
    assert "HK myeloma never ends (slow): the course stands at “apheresis_again”" in said(verdict.warnings)
    assert verdict.patients >= 300
    assert (verdict.crowd["infused"] or 0.0) > 100.0


def test_every_difficulty_of_every_market_is_carried(verdict: Verdict) -> None:
    by_demand = {one.name: {v.difficulty for v in verdict.virtual if v.demand == one.name} for one in BASE.demand}
    for found in by_demand.values():
        assert {"ordinary", "slow", "termination: terminated", "material: excursion", "attrition: attrition"} <= found
    assert "conformity: oos_lupus" in by_demand["CN lupus"]
    assert "conformity: oos_myeloma" in by_demand["HK myeloma"]


def test_the_difficult_ones_end_as_they_should(verdict: Verdict) -> None:
    found = {one.difficulty: one for one in verdict.virtual if one.demand == "CN myeloma"}
    ordinary = found["ordinary"]
    assert ordinary.outcome == "infused"
    assert 15.0 < (ordinary.vein_to_vein_d or 0.0) < 25.0
    assert found["attrition: attrition"].outcome == "patient_lost"
    assert found["termination: terminated"].outcome == "batch_failed"
    assert found["conformity: oos_myeloma"].outcome == "out_of_specification"
    assert found["material: excursion"].outcome == "infused"
    assert found["material: excursion"].passed.count("apheresis") == 2
    assert (found["slow"].vein_to_vein_d or 0.0) > (ordinary.vein_to_vein_d or 0.0)
    later = found["sterility_validity: sterility_invalid"].days or 0.0
    assert later > (ordinary.days or 0.0) + 5.0


def test_a_limit_that_nobody_can_keep_blocks() -> None:
    found = with_changes(
        Change(path="figures[fresh_limit].value", set=10), Change(path="figures[made_again].value", set=0)
    )
    assert not found.passes
    assert "never ends" in said(found.blockers)


def test_what_never_comes_blocks() -> None:
    found = with_changes(Change(path="stocks[vector].deliveries[*].amount", set=0))
    assert not found.passes
    assert "“vector”" in said(found.blockers)


def test_too_little_of_something_warns() -> None:
    found = with_changes(Change(path="resources[suite].capacity", set=1), base=base_model(400.0))
    assert found.passes
    assert "suite is asked for more than there is" in said(found.warnings)


def test_the_same_seed_gives_the_same_verdict(verdict: Verdict) -> None:
    assert verdict_to_json(rehearse(BASE, seed=1, patients=300)) == verdict_to_json(verdict)


def test_a_model_with_faults_is_refused() -> None:
    with pytest.raises(Refused, match="nothing is to be simulated"):
        rehearse(dataclasses.replace(BASE, demand=()), seed=1)
