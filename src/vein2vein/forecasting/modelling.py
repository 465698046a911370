"""The live base as the twin's model: approved definitions, what the network has, lanes, lots on hand, demand.

Figures come from three places, the later one standing: what is assumed or the definition says, what was learned from
the journal, what somebody set.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.engines.definitions import Definition
from vein2vein.engines.twin import Model, model
from vein2vein.engines.twin.model import Figure
from vein2vein.engines.twin.models import checked
from vein2vein.engines.twin.spreads import Triangular
from vein2vein.forecasting import assumed
from vein2vein.materials import reads as materials
from vein2vein.network import reads as network
from vein2vein.network.rules import PERSON
from vein2vein.network.states import SiteKind, TemperatureClass
from vein2vein.orders import reads as orders
from vein2vein.orders.states import OrderState
from vein2vein.therapies import reads as therapies
from vein2vein.therapies import routes
from vein2vein.therapies.assumed import ASSUMED

YEAR = timedelta(days=365)
WORTH_Y = 0.1
"""How many years of orders the assumed demand is worth."""
SLOT, BED_KIND = "manufacturing_slot", "infusion_bed"
PEOPLE = {
    Role.OPERATOR: "operator",
    Role.QC_ANALYST: "analyst",
    Role.QA_REVIEWER: "reviewer",
    Role.QUALIFIED_PERSON: "qualified_person",
}
RUN_OUT_DAYS = 240.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What orders of one demand have in common."""

    therapy: str
    indication: str
    hospital: str
    alternative: str

    @property
    def name(self) -> str:
        """Return the demand's name."""
        return f"{self.therapy} {self.indication} {self.hospital} {self.alternative}"


@dataclass(frozen=True, slots=True)
class Base:
    """What there is and what is done with it; `figures` hold all that may be edited, counts among them."""

    model: Model
    figures: Mapping[str, Figure]
    definitions: Mapping[str, Definition]
    kept: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(slots=True)
class _Parts:
    """What the model is put together from."""

    figures: dict[str, Figure] = field(default_factory=lambda: dict(ASSUMED | assumed.COUNTS))
    resources: dict[str, model.Resource] = field(default_factory=dict)
    stocks: dict[str, model.Stock] = field(default_factory=dict)
    routes: dict[str, model.Route] = field(default_factory=dict)
    demands: dict[Kind, dict[str, Any]] = field(default_factory=dict)


def live_base(
    at: datetime, kept: Mapping[str, Figure] | None = None, *, patients_per_year: float | None = None
) -> Base:
    """Return the base as it is at a time, with figures that were `kept` in place of those of the same name.

    Raises `Refused` where nothing is approved, or no site makes anything.
    """
    by = journal.system("twin")
    site, parts = _site(), _Parts()
    definitions = {row.therapy_code: therapies.content_of(row) for row in therapies.list_effective(at.date())}
    plant = _plant(site.code, parts)
    _beds(parts)
    _ways(parts, plant, definitions, site, at, by)
    parts.figures.update({name: figure for name, figure in (kept or {}).items() if name in parts.figures})
    _staff(parts, site.zone)
    _vectors(parts, definitions, at)
    demand = _demand(parts, at, by, patients_per_year)
    if not demand:
        raise Refused(
            Blocker(
                "forecasting.nothing_made",
                N_("No approved therapy may be given in any market that a hospital of the network is in"),
                field="demand",
                mend=N_("Approve a definition, and enter the authorisation of a market"),
            )
        )
    known = {name: one for name, one in parts.figures.items() if name not in assumed.COUNTS}
    made = model.Model(
        name=str(site.code),
        starts_at=datetime(at.year, at.month, 1, tzinfo=UTC),
        warm_up_days=90.0,
        days=365.0,
        run_out_days=RUN_OUT_DAYS,
        vein_out="apheresis",
        vein_in="infusion",
        figures=known,
        resources=tuple(parts.resources[name] for name in sorted(parts.resources)),
        stocks=tuple(parts.stocks[name] for name in sorted(parts.stocks)),
        routes=tuple(parts.routes[name] for name in sorted(parts.routes)),
        demand=demand,
    )
    return Base(_pruned(checked(made)), parts.figures, definitions, dict(kept or {}))


