"""Many invented patients on one site: made from a seed, carried by the event queue, checked and told at the end."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf

from vein2vein.core.clock import SimulatedClock
from vein2vein.driver.base import Base
from vein2vein.driver.crew import Crew
from vein2vein.driver.draws import Draws
from vein2vein.driver.invariants import broken, entries
from vein2vein.driver.invention import Wish, invent
from vein2vein.driver.lives import Life
from vein2vein.driver.resuming import find_invented, take_up
from vein2vein.driver.upkeep import upkeep
from vein2vein.journal.followers import halted, run_followers
from vein2vein.journal.sealing import seal
from vein2vein.journal.verification import verify_chain, verify_fold

EPOCH = "2026-03-02T00:00:00+00:00"
"""When a simulated site opens, unless told otherwise."""
TELL_EVERY_SECONDS = 2.0
PACE_EVERY_ACTS = 1_000
SETTLING = timedelta(days=180)
"""How long after the last order people are followed up at the most."""


@dataclass(slots=True)
class Made:
    """What a run made: the base with its lives, the sealed root, and every fault that the checks found."""

    base: Base
    began_at: datetime
    ended_at: datetime
    root: str = ""
    entries: int = 0
    acts: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    checks_s: float = 0.0
    memory_mib: float = 0.0
    finished: bool = True
    """Whether every treatment has ended: a run may be stopped, and gone on with later."""
    pace: list[tuple[int, float]] = field(default_factory=list)
    """After how many acts how many seconds of this program's core had been spent."""
    faults: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Say whether every invariant holds, no follower is halted, and nobody was refused what they had to do."""
        return not self.faults


def _collect_seldom() -> None:
    """Let Python look for cycles seldom: acts make many objects, few of which live on, and hardly any in cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


class Demonstration:
    """`patients` under `seed`, whose orders are spread over `spread` from the clock's time on.

    `ramp` 1 spreads them evenly; with a greater one they come the thicker the later it is: a site that grows.
    """

    def __init__(
        self,
        clock: SimulatedClock,
        *,
        patients: int,
        seed: int,
        spread: timedelta,
        say: Callable[[str], None],
        ramp: float = 1.0,
        budget_s: float | None = None,
        chance: Callable[[int, int], Draws] = Draws,
        since: datetime | None = None,
        plans: bool = True,
    ) -> None:
        """Prepare the people; nothing is done yet. Without `plans` nobody plans: whoever goes on with the site does.

        With `budget_s` a slow machine gets fewer patients; `chance` makes a patient's draws from seed and number. With
        `since`, when an earlier run began, this one goes on with what that has left in the database.
        """
        self.clock, self.patients, self.spread, self.say = clock, patients, spread, say
        self.began_at = since or clock.at
        years = max(spread / timedelta(days=365), 1 / 365)
        self.base = Base(
            Crew(clock),
            ends_at=self.began_at + spread + SETTLING,
            draws=chance(seed, 0),
            per_year=patients / years,
            budget_s=budget_s,
            plans=plans,
            say=say,
        )
        known = {wish.number for wish in self._taken_up(seed)} if since else set[int]()
        for number in sorted(set(range(1, patients + 1)) - known):
            draws = chance(seed, number)
            at = self.began_at + spread * ((number - 1 + draws.share("arrival")) / patients) ** (1 / ramp)
            life = Life(self.base, invent(draws, number, at.date()), draws)
            self.base.under_way += 1
            self.base.agenda.add(number, life.live(), at=at.replace(second=0, microsecond=0))
        upkeep(self.base)
        self._told_at = 0.0
        self._cpu = time.process_time()
        self._pace: list[tuple[int, float]] = []

    def _taken_up(self, seed: int) -> Iterator[Wish]:
        for wish, draws, placed in find_invented(seed, by=self.base.crew.who("planner")):
            take_up(self.base, wish, draws, placed)
            yield wish

    def run(self, until: datetime | None = None, *, minutes: float | None = None) -> Made:
        """Carry everybody until `until`, or until each treatment has ended; then seal and check everything.

        After `minutes` by the clock on the wall it ends where it stands.
        """
        began, self._cpu = time.monotonic(), time.process_time()
        ends = began + 60 * minutes if minutes else inf
        _collect_seldom()
        base = self.base
        if until is not None:
            base.ends_at = until
        base.agenda.run(until, going=lambda: base.under_way > 0 and time.monotonic() < ends, seen=self._progress)
        if until is not None:
            self.clock.move_to(until)
        wall, cpu = time.monotonic() - began, time.process_time() - self._cpu
        self.say("checks: followers, seal, chain, fold, invariants")
        made = Made(base, self.began_at, self.clock.at, wall_s=wall, cpu_s=cpu, acts=base.crew.acts.total())
        made.finished = not base.under_way
        made.faults = self._faults()
        sealed = seal()
        made.root, made.entries = "" if sealed is None else sealed.root, entries()
        made.checks_s = time.monotonic() - began - wall
        made.pace = self._pace
        made.memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return made

    def _progress(self, at: datetime) -> None:
        acts = self.base.crew.acts.total()
        if acts // PACE_EVERY_ACTS > len(self._pace):
            self._pace.append((acts, time.process_time() - self._cpu))
        if time.monotonic() - self._told_at < TELL_EVERY_SECONDS:
            return
        self._told_at = time.monotonic()
        ended = sum(1 for one in self.base.lives if one.ending)
        self.say(f"{at:%Y-%m-%d}: {len(self.base.lives)} of {self.patients} ordered, {ended} ended, {acts} acts")

    def _faults(self) -> list[str]:
        run_followers()
        refused = [f"patient {number} was refused: {refusal}" for number, refusal in self.base.refused]
        alarms = [f"follower {one['follower']} halted on {one['stream']}: {one['error']}" for one in halted()]
        seal()
        return [
            *refused,
            *alarms,
            *(f"{what}: {which}" for what, which in broken()),
            *verify_chain(),
            *verify_fold(),
        ]
