"""True races: each person a thread with a session of its own, let go at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from tests.attack.courses import Treatment
from tests.attack.doors import Interface
from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.refusals import Refusal
from vein2vein.doors.performing import perform
from vein2vein.driver.invariants import broken, entries
from vein2vein.identity.models import Container, Custody
from vein2vein.journal.verification import verify_chain, verify_fold
from vein2vein.materials.models import Lot
from vein2vein.network.models import Equipment
from vein2vein.people import reads as people

pytestmark = [pytest.mark.race, pytest.mark.requirement("F")]
Find = Callable[[str], Actor]
TAKE = "network.take_equipment_out_of_service"


def at_once(runs: Sequence[Callable[[], Any]]) -> list[str]:
    """Run all at the same moment; return, sorted, "done" or the code of the refusal."""
    start = Barrier(len(runs))

    def one(run: Callable[[], Any]) -> str:
        try:
            start.wait()
            run()
        except Refusal as refusal:
            return refusal.blockers[0].code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(runs)) as pool:
        return sorted(pool.map(one, runs))


def whole() -> None:
    assert (broken(), verify_chain(), verify_fold()) == ([], [], [])


def test_one_key_at_once_is_done_once(committed_db: str, actor: Find) -> None:
    told, who = {"equipment_id": Equipment.objects.get(code="WS-01").pk, "reason": "filter"}, actor("supervisor")
    before = entries()
    answers: list[Any] = []
    ran = at_once([lambda: answers.append(perform(TAKE, told, by=who, key="one"))] * 6)
    assert ran == ["done"] * 6
    assert sorted(one.replayed for one in answers) == [False] + [True] * 5
    assert all(one.body == answers[0].body for one in answers)
    assert entries() == before + 1
    whole()


def test_one_station_is_taken_out_of_service_once(committed_db: str, actor: Find) -> None:
    told, people = {"equipment_id": Equipment.objects.get(code="WS-01").pk, "reason": "x"}, ("supervisor", "operator1")
    actors = [actor(one) for one in people]
    before = entries()
    ran = at_once([partial(journal.ACTIONS[TAKE].run, **told, by=who) for who in actors])
    assert ran.count("done") == 1
    assert entries() == before + 1
    whole()


def test_a_grant_signs_once_however_often_it_is_sent_at_once(committed_db: str, actor: Find) -> None:
    interface = Interface()
    told = {"equipment_id": str(Equipment.objects.get(code="WS-01").pk), "reason": "changed"}
    assert interface.post("network/take-equipment-out-of-service", told, "supervisor").status_code == 200

    wanted = {"action": "network.return_equipment_to_service", "arguments": told, "username": "supervisor"}
    given = interface.post("signatures", wanted | {"password": people.demonstration_password()}, "supervisor").json()
    statuses: list[int] = []
    path = "network/return-equipment-to-service"

    def send() -> None:
        statuses.append(interface.post(path, told, "supervisor", **{"Signature-Grant": given["grant"]}).status_code)

    at_once([send] * 4)
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 403, 409}
    whole()


def test_two_releases_of_one_lot(committed_db: str, actor: Find, sign: Callable[..., Actor]) -> None:
    lot = Lot.objects.filter(state="quarantined").first()
    if lot is None:
        pytest.skip("the demonstration has no lot in quarantine")
    told = {"lot_id": lot.pk, "markets": ["CN"], "reason": ""}
    signers = [sign(actor(one), "materials.release_lot", **told) for one in ("qp", "qareviewer")]
    before = entries()
    ran = at_once([partial(journal.ACTIONS["materials.release_lot"].run, **told, by=by) for by in signers])
    assert ran.count("done") == 1, ran
    assert entries() > before
    whole()


def test_entries_written_at_once_leave_no_gap(committed_db: str, actor: Find) -> None:
    station, who = Equipment.objects.get(code="WS-01"), actor("supervisor")
    told = {"equipment_id": station.pk, "calibration_due_on": date(2030, 1, 1)}
    runs = [
        partial(journal.ACTIONS["network.record_calibration"].run, **told, certificate=f"C-{number}", by=who)
        for number in range(12)
    ]
    ran = at_once(runs)
    assert "done" in ran
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(seq) FROM journal_entry WHERE stream = %s", [f"equipment:{station.pk}"])
        count, newest = cursor.fetchone()
    assert count == newest
    whole()


@pytest.mark.requirement("N5")
def test_two_people_take_one_bag_at_once(simulated_db: str, actor: Find, sign: Callable[..., Actor]) -> None:
    began = SimulatedClock(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))
    with clock.use(began):
        course = Treatment(began, actor, sign)
        course.to("collected")
        bag = Container.objects.get(coi_id=course.order.coi_id)
        actors = [actor(one) for one in ("nurse.rj", "nurse.rj2", "celllab.rj", "celllab.rj2")]
    now = began.at + timedelta(minutes=1)

    def take(who: Actor) -> None:
        with clock.use(SimulatedClock(now)):
            journal.ACTIONS["identity.take_container"].run(scanned_label=bag.code, by=who)

    ran = at_once([partial(take, who) for who in actors])
    assert "done" in ran, ran
    assert Custody.objects.filter(container_id=bag.pk, during__endswith__isnull=True).count() == 1
    whole()
