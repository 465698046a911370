"""The questions that every base asks, as a study of the demonstration base: each is a list of changes, and no more."""

from __future__ import annotations

from typing import Any

from vein2vein.core.records import plain
from vein2vein.core.refusals import N_
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.changes import Change
from vein2vein.engines.twin.model import Model
from vein2vein.engines.twin.studies import Study, Variant

STERILITY = "routes[*].operations[tests].branches[1][sterility].figure"
AT_SITE = ("receipt_bench", "suite", "operator", "analyst", "reviewer", "qualified_person")


def base_study(patients_per_year: float = 2000.0, *, seed: int = 1, replications: int = 50) -> Study:
    """Return the study: more patients, another site, slower tests, fewer hands, a lost lot, another market."""
    base = base_model(patients_per_year)
    variants = (
        Variant(name=N_("Demand doubled"), changes=_doubled()),
        Variant(name=N_("Demand doubled, second site"), changes=(*_doubled(), *_second_site(base))),
        Variant(name=N_("Sterility in 14 days"), changes=(Change(path=STERILITY, set="sterility_compendial"),)),
        Variant(name=N_("One operator fewer at night"), changes=_fewer_at_night(base)),
        Variant(name=N_("A vector lot lost"), changes=(Change(path="stocks[vector].deliveries[4].amount", set=0),)),
        Variant(name=N_("A new market"), changes=_new_market(patients_per_year)),
    )
    return Study(name=N_("The questions of a base"), base=base, seed=seed, replications=replications, variants=variants)


def _doubled() -> tuple[Change, ...]:
    """Double the patients, and with them the vector and what the hospitals have; the plant stays as it is."""
    return (
        Change(path="demand[*].patients_per_year", multiply=2.0),
        Change(path="stocks[vector].deliveries[*].amount", multiply=2.0),
        Change(path="resources[apheresis_chair].shifts[*].capacity", multiply=2.0),
        Change(path="resources[infusion_bed].capacity", multiply=2.0),
    )


def _second_site(base: Model) -> tuple[Change, ...]:
    """Build the plant again elsewhere, and send half of every market's patients there."""
    second = [plain(one) | {"name": f"{one.name}_2"} for one in base.resources if one.name in AT_SITE]
    instead = {name: f"{name}_2" for name in AT_SITE}
    demands = [
        plain(one) | {"name": f"{one.name}, second site", "instead": {**one.instead, **instead}} for one in base.demand
    ]
    return (
        *(Change(path="resources", add=one) for one in second),
        Change(path="demand[*].patients_per_year", multiply=0.5),
        *(Change(path="demand", add=one) for one in demands),
    )


def _fewer_at_night(base: Model) -> tuple[Change, ...]:
    (operator,) = (one for one in base.resources if one.name == "operator")
    nights = [place for place, one in enumerate(operator.shifts) if one.begins < "06:00" or one.begins >= "22:00"]
    return tuple(
        Change(path=f"resources[operator].shifts[{place}].capacity", set=max(operator.shifts[place].capacity - 1, 0))
        for place in nights
    )


def _new_market(patients_per_year: float) -> tuple[Change, ...]:
    japan: dict[str, Any] = {
        "name": "JP myeloma",
        "market": "JP",
        "route": "abroad",
        "patients_per_year": 0.1 * patients_per_year,
        "growth_per_year": 0.3,
        "instead": {"oos": "oos_myeloma"},
    }
    vector = Change(path="stocks[vector].deliveries[*].amount", multiply=1.15)
    return Change(path="demand", add=japan), vector
