"""The operation table: every route of a model, for each demand, as rows of numbers that the compiled loop runs.

A row does one thing to one course. What a route writes short (`using`, several chances, branches together) is
written out here; draws are keyed by the operation's name, so that a change elsewhere does not touch them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vein2vein.engines.twin import model as m
from vein2vein.engines.twin import spreads
from vein2vein.engines.twin.calendars import Steps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HOURS = {"h": 1.0, "d": 24.0, "min": 1.0 / 60.0}
RATES = {"1/h": 1.0, "1/d": 1.0 / 24.0}
SHARES = {"1": 1.0, "%": 0.01}
PATIENT_BIT: Final = 24
ROW_BIT: Final = 8
MOST_ROWS: Final = 1 << (PATIENT_BIT - ROW_BIT)
MOST_TOKENS: Final = 1 << ROW_BIT
"""A key of an event holds patient, row and token in one whole number."""


class Code(IntEnum):
    """What a row does; ONCE, which only a rehearsal writes, jumps the first time and never again."""

    SEIZE = 0
    RELEASE = 1
    DELAY = 2
    WORK = 3
    BRANCH = 4
    MARK = 5
    LIMIT = 6
    ATTRITION = 7
    ONCE = 8
    GO = 9
    FORK = 10
    JOIN = 11
    CHARGE = 12
    END = 13


class Shape(IntEnum):
    """How a row's duration is drawn (`draws.quantile`)."""

    FIXED = 0
    UNIFORM = 1
    TRIANGULAR = 2
    LOGNORMAL = 3
    EXPONENTIAL = 4
    EMPIRICAL = 5


class Operations(NamedTuple):
    """The rows, one array for each column; times in hours.

    `of`: resource, milestone, outcome, or for JOIN the number of rows of operations joined. `to`: where a jump goes.
    `a` … `e` are `draws.quantile`'s, for BRANCH `a` is the cumulated chance, for LIMIT and ATTRITION hours and rate,
    for CHARGE money.
    """

    code: Ints
    of: Ints
    to: Ints
    stream: NDArray[np.uint64]
    shape: Ints
    a: Floats
    b: Floats
    c: Floats
    d: Floats
    e: Floats
    least: Floats
    most: Floats
    points: Floats


class Calendars(NamedTuple):
    """Steps of all resources in one line: resource r has `first[r]` … `first[r + 1] - 1`, the last one at infinity.

    `opened` is how many hours it had any capacity up to each step; `window_first` and `window_last` how many up to the
    beginning and the end of the measured window, for each resource.
    """

    first: Ints
    at: Floats
    capacity: Ints
    opened: Floats
    window_first: Floats
    window_last: Floats


@dataclass(slots=True)
class Row:
    """One row as it is written; `target` is the name of the operation that it jumps to."""

    code: Code
    name: str = ""
    of: int = 0
    target: str = ""
    to: int = -1
    shape: Shape = Shape.FIXED
    numbers: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    least: float = 0.0
    most: float = math.inf
    points: tuple[float, ...] = ()
    figure: str = ""
    operation: str = ""


@dataclass(slots=True)
class Table:
    """A model compiled; `rows` tell what each row of `operations` is, `starts[demand]` where its route begins."""

    model: m.Model
    rows: list[Row] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    steps: list[Steps] = field(default_factory=list)
    milestones: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    priorities: list[int] = field(default_factory=list)
    tokens: int = 1
    last_h: float = 0.0
    operations: Operations = field(init=False)
    calendars: Calendars = field(init=False)


def shaped(figure: m.Figure) -> Row:
    """Return a row that draws a figure's duration in hours."""
    scale = HOURS[figure.unit]
    value = spreads.Fixed(value=figure.value) if isinstance(figure.value, float) else figure.value
    row = Row(Code.DELAY)
    if value.at_least is not None:
        row.least = value.at_least * scale
    if value.at_most is not None:
        row.most = value.at_most * scale
    match value:
        case spreads.Fixed():
            row.numbers = (value.value * scale, 0.0, 0.0, 0.0, 0.0)
        case spreads.Uniform():
            row.shape = Shape.UNIFORM
            row.numbers = (value.low * scale, value.high * scale - value.low * scale, 0.0, 0.0, 0.0)
        case spreads.Triangular():
            low, mode, high = value.low * scale, value.mode * scale, value.high * scale
            row.shape = Shape.TRIANGULAR if high > low else Shape.FIXED
            cut = (mode - low) / (high - low) if high > low else 0.0
            row.numbers = (low, high, cut, (high - low) * (mode - low), (high - low) * (high - mode))
        case spreads.LogNormal():
            row.shape = Shape.LOGNORMAL
            row.numbers = (value.median * scale, value.sigma, 0.0, 0.0, 0.0)
        case spreads.Exponential():
            row.shape = Shape.EXPONENTIAL
            row.numbers = (value.mean * scale, 0.0, 0.0, 0.0, 0.0)
        case spreads.Empirical():
            row.shape = Shape.EMPIRICAL
            row.points = tuple(sorted(one * scale for one in value.values))
    return row
