"""The most that a step can take, whatever will be measured: formulas by interval arithmetic.

What is measured lies between nothing and everything; what is computed follows from it by its own formula. So a
definition that seeds `min(…, 4e8 [cell])` says itself how much vector a batch can need, before a cell is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, localcontext

from vein2vein.core import units
from vein2vein.engines.definitions.formulas import Binary, Call, Expression, Name, Negated, Number
from vein2vein.engines.definitions.model.definition import Definition
from vein2vein.engines.definitions.model.process import Compute, Consume
from vein2vein.engines.definitions.values import OFFSET_UNITS, Quantity, pint_unit

_ENDLESS = Decimal("Infinity")
_NOTHING = Decimal(0)
_STEPPED = {"ceil": ROUND_CEILING, "floor": ROUND_FLOOR, "round": ROUND_HALF_UP}


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, either of which may be endless; magnitudes in pint's base units."""

    low: Decimal
    high: Decimal


MEASURED = Interval(_NOTHING, _ENDLESS)
"""What nobody knows yet: nothing that is counted, weighed or timed is less than nothing."""
UNKNOWN = Interval(-_ENDLESS, _ENDLESS)


def most(
    definition: Definition, step: Consume, *, alternative: str, known: Mapping[str, Quantity], unit: str
) -> Decimal | None:
    """Return the most that `step` can take, in `unit`, given what is `known`; None where it has no bound.

    `known` holds the ordered dose, the patient's weight, and what the lot carries (a titre).
    """
    expressions: dict[str, Expression] = {}
    for _, steps in definition.process.for_alternative(alternative):
        for one in steps:
            if isinstance(one, Compute):
                expressions[one.value] = one.formula.expression
            elif isinstance(one, Consume) and one.value is not None:
                expressions[one.value] = one.quantity.expression
    with localcontext(Context(prec=28)):
        found = _bounds(step.quantity.expression, _Given(known, expressions))
        if not found.high.is_finite():
            return None
        one_of_it = units.registry().Quantity(Decimal(1), pint_unit(unit)).to_base_units()
        return Decimal(found.high / Decimal(one_of_it.magnitude))


@dataclass(frozen=True, slots=True)
class _Given:
    known: Mapping[str, Quantity]
    expressions: Mapping[str, Expression]


def _bounds(expression: Expression, given: _Given) -> Interval:
    match expression:
        case Number(quantity):
            return _exactly(quantity)
        case Name(name):
            if name in given.known:
                return _exactly(given.known[name])
            if name not in given.expressions:
                return MEASURED
            # a name is computed from earlier steps only, so that this ends
            return _bounds(given.expressions[name], given)
        case Negated(of):
            inner = _bounds(of, given)
            return Interval(-inner.high, -inner.low)
        case Binary(sign, left, right):
            return _joined(sign, _bounds(left, given), _bounds(right, given))
        case Call(function, arguments):
            return _called(function, [_bounds(one, given) for one in arguments])


def _exactly(quantity: Quantity) -> Interval:
    if quantity.unit in OFFSET_UNITS:
        return UNKNOWN
    base = Decimal(units.registry().Quantity(quantity.magnitude, pint_unit(quantity.unit)).to_base_units().magnitude)
    return Interval(base, base)


def _joined(sign: str, left: Interval, right: Interval) -> Interval:
    if sign == "+":
        return Interval(left.low + right.low, left.high + right.high)
    if sign == "-":
        return Interval(left.low - right.high, left.high - right.low)
    if sign == "*":
        corners = [_times(one, other) for one in (left.low, left.high) for other in (right.low, right.high)]
        return Interval(min(corners), max(corners))
    if right.low <= 0 <= right.high:
        return MEASURED if left.low >= 0 and right.low >= 0 else UNKNOWN
    corners = [_over(one, other) for one in (left.low, left.high) for other in (right.low, right.high)]
    return Interval(min(corners), max(corners))


def _times(one: Decimal, other: Decimal) -> Decimal:
    # an end that is endless stands for numbers without bound, all of them finite: nothing times those is nothing
    return _NOTHING if _NOTHING in (one, other) else one * other


def _over(one: Decimal, other: Decimal) -> Decimal:
    if not other.is_finite():
        return _NOTHING if one.is_finite() else _ENDLESS.copy_sign(one * other)
    return one / other


def _called(function: str, arguments: list[Interval]) -> Interval:
    if function in {"min", "max"}:
        pick = min if function == "min" else max
        return Interval(pick(one.low for one in arguments), pick(one.high for one in arguments))
    step = arguments[1] if len(arguments) == 2 else Interval(Decimal(1), Decimal(1))
    if step.low != step.high or step.low <= 0:
        return UNKNOWN
    return Interval(*(_stepped(end, step.low, function) for end in (arguments[0].low, arguments[0].high)))


def _stepped(end: Decimal, step: Decimal, function: str) -> Decimal:
    return (end / step).to_integral_value(rounding=_STEPPED[function]) * step if end.is_finite() else end
