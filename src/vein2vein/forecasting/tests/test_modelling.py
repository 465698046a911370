"""The live base as a model: what the records say stands in it, and it runs."""

from __future__ import annotations

import pytest

from vein2vein.core import clock
from vein2vein.engines.twin import model_from_json, model_to_json
from vein2vein.engines.twin.figures import STARTING
from vein2vein.engines.twin.model import Figure
from vein2vein.engines.twin.sweeps import sweep
from vein2vein.forecasting.modelling import live_base
from vein2vein.forecasting.sources import in_chinese


@pytest.mark.usefixtures("db")
def test_the_live_base_is_a_model_that_runs() -> None:
    base = live_base(clock.now(), patients_per_year=120.0)
    capacities = {one.name: one.capacity for one in base.model.resources}
    assert capacities["manufacturing_slot"] == 4
    assert capacities["infusion_bed HK-QM-DEMO"] == 3
    assert {one.market for one in base.model.demand} == {"CN", "HK", "SG"}
    (abroad,) = (one for one in base.model.demand if one.market == "SG")
    assert abroad.instead["transit"] == "lane GH-IN-CHIL"
    assert "longest 66 h" in base.model.figures["lane GH-IN-CHIL"].source
    assert "process.yaml" in base.model.figures["rapid-bcma-cd19/wash"].source
    assert sum(one.patients_per_year for one in base.model.demand) == pytest.approx(120.0, abs=0.1)
    assert model_from_json(model_to_json(base.model)) == base.model
    found = sweep(base.model, seed=1, replications=2)
    assert found.values[:, found.names.index("infused")].min() > 60.0


@pytest.mark.usefixtures("db")
def test_a_figure_that_was_set_stands_before_its_default() -> None:
    kept = {
        "terminated": Figure(value=9.0, unit="%", source="ours"),
        "operators_by_night": Figure(value=2.0, unit="people", source="ours"),
    }
    base = live_base(clock.now(), kept)
    assert base.model.figures["terminated"].value == 9.0
    (operator,) = (one for one in base.model.resources if one.name == "operator")
    assert [one.capacity for one in operator.shifts] == [1, 4, 1]


@pytest.mark.usefixtures("db")
def test_every_source_of_the_shipped_base_is_there_in_chinese() -> None:
    figures = {**STARTING, **live_base(clock.now()).figures}
    missing = {one.source for one in figures.values() if not in_chinese(one.source)}
    assert not missing
    assert in_chinese("our batches of 2025 (planner)") == ""
