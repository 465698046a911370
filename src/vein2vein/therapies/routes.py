"""The way of a course through a definition, as the twin takes it: one route for each market and starting material.

Operations, hold limits, tests, lanes and review come from the definition; what it does not say is an assumed figure.
Nobody stands beside what lasts longer than a shift; of tests that answer alike fast the slowest one counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from vein2vein.core.actor import Role
from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.model import process, spread, supply
from vein2vein.engines.definitions.model.specification import Test
from vein2vein.engines.definitions.vocabulary import Attribute, Leg, MaterialKind, Stage, Timing
from vein2vein.engines.twin import model as m
from vein2vein.engines.twin import spreads
from vein2vein.engines.twin.model import Figure

SHIFT = timedelta(hours=8)
LYMPHODEPLETION = timedelta(days=5)
"""Before the infusion it begins on days 5 to 3, in what is published."""
GROUPS = ("panel", "assays", "sterility")
"""Release tests as the twin has them: at once or the same day, within days, and for microbial growth."""
SECOND = "_second"
"""What the second person of a role is called as a resource: a course holds each name once."""
BED, TRANSIT, PRODUCT_TRANSIT = "infusion_bed", "transit", "product_transit"
"""Names that each demand replaces by its hospital's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """What a plant has: the resource of each class of equipment that is booked, of each role, and its slots.

    A role or class that is missing is never waited for. With `beds` a course waits for one of its hospital's.
    """

    equipment: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[Role, str] = field(default_factory=dict)
    slot: str | None = None
    beds: bool = False
    vectors: frozenset[str] = frozenset()
    """Codes of the vectors whose lots are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A definition's way for one market and starting material, with the figures that the definition gives."""

    route: m.Route
    figures: Mapping[str, Figure]
    lanes: Mapping[str, str]
    """The definition's own figures for `TRANSIT` and `PRODUCT_TRANSIT`."""


def way_of(definition: Definition, market: str, alternative: str, plant: Plant, *, borders: bool) -> Way:
    """Return the way of a course of `market` that begins with `alternative`; with `borders` customs lie on it."""
    writer = _Writer(definition, market, alternative, plant)
    operations = (
        *writer.collecting(borders=borders),
        *writer.making(),
        *writer.releasing(),
        *writer.giving(borders=borders),
        *_ways_out(plant.slot),
    )
    name = f"{definition.therapy.id} {market} {alternative}"
    return Way(route=m.Route(name=name, operations=operations), figures=writer.figures, lanes=writer.lanes)


def operation_figure(definition: Definition, operation: str) -> str:
    """Return the name of the figure that says how long an operation of the process lasts."""
    return f"{definition.therapy.id}/{operation}"


def waiting_at(operation: str) -> str:
    """Return where in the route a course waits for what an operation needs."""
    return f"wait {operation}"


def markets_of(definition: Definition) -> tuple[str, ...]:
    """Return the markets that the specification knows, in order."""
    return tuple(one.id for one in definition.specification.markets)


def alternatives_of(definition: Definition) -> tuple[str, ...]:
    """Return the starting materials that the definition takes, the usual one first."""
    return tuple(one.alternative for one in definition.supply.starting_materials)


def grouped_tests(definition: Definition) -> dict[str, tuple[Test, ...]]:
    """Return the tests that a release waits for, by group; a group without any is left out."""
    found: dict[str, list[Test]] = {}
    for test in definition.specification.tests:
        if test.stage is not Stage.RELEASE:
            continue
        quick = test.timing in {Timing.IMMEDIATE, Timing.SAME_DAY}
        group = "sterility" if test.attribute is Attribute.STERILITY else "panel" if quick else "assays"
        found.setdefault(group, []).append(test)
    return {group: tuple(found[group]) for group in GROUPS if group in found}


def hours(value: timedelta) -> float:
    """Return a span in hours."""
    return value.total_seconds() / 3600.0


def spread_of(value: spread.Spread) -> float | spreads.Spread:
    """Return a definition's spread as the twin's, in hours."""
    match value:
        case spread.Fixed(value=span):
            return hours(span)
        case spread.Uniform(low=low, high=high):
            return spreads.Uniform(low=hours(low), high=hours(high))
        case spread.Triangular(low=low, mode=mode, high=high):
            return spreads.Triangular(low=hours(low), mode=hours(mode), high=hours(high))
        case spread.LogNormal(median=median, sigma=sigma, maximum=maximum):
            return spreads.LogNormal(median=hours(median), sigma=float(sigma), at_most=hours(maximum))


