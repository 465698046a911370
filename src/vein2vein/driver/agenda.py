"""Many plays on one simulated clock: an event queue ordered by time, then patient, then step.

A play is a generator that does what people do and yields what it waits for: a span, a moment, or a unit of a pool.
The order of events depends on nothing but the plays themselves, so the same plays make the same history.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from vein2vein.core.refusals import Refusal


@dataclass(eq=False, slots=True)
class Pool:
    """Units of one kind that one play at a time holds; who asked first gets the next that is free."""

    name: str
    free: deque[str]
    waiting: deque[_Event] = field(default_factory=deque)


class Clock(Protocol):
    """What tells the time, and is told how far it is where it does not run by itself."""

    @property
    def at(self) -> datetime:
        """Return the present."""

    def move_to(self, at: datetime) -> None:
        """Move forward to a time."""


UNFORESEEN = (LookupError, AssertionError, ValueError, AttributeError)
"""What a play may run into whose course somebody else has changed."""
Pause = timedelta | datetime | Pool
Play = Generator[Pause, Any, None]


@dataclass(order=True, slots=True)
class _Event:
    at: datetime
    number: int
    step: int
    play: Play = field(compare=False)
    value: Any = field(compare=False, default=None)


class Agenda:
    """The event queue: each play goes on when its time has come, and the clock with it."""

    def __init__(
        self, clock: Clock, stuck: Callable[[int, Exception], None] | None = None, *, endless: bool = False
    ) -> None:
        """Take the clock to move, and who is told of a play that a refusal ended; without one it is raised.

        An `endless` one goes on without a play that ran into something unforeseen, and waits for units for ever.
        """
        self.clock, self._stuck, self._endless = clock, stuck, endless
        self._ends_a_play = (Refusal, *UNFORESEEN) if endless else (Refusal,)
        self._queue: list[_Event] = []
        self._pools: list[Pool] = []
        self._steps = 0
        self._awake = 0

    def pool(self, name: str, units: Iterable[str]) -> Pool:
        """Return a new pool of `units`, in their order."""
        made = Pool(name, deque(units))
        self._pools.append(made)
        return made

    def add(self, number: int, play: Play, *, at: datetime | None = None) -> None:
        """Let a play begin at `at`, or now; at one moment the lower number comes first.

        Below 0 are those that go round for ever: when nobody else has a time to go on at, the run is over.
        """
        self._put(number, play, at or self.clock.at, None)

    def run(
        self,
        until: datetime | None = None,
        *,
        going: Callable[[], bool] = lambda: True,
        seen: Callable[[datetime], None] = lambda _: None,
    ) -> None:
        """Do everything up to `until`, while `going` says so, or until nothing is left; `seen` hears of each time."""
        while self._queue and (until is None or self._queue[0].at <= until) and going():
            event = heapq.heappop(self._queue)
            self._awake -= event.number >= 0
            self.clock.move_to(event.at)
            seen(event.at)
            self._go_on(event)
            if not self._awake and going():
                self._refuse_deadlock()

    def finish(self, number: int, play: Play) -> None:
        """Let a play run to its end, and whatever comes due meanwhile; what comes later is left."""
        over = list[bool]()

        def to_the_end() -> Play:
            yield from play
            over.append(True)

        self.add(number, to_the_end())
        self.run(going=lambda: not over)

    @property
    def next_at(self) -> datetime | None:
        """Return when the next play goes on, or None when nothing is left."""
        return self._queue[0].at if self._queue else None

    @property
    def pending(self) -> int:
        """Return how many plays wait for their time."""
        return len(self._queue)

    def give_back(self, pool: Pool, unit: str) -> None:
        """Return a unit; whoever waits longest for one gets it now."""
        if pool.waiting:
            event = pool.waiting.popleft()
            self._put(event.number, event.play, self.clock.at, unit)
        else:
            pool.free.append(unit)

    def _refuse_deadlock(self) -> None:
        if self._endless:
            return
        if waiting := [one.name for one in self._pools if one.waiting]:
            raise RuntimeError(f"nothing is left to do, and yet somebody waits for: {', '.join(waiting)}")

    def _put(self, number: int, play: Play, at: datetime, value: Any) -> None:
        self._steps += 1
        self._awake += number >= 0
        heapq.heappush(self._queue, _Event(at, number, self._steps, play, value))

    def _go_on(self, event: _Event) -> None:
        value = event.value
        while True:
            try:
                pause = event.play.send(value)
            except StopIteration:
                return
            except self._ends_a_play as refusal:
                if self._stuck is None:
                    raise
                self._stuck(event.number, refusal)
                return
            if isinstance(pause, Pool):
                if not pause.free:
                    pause.waiting.append(event)
                    return
                value = pause.free.popleft()
                continue
            at = pause if isinstance(pause, datetime) else self.clock.at + pause
            self._put(event.number, event.play, max(at, self.clock.at), None)
            return


__all__ = ["Agenda", "Clock", "Pause", "Play", "Pool"]
