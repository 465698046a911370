"""specification.yaml: tests, methods, criteria and releases, by market, phase and effective date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from vein2vein.core.actor import Role
from vein2vein.engines.definitions.formulas import Formula
from vein2vein.engines.definitions.model.spread import Spread
from vein2vein.engines.definitions.values import Range, Text
from vein2vein.engines.definitions.vocabulary import (
    Attribute,
    Evidence,
    Meaning,
    Organisation,
    Phase,
    ReleaseType,
    ResultType,
    RetestRule,
    RoundingMode,
    Route,
    Stage,
    Timing,
    Trigger,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRoute:
    """A route that a market knows, the phase that its criteria follow, and since when."""

    route: Route
    phase: Phase
    effective_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A market (ISO 3166 country or region code) with the routes by which its patients may get the product."""

    id: str
    name: Text
    routes: tuple[MarketRoute, ...]

    def phase_for(self, route: Route) -> Phase | None:
        """Return the phase whose criteria a route follows, or None when the market does not know the route."""
        return next((known.phase for known in self.routes if known.route == route), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """An analytical method at a version, with the compendium or standard it follows.

    `kit` is the material of which each run uses one unit up: its lot is scanned, and stands in the result.
    """

    id: str
    name: Text
    version: str
    compendium: str | None = None
    equipment_class: str | None = None
    kit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """A result is rounded to so many decimals before it meets its criterion."""

    decimals: int
    mode: RoundingMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A possible answer of a qualitative test."""

    id: str
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Retest:
    """When and how often a test may be repeated (N16: never until it passes)."""

    rule: RetestRule
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A release or delayed test.

    A test with a `formula` is computed from other tests' results and from process values (`sample`
    and `method` stay those of its evidence); `unit` is None for a qualitative one.
    """

    __test__ = False

    id: str
    name: Text
    attribute: Attribute
    method: str
    sample: str
    result: ResultType
    stage: Stage
    timing: Timing
    turnaround: Spread
    retest: Retest
    replicates: int = 1
    unit: str | None = None
    rounding: Rounding | None = None
    outcomes: tuple[Outcome, ...] = ()
    formula: Formula | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What a test's result must be in some markets and phases from a date on (until the day before `effective_until`).

    Numeric: `range`; qualitative: `accepted` outcomes; report-only: neither.
    """

    id: str
    test: str
    markets: tuple[str, ...]
    phases: tuple[Phase, ...]
    effective_from: date
    effective_until: date | None = None
    range: Range | None = None
    accepted: tuple[str, ...] = ()
    report_only: bool = False

    def in_force(self, market: str, phase: Phase, on: date) -> bool:
        """Say whether the criterion holds for a market and phase on a day."""
        until = self.effective_until
        days = self.effective_from <= on and (until is None or on < until)
        return market in self.markets and phase in self.phases and days


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """Who signs a release: the role, on whose behalf, with what meaning."""

    role: Role
    organisation: Organisation
    meaning: Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """What must be done, by whom, within which time of a trigger."""

    id: str
    text: Text
    trigger: Trigger
    within: timedelta
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRule:
    """One kind of release in some markets and routes: its evidence, signatories and obligations.

    `open_tests` may still be running at the release (two-stage only).
    """

    id: str
    type: ReleaseType
    markets: tuple[str, ...]
    routes: tuple[Route, ...]
    evidence: tuple[Evidence, ...]
    signatories: tuple[Signatory, ...]
    open_tests: tuple[str, ...] = ()
    obligations: tuple[Obligation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """The whole of specification.yaml."""

    markets: tuple[Market, ...]
    review: Spread
    methods: tuple[Method, ...]
    tests: tuple[Test, ...]
    criteria: tuple[Criterion, ...]
    releases: tuple[ReleaseRule, ...]

    def market(self, market_id: str) -> Market | None:
        """Return a market by its id, or None."""
        return next((market for market in self.markets if market.id == market_id), None)

    def test(self, test_id: str) -> Test | None:
        """Return a test by its id, or None."""
        return next((test for test in self.tests if test.id == test_id), None)

    def method(self, method_id: str) -> Method | None:
        """Return a method by its id, or None."""
        return next((method for method in self.methods if method.id == method_id), None)

    def criterion(self, test_id: str, market: str, phase: Phase, on: date) -> Criterion | None:
        """Return the one criterion in force for a test: spec = f(product, market, phase, effective date)."""
        return next((c for c in self.criteria if c.test == test_id and c.in_force(market, phase, on)), None)

    def releases_for(self, market: str, route: Route) -> tuple[ReleaseRule, ...]:
        """Return the releases that a market's route knows; none means that nothing can be released."""
        return tuple(rule for rule in self.releases if market in rule.markets and route in rule.routes)
