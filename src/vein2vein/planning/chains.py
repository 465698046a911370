"""A course as the engine sees it: its operations from the definition, from the apheresis to the infusion.

Nothing about a therapy is written here: durations, holds, ages, staff and equipment come from the approved definition,
journeys from the network's lanes; what neither says is in `allowances`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from vein2vein.core.actor import Role
from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.model.process import Operation as Made
from vein2vein.engines.definitions.model.process import Sample
from vein2vein.engines.definitions.vocabulary import Stage
from vein2vein.engines.scheduling import Draw, Limit, Operation, Use
from vein2vein.planning import allowances
from vein2vein.planning.frame import down, up
from vein2vein.therapies.routes import SHIFT

COLLECTION = "collection"
TRANSPORT_IN = "transport_in"
RELEASE_TESTS = "release_tests"
REVIEW = "review"
RELEASE = "release"
TRANSPORT_OUT = "transport_out"
INFUSION = "infusion"
SLOT = "manufacturing_slot"
BED = "infusion_bed"
COURIER = "courier"
LONGEST_LIMIT = timedelta(days=60)
"""Limits longer than this bind no plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A way between hospital and plant: whose couriers ("": the carrier sees to them), how long."""

    carrier: str
    typical: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What there is around a course: `units` are the kinds with bookable units, by site."""

    plant: str
    hospital: str
    market: str
    inward: Journey
    outward: Journey
    units: Mapping[str, frozenset[str]]

    def has(self, kind: str, site: str) -> bool:
        """Say whether a site has units of a kind, so that they are finite."""
        return kind in self.units.get(site, ())


def place(site: str) -> str:
    """Return the qualification that every resource at a site has."""
    return f"at {site}"


def trained(therapy: str, operation: str) -> str:
    """Return the qualification of those who have all trainings of an operation."""
    return f"for {therapy}: {operation}"


def trainings_of(definition: Definition, alternative: str) -> Iterator[tuple[str, Role, frozenset[str]]]:
    """Yield for each operation and role of its staff the trainings that its steps ask of that role."""
    for operation, steps in definition.process.for_alternative(alternative):
        for staff in operation.staff:
            asked = (one.training for one in steps if one.role == staff.role and one.training)
            yield operation.id, staff.role, frozenset(asked)


def slot_length(definition: Definition, alternative: str) -> int:
    """Return how many minutes a manufacturing slot is kept: as long as all operations take at most."""
    operations = definition.process.for_alternative(alternative)
    return down(sum((one.duration.longest() for one, _ in operations), timedelta(0)))


@dataclass(frozen=True, slots=True)
class Chain:
    """The operations of a course, the limits across several of them, and which of them make the product."""

    operations: tuple[Operation, ...]
    limits: tuple[Limit, ...]
    making: tuple[str, ...]


def chain_of(
    definition: Definition, alternative: str, around: Surroundings, draws: Mapping[str, tuple[Draw, ...]]
) -> Chain:
    """Return a course's whole chain; `draws` are the lots that an operation of the process takes from."""
    process = definition.process.for_alternative(alternative)
    making = tuple(_make(definition, alternative, one, around, draws) for one, _ in process)
    making = (_with_slot(making[0], definition, alternative, around), *making[1:]) if making else ()
    chain = (
        Operation(code=COLLECTION, duration_min=up(allowances.COLLECTION)),
        _journey(TRANSPORT_IN, around.inward, around),
        *making,
        *_after(definition, around),
    )
    codes = tuple(one.code for one in making)
    return Chain(chain, tuple(_limits(definition, alternative, making, around)), codes)


def _make(
    definition: Definition,
    alternative: str,
    made: Made,
    around: Surroundings,
    draws: Mapping[str, tuple[Draw, ...]],
) -> Operation:
    lasts = up(made.duration.typical())
    uses = []
    if around.has(made.equipment_class, around.plant):
        uses.append(Use(kind=made.equipment_class, to_min=lasts, qualification=place(around.plant)))
    for staff in made.staff:
        if around.has(staff.role.value, around.plant):
            asked = trained(definition.therapy.id, made.id)
            uses += [Use(kind=staff.role.value, to_min=_present(lasts), qualification=asked)] * staff.count
    order = [one.id for one, _ in definition.process.for_alternative(alternative)]
    before = order.index(made.id) - 1
    holds = [one.within for one in made.after if before >= 0 and one.operation == order[before]]
    return Operation(
        code=made.id,
        duration_min=lasts,
        wait_most_min=down(min(holds)) if holds else None,
        uses=tuple(uses),
        draws=draws.get(made.id, ()),
    )