class _Writer:
    """Writes the operations of one way and collects the figures that they need."""

    def __init__(self, definition: Definition, market: str, alternative: str, plant: Plant) -> None:
        self.definition, self.market, self.alternative, self.plant = definition, market, alternative, plant
        self.figures: dict[str, Figure] = {}
        self.lanes: dict[str, str] = {}

    def figure(self, name: str, value: float | spreads.Spread, place: str) -> str:
        called = f"{self.definition.therapy.id}/{name}"
        self.figures[called] = Figure(value=value, unit="h", source=f"definition {self.definition.name}, {place}")
        return called

    def lane(self, leg: Leg, name: str) -> None:
        there = (
            one
            for one in self.definition.supply.lanes
            if one.leg is leg and self.market in one.markets and one.alternative in {None, self.alternative}
        )
        lane: supply.Lane | None = next(there, None)
        if lane is not None:
            self.lanes[name] = self.figure(lane.id, spread_of(lane.duration), f"supply.yaml, lane {lane.id}")

    def collecting(self, *, borders: bool) -> Iterator[m.Operation]:
        yield m.Mark(milestone="ordered")
        yield m.Branch(name="appointment", chances=(m.Chance(figure="never", to="appointed"),))
        yield m.Delay(name="referral", figure="referral")
        yield m.Branch(
            name="fitness",
            chances=(m.Chance(figure="not_collected", to="withdrawn"), m.Chance(figure="postponed", to="postponed")),
        )
        yield m.Mark(name="collect", milestone="apheresis")
        yield m.Delay(name="apheresis", figure="apheresis", cost=20000.0)
        self.lane(Leg.STARTING_MATERIAL, TRANSIT)
        yield m.Delay(name="transit", figure=TRANSIT, cost=6000.0)
        if borders:
            yield m.Delay(name="customs", figure="customs", cost=1500.0)
        material = next(one for one in self.definition.supply.starting_materials if one.alternative == self.alternative)
        age = self.figure(
            f"{self.alternative} age", hours(material.maximum_age), f"supply.yaml, {self.alternative} material"
        )
        yield m.Delay(name="to_start", figure="to_start")
        yield m.Limit(name="age", since="apheresis", figure=age, to="again")
        yield m.Branch(
            name="material",
            chances=tuple(
                m.Chance(figure=name, to="again") for name in ("material_rejected", "excursion", "apheresis_repeated")
            ),
        )
        yield m.Mark(milestone="received")

    def making(self) -> Iterator[m.Operation]:
        if self.plant.slot is not None:
            yield m.Seize(name="wait_slot", resource=self.plant.slot)
        for code in sorted(self.vectors()):
            yield m.Take(name=f"take {code}", stock=code)
        yield m.Delay(name="turnaround", figure="turnaround", cost=45000.0)
        known: set[str] = set()
        for operation, _ in self.definition.process.for_alternative(self.alternative):
            yield from self.operation(operation, known)
            yield m.Mark(milestone=operation.id)
            known.add(operation.id)
        if self.plant.slot is not None:
            yield m.Release(resource=self.plant.slot)
        yield m.Mark(milestone="manufactured")
        yield m.Branch(name="termination", chances=(m.Chance(figure="terminated", to="failed"),))

    def vectors(self) -> set[str]:
        return {
            one.id
            for one in self.definition.supply.materials
            if one.kind is MaterialKind.VECTOR and one.id in self.plant.vectors
        }

    def operation(self, one: process.Operation, known: set[str]) -> Iterator[m.Operation]:
        """Write one unit operation: what it needs is waited for, then its hold limits are looked at."""
        place = f"process.yaml, operation {one.id}"
        figure = self.figure(one.id, spread_of(one.duration), place)
        using = self.using(one)
        for first, name in enumerate(using):
            yield m.Seize(name=f"{waiting_at(one.id)} {name}" if first else waiting_at(one.id), resource=name)
        afters = [after for after in one.after if after.operation in known]
        for after in afters:
            limit = self.figure(f"{after.operation} to {one.id}", hours(after.within), place)
            hold = f"hold {after.operation} {one.id}"
            yield m.Limit(name=hold, since=after.operation, figure=limit, to=f"over {one.id}")
        if afters:
            yield m.Go(to=one.id)
            yield m.Branch(name=f"over {one.id}", chances=(m.Chance(figure="hold_judged", to=one.id),))
            yield from (m.Release(resource=name) for name in reversed(using))
            yield m.Go(to="broken_off")
        yield m.Delay(name=one.id, figure=figure)
        yield from (m.Release(resource=name) for name in reversed(using))

    def using(self, one: process.Operation) -> list[str]:
        found = [self.plant.equipment[one.equipment_class]] if one.equipment_class in self.plant.equipment else []
        if one.duration.typical() <= SHIFT:
            for staff in one.staff:
                name = self.plant.people.get(staff.role)
                if name is not None:
                    found += [name] if staff.count == 1 else [name, name + SECOND]
        return found

    def releasing(self) -> Iterator[m.Operation]:
        groups = grouped_tests(self.definition)
        rows = tuple(self.tests(group, tests) for group, tests in groups.items())
        if rows:
            yield m.Together(name="tests", branches=rows)
        yield m.Branch(name="conformity", chances=(m.Chance(figure="oos", to="out_of_specification"),))
        review = self.figure("review", spread_of(self.definition.specification.review), "specification.yaml, review")
        reviewer = self.plant.people.get(Role.QA_REVIEWER)
        if reviewer is None:
            yield m.Delay(name="review", figure=review)
        else:
            yield m.Delay(name="review", figure=review, using=(reviewer,))
        person = self.plant.people.get(Role.QUALIFIED_PERSON)
        yield m.Delay(name="decision", figure="decision", using=() if person is None else (person,))
        yield m.Mark(milestone="released")

    def tests(self, group: str, tests: tuple[Test, ...]) -> tuple[m.Operation, ...]:
        slowest = max(tests, key=lambda one: (one.turnaround.typical(), one.turnaround.longest()))
        place = f"specification.yaml, test {slowest.id}"
        figure = self.figure(group, spread_of(slowest.turnaround), place)
        analyst = self.plant.people.get(Role.QC_ANALYST)
        quick = slowest.turnaround.longest() <= SHIFT
        using = (analyst,) if analyst is not None and quick else ()
        again = "sterility" if group == "sterility" else "panel"
        return (
            m.Delay(name=group, figure=figure, using=using, cost=3000.0),
            m.Branch(name=f"{group} validity", chances=(m.Chance(figure=f"{again}_invalid", to=f"{group} again"),)),
            m.Go(to=f"{group} done"),
            m.Delay(name=f"{group} again", figure=f"{again}_repeat", cost=3000.0),
            m.Mark(name=f"{group} done", milestone=group),
        )

    def giving(self, *, borders: bool) -> Iterator[m.Operation]:
        yield m.Delay(name="dispatch", figure="dispatch")
        self.lane(Leg.PRODUCT, PRODUCT_TRANSIT)
        yield m.Delay(name="product_transit", figure=PRODUCT_TRANSIT, cost=12000.0)
        if borders:
            yield m.Delay(name="product_customs", figure="customs", cost=1500.0)
        yield m.Branch(name="bag", chances=(m.Chance(figure="bag_lost", to="failed"),))
        yield m.Delay(name="preparation", figure="preparation")
        yield m.Delay(name="lymphodepletion", figure=self.lymphodepletion())
        yield m.Attrition(name="attrition", since="apheresis", figure="attrition", to="patient_lost")
        if self.plant.beds:
            yield m.Seize(name="wait_bed", resource=BED)
        yield m.Mark(milestone="infusion")
        yield m.Delay(name="bed", figure="bed")
        if self.plant.beds:
            yield m.Release(resource=BED)
        yield m.End(outcome="infused")

    def lymphodepletion(self) -> str:
        bedside = self.definition.supply.bedside
        least, most = bedside.lymphodepletion_before_minimum, bedside.lymphodepletion_before_maximum
        usual = min(max(LYMPHODEPLETION, least), most)
        span = spreads.Triangular(low=hours(least), mode=hours(usual), high=hours(most))
        return self.figure("lymphodepletion", span, "supply.yaml, bedside; most often five days before, as published")


