"""What the database itself refuses, and what fifty at once come to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from vein2vein import journal
from vein2vein.core.ids import ResourceId, SiteId, new_id
from vein2vein.core.refusals import Conflict
from vein2vein.journal.verification import verify_chain
from vein2vein.network import actions, reads
from vein2vein.network.models import Reservation

AT = datetime(2027, 3, 1, tzinfo=UTC)
INSERT = "INSERT INTO network_reservation (id, resource_id, during, holder, state) VALUES (%s, %s, %s, 'order:x', %s)"


@pytest.mark.requirement("N11")
@pytest.mark.parametrize(
    ("during", "constraint"),
    [
        ("empty", "network_reservation_(not_empty|bounded)"),
        ("[2027-03-01,)", "network_reservation_bounded"),
        ("[2027-03-01 12:00+00,2027-03-03 00:00+00)", "network_reservation_overlap"),
    ],
)
def test_raw_sql_cannot_double_book_nor_slip_an_empty_range_in(db: None, during: str, constraint: str) -> None:
    unit = reads.list_resources("manufacturing_slot", "CN-LG")[0]
    with connection.cursor() as cursor:
        taken = DateTimeTZRange(AT, AT + timedelta(days=1))
        cursor.execute(INSERT, [new_id(), unit.pk, taken, "held"])
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            cursor.execute(INSERT, [new_id(), unit.pk, during, "held"])


def at_once(number: int, act: Callable[[int], Any]) -> list[Any]:
    """Let `number` sessions act at the same moment; return what each returned or raised."""
    gate = threading.Barrier(number)

    def run(place: int) -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            gate.wait(timeout=60)
            return act(place)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        started = [pool.submit(run, place) for place in range(number)]
    return [one.exception() or one.result() for one in started]


@pytest.mark.race
@pytest.mark.requirement("N11")
def test_of_fifty_sessions_one_gets_the_slot(committed_db: str) -> None:
    site = reads.get_site("CN-LG")
    units = reads.list_resources("receipt_bench", "CN-LG")
    for unit in units[1:]:
        actions.reserve_units(
            resource_ids=[ResourceId(unit.pk)],
            starts_at=AT,
            ends_at=AT + timedelta(days=1),
            holder="order:before",
            by=journal.system("race"),
        )

    def reserve(place: int) -> Reservation:
        return actions.reserve_earliest(
            kind="receipt_bench",
            site_id=SiteId(site.pk),
            duration=timedelta(days=1),
            not_before=AT,
            not_after=AT + timedelta(days=1),
            holder=f"order:{place}",
            by=journal.system("race"),
        )

    found = at_once(50, reserve)
    assert [type(one) for one in found if not isinstance(one, Conflict)] == [Reservation], found
    assert Reservation.objects.filter(resource=units[0]).count() == 1
    assert verify_chain() == []


@pytest.mark.race
@pytest.mark.requirement("N11")
def test_of_fifty_sessions_that_name_the_units_in_any_order_two_get_the_pairs(committed_db: str) -> None:
    ids = [ResourceId(unit.pk) for unit in reads.list_resources("workstation", "CN-LG")]

    def reserve(place: int) -> Any:
        pair = ids[:2] if place % 4 < 2 else ids[2:]
        return actions.reserve_units(
            resource_ids=pair if place % 2 else pair[::-1],
            starts_at=AT,
            ends_at=AT + timedelta(days=1),
            holder=f"order:{place}",
            by=journal.system("race"),
        )

    found = at_once(50, reserve)
    assert sum(not isinstance(one, Conflict) for one in found) == 2, found
    assert Reservation.objects.count() == 4
