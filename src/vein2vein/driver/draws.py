"""Chance, counted and not drawn in a row: each figure of each patient depends on seed, patient and name alone.

So a patient added, or a figure asked for once more, changes nothing for anybody else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Protocol, TypeVar

T = TypeVar("T")


class Spread(Protocol):
    """A distribution of a span, in hours."""

    def at(self, share: float) -> float:
        """Return the quantile for a share between 0 and 1."""


@dataclass(frozen=True, slots=True)
class Triangular:
    """A triangular distribution, in hours."""

    low: float
    mode: float
    high: float

    def at(self, share: float) -> float:
        """Return the quantile for a share between 0 and 1."""
        width, left = self.high - self.low, self.mode - self.low
        if share * width < left:
            return self.low + sqrt(share * width * left)
        return self.high - sqrt((1 - share) * width * (self.high - self.mode))


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A lognormal distribution by its median in hours and sigma, with a floor below which nothing falls."""

    median: float
    sigma: float
    floor: float = 0.0

    def at(self, share: float) -> float:
        """Return the quantile for a share between 0 and 1."""
        return max(self.floor, exp(log(self.median) + self.sigma * NormalDist().inv_cdf(share)))


@dataclass(frozen=True, slots=True)
class Uniform:
    """A uniform distribution, in hours."""

    low: float
    high: float

    def at(self, share: float) -> float:
        """Return the quantile for a share between 0 and 1."""
        return self.low + share * (self.high - self.low)


@dataclass(slots=True)
class Draws:
    """The chance of one patient under one seed."""

    seed: int
    patient: int
    _asked: dict[str, int] = field(default_factory=dict)

    def share(self, name: str) -> float:
        """Return a number between 0 and 1, another one each time that the same name is asked for."""
        count = self._asked[name] = self._asked.get(name, 0) + 1
        digest = sha256(f"{self.seed}|{self.patient}|{name}|{count}".encode()).digest()
        return (int.from_bytes(digest[:6], "big") + 0.5) / 2**48

    def span(self, name: str, spread: Spread) -> timedelta:
        """Return a span from a distribution, to the minute."""
        return timedelta(minutes=round(60 * spread.at(self.share(name))))

    def happens(self, name: str, chance: float) -> bool:
        """Say whether something of this chance happens."""
        return self.share(name) < chance

    def choose(self, name: str, options: tuple[T, ...]) -> T:
        """Return one of `options`, each as likely."""
        return options[int(self.share(name) * len(options))]

    def around(self, name: str, value: Decimal, swing: float) -> Decimal:
        """Return `value` moved by at most the share `swing`, written as exactly as it is: `2.5` as `2.4`, not `2.41`.

        A value with an exponent (`6e9`) gets three significant digits.
        """
        moved = value * Decimal(1 + swing * (2 * self.share(name) - 1))
        exponent = value.as_tuple().exponent
        assert isinstance(exponent, int)  # noqa: S101 - a number, not infinity
        return moved.quantize(Decimal(1).scaleb(exponent if exponent <= 0 else moved.adjusted() - 2))


@dataclass(slots=True)
class Typical(Draws):
    """The usual course of things: every span is its median, and nothing goes wrong."""

    seed: int = 0
    patient: int = 0

    def share(self, name: str) -> float:
        """Return the middle."""
        del name
        return 0.5

    def happens(self, name: str, chance: float) -> bool:
        """Say no: what goes wrong is not typical."""
        del name, chance
        return False
