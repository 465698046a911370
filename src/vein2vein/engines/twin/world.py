"""Many bases and markets in one model, and the part of it that is one base's: what is partitioned, and what is not.

Every market is served by one base. Nothing is shared between bases, so that each can be lived by itself, where its
records lie; the whole and its parts give the same numbers to the bit, because luck is keyed by demand and patient.
"""

from __future__ import annotations

import dataclasses

from vein2vein.engines.twin import model as m
from vein2vein.engines.twin.base import base_model


def world_model(bases: int, markets: int, *, patients_per_base: float = 2000.0) -> m.Model:
    """Return so many demonstration bases that serve so many markets: of each base one is at home, the others abroad."""
    base = base_model(patients_per_base)
    here = range(bases)
    served = [[market for market in range(markets) if market % bases == place] for place in here]
    demand = []
    for place in here:
        others = max(len(served[place]) - 1, 0)
        for market in served[place]:
            home = market == place
            share = 1.0 if not others else 0.4 if home else 0.6 / others
            demand.append(
                m.Demand(
                    name=f"market {market + 1:02}",
                    market=f"{market + 1:02}",
                    route="domestic" if home else "abroad",
                    patients_per_year=patients_per_base * share,
                    instead={"oos": "oos_myeloma", **_renamed(base, place)},
                )
            )
    routes = {one.route for one in demand}
    return dataclasses.replace(
        base,
        name=f"{bases} bases, {markets} markets",
        resources=tuple(
            dataclasses.replace(one, name=_name(one.name, place)) for place in here for one in base.resources
        ),
        stocks=tuple(dataclasses.replace(one, name=_name(one.name, place)) for place in here for one in base.stocks),
        routes=tuple(one for one in base.routes if one.name in routes),
        demand=tuple(demand),
    )


def part_of(world: m.Model, base: int) -> m.Model:
    """Return what belongs to one base of a world: its rooms and people, its stocks, the markets that it serves."""
    ending = f" of base {base + 1}"
    demand = tuple(one for one in world.demand if any(name.endswith(ending) for name in one.instead.values()))
    routes = {one.route for one in demand}
    return dataclasses.replace(
        world,
        name=f"{world.name}:{ending}",
        resources=tuple(one for one in world.resources if one.name.endswith(ending)),
        stocks=tuple(one for one in world.stocks if one.name.endswith(ending)),
        routes=tuple(one for one in world.routes if one.name in routes),
        demand=demand,
    )


def _renamed(base: m.Model, place: int) -> dict[str, str]:
    names = [one.name for one in base.resources] + [one.name for one in base.stocks]
    return {name: _name(name, place) for name in names}


def _name(name: str, place: int) -> str:
    return f"{name} of base {place + 1}"
