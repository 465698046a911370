"""Conformity assessment (符合性判定): a total function of results, specification, market, phase and day.

Limits are inclusive. A numeric result is rounded by its test's rule before it meets its criterion (USP General
Notices 7.20; ChP 凡例). A test with no result that counts is missing; one with a result that cannot be held
against its criterion is invalid. Nothing is guessed: what is not clearly a pass is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from vein2vein.core.numbers import written

_MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}
_EXACT = Context(prec=120)
_WIDEST = 40
"""Powers of ten beyond which a number is no measurement."""


class Status(StrEnum):
    """How one test stands."""

    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    FAIL = "fail"
    MISSING = "missing"
    INVALID = "invalid"
    REPORT_ONLY = "report_only"


class Overall(StrEnum):
    """How the batch stands: one failure decides; without one, nothing required may be missing."""

    CONFORMS = "conforms"
    DOES_NOT_CONFORM = "does_not_conform"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRule:
    """A test of the specification. `kind`: numeric, qualitative or report_only.

    A test that is not `required` (a delayed one) is judged when its result is there and not awaited otherwise;
    `may_be_open` says that a two-stage release may go before it.
    """

    __test__ = False

    code: str
    name_en: str = ""
    name_zh: str = ""
    kind: str
    unit: str = ""
    decimals: int | None = None
    mode: str = "half_up"
    required: bool = True
    may_be_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What a test must give in some markets and phases from a day until the day before another; bounds in its unit."""

    id: str
    test: str
    markets: tuple[str, ...]
    phases: tuple[str, ...]
    effective_from: date
    effective_until: date | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    accepted: tuple[str, ...] = ()
    report_only: bool = False

    def in_force(self, market: str, phase: str, on: date) -> bool:
        """Say whether the criterion holds for a market and phase on a day."""
        ended = self.effective_until is not None and on >= self.effective_until
        return market in self.markets and phase in self.phases and on >= self.effective_from and not ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A result as the laboratory holds it: a value in a unit, or an outcome; only a reviewed one counts."""

    test: str
    attempt: int = 1
    value: Decimal | None = None
    unit: str = ""
    outcome: str = ""
    reviewed: bool
    invalidated: bool = False
    raw_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that a verdict depends on."""

    batch: str
    specification: str
    specification_hash: str
    market: str
    route: str
    phase: str
    on: date
    tests: tuple[TestRule, ...]
    criteria: tuple[Criterion, ...]
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One test's verdict: the criterion in force, the result as given and as rounded, and why it stands as it does."""

    test: str
    name_en: str
    name_zh: str
    criterion: str
    limit: str
    value: Decimal | None
    rounded: Decimal | None
    unit: str
    outcome: str
    status: Status
    required: bool
    may_be_open: bool
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict over a batch, test by test in the order of the specification."""

    overall: Overall
    lines: tuple[Line, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """Return the tests that failed."""
        return tuple(line.test for line in self.lines if line.status is Status.FAIL)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Return the required tests that have no result one can judge."""
        return tuple(line.test for line in self.lines if line.required and _lacks(line))

    @property
    def only_open_lacking(self) -> bool:
        """Say whether nothing failed and all that is lacking may be open at a two-stage release."""
        return not self.failed and all(
            line.may_be_open and line.status is Status.MISSING for line in self.lines if line.required and _lacks(line)
        )


def assess(case: Case) -> Verdict:
    """Return the verdict for a case; it raises nothing, whatever the case says."""
    lines = tuple(_judge(rule, case) for rule in case.tests)
    if any(line.status is Status.FAIL for line in lines):
        overall = Overall.DOES_NOT_CONFORM
    elif not lines or any(line.required and _lacks(line) for line in lines) or _strangers(case):
        overall = Overall.INCOMPLETE
    else:
        overall = Overall.CONFORMS
    return Verdict(overall=overall, lines=lines)


def _lacks(line: Line) -> bool:
    return line.status in (Status.MISSING, Status.INVALID)


def _strangers(case: Case) -> bool:
    """Say whether the case names a test twice: then it is not clear what is required."""
    codes = [rule.code for rule in case.tests]
    return len(codes) != len(set(codes))


