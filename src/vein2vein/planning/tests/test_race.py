"""Fifty people ask for the same last slot at once: exactly one gets it (N11), and the database says so."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import close_old_connections, connections

from vein2vein.core import clock
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.refusals import Conflict, Refusal, Refused
from vein2vein.orders.tests.conftest import Course, Find, Sign
from vein2vein.planning import actions, reads
from vein2vein.planning.models import Promise

PEOPLE = 50


@pytest.mark.race
@pytest.mark.requirement("N11")
def test_fifty_at_once_for_the_last_slot(simulated_db: str, actor: Find, sign: Sign) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    with clock.use(SimulatedClock(at)) as simulated:
        courses = []
        for number in range(PEOPLE):
            one = Course(simulated, actor, sign)
            one.number = f"DEMO-{number:04d}"
            one.draft(initials="AB")
            courses.append(one)
        planner = actor("planner")
        for line in (2, 3, 4):
            actions.record_absence(
                unit_code=f"LINE-{line}", starts_at=at, ends_at=at + timedelta(days=90), reason="rebuilt", by=planner
            )
        by = courses[0].who("coordinator")
        chosen = reads.list_promises(order_id=courses[0].order_id, by=by)[0]
        actions.record_absence(
            unit_code=chosen.slot,
            starts_at=chosen.slot_to_at,
            ends_at=at + timedelta(days=90),
            reason="rebuilt",
            by=planner,
        )
    got: list[int] = []
    refused: list[Refusal] = []
    start = threading.Barrier(PEOPLE)

    def ask(number: int) -> None:
        try:
            with clock.use(SimulatedClock(at)):
                start.wait()
                actions.promise_date(
                    order_id=courses[number].order_id,
                    collection_at=chosen.collection_at,
                    infusion_at=chosen.infusion_at,
                    by=by,
                )
            got.append(number)
        except Refusal as refusal:
            refused.append(refusal)
        finally:
            close_old_connections()
            connections.close_all()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1, refused[:3]
    assert len(refused) == PEOPLE - 1
    assert all(isinstance(one, Conflict | Refused) for one in refused)
    assert Promise.objects.count() == 1
