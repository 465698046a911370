"""Counter-based random numbers and the quantile of every distribution, compiled; with `math` alone.

A number depends on seed, replication, patient, operation and round only, never on what else happened: two models that
differ in one thing meet the same luck everywhere else (common random numbers), and any draw can be asked for anew.
Everything is drawn by inversion of one uniform number. `f.py_func` is the same function, not compiled.
"""

from __future__ import annotations

import math
from hashlib import sha256
from typing import Final

import numpy as np

from vein2vein.engines.twin.machine import alone, inlined
from vein2vein.engines.twin.table import Floats, Shape

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_STEP, _HALF_STEP = 2.0**-52, 2.0**-53

FIXED, UNIFORM, TRIANGULAR = int(Shape.FIXED), int(Shape.UNIFORM), int(Shape.TRIANGULAR)
LOGNORMAL, EXPONENTIAL = int(Shape.LOGNORMAL), int(Shape.EXPONENTIAL)


def stream(name: str) -> int:
    """Return the 64-bit number under which an operation's, or a demand's, draws are made."""
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big")


@inlined
def mixed(x: np.uint64) -> np.uint64:
    """Return a 64-bit number scattered over all others (splitmix64's finalizer; Steele, Lea, Flood 2014)."""
    x = (x ^ (x >> _30)) * _FIRST
    x = (x ^ (x >> _27)) * _SECOND
    return x ^ (x >> _31)


@inlined
def joined(key: np.uint64, value: np.uint64) -> np.uint64:
    """Return the key of `value` under another key; distinct values give distinct keys."""
    return mixed(key + _GOLDEN * (value + np.uint64(1)))


@inlined
def uniform(key: np.uint64, of: np.uint64, turn: int) -> float:
    """Return a number strictly between 0 and 1 for a patient's key, an operation's stream and a round."""
    x = mixed(key + of + _GOLDEN * np.uint64(turn))
    return np.float64(np.int64(x >> _12)) * _STEP + _HALF_STEP


@inlined
def _central(q: float) -> float:
    r = 0.180625 - q * q
    above = (
        (
            (
                (
                    ((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                    + 45921.953931549871457
                )
                * r
                + 13731.693765509461125
            )
            * r
            + 1971.5909503065514427
        )
        * r
        + 133.14166789178437745
    ) * r + 3.387132872796366608
    below = (
        (
            (
                (
                    ((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                    + 21213.794301586595867
                )
                * r
                + 5394.1960214247511077
            )
            * r
            + 687.1870074920579083
        )
        * r
        + 42.313330701600911252
    ) * r + 1.0
    return q * above / below


@alone
def _tail(r: float) -> float:
    if r <= 5.0:
        r -= 1.6
        above = 7.7454501427834140764e-4
        for c in (
            0.0227238449892691845833,
            0.24178072517745061177,
            1.27045825245236838258,
            3.64784832476320460504,
            5.7694972214606914055,
            4.6303378461565452959,
            1.42343711074968357734,
        ):
            above = above * r + c
        below = 1.05075007164441684324e-9
        for c in (
            5.475938084995344946e-4,
            0.0151986665636164571966,
            0.14810397642748007459,
            0.68976733498510000455,
            1.6763848301838038494,
            2.05319162663775882187,
            1.0,
        ):
            below = below * r + c
        return above / below
    r -= 5.0
    above = 2.01033439929228813265e-7
    for c in (
        2.71155556874348757815e-5,
        0.0012426609473880784386,
        0.026532189526576123093,
        0.29656057182850489123,
        1.7848265399172913358,
        5.4637849111641143699,
        6.6579046435011037772,
    ):
        above = above * r + c
    below = 2.04426310338993978564e-15
    for c in (
        1.4215117583164458887e-7,
        1.8463183175100546818e-5,
        7.868691311456132591e-4,
        0.0148753612908506148525,
        0.13692988092273580531,
        0.59983220655588793769,
        1.0,
    ):
        below = below * r + c
    return above / below


@inlined
def normal(u: float) -> float:
    """Return the standard normal quantile of `u`, to 1e-15 (Wichura, algorithm AS 241, 1988)."""
    q = u - 0.5
    if abs(q) <= 0.425:
        return _central(q)
    found = _tail(math.sqrt(-math.log(min(u, 1.0 - u))))
    return -found if q < 0.0 else found


@inlined
def quantile(
    shape: int,
    a: float,
    b: float,
    c: float,
    d: float,
    e: float,
    points: Floats,
    u: float,
) -> float:
    """Return the value below which a share `u` of a distribution lies, unclipped; `table.shaped` gives a … e.

    fixed: a; uniform: a + b·u; triangular: from a to b, c the share below the mode; log-normal: median a, σ b;
    exponential: mean a; empirical: the b `points` from place a on, straight lines between them.
    """
    if shape == TRIANGULAR:
        if u < c:
            return a + math.sqrt(u * d)
        return b - math.sqrt((1.0 - u) * e)
    if shape == LOGNORMAL:
        return a * math.exp(b * normal(u))
    if shape == UNIFORM:
        return a + b * u
    if shape == FIXED:
        return a
    if shape == EXPONENTIAL:
        return -a * math.log(1.0 - u)
    place = u * (b - 1.0)
    whole = int(place)
    first = int(a) + whole
    above = points[min(first + 1, int(a) + int(b) - 1)]
    return float(points[first] + (place - whole) * (above - points[first]))