def _site() -> Any:
    sites = network.list_sites_of_kind(SiteKind.MANUFACTURING)
    if not sites:
        raise Refused(
            Blocker(
                "forecasting.no_plant",
                N_("No manufacturing site is entered"),
                field="site",
                mend=N_("Enter the network first"),
            )
        )
    return sites[0]


def _plant(site: str, parts: _Parts) -> routes.Plant:
    """Count what the network books at a site, and say what the process's classes of equipment are called there."""
    units = network.list_units_of_site(site)
    equipment: dict[str, str] = {}
    for kind, count in sorted(Counter(one.kind for one in units if one.kind != PERSON).items()):
        parts.resources[kind] = model.Resource(
            name=kind, capacity=count, cost_per_hour=assumed.COST_PER_HOUR.get(kind, 0.0)
        )
    for unit in units:
        if unit.equipment is not None:
            equipment[unit.equipment.equipment_class] = unit.kind
    slot = SLOT if SLOT in parts.resources else None
    return routes.Plant(equipment=equipment, people=PEOPLE, slot=slot, beds=True)


def _beds(parts: _Parts) -> None:
    """Count the beds of each hospital; one that has entered none is not waited for."""
    for hospital in network.list_sites_of_kind(SiteKind.HOSPITAL):
        count = len(network.list_resources(BED_KIND, hospital.code)) or 1000
        name = _bed(hospital.code)
        parts.resources[name] = model.Resource(name=name, capacity=count)


def _bed(hospital: str) -> str:
    return f"infusion_bed {hospital}"


def _staff(parts: _Parts, zone: str) -> None:
    counts = {name: float(_number(parts.figures[name])) for name in assumed.COUNTS}
    for resource in assumed.SHIFTS:
        pairs = resource == "operator"
        for part in range(2 if pairs else 1):
            name = resource if part == 0 else resource + routes.SECOND
            parts.resources[name] = model.Resource(
                name=name,
                zone=zone,
                shifts=assumed.shifts_of(resource, counts, part, 2 if pairs else 1),
                cost_per_hour=assumed.COST_PER_HOUR.get(name, 0.0),
            )


def _number(figure: Figure) -> float:
    return figure.value if isinstance(figure.value, float) else 0.0


def _ways(
    parts: _Parts, plant: routes.Plant, definitions: Mapping[str, Definition], site: Any, at: datetime, by: Actor
) -> None:
    """Write the way of every therapy to every hospital whose market has it authorised, and of every order there is."""
    hospitals = network.list_sites_of_kind(SiteKind.HOSPITAL)
    authorised = {
        (one.therapy_code, one.market.code, one.indication_code) for one in network.list_authorised(at.date())
    }
    vectors = frozenset(code for one in definitions.values() for code in _vector_codes(one))
    plant = dataclasses.replace(plant, vectors=vectors)
    seen = {kind for kind, _ in _orders(at, by)}
    for therapy, definition in sorted(definitions.items()):
        indications = {one.id for one in definition.therapy.indications}
        usual = routes.alternatives_of(definition)[0]
        for hospital in hospitals:
            market = hospital.market.code
            if market not in routes.markets_of(definition):
                continue
            for indication in sorted(indications):
                may = (therapy, market, indication) in authorised
                for alternative in routes.alternatives_of(definition):
                    kind = Kind(therapy=therapy, indication=indication, hospital=hospital.code, alternative=alternative)
                    if (may and alternative == usual) or kind in seen:
                        _way(parts, kind, definition, plant, hospital, site)


def _vector_codes(definition: Definition) -> Iterator[str]:
    for one in definition.supply.materials:
        if one.kind == "vector":
            yield one.id


def _way(parts: _Parts, kind: Kind, definition: Definition, plant: routes.Plant, hospital: Any, site: Any) -> None:
    borders = hospital.market.code != site.market.code
    way = routes.way_of(definition, hospital.market.code, kind.alternative, plant, borders=borders)
    parts.routes[way.route.name] = way.route
    for name, figure in way.figures.items():
        parts.figures.setdefault(name, figure)
    instead = dict(way.lanes) | {routes.BED: _bed(hospital.code)}
    chilled = TemperatureClass.CHILLED if kind.alternative == "fresh" else TemperatureClass.CRYOGENIC
    for name, origin, destination, temperature in (
        (routes.TRANSIT, hospital, site, chilled),
        (routes.PRODUCT_TRANSIT, site, hospital, TemperatureClass.CRYOGENIC),
    ):
        lane = network.find_lane(origin_id=origin.pk, destination_id=destination.pk, temperature_class=temperature)
        if lane is not None:
            instead[name] = f"lane {lane.code}"
            parts.figures.setdefault(instead[name], lane_figure(lane))
    specified = f"oos_{kind.indication}"
    if specified in parts.figures:
        instead["oos"] = specified
    parts.demands[kind] = {
        "name": kind.name,
        "market": hospital.market.code,
        "route": way.route.name,
        "instead": instead,
    }