def _judge(rule: TestRule, case: Case) -> Line:
    in_force = [
        one for one in case.criteria if one.test == rule.code and one.in_force(case.market, case.phase, case.on)
    ]
    criterion = in_force[0] if len(in_force) == 1 else None
    standing = [one for one in case.results if one.test == rule.code and not one.invalidated]
    result = standing[0] if len(standing) == 1 else None
    status, why, rounded = _status(rule, in_force, standing)
    return Line(
        test=rule.code,
        name_en=rule.name_en,
        name_zh=rule.name_zh,
        criterion="" if criterion is None else criterion.id,
        limit="" if criterion is None else describe(criterion, rule.unit),
        value=None if result is None else result.value,
        rounded=rounded,
        unit=rule.unit,
        outcome="" if result is None else result.outcome,
        status=status,
        required=rule.required,
        may_be_open=rule.may_be_open,
        why=why,
    )


def _status(  # noqa: PLR0911 - one return for each way in which a test can stand
    rule: TestRule, in_force: Sequence[Criterion], standing: Sequence[Result]
) -> tuple[Status, str, Decimal | None]:
    if not in_force:
        return Status.MISSING, "no criterion in force", None
    if len(in_force) > 1:
        return Status.INVALID, "more than one criterion in force", None
    if not standing:
        return Status.MISSING, "no result", None
    if len(standing) > 1:
        return Status.INVALID, "more than one result stands", None
    result, criterion = standing[0], in_force[0]
    if not result.reviewed:
        return Status.MISSING, "result not reviewed", None
    if result.value is None:
        return (*_qualitative(criterion, rule, result), None)
    if not _measurable(result.value) or result.outcome or rule.kind == "qualitative":
        return Status.INVALID, "not a value that this test can give", None
    if result.unit != rule.unit:
        return Status.INVALID, f"the unit is {result.unit}, not {rule.unit}", None
    rounded = rounded_value(result.value, rule.decimals, rule.mode)
    if rounded is None:
        return Status.INVALID, f"unknown rounding {rule.mode}", None
    return (*_numeric(criterion, rounded), rounded)


def _measurable(value: Decimal) -> bool:
    return value.is_finite() and abs(value.adjusted()) <= _WIDEST and len(value.as_tuple().digits) <= _WIDEST


def _numeric(criterion: Criterion, value: Decimal) -> tuple[Status, str]:
    if criterion.report_only:
        return Status.REPORT_ONLY, ""
    bounds = [bound for bound in (criterion.low, criterion.high) if bound is not None]
    if criterion.accepted or not bounds or not all(bound.is_finite() for bound in bounds):
        return Status.INVALID, "the criterion has no bounds for a value"
    if criterion.low is not None and value < criterion.low:
        return Status.FAIL, "below the limit"
    if criterion.high is not None and value > criterion.high:
        return Status.FAIL, "above the limit"
    return Status.PASS, ""


def _qualitative(criterion: Criterion, rule: TestRule, result: Result) -> tuple[Status, str]:
    if not result.outcome:
        return Status.INVALID, "neither a value nor an outcome"
    if criterion.report_only:
        return Status.REPORT_ONLY, ""
    if rule.kind != "qualitative" or not criterion.accepted:
        return Status.INVALID, "an outcome where a value is needed"
    if result.outcome in criterion.accepted:
        return Status.PASS, ""
    return Status.FAIL, "not an accepted outcome"


def rounded_value(value: Decimal, decimals: int | None, mode: str) -> Decimal | None:
    """Return the value at so many decimals (as it is for None); None for a mode or place that nobody knows."""
    if decimals is None:
        return value
    rounding = _MODES.get(mode)
    if rounding is None or not 0 <= decimals <= _WIDEST:
        return None
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=rounding, context=_EXACT)


def describe(criterion: Criterion, unit: str) -> str:
    """Return a criterion as it is printed: `≥ 80 %`, `2×10⁶ – 5×10⁷ cell`, or the accepted outcomes."""
    tail = "" if unit in ("", "1") else f" {unit}"
    if criterion.report_only:
        return "report"
    if criterion.accepted:
        return " / ".join(criterion.accepted)
    low, high = _plain(criterion.low), _plain(criterion.high)
    if low and high:
        return f"{low} – {high}{tail}"
    if low:
        return f"≥ {low}{tail}"
    return f"≤ {high}{tail}" if high else ""


def _plain(bound: Decimal | None) -> str:
    """Return a bound as its file writes it, a large whole one with a power of ten."""
    if bound is None or not _measurable(bound):
        return "" if bound is None else str(bound)
    if bound == bound.to_integral_value() and bound.adjusted() >= 5:
        return written(bound)
    return format(bound, "f")
