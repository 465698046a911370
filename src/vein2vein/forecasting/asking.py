"""The questions that every base asks, put to this one: named changes of its own model, each made only where it fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from vein2vein.core.records import plain
from vein2vein.core.refusals import N_
from vein2vein.engines.twin.changes import Change
from vein2vein.engines.twin.model import Branch, Model, Operation, Take, Together
from vein2vein.engines.twin.outcomes import Study, Variant

AT_PLANT = ("operator", "operator_second", "analyst", "reviewer", "qualified_person")
NEW_MARKET_SHARE = 0.25
"""Of the present patients, how many come from a new market in its first year."""

DOUBLED = N_("Demand doubled")
SECOND_SITE = N_("Demand doubled, second site")
COMPENDIAL = N_("Sterility in 14 days")
FEWER = N_("One operator fewer at night")
LOT_LOST = N_("A vector lot lost")
NEW_MARKET = N_("A new market")
STUDY = N_("The questions of a base")


def base_study(base: Model, *, seed: int, replications: int, name: str = STUDY) -> Study:
    """Return the study of a base's usual questions: those that its model can be asked."""
    variants = []
    for title, ask in QUESTIONS.items():
        changes = tuple(ask(base))
        if changes:
            variants.append(Variant(name=title, changes=changes))
    return Study(name=name, base=base, seed=seed, replications=replications, variants=tuple(variants))


def doubled(base: Model) -> Iterator[Change]:
    """Double the patients, and with them vector and beds; the plant stays as it is."""
    yield Change(path="demand[*].patients_per_year", multiply=2.0)
    if base.stocks:
        yield Change(path="stocks[*].deliveries[*].amount", multiply=2.0)
    for one in base.resources:
        if one.name.startswith("infusion_bed"):
            yield Change(path=f"resources[{one.name}].capacity", multiply=2.0)


def second_site(base: Model) -> Iterator[Change]:
    """Double the patients and build the plant again elsewhere; half of every market's patients go there."""
    yield from doubled(base)
    here = [one for one in base.resources if not one.name.startswith("infusion_bed")]
    for one in here:
        yield Change(path="resources", add=plain(one) | {"name": f"{one.name} at the second site"})
    yield Change(path="demand[*].patients_per_year", multiply=0.5)
    for demand in base.demand:
        names = {one.name for one in here} & _named(base, demand.route)
        instead = {name: f"{name} at the second site" for name in sorted(names)}
        yield Change(
            path="demand",
            add=plain(demand) | {"name": f"{demand.name}, second site", "instead": {**demand.instead, **instead}},
        )


def compendial(base: Model) -> Iterator[Change]:
    """Wait for compendial sterility wherever a rapid test is waited for."""
    for route in base.routes:
        for one in route.operations:
            if not isinstance(one, Together):
                continue
            for place, branch in enumerate(one.branches):
                if branch and branch[0].name == "sterility" and "sterility_compendial" in base.figures:
                    path = f"routes[{route.name}].operations[{one.name}].branches[{place}][sterility].figure"
                    yield Change(path=path, set="sterility_compendial")


def fewer_at_night(base: Model) -> Iterator[Change]:
    """Take one of the night's operators away: a pair is then one less."""
    for one in base.resources:
        if one.name != "operator" + "_second":
            continue
        for place, shift in enumerate(one.shifts):
            if shift.begins < "06:00" or shift.begins >= "22:00":
                yield Change(path=f"resources[{one.name}].shifts[{place}].capacity", set=max(shift.capacity - 1, 0))


def lot_lost(base: Model) -> Iterator[Change]:
    """Let what is on hand be lost of the vector that most patients need: they wait for the next lot."""
    wanted = dict.fromkeys((one.name for one in base.stocks), 0.0)
    for demand in base.demand:
        for name in {str(one.stock) for one in _operations(base, demand.route) if isinstance(one, Take)}:
            if name in wanted:
                wanted[name] += demand.patients_per_year
    for name in sorted(wanted, key=lambda one: (-wanted[one], one))[:1]:
        yield Change(path=f"stocks[{name}].deliveries[0].amount", set=0)


def new_market(base: Model) -> Iterator[Change]:
    """Take patients of another market beyond a border, as those from abroad are taken now, growing by half a year."""
    abroad = [one for one in base.demand if "customs" in _figures(base, one.route)] or list(base.demand)
    like = max(abroad, key=lambda one: one.patients_per_year)
    total = sum(one.patients_per_year for one in base.demand)
    added: dict[str, Any] = plain(like) | {
        "name": "a new market",
        "market": "new",
        "patients_per_year": round(NEW_MARKET_SHARE * total, 3),
        "growth_per_year": 0.5,
    }
    yield Change(path="demand", add=added)


QUESTIONS: dict[str, Callable[[Model], Iterator[Change]]] = {
    DOUBLED: doubled,
    SECOND_SITE: second_site,
    COMPENDIAL: compendial,
    FEWER: fewer_at_night,
    LOT_LOST: lot_lost,
    NEW_MARKET: new_market,
}
"""By title, in the order in which they are shown."""


def _flat(operations: tuple[Operation, ...]) -> Iterator[Operation]:
    for one in operations:
        yield one
        if isinstance(one, Together):
            for branch in one.branches:
                yield from _flat(branch)


def _operations(base: Model, route: str) -> Iterator[Operation]:
    (found,) = (one for one in base.routes if one.name == route)
    return _flat(found.operations)


def _named(base: Model, route: str) -> set[str]:
    """Return the resources that a route names."""
    names = set[str]()
    for one in _operations(base, route):
        names.update(getattr(one, "using", ()))
        if hasattr(one, "resource"):
            names.add(str(one.resource))
    return names


def _figures(base: Model, route: str) -> set[str]:
    names = set[str]()
    for one in _operations(base, route):
        names.update(chance.figure for chance in one.chances) if isinstance(one, Branch) else None
        if hasattr(one, "figure"):
            names.add(str(one.figure))
    return names