def _ways_out(slot: str | None) -> tuple[m.Operation, ...]:
    given_back = () if slot is None else (m.Release(resource=slot),)
    return (
        m.Delay(name="appointed", figure="appointed"),
        m.Branch(name="kept", chances=(m.Chance(figure="not_collected", to="withdrawn"),)),
        m.Branch(name="put off", chances=(m.Chance(figure="postponed", to="postponed"),)),
        m.Go(to="collect"),
        m.Delay(name="postponed", figure="postponement"),
        m.Go(to="collect"),
        m.End(name="withdrawn", outcome="not_collected"),
        m.Branch(name="out_of_specification", chances=(m.Chance(figure="oos_given", to="review"),)),
        m.Branch(name="not_given", chances=(m.Chance(figure="made_again", to="again"),)),
        m.End(name="lost_to_specification", outcome="out_of_specification"),
        m.Mark(name="broken_off", milestone="broken_off"),
        *given_back,
        m.Branch(name="failed", chances=(m.Chance(figure="made_again", to="again"),)),
        m.End(name="lost_to_failure", outcome="batch_failed"),
        m.Attrition(name="again", since="apheresis", figure="attrition", to="patient_lost"),
        m.Delay(name="apheresis_again", figure="apheresis_again"),
        m.Go(to="collect"),
        m.End(name="patient_lost", outcome="patient_lost"),
    )
