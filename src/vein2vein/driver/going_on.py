"""The demonstration site goes on by itself, at wall speed: its invented patients, and those who come after them.

A process of its own, which `run` keeps up. It knows nothing that is not in the database: started again, it goes on
with each course from where its order stands. A course on which somebody else has acted is left to them for good.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from vein2vein.driver import figures
from vein2vein.driver.agenda import Clock, Play
from vein2vein.driver.base import Base
from vein2vein.driver.crew import Crew
from vein2vein.driver.draws import Draws
from vein2vein.driver.invention import invent
from vein2vein.driver.lives import Life
from vein2vein.driver.resuming import find_invented, has_late_tests, is_held, resume, stage_of
from vein2vein.driver.starting import SEED
from vein2vein.driver.upkeep import upkeep
from vein2vein.driver.watching import Seen, Watching

POLL_SECONDS = 5.0
FOLLOWED_UP = timedelta(days=20 * 365)


class WallClock:
    """The real time; nobody moves it."""

    @property
    def at(self) -> datetime:
        """Return the present, to the second."""
        return datetime.now(UTC).replace(microsecond=0)

    def move_to(self, at: datetime) -> None:
        """Leave it as it is."""


class Continued:
    """The site's agenda from now on; `say` hears of each course that is left alone."""

    def __init__(
        self, seen: Seen, say: Callable[[str], None], clock: Clock | None = None, *, arrivals: bool = True
    ) -> None:
        """Prepare the site; nothing is done yet. Without `arrivals` nobody comes after those who are there."""
        self.seen, self.say = seen, say
        clock = clock or WallClock()
        self.base = Base(
            Crew(clock),
            ends_at=clock.at + FOLLOWED_UP,
            draws=Draws(SEED, 0),
            per_year=365 * figures.ORDERS_A_DAY,
            endless=True,
        )
        self.base.under_way = 1  # itself: it never ends
        self._next = 1
        self._told, self._arrivals = 0, arrivals

    def begin(self) -> int:
        """Go on with every invented patient from where they stand; return how many there are."""
        by, agenda = self.base.crew.who("planner"), self.base.agenda
        count = 0
        for wish, draws, placed in find_invented(SEED, by=by):
            self._next = wish.number + 1
            for order in placed:
                if order.coi_id is not None and self.seen.others(f"coi:{order.coi_id}"):
                    continue
                life, stage = self._watched(resume(self.base, wish, draws, order)), stage_of(order)
                late = has_late_tests(life.course)
                if stage is None and not late:
                    continue
                count += 1
                if order.coi_id is not None:
                    self.seen.note(f"coi:{order.coi_id}")
                life.course.held = is_held(life.course)
                life.again = len(placed) > 1
                self.base.under_way += (stage is not None) + late
                if stage is not None:
                    agenda.add(wish.number, life.go_on(stage))
                if late:
                    agenda.add(0, life.go_on_late())
        if count and self._arrivals:
            agenda.add(self._next, self._arrive())
            upkeep(self.base)
        return count

    def _watched(self, life: Life) -> Life:
        course = life.course

        def stream() -> str:
            coi_id = course.order.coi_id if hasattr(course, "order") else None
            return "" if coi_id is None else f"coi:{coi_id}"

        crew = Watching(self.base.crew.clock, self.seen, stream)
        course.crew = crew
        for part in (getattr(course, "plant", None), getattr(course, "bench", None)):
            if part is not None:
                part.crew = crew
        return life

    def _arrive(self) -> Play:
        """Let another patient be ordered for now and then."""
        while True:
            yield self.base.draws.span("next order", figures.NEXT_ORDER)
            draws = Draws(SEED, self._next)
            life = Life(self.base, invent(draws, self._next, self.base.crew.clock.at.date()), draws)
            self.base.under_way += 1
            self.base.agenda.add(self._next, self._watched(life).live())
            self._next += 1

    def step(self) -> float:
        """Do what is due, and return in how many seconds something is due again."""
        agenda, base = self.base.agenda, self.base
        agenda.run(base.crew.clock.at)
        for number, why in base.refused[self._told :]:
            self.say(f"patient {number} is left alone: {why}")
        self._told = len(base.refused)
        if agenda.next_at is None:
            return POLL_SECONDS
        return (agenda.next_at - base.crew.clock.at).total_seconds()