def lane_figure(lane: Any) -> Figure:
    """Return how long a lane of the network takes: typically as entered, never half as long, at most its longest."""
    typical, longest = float(lane.typical_hours), float(lane.longest_hours)
    return Figure(
        value=Triangular(low=typical / 2.0, mode=typical, high=longest),
        unit="h",
        source=f"network, lane {lane.code}: typical {typical:g} h, longest {longest:g} h; half the typical at least",
    )


def _vectors(parts: _Parts, definitions: Mapping[str, Definition], at: datetime) -> None:
    doses, every = (_number(parts.figures[name]) for name in (assumed.LOT_DOSES, assumed.LOT_EVERY))
    for definition in definitions.values():
        on_hand = materials.count_doses(definition, routes.alternatives_of(definition)[0], at=at)
        for code in _vector_codes(definition):
            later = (model.Delivery(day=every * (place + 1), amount=int(doses)) for place in range(8))
            deliveries = (model.Delivery(day=0.0, amount=on_hand.get(code, 0)), *later)
            parts.stocks[code] = model.Stock(name=code, deliveries=deliveries, cost_each=assumed.VECTOR_COST)


def _orders(at: datetime, by: Actor) -> Iterator[tuple[Kind, datetime]]:
    rows = orders.orders_seen(by).filter(drafted_at__gt=at - YEAR, drafted_at__lte=at)
    rows = rows.exclude(state=OrderState.CANCELLED, accepted_at__isnull=True)
    columns = ("therapy_code", "indication_code", "hospital__code", "starting_material", "drafted_at")
    for therapy, indication, hospital, alternative, drafted_at in rows.values_list(*columns):
        yield (
            Kind(therapy=therapy, indication=indication, hospital=hospital, alternative=alternative),
            drafted_at,
        )


def _demand(parts: _Parts, at: datetime, by: Actor, wished: float | None) -> tuple[model.Demand, ...]:
    """Return who comes: the assumed number evenly, joined by the orders of the last year; scaled to one wished."""
    seen = list(_orders(at, by))
    years = max((at - min((one for _, one in seen), default=at)) / YEAR, 0.0)
    counted = Counter(kind for kind, _ in seen)
    even = _number(parts.figures[assumed.PATIENTS]) / max(len(parts.demands), 1)
    rates = {kind: (even * WORTH_Y + counted[kind]) / (WORTH_Y + years) for kind in parts.demands}
    scale = 1.0 if wished is None else wished / max(sum(rates.values()), 1e-9)
    return tuple(
        model.Demand(patients_per_year=round(rates[kind] * scale, 3), **parts.demands[kind])
        for kind in sorted(parts.demands, key=lambda one: one.name)
    )


def _pruned(made: Model) -> Model:
    """Return the model without what no route uses: beds, equipment and stocks that nobody waits for say nothing."""
    used = {name for one in made.demand for name in one.instead.values()}
    for route in made.routes:
        for one in _flat(route.operations):
            used.update(str(getattr(one, name)) for name in ("resource", "stock", "figure") if hasattr(one, name))
            used.update(getattr(one, "using", ()))
            used.update(chance.figure for chance in getattr(one, "chances", ()))
    return dataclasses.replace(
        made,
        resources=tuple(one for one in made.resources if one.name in used),
        stocks=tuple(one for one in made.stocks if one.name in used),
        figures={name: one for name, one in made.figures.items() if name in used or name == "sterility_compendial"},
    )


def _flat(operations: tuple[model.Operation, ...]) -> Iterator[model.Operation]:
    for one in operations:
        yield one
        if isinstance(one, model.Together):
            for branch in one.branches:
                yield from _flat(branch)
