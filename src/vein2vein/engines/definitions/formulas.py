"""Formulas: a small closed expression language with units.

    formula = term (("+" | "-") term)*
    term    = factor (("*" | "/") factor)*
    factor  = "-" factor | number [ "[" unit "]" ] | name | function "(" formula ("," formula)* ")" | "(" formula ")"

Functions: `min`, `max` (two or more of one kind); `ceil`, `floor`, `round` (value, step): to a whole
multiple of the step, a half away from zero; the step may be left out for a pure number. Arithmetic is
`Decimal` with 28 digits. Temperatures in degC are refused: their zero is a convention.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, DecimalException, localcontext
from functools import lru_cache, reduce
from typing import TYPE_CHECKING

from vein2vein.core import units
from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.values import NUMBER, OFFSET_UNITS, UNIT, Quantity, pint_unit

if TYPE_CHECKING:
    import pint

    _Value = pint.facets.plain.PlainQuantity[Decimal]

_TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<number>{NUMBER.removeprefix('[+-]?')})|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    rf"|\[(?P<unit>{UNIT})\]|(?P<sign>[-+*/(),])"
)
_LONGEST, _DEEPEST = 500, 30
_STEPPED = {"ceil": ROUND_CEILING, "floor": ROUND_FLOOR, "round": ROUND_HALF_UP}
FUNCTIONS = ("min", "max", *_STEPPED)


class FormulaFault(Exception):
    """A formula that cannot be read, whose units do not agree, or that has no value; `message` is marked with `N_`."""

    def __init__(self, message: str, **params: str) -> None:
        """Carry a message with %(name)s places and what fills them."""
        self.message = message
        self.params = params
        super().__init__(message % params)


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit."""

    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Name:
    """A value measured, computed or given elsewhere."""

    name: str


@dataclass(frozen=True, slots=True)
class Negated:
    """The negative of an expression."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """Two expressions joined by one of + - * /."""

    sign: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the closed set with its arguments."""

    function: str
    arguments: tuple[Expression, ...]


