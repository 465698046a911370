"""What-if studies: saved, reproducible, compared on the same luck."""

from __future__ import annotations

import dataclasses
import json

import pytest

from vein2vein.core.refusals import Refused
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.changes import Change
from vein2vein.engines.twin.questions import base_study
from vein2vein.engines.twin.studies import (
    Outcome,
    Study,
    Variant,
    result_to_json,
    run_study,
    study_from_json,
    study_to_json,
)

BASE = dataclasses.replace(base_model(150.0), warm_up_days=30.0, days=120.0, run_out_days=200.0)
STERILITY = "routes[*].operations[tests].branches[1][sterility].figure"
NIGHTS = "resources[operator].shifts[0].capacity"


def study(*variants: Variant, replications: int = 12) -> Study:
    return Study(name="what if", base=BASE, seed=4, replications=replications, variants=variants)


VARIANTS = (
    Variant(name="nothing", changes=()),
    Variant(name="demand doubled", changes=(Change(path="demand[*].patients_per_year", multiply=2.0),)),
    Variant(name="14 days of sterility", changes=(Change(path=STERILITY, set="sterility_compendial"),)),
    Variant(
        name="vector lots lost",
        changes=tuple(Change(path=f"stocks[vector].deliveries[{lot}].amount", set=0) for lot in (1, 2)),
    ),
    Variant(name="dearer suite", changes=(Change(path="resources[suite].cost_per_hour", multiply=3.0),)),
)


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return {one.name: one for one in run_study(study(*VARIANTS)).outcomes}


def mean(outcome: Outcome, measure: str) -> float:
    found = outcome.differences[measure].mean
    assert found is not None
    return found


def test_no_change_makes_no_difference_at_all(outcomes: dict[str, Outcome]) -> None:
    for name, one in outcomes["nothing"].differences.items():
        assert one.mean in {0.0, None}, name
        assert not one.clear
    assert outcomes["nothing"].model == outcomes["base"].model
    assert outcomes["base"].differences == {}


def test_doubled_demand_waits_longer_and_uses_more(outcomes: dict[str, Outcome]) -> None:
    doubled = outcomes["demand doubled"]
    assert doubled.differences["waiting_d_mean"].clear
    assert mean(doubled, "waiting_d_mean") > 0.0
    assert mean(doubled, "utilisation[suite]") > 0.0
    assert doubled.bottleneck


def test_compendial_sterility_adds_a_week_and_loses_more(outcomes: dict[str, Outcome]) -> None:
    later = outcomes["14 days of sterility"]
    assert 6.0 < mean(later, "vein_to_vein_d_p50") < 9.0
    assert mean(later, "lost") >= 0.0


def test_lost_vector_lots_are_the_bottleneck(outcomes: dict[str, Outcome]) -> None:
    assert outcomes["vector lots lost"].bottleneck == "vector"
    assert outcomes["vector lots lost"].differences["waiting_d_mean"].clear


def test_costs_come_through_to_the_dose(outcomes: dict[str, Outcome]) -> None:
    dearer = outcomes["dearer suite"]
    assert dearer.differences["cost_per_dose"].clear
    assert mean(dearer, "waiting_d_mean") == 0.0


def test_common_luck_narrows_the_interval(outcomes: dict[str, Outcome]) -> None:
    paired = outcomes["14 days of sterility"].differences["vein_to_vein_d_p50"]
    alone = outcomes["14 days of sterility"].measures["vein_to_vein_d_p50"]
    assert None not in (paired.low, paired.high, alone.low, alone.high)
    assert paired.high - paired.low < alone.high - alone.low  # type: ignore[operator]  # none is None


def test_a_saved_study_gives_the_same_result() -> None:
    one = study(*VARIANTS[:2], replications=3)
    again = study_from_json(study_to_json(one))
    assert again == one
    assert result_to_json(run_study(again)) == result_to_json(run_study(one))
    assert run_study(again).study != run_study(dataclasses.replace(one, seed=5)).study


def test_the_questions_of_a_base_have_answers() -> None:
    found = {one.name: one for one in run_study(base_study(300.0, replications=8)).outcomes}
    doubled, relieved = found["Demand doubled"], found["Demand doubled, second site"]
    assert mean(relieved, "waiting_d_mean") < mean(doubled, "waiting_d_mean")
    assert relieved.measures["queue_d[suite_2]"].mean is not None
    assert mean(found["Sterility in 14 days"], "vein_to_vein_d_p50") > 6.0
    assert mean(found["A vector lot lost"], "queue_d[vector]") > 0.0
    assert mean(found["A new market"], "infused") > 0.0
    assert mean(found["One operator fewer at night"], "queue_d[operator]") > 0.0


def test_progress_counts_all_variants() -> None:
    told: list[tuple[int, int]] = []
    run_study(study(*VARIANTS[:2], replications=3), on_progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (9, 9)
    assert told == sorted(told)


def test_faults_name_the_variant() -> None:
    raw = json.loads(study_to_json(study(VARIANTS[1])))
    raw["variants"][0]["changes"][0]["path"] = "demand[*].patience"
    with pytest.raises(Refused, match="demand doubled"):
        study_from_json(json.dumps(raw))
    with pytest.raises(Refused, match="used twice"):
        run_study(study(VARIANTS[0], VARIANTS[0]))
    with pytest.raises(Refused, match="replications"):
        run_study(study(replications=0))
