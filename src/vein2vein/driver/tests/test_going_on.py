"""The site goes on by itself from what the database says, is ended and begun again, and leaves visitors alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import OrderId, seeded
from vein2vein.driver.crew import Crew
from vein2vein.driver.database import simulated
from vein2vein.driver.demo import EPOCH, Demonstration
from vein2vein.driver.going_on import Continued
from vein2vein.driver.invariants import broken
from vein2vein.driver.starting import SEED
from vein2vein.driver.watching import Seen
from vein2vein.orders import reads as orders
from vein2vein.orders.models import Order

PATIENTS = 3


def test_it_goes_on_after_each_start_and_leaves_a_visitors_course_alone(tables: str, tmp_path: Path) -> None:
    clock, said = SimulatedClock(datetime.fromisoformat(EPOCH)), list[str]()

    def go_on(days: float) -> int:
        site = Continued(Seen(tmp_path / "seen.json"), said.append, clock)
        count = site.begin()
        site.base.agenda.run(clock.at + timedelta(days=days), going=lambda: site.base.agenda.next_at is not None)
        site.step()
        return count

    def states() -> list[str]:
        return list(Order.objects.order_by("id").values_list("state", flat=True)[:PATIENTS])

    with seeded(1), simulated(clock, keep=False, say=lambda _: None, tables_of=tables):
        spread = timedelta(days=4)
        site = Demonstration(clock, patients=PATIENTS, seed=SEED, spread=spread, say=lambda _: None)
        assert site.run(clock.at + timedelta(days=11)).faults == []
        under_way = states()
        assert go_on(0.4) > 0
        visited = Order.objects.filter(state="accepted").order_by("id").last()
        assert visited is not None
        crew = Crew(clock)
        place = {"CN-RJ-DEMO": "rj", "CN-BJ-DEMO": "bj", "HK-QM-DEMO": "hk", "SG-GH-DEMO": "sg"}
        hospital = orders.get_order(order_id=OrderId(visited.pk), by=crew.who("planner")).hospital.code
        crew.act("orders.print_collection_kit", f"coordinator.{place[hospital]}", order_id=visited.pk)
        for days in (0.6, 5):
            go_on(days)
        assert Order.objects.get(pk=visited.pk).state == "accepted"
        assert states() != under_way
        assert {line.partition(": ")[2] for line in said} <= {"somebody else works on this course"}
        assert broken() == []
