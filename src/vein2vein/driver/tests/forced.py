"""Runs in which each patient meets just what a test asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import seeded
from vein2vein.driver.database import simulated
from vein2vein.driver.demo import EPOCH, Demonstration, Made
from vein2vein.driver.draws import Draws

T = TypeVar("T")


@dataclass(slots=True)
class Forced(Draws):
    """The chance of one patient to whom exactly the `sure` things happen, once; `picked` says which option comes.

    "lot recalled@4" happens when it is asked for the fourth time; a fraction picks the share of a span.
    """

    sure: frozenset[str] = frozenset()
    picked: Mapping[str, float] = field(default_factory=dict)

    def share(self, name: str) -> float:
        picked = self.picked.get(name)
        return picked if isinstance(picked, float) else Draws.share(self, name)

    def happens(self, name: str, chance: float) -> bool:
        del chance
        self._asked[name] = self._asked.get(name, 0) + 1
        asked = self._asked[name]
        return (name in self.sure and asked == 1) or f"{name}@{asked}" in self.sure

    def choose(self, name: str, options: tuple[T, ...]) -> T:
        if name in self.picked:
            return options[int(self.picked[name]) % len(options)]
        return Draws.choose(self, name, options)


Fate = tuple[set[str], Mapping[str, float]]
"""What happens to a patient for certain, and which option comes where there are several."""


def walk(
    tables: str,
    fates: Sequence[Fate],
    *,
    site_wide: Iterable[str] = (),
    days: float = 1.0,
    until_days: float | None = None,
    look: Callable[[], None] = lambda: None,
) -> Made:
    """Carry one patient for each fate to their end, or so many days far; every invariant is checked, then `look`."""
    clock = SimulatedClock(datetime.fromisoformat(EPOCH))
    until = None if until_days is None else clock.at + timedelta(days=until_days)

    def chance(seed: int, number: int) -> Draws:
        sure, picked = fates[number - 1] if number else (site_wide, {})
        return Forced(seed, number, sure=frozenset(sure), picked=picked)

    with seeded(1), simulated(clock, keep=False, say=lambda _: None, tables_of=tables):
        spread, count = timedelta(days=1), len(fates)
        site = Demonstration(clock, patients=count, seed=1, spread=spread, say=lambda _: None, chance=chance)
        made = site.run(until)
        look()
        return made
