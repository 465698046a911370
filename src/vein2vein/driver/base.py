"""The demonstration's site as the invented patients meet it: one clock, one floor, and what is kept in order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from vein2vein.core.ids import SiteId
from vein2vein.driver.agenda import Agenda
from vein2vein.driver.crew import Crew
from vein2vein.driver.draws import Draws
from vein2vein.driver.plant import Floor
from vein2vein.network import reads as network

if TYPE_CHECKING:
    from vein2vein.driver.lives import Life

YOUNG = timedelta(days=8)
"""An order younger than this has at most been collected."""
SITE = "CN-LG"


@dataclass(slots=True)
class Base:
    """The site, its people, its event queue, and the tally of what happened."""

    crew: Crew
    ends_at: datetime
    draws: Draws
    """What happens to the site, and to nobody in particular."""
    per_year: float = 200.0
    endless: bool = False
    """Whether it goes on for ever, at wall speed, beside people who work on the same site."""
    plans: bool = True
    """Whether the planner puts plans in force; what compiles their engine takes too long for a site that is to open."""
    budget_s: float | None = None
    """How long it may take: past it only orders too young to come to manufacture are still placed; None: any time."""
    say: Callable[[str], None] = lambda _: None
    """Who is told at once of a refusal that nobody expected."""
    agenda: Agenda = field(init=False)
    floor: Floor = field(init=False)
    happened: Counter[str] = field(default_factory=Counter)
    lives: list[Life] = field(default_factory=list)
    before: Counter[str] = field(default_factory=Counter)
    """How the treatments had ended that were over when a kept history was gone on with."""
    under_way: int = 0
    refused: list[tuple[int, Exception]] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Prepare queue and floor."""
        self.agenda = Agenda(self.crew.clock, self._stuck, endless=self.endless)
        self.floor = Floor(self.agenda, SiteId(network.get_site(SITE).pk))

    def admits(self) -> bool:
        """Say whether one more patient fits into the time that the run may take."""
        if self.budget_s is None or time.monotonic() - self._began < self.budget_s:
            return True
        return self.ends_at - self.crew.clock.at < YOUNG

    def begun(self, life: Life) -> None:
        """Note that a patient's course has begun."""
        self.lives.append(life)

    def ended(self, life: Life) -> None:
        """Note that a patient's treatment has ended."""
        del life
        self.under_way -= 1

    def _stuck(self, number: int, refusal: Exception) -> None:
        """Note a refusal that nobody expected: that patient stays where they are."""
        self.refused.append((number, refusal))
        self.say(f"patient {number} was refused: {refusal}")
        self.under_way -= number > 0
