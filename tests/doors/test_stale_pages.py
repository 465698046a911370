"""Stale pages, double submits, clocks that jump, a database that goes away in the middle of an act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection
from django.test import override_settings

from tests.attack.courses import Treatment
from tests.attack.doors import Interface, Page, everything
from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.journal.verification import verify_chain, verify_fold
from vein2vein.network.models import Equipment

pytestmark = pytest.mark.requirement("G")
TAKE = "network.take_equipment_out_of_service"


def test_a_page_that_is_stale_changes_nothing(ours: Treatment) -> None:
    ours.to("collected")
    page = Page()
    page.client("planner")
    before = everything()
    again = page.act("orders.accept_order", "planner", order_id=ours.order.pk)
    assert (again.status, set(again.codes)) == (409, {"identity.order_has_chain"})
    assert "Nothing was changed" in again.text
    assert everything() == before


def test_a_form_sent_twice_is_done_once(clock_at: SimulatedClock) -> None:
    page, station = Page(), Equipment.objects.get(code="WS-01")
    told = {"equipment_id": str(station.pk), "reason": "filter", "_key": "form-1", "_back": "/"}
    client = page.client("supervisor")
    assert client.post(f"/act/{TAKE}", told).status_code == 302
    before = everything()
    assert client.post(f"/act/{TAKE}", told).status_code == 302
    assert everything() == before
    other = client.post(f"/act/{TAKE}", told | {"_key": "form-2"})
    assert other.status_code in (409, 422)
    assert everything() == before


def test_a_real_database_refuses_a_clock_that_is_not(committed_db: str, actor: Callable[[str], Actor]) -> None:
    station, run = Equipment.objects.get(code="WS-01"), journal.ACTIONS[TAKE].run
    who = actor("supervisor")
    for jump in (timedelta(hours=1), timedelta(hours=9)):
        with clock.use(SimulatedClock(datetime.now(UTC) + jump)), pytest.raises(Exception, match="simulated clock"):
            run(equipment_id=station.pk, reason="filter", by=who)
    assert Equipment.objects.get(code="WS-01").state == "available"
    assert verify_chain() == []


def _kill() -> None:
    """End the session from within, as a server that goes down does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.race
def test_a_database_gone_in_the_middle_of_an_act(committed_db: str) -> None:
    with override_settings(DEBUG=False):
        page, interface = Page(), Interface()
        station = {"equipment_id": str(Equipment.objects.get(code="WS-01").pk), "reason": "filter"}
        page.client("supervisor")
        interface.token("supervisor")
        before = everything()
        killed: list[Any] = []

        def kill(result: Any) -> None:
            killed.append(result)
            _kill()

        with journal.before_commit(kill):
            seen = page.client("supervisor").post(f"/act/{TAKE}", station | {"_back": "/"})
        close_old_connections()
        connection.close()
        assert (seen.status_code, seen["Retry-After"], len(killed)) == (503, "5", 1)
        assert "Nothing was changed" in seen.content.decode()
        assert everything() == before
        with journal.before_commit(kill):
            told = interface.post(TAKE.replace(".", "/").replace("_", "-"), station, "supervisor")
        connection.close()
        assert (told.status_code, told["Content-Type"]) == (503, "application/problem+json")
        assert told.json()["blockers"][0]["code"] == "doors.database_unavailable"
        assert everything() == before
        done = interface.post(TAKE.replace(".", "/").replace("_", "-"), station, "supervisor")
        assert done.status_code == 200
        assert (verify_chain(), verify_fold()) == ([], [])
