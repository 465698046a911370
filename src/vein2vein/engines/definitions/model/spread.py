"""How long something takes: a fixed span or a distribution."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Always the same span."""

    kind: ClassVar[str] = "fixed"
    value: timedelta

    def shortest(self) -> timedelta:
        """Return the shortest span planned for."""
        return self.value

    def typical(self) -> timedelta:
        """Return the span planned with."""
        return self.value

    def longest(self) -> timedelta:
        """Return the longest span planned for."""
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """Anything from low to high, alike likely."""

    kind: ClassVar[str] = "uniform"
    low: timedelta
    high: timedelta

    def shortest(self) -> timedelta:
        """Return the shortest span planned for."""
        return self.low

    def typical(self) -> timedelta:
        """Return the middle."""
        return (self.low + self.high) / 2

    def longest(self) -> timedelta:
        """Return the longest span planned for."""
        return self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Triangular:
    """From low to high, most often near mode."""

    kind: ClassVar[str] = "triangular"
    low: timedelta
    mode: timedelta
    high: timedelta

    def shortest(self) -> timedelta:
        """Return the shortest span planned for."""
        return self.low

    def typical(self) -> timedelta:
        """Return the mode."""
        return self.mode

    def longest(self) -> timedelta:
        """Return the longest span planned for."""
        return self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNormal:
    """Log-normal about the median with shape `sigma`, cut off at `maximum`."""

    kind: ClassVar[str] = "lognormal"
    median: timedelta
    sigma: Decimal
    maximum: timedelta

    def shortest(self) -> timedelta:
        """Return zero: a log-normal has no floor."""
        return timedelta(0)

    def typical(self) -> timedelta:
        """Return the median."""
        return self.median

    def longest(self) -> timedelta:
        """Return the cut-off."""
        return self.maximum


Spread = Fixed | Uniform | Triangular | LogNormal