Expression = Number | Name | Negated | Binary | Call


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as it is written; it is known to be well formed once a definition has been read."""

    text: str

    @property
    def expression(self) -> Expression:
        """Return the parsed expression; `FormulaFault` when it is not well formed."""
        return parse(self.text)

    def __str__(self) -> str:
        """Return it as it is written."""
        return self.text


class _Tokens:
    def __init__(self, text: str) -> None:
        if len(text) > _LONGEST:
            raise FormulaFault(N_("the formula is longer than %(longest)s characters"), longest=str(_LONGEST))
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise FormulaFault(N_("“%(found)s” has no place in a formula"), found=text[at : at + 10])
            kind = match.lastgroup or ""
            if kind != "space":
                self.tokens.append((kind, match[kind]))
            at = match.end()
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def take_sign(self, signs: str) -> str | None:
        kind, text = self.peek()
        if kind == "sign" and text in signs:
            self.at += 1
            return text
        return None

    def expect(self, sign: str) -> None:
        if self.take_sign(sign) is None:
            raise FormulaFault(
                N_("“%(wanted)s” is missing before “%(found)s”"), wanted=sign, found=self.peek()[1] or "the end"
            )


@lru_cache(maxsize=2048)
def parse(text: str) -> Expression:
    """Return the expression that `text` writes; raises `FormulaFault`, and nothing else."""
    tokens = _Tokens(text)
    made = _sum(tokens, 0)
    kind, rest = tokens.peek()
    if kind != "end":
        raise FormulaFault(N_("“%(found)s” has no place in a formula"), found=rest)
    return made


def _sum(tokens: _Tokens, depth: int) -> Expression:
    if depth > _DEEPEST:
        raise FormulaFault(N_("the formula is nested deeper than %(deepest)s"), deepest=str(_DEEPEST))
    made = _product(tokens, depth)
    while sign := tokens.take_sign("+-"):
        made = Binary(sign, made, _product(tokens, depth))
    return made


def _product(tokens: _Tokens, depth: int) -> Expression:
    made = _factor(tokens, depth)
    while sign := tokens.take_sign("*/"):
        made = Binary(sign, made, _factor(tokens, depth))
    return made


def _factor(tokens: _Tokens, depth: int) -> Expression:
    kind, text = tokens.take()
    if kind == "sign" and text == "-":
        if depth > _DEEPEST:
            raise FormulaFault(N_("the formula is nested deeper than %(deepest)s"), deepest=str(_DEEPEST))
        return Negated(_factor(tokens, depth + 1))
    if kind == "sign" and text == "(":
        inner = _sum(tokens, depth + 1)
        tokens.expect(")")
        return inner
    if kind == "number":
        return Number(Quantity(Decimal(text), _number_unit(tokens)))
    if kind == "name":
        return _call(tokens, text, depth) if tokens.take_sign("(") else Name(text)
    raise FormulaFault(N_("a value is missing before “%(found)s”"), found=text or "the end")


def _number_unit(tokens: _Tokens) -> str:
    kind, unit = tokens.peek()
    if kind != "unit":
        return "1"
    tokens.take()
    try:
        pint_unit(unit)
    except ValueError:
        raise FormulaFault(N_("nobody knows the unit “%(unit)s”"), unit=unit) from None
    return unit


def _call(tokens: _Tokens, function: str, depth: int) -> Expression:
    if function not in FUNCTIONS:
        raise FormulaFault(N_("there is no function “%(name)s”"), name=function)
    arguments = [_sum(tokens, depth + 1)]
    while tokens.take_sign(","):
        arguments.append(_sum(tokens, depth + 1))
    tokens.expect(")")
    fits = len(arguments) <= 2 if function in _STEPPED else len(arguments) >= 2
    if not fits:
        raise FormulaFault(N_("“%(name)s” has the wrong number of arguments"), name=function)
    return Call(function, tuple(arguments))


def names_in(expression: Expression) -> Iterator[str]:
    """Yield every name that the expression refers to, in order, repeated where it is."""
    match expression:
        case Name(name):
            yield name
        case Negated(of):
            yield from names_in(of)
        case Binary(_, left, right):
            yield from names_in(left)
            yield from names_in(right)
        case Call(_, arguments):
            for argument in arguments:
                yield from names_in(argument)
        case Number():
            return


def _multiplicative(unit: str) -> pint.Unit:
    if unit in OFFSET_UNITS:
        raise FormulaFault(N_("%(unit)s cannot be calculated with; its zero is a convention"), unit=unit)
    return pint_unit(unit)


def unit_of(expression: Expression, environment: Mapping[str, str]) -> pint.Unit:
    """Return the unit of the result, given the unit symbol of each name; raises `FormulaFault` when units disagree."""
    match expression:
        case Number(quantity):
            return _multiplicative(quantity.unit)
        case Name(name):
            if name not in environment:
                raise FormulaFault(N_("nothing measures, computes or gives “%(name)s” before this step"), name=name)
            return _multiplicative(environment[name])
        case Negated(of):
            return unit_of(of, environment)
        case Binary(sign, left, right):
            one, other = unit_of(left, environment), unit_of(right, environment)
            if sign in "+-":
                return _agreed(one, other)
            joined: pint.Unit = one * other if sign == "*" else one / other
            return joined
        case Call(function, arguments):
            found = [unit_of(argument, environment) for argument in arguments]
            if function in _STEPPED and len(found) == 1 and not found[0].dimensionless:
                raise FormulaFault(
                    N_("“%(name)s” of a quantity needs a step, as in %(name)s(x, 1 [mL])"), name=function
                )
            return reduce(_agreed, found)


def _agreed(one: pint.Unit, other: pint.Unit) -> pint.Unit:
    if one.dimensionality != other.dimensionality:
        raise FormulaFault(N_("the units do not agree: %(one)s and %(other)s"), one=f"{one:~C}", other=f"{other:~C}")
    return one


def agrees(expression: Expression, environment: Mapping[str, str], unit: str) -> bool:
    """Say whether the result can be given in `unit`; raises `FormulaFault` when units disagree within."""
    return bool(unit_of(expression, environment).dimensionality == pint_unit(unit).dimensionality)


def evaluate(expression: Expression, values: Mapping[str, Quantity], unit: str) -> Quantity:
    """Return the value in `unit`, a symbol of the closed list.

    Raises `FormulaFault`: a name without a value, units that disagree, a division by zero, a number out of range.
    """
    from pint import DimensionalityError

    unit_of(expression, {name: value.unit for name, value in values.items()})
    with localcontext(Context(prec=28)):
        try:
            made = _value(expression, values)
            return Quantity(+Decimal(made.to(pint_unit(unit)).magnitude), unit)
        except DimensionalityError:
            raise FormulaFault(N_("the result is not a quantity in %(unit)s"), unit=unit) from None
        except (DecimalException, OverflowError):
            raise FormulaFault(N_("the result is out of range")) from None


def _value(expression: Expression, values: Mapping[str, Quantity]) -> _Value:
    match expression:
        case Number(quantity):
            return _pint(quantity)
        case Name(name):
            return _pint(values[name])
        case Negated(of):
            return -_value(of, values)
        case Binary(sign, left, right):
            return _joined(sign, _value(left, values), _value(right, values))
        case Call(function, arguments):
            return _called(function, [_value(argument, values) for argument in arguments])


def _pint(quantity: Quantity) -> _Value:
    return units.registry().Quantity(quantity.magnitude, pint_unit(quantity.unit))


def _joined(sign: str, left: _Value, right: _Value) -> _Value:
    if sign == "/" and right.magnitude == 0:
        raise FormulaFault(N_("division by zero"))
    joins: dict[str, Callable[[], _Value]] = {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
    }
    return joins[sign]()


def _called(function: str, arguments: list[_Value]) -> _Value:
    if function in {"min", "max"}:
        pick = min if function == "min" else max
        return pick(arguments, key=lambda argument: Decimal(argument.to_base_units().magnitude))
    value = arguments[0]
    step = (arguments[1] if len(arguments) == 2 else units.registry().Quantity(Decimal(1), "")).to(value.units)
    if step.magnitude == 0:
        raise FormulaFault(N_("division by zero"))
    steps = (Decimal(value.magnitude) / Decimal(step.magnitude)).to_integral_value(rounding=_STEPPED[function])
    made: _Value = step * steps
    return made