def _present(lasts: int) -> int:
    """Return how long people are at an operation: all of it, or the first two hours of what outlasts a shift."""
    return min(lasts, up(allowances.BESIDE_LONG)) if lasts > up(SHIFT) else lasts


def _with_slot(first: Operation, definition: Definition, alternative: str, around: Surroundings) -> Operation:
    if not around.has(SLOT, around.plant):
        return first
    line = Use(kind=SLOT, to_min=slot_length(definition, alternative), qualification=place(around.plant))
    return replace(first, uses=(line, *first.uses))


def _journey(code: str, way: Journey, around: Surroundings) -> Operation:
    lasts = up(way.typical)
    courier = (Use(kind=COURIER, to_min=lasts, qualification=place(way.carrier)),)
    return Operation(code=code, duration_min=lasts, uses=courier if around.has(COURIER, way.carrier) else ())


def _after(definition: Definition, around: Surroundings) -> Iterator[Operation]:
    """Yield what comes after the process: tests, review, release, the way back, the infusion."""
    tests = up(max((one for one in _turnarounds(definition, around.market)), default=timedelta(0)))
    review = up(definition.specification.review.typical())
    yield Operation(
        code=RELEASE_TESTS,
        duration_min=max(tests, up(allowances.ANALYST)),
        uses=_staffed(Role.QC_ANALYST, allowances.ANALYST, around),
    )
    yield Operation(code=REVIEW, duration_min=review, uses=_staffed(Role.QA_REVIEWER, allowances.REVIEWER, around))
    yield Operation(
        code=RELEASE,
        duration_min=up(allowances.RELEASE),
        uses=_staffed(Role.QUALIFIED_PERSON, allowances.RELEASE, around),
    )
    yield _journey(TRANSPORT_OUT, around.outward, around)
    bed = Use(kind=BED, to_min=up(allowances.BED_STAY), qualification=place(around.hospital))
    yield Operation(
        code=INFUSION,
        duration_min=up(allowances.INFUSION),
        wait_least_min=up(definition.supply.bedside.lymphodepletion_before_minimum),
        uses=(bed,) if around.has(BED, around.hospital) else (),
    )


def _staffed(role: Role, span: timedelta, around: Surroundings) -> tuple[Use, ...]:
    if not around.has(role.value, around.plant):
        return ()
    return (Use(kind=role.value, to_min=up(span), qualification=place(around.plant)),)


def _turnarounds(definition: Definition, market: str) -> Iterator[timedelta]:
    """Yield how long the release tests of a market take, the growth of their satellite cultures included."""
    asked = {one.test for one in definition.specification.criteria if market in one.markets}
    samples = [step for _, step in definition.process.all_steps() if isinstance(step, Sample)]
    cultures = {one.sample: one.culture or timedelta(0) for one in samples}
    for test in definition.specification.tests:
        if test.stage is Stage.RELEASE and test.id in asked:
            yield test.turnaround.typical() + cultures.get(test.sample, timedelta(0))


def _limits(
    definition: Definition, alternative: str, making: tuple[Operation, ...], around: Surroundings
) -> Iterator[Limit]:
    if not making:
        return
    rule = definition.supply.starting_material(alternative)
    if rule is not None and rule.maximum_age < LONGEST_LIMIT:
        yield Limit(after=COLLECTION, before=making[0].code, most_min=down(rule.maximum_age))
    codes = [one.code for one in making]
    for made, _ in definition.process.for_alternative(alternative):
        place_of = codes.index(made.id)
        for hold in made.after:
            if hold.operation in codes[: max(0, place_of - 1)]:
                yield Limit(after=hold.operation, before=made.id, most_min=down(hold.within))
    if len(making) > 1 and around.has(SLOT, around.plant):
        left = slot_length(definition, alternative) - making[0].duration_min - making[-1].duration_min
        yield Limit(after=making[0].code, before=making[-1].code, most_min=left)
