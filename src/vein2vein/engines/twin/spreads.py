"""How durations spread: the distributions a figure may have, in the figure's own unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Clipped:
    """What every distribution may have: values below `at_least` become it, values above `at_most` likewise."""

    kind: ClassVar[str]
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(Clipped):
    """Always the same."""

    kind: ClassVar[str] = "fixed"
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform(Clipped):
    """Anything from low to high, alike likely."""

    kind: ClassVar[str] = "uniform"
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Triangular(Clipped):
    """From low to high, most often near mode."""

    kind: ClassVar[str] = "triangular"
    low: float
    mode: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNormal(Clipped):
    """Log-normal about the median; `sigma` is the standard deviation of the logarithm."""

    kind: ClassVar[str] = "lognormal"
    median: float
    sigma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Exponential(Clipped):
    """Without memory, with a mean."""

    kind: ClassVar[str] = "exponential"
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Empirical(Clipped):
    """As observed: sorted values alike likely, with straight lines between them."""

    kind: ClassVar[str] = "empirical"
    values: tuple[float, ...]


Spread = Fixed | Uniform | Triangular | LogNormal | Exponential | Empirical
