"""The event queue: order, pools, and what becomes of those who wait for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vein2vein.core.clock import SimulatedClock
from vein2vein.core.refusals import Blocker, Refusal, Refused
from vein2vein.driver.agenda import Agenda, Play, Pool

BEGAN = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def agenda() -> Agenda:
    return Agenda(SimulatedClock(BEGAN))


def test_plays_interleave_by_time_then_by_number(agenda: Agenda) -> None:
    seen: list[tuple[str, timedelta]] = []

    def walk(name: str, *spans: int) -> Play:
        for span in spans:
            yield timedelta(hours=span)
            seen.append((name, agenda.clock.at - BEGAN))

    agenda.add(2, walk("b", 2, 2))
    agenda.add(1, walk("a", 2, 1))
    agenda.run()
    hours = [(name, span / timedelta(hours=1)) for name, span in seen]
    assert hours == [("a", 2), ("b", 2), ("a", 3), ("b", 4)]


def test_a_moment_that_is_past_is_now(agenda: Agenda) -> None:
    def walk() -> Play:
        yield timedelta(hours=3)
        yield BEGAN

    agenda.add(1, walk())
    agenda.run()
    assert agenda.clock.at == BEGAN + timedelta(hours=3)


def test_whoever_asked_first_gets_the_next_unit(agenda: Agenda) -> None:
    pool = agenda.pool("bench", ["B-1"])
    held: list[tuple[int, str, datetime]] = []

    def use(number: int) -> Play:
        unit = yield pool
        held.append((number, unit, agenda.clock.at))
        yield timedelta(hours=1)
        agenda.give_back(pool, unit)

    for number in (3, 1, 2):
        agenda.add(number, use(number), at=BEGAN + timedelta(minutes=10 - number))
    agenda.run()
    assert [(number, unit) for number, unit, _ in held] == [(3, "B-1"), (2, "B-1"), (1, "B-1")]
    assert held[2][2] - held[0][2] == timedelta(hours=2)


def test_a_unit_that_never_comes_back_is_said(agenda: Agenda) -> None:
    pool = agenda.pool("bench", ["B-1"])

    def keep() -> Play:
        yield pool

    agenda.add(1, keep())
    agenda.add(2, keep())
    with pytest.raises(RuntimeError, match="bench"):
        agenda.run()


def test_a_refusal_ends_one_play_and_no_other() -> None:
    told: list[int] = []
    agenda = Agenda(SimulatedClock(BEGAN), lambda number, _: told.append(number))
    done: list[int] = []

    def refused() -> Play:
        yield timedelta(hours=1)
        raise Refused(Blocker("demo", "no"))

    def fine() -> Play:
        yield timedelta(hours=2)
        done.append(2)

    agenda.add(1, refused())
    agenda.add(2, fine())
    agenda.run()
    assert (told, done) == ([1], [2])


def test_without_a_listener_the_refusal_is_raised(agenda: Agenda) -> None:
    def refused() -> Play:
        yield timedelta(hours=1)
        raise Refused(Blocker("demo", "no"))

    agenda.add(1, refused())
    with pytest.raises(Refusal):
        agenda.run()


def test_finish_leaves_what_comes_later(agenda: Agenda) -> None:
    later: list[str] = []

    def empty_box() -> Play:
        yield timedelta(days=2)
        later.append("home")

    def stage() -> Play:
        yield timedelta(hours=1)

    agenda.add(0, empty_box())
    agenda.finish(1, stage())
    assert (later, agenda.pending, agenda.clock.at) == ([], 1, BEGAN + timedelta(hours=1))


def test_a_pool_holds_units_in_their_order(agenda: Agenda) -> None:
    pool = agenda.pool("box", ["A", "B"])
    assert isinstance(pool, Pool)
    assert list(pool.free) == ["A", "B"]
