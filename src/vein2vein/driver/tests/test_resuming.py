"""A course goes on after a restart wherever it stood: at the bed, on the ward, with a late finding open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import seeded
from vein2vein.driver import going_on
from vein2vein.driver.agenda import Agenda
from vein2vein.driver.database import NotKept, reopened, simulated
from vein2vein.driver.demo import EPOCH, Demonstration
from vein2vein.driver.draws import Draws
from vein2vein.driver.going_on import Continued
from vein2vein.driver.invariants import broken
from vein2vein.driver.telling import as_json
from vein2vein.driver.tests.forced import Forced
from vein2vein.driver.watching import Seen
from vein2vein.identity.models import Kit
from vein2vein.journal import run_followers
from vein2vein.orders.models import Infusion, Order
from vein2vein.quality.models import Alert, Disposition

pytestmark = pytest.mark.requirement("W")
INVENTED = ("expanded product", "frozen material", "out of specification")
SEED = 10
"""Under it the first patient gets a product by the commercial route."""
LONGEST = timedelta(days=60)


class AsInvented(Forced):
    """The chance of a patient who is found again: who they are is drawn as ever."""

    def happens(self, name: str, chance: float) -> bool:
        return Draws.happens(self, name, chance) if name in INVENTED else Forced.happens(self, name, chance)


class Site:
    """One invented patient, whose site is ended and begun again and again."""

    def __init__(self, clock: SimulatedClock, folder: Path, sure: set[str], picked: dict[str, float]) -> None:
        self.clock, self.folder, self.said = clock, folder, list[str]()

        def chance(seed: int, number: int) -> Draws:
            return AsInvented(seed, number, sure=frozenset(sure if number else ()), picked=picked)

        spread = timedelta(hours=1)
        self.first = Demonstration(clock, patients=1, seed=SEED, spread=spread, say=lambda _: None, chance=chance)

    def make(self, reached: Callable[[], bool]) -> None:
        """Make the history as far as a point."""
        self._until(self.first.base.agenda, reached)

    def restart(self, reached: Callable[[], bool]) -> None:
        """Begin again with nothing but the database, and go on to another point."""
        site = Continued(Seen(self.folder / "seen.json"), self.said.append, self.clock, arrivals=False)
        assert site.begin() == 1
        self._until(site.base.agenda, reached)
        site.step()
        assert self.said == []

    def _until(self, agenda: Agenda, reached: Callable[[], bool]) -> None:
        def going() -> bool:
            run_followers()
            return not reached()

        agenda.run(self.clock.at + LONGEST, going=going)
        assert reached()


@contextmanager
def site(tables: str, folder: Path, sure: set[str], picked: dict[str, float]) -> Iterator[Site]:
    clock = SimulatedClock(datetime.fromisoformat(EPOCH))
    with seeded(1), simulated(clock, keep=False, say=lambda _: None, tables_of=tables):
        yield Site(clock, folder, sure, picked)
        assert broken() == []


@pytest.fixture(autouse=True)
def _seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(going_on, "SEED", SEED)


def state(wanted: str) -> Callable[[], bool]:
    return lambda: Order.objects.filter(state=wanted).exists()


def test_every_stop_between_order_and_infusion(tables: str, tmp_path: Path) -> None:
    with site(tables, tmp_path, set(), {}) as one:
        one.make(state("drafted"))
        for wanted in ("submitted", "collecting", "in_transit"):
            one.restart(state(wanted))
        assert set(Kit.objects.values_list("state", flat=True)) == {"reconciled"}
        one.restart(state("thawed"))
        one.restart(lambda: Infusion.objects.filter(ended_at__isnull=True).exists())
        one.restart(state("infused"))
        assert Infusion.objects.get().end == "completed"


def test_a_bag_that_thawed_too_long_ago_is_refused(tables: str, tmp_path: Path) -> None:
    with site(tables, tmp_path, set(), {}) as one:
        one.make(state("thawed"))
        one.clock.advance(timedelta(hours=5))
        one.restart(lambda: not state("thawed")())
        assert not Infusion.objects.exists()
        one.restart(lambda: state("cancelled")() or state("accepted")() or state("material_accepted")())


@pytest.mark.requirement("N17")
def test_an_open_late_finding(tables: str, tmp_path: Path) -> None:
    late = {"release tests": 0.01, "QA review": 0.01, "release to infusion": 0.99, "compendial tests": 0.01}
    with site(tables, tmp_path, {"late growth at last", "late growth"}, late) as one:
        one.make(lambda: Alert.objects.filter(state="raised").exists())
        assert Disposition.objects.exists()
        for wanted in ("acknowledged", "reported", "closed"):
            one.restart(Alert.objects.filter(state=wanted).exists)
        one.restart(lambda: not Order.objects.filter(state="stopped").exists())
        assert Alert.objects.get().product_decision


def test_a_run_that_was_stopped_goes_on_in_what_it_kept(tables: str) -> None:
    began, spread = datetime.fromisoformat(EPOCH), timedelta(hours=1)
    clock = SimulatedClock(began)
    told: dict[str, Any] = {"patients": 1, "seed": SEED, "spread": spread, "say": lambda _: None}
    with seeded(1), simulated(clock, keep=True, say=lambda _: None, tables_of=tables) as name:
        first = Demonstration(clock, **told).run(began + timedelta(days=12))
        assert first.whole
        assert not first.finished
    again = SimulatedClock(began)
    with seeded(2), reopened(again, name, keep=False, say=lambda _: None):
        assert began < again.at <= clock.at
        made = Demonstration(again, since=began, **told).run()
        assert made.finished
        assert made.whole, made.faults
        assert Order.objects.count() == 1
        assert as_json(made)["endings"] == {"infused": 1}
    with pytest.raises(NotKept), reopened(again, name, keep=False, say=lambda _: None):
        pass
