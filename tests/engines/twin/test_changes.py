"""Changes by path: what they do, and how a path or value that cannot be is refused."""

from __future__ import annotations

from typing import Any

import pytest

from vein2vein.core.refusals import Refused
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.changes import Change, changed
from vein2vein.engines.twin.model import Delay, Together

BASE = base_model(200.0)


def test_demand_is_doubled_everywhere() -> None:
    made = changed(BASE, [Change(path="demand[*].patients_per_year", multiply=2.0)])
    assert [one.patients_per_year for one in made.demand] == [2.0 * one.patients_per_year for one in BASE.demand]


def test_an_operation_within_others_is_found_by_name() -> None:
    path = "routes[domestic].operations[tests].branches[1][sterility].figure"
    made = changed(BASE, [Change(path=path, set="sterility_compendial")])
    (tests,) = [one for one in made.routes[0].operations if isinstance(one, Together)]
    assert isinstance(tests.branches[1][0], Delay)
    assert tests.branches[1][0].figure == "sterility_compendial"
    assert made.routes[1] == BASE.routes[1]


def test_lists_and_maps_grow_and_shrink() -> None:
    delivery = {"day": 3, "amount": 7}
    figure = {"value": 0.5, "unit": "1", "source": "a guess"}
    made = changed(
        BASE,
        [
            Change(path="stocks[vector].deliveries", add=delivery),
            Change(path="stocks[vector].deliveries[0]", remove=True),
            Change(path="figures[oos_gout]", set=figure),
            Change(path="demand[CN lupus].instead[oos]", set="oos_gout"),
            Change(path="resources[suite].capacity", multiply=2.0),
        ],
    )
    assert made.stocks[0].deliveries[-1].amount == 7
    assert made.stocks[0].deliveries[:-1] == BASE.stocks[0].deliveries[1:]
    assert made.figures["oos_gout"].value == 0.5
    assert made.resources[2].capacity == 2 * BASE.resources[2].capacity


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"path": "", "set": 1}, "no path"),
        ({"path": "demand[", "set": 1}, "no path"),
        ({"path": "demand[*].patients", "multiply": 2.0}, "no “patients”"),
        ({"path": "demand[CN gout].patients_per_year", "set": 5}, "CN lymphoma"),
        ({"path": "days"}, "exactly one thing"),
        ({"path": "days", "set": 5, "multiply": 2.0}, "exactly one thing"),
        ({"path": "name", "multiply": 2.0}, "only a number"),
        ({"path": "name", "add": 2.0}, "only a list"),
        ({"path": "days.more", "set": 5}, "no “more”"),
        ({"path": "demand[*].pattern", "set": "weekly"}, "pattern"),
        ({"path": "resources[suite]", "remove": True}, "no such thing"),
        ({"path": "figures[culture].value.low", "set": -1}, "out of its range"),
    ],
)
def test_what_cannot_be_changed_is_said(change: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        changed(BASE, [Change(**change)])
