"""The rehearsal of a definition: virtual patients carried through it on the plant that there is, difficult ones too.

What the network has of equipment and slots stands in the model; people are as many as the definition asks for at once,
since who works when is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vein2vein.core.actor import Role
from vein2vein.engines.definitions import Definition
from vein2vein.engines.twin import model as m
from vein2vein.engines.twin.models import checked
from vein2vein.therapies import routes
from vein2vein.therapies.assumed import ASSUMED

if TYPE_CHECKING:
    from vein2vein.engines.twin.rehearsal import Verdict

SEED, PATIENTS = 1, 120
PATIENTS_PER_YEAR = 12.0
"""Of each way: few enough that they meet each other seldom, and often enough that they do."""
STAFF = {Role.OPERATOR: "operator", Role.QC_ANALYST: "analyst"}
SLOT = "manufacturing_slot"
STARTS_AT = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """How many units of each kind a plant books, and the kind that stands for each class of equipment."""

    counts: Mapping[str, int]
    kind_of_class: Mapping[str, str]
    home: str
    """The market that the plant is in; others lie beyond a border."""


def model_of(definition: Definition, units: Units) -> m.Model | None:
    """Return the model in which a definition is rehearsed, one demand for each way; None where no lane leads anywhere.

    Raises `Refused` where the process cannot be a route: a class of equipment of which there is none to be booked.
    """
    plant = routes.Plant(
        equipment=units.kind_of_class, people=STAFF, slot=SLOT if units.counts.get(SLOT) else None, beds=False
    )
    ways = {
        f"{market} {alternative}": routes.way_of(definition, market, alternative, plant, borders=market != units.home)
        for market in routes.markets_of(definition)
        for alternative in routes.alternatives_of(definition)
    }
    whole = {name: way for name, way in ways.items() if set(way.lanes) == {routes.TRANSIT, routes.PRODUCT_TRANSIT}}
    if not whole:
        return None
    people = [name for role in STAFF.values() for name in (role, role + routes.SECOND)]
    capacities = dict(units.counts) | dict.fromkeys(people, _most_at_once(definition))
    demand = tuple(
        m.Demand(
            name=name,
            market=name.partition(" ")[0],
            route=way.route.name,
            patients_per_year=PATIENTS_PER_YEAR,
            instead=dict(way.lanes),
        )
        for name, way in whole.items()
    )
    figures = {name: one for way in whole.values() for name, one in way.figures.items()}
    return checked(
        m.Model(
            name=definition.name,
            starts_at=STARTS_AT,
            vein_out="apheresis",
            vein_in="infusion",
            days=365.0,
            run_out_days=365.0,
            figures={**ASSUMED, **figures},
            resources=tuple(m.Resource(name=name, capacity=count) for name, count in sorted(capacities.items())),
            routes=tuple(way.route for way in whole.values()),
            demand=demand,
        )
    )


def _most_at_once(definition: Definition) -> int:
    counts = [staff.count for one in definition.process.operations for staff in one.staff]
    return 2 * max([1, *counts])


def rehearse(definition: Definition, units: Units) -> Verdict | None:
    """Return the twin's verdict on a definition, the same for the same plant; None where no lane leads anywhere."""
    from vein2vein.engines.twin.rehearsal import rehearse as carried

    model = model_of(definition, units)
    return None if model is None else carried(model, seed=SEED, patients=PATIENTS)


def units_of(resources: Sequence[tuple[str, str | None]], home: str) -> Units:
    """Return the units of a plant from (kind, class of equipment) of each of its resources."""
    counts: dict[str, int] = {}
    for kind, _ in resources:
        counts[kind] = counts.get(kind, 0) + 1
    return Units(counts=counts, kind_of_class={name: kind for kind, name in resources if name is not None}, home=home)
