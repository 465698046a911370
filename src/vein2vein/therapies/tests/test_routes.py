"""Definitions as routes of the twin: every way of the shipped ones is whole, and carries difficult patients."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from vein2vein.core.actor import Role
from vein2vein.engines import definitions
from vein2vein.engines.twin import model as m
from vein2vein.engines.twin.models import checked
from vein2vein.therapies import routes
from vein2vein.therapies.assumed import ASSUMED

PLANT = routes.Plant(
    equipment={"closed_workstation": "workstation", "incubator": "incubator"},
    people={Role.OPERATOR: "operator", Role.QC_ANALYST: "analyst"},
    slot="slot",
)


@pytest.mark.parametrize("folder", ["rapid-bcma-cd19", "cd19-lupus"])
def test_every_way_of_a_definition_is_a_route_without_faults(folder: str) -> None:
    definition = definitions.read_folder(Path(settings.THERAPIES) / folder)
    names = ("workstation", "incubator", "operator", "operator_second", "analyst", "slot")
    for market in routes.markets_of(definition):
        for alternative in routes.alternatives_of(definition):
            way = routes.way_of(definition, market, alternative, PLANT, borders=market != "CN")
            if set(way.lanes) != {routes.TRANSIT, routes.PRODUCT_TRANSIT}:
                continue
            made = m.Model(
                name="one way",
                starts_at=datetime(2026, 1, 5, tzinfo=UTC),
                vein_out="apheresis",
                vein_in="infusion",
                figures={**ASSUMED, **way.figures},
                resources=tuple(m.Resource(name=name, capacity=4) for name in names),
                routes=(way.route,),
                demand=(
                    m.Demand(
                        name="a", market=market, route=way.route.name, patients_per_year=9.0, instead=dict(way.lanes)
                    ),
                ),
            )
            checked(made)


def test_hold_limits_tests_and_staff_of_the_definition_stand_in_its_route() -> None:
    definition = definitions.read_folder(Path(settings.THERAPIES) / "rapid-bcma-cd19")
    way = routes.way_of(definition, "CN", "fresh", PLANT, borders=False)
    limits = {one.name: one for one in way.route.operations if isinstance(one, m.Limit)}
    assert limits["hold formulate freeze"].since == "formulate"
    assert way.figures[limits["hold formulate freeze"].figure].value == 0.25
    assert way.figures[limits["age"].figure].value == 72.0
    (tests,) = (one for one in way.route.operations if isinstance(one, m.Together))
    assert [branch[0].name for branch in tests.branches] == list(routes.GROUPS)
    at = {one.name: place for place, one in enumerate(way.route.operations) if one.name}
    waits = [one for one in way.route.operations[at["wait wash"] : at["wash"]] if isinstance(one, m.Seize)]
    assert [one.resource for one in waits] == ["workstation", "operator", "operator_second"]
    assert "wait culture" in at
