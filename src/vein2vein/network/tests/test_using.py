"""Resources in use: taken by one holder at a time, given back when the work is done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import AccountId, ResourceId, SiteId, new_id
from vein2vein.core.refusals import Conflict
from vein2vein.journal.reads import list_stream
from vein2vein.journal.verification import verify_fold
from vein2vein.network import actions, reads
from vein2vein.network.models import Reservation
from vein2vein.network.rules import Booking, taken_blockers

pytestmark = pytest.mark.requirement("N11")
AT = datetime(2027, 3, 1, tzinfo=UTC)
SYSTEM = journal.system("test")


@pytest.fixture(scope="session")
def _worker_database(simulated_database: str) -> str:
    return simulated_database


def take(code: str, holder: str) -> list[Reservation]:
    unit = next(one for one in reads.list_resources("incubator", "CN-LG") if one.code == code)
    return actions.take_units(resource_ids=[ResourceId(unit.pk)], holder=holder, held_for=holder.upper(), by=SYSTEM)


def test_what_is_in_use_is_taken_until_it_is_given_back(db: None) -> None:
    with clock.use(SimulatedClock(AT)) as now:
        (made,) = take("IN-01", "batch:1")
        assert (made.state, made.during.lower, made.during.upper) == ("in_use", AT, None)
        now.advance(timedelta(hours=1))
        with pytest.raises(Conflict, match="IN-01 is in use for BATCH:1 since 2027-03-01T00:00"):
            take("IN-01", "batch:2")
        with pytest.raises(Conflict, match="IN-01 is in use"):
            reserve(made, "order:1", AT + timedelta(days=9))
        assert actions.give_back(holder="batch:1", resource_ids=[ResourceId(made.resource_id)], by=SYSTEM) == 1
        (again,) = take("IN-01", "batch:2")
    told = [(one.fact, one.payload["refs"][0]) for one in list_stream(f"resource:{made.resource_id}")]
    assert told == [
        ("network.ResourceTaken", "batch:1"),
        ("network.ResourceGivenBack", "batch:1"),
        ("network.ResourceTaken", "batch:2"),
    ]
    made.refresh_from_db()
    assert (made.state, made.during.upper, again.state) == ("used", AT + timedelta(hours=1), "in_use")
    assert verify_fold() == []


def reserve(like: Reservation, holder: str, starts_at: datetime) -> list[Reservation]:
    told: dict[str, Any] = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1), "by": SYSTEM}
    return actions.reserve_units(resource_ids=[ResourceId(like.resource_id)], holder=holder, **told)


def test_what_was_taken_and_given_back_at_once_kept_nobody_out(db: None) -> None:
    with clock.use(SimulatedClock(AT)):
        (made,) = take("IN-01", "batch:1")
        actions.give_back(holder="batch:1", resource_ids=[ResourceId(made.resource_id)], by=SYSTEM)
        take("IN-01", "batch:2")
    made.refresh_from_db()
    assert made.state == "released"


def test_a_person_is_at_one_piece_of_work_at_a_time(db: None) -> None:
    told: dict[str, Any] = {
        "account_id": AccountId(new_id()),
        "username": "operator9",
        "site_id": SiteId(reads.get_site("CN-LG").pk),
        "by": SYSTEM,
    }
    with clock.use(SimulatedClock(AT)):
        (made,) = actions.take_person(**told, holder="batch:1", held_for="B-1")
        assert made.resource.code == "operator9"
        with pytest.raises(Conflict, match="operator9 is at work on B-1") as caught:
            actions.take_person(**told, holder="batch:2", held_for="B-2")
    assert caught.value.blockers[0].code == "network.person_taken"
    facts = [one.fact for one in list_stream(f"resource:{made.resource_id}")]
    assert facts == ["network.PersonEntered", "network.ResourceTaken"]


def test_a_blocker_names_the_holder_and_the_end() -> None:
    booked = Booking("RJ-BED-1", "infusion_bed", "ORD-1", AT, AT + timedelta(hours=8))
    (found,) = taken_blockers([booked])
    assert found.code == "network.taken"
    assert (found.params["held_for"], found.params["until"]) == ("ORD-1", "2027-03-01T08:00+00:00")


def test_a_clock_that_was_set_back_is_named_as_what_it_is(db: None) -> None:
    with clock.use(SimulatedClock(AT)) as now:
        (made,) = take("IN-01", "batch:1")
        now.advance(timedelta(hours=2))
        actions.give_back(holder="batch:1", resource_ids=[ResourceId(made.resource_id)], by=SYSTEM)
    with clock.use(SimulatedClock(AT + timedelta(hours=1))), pytest.raises(Conflict) as caught:
        take("IN-01", "batch:2")
    assert [one.code for one in caught.value.blockers] == ["network.clock_set_back"]
    assert "reads 2027-03-01T01:00" in str(caught.value)
    assert "given back at 2027-03-01T02:00" in str(caught.value)
    with clock.use(SimulatedClock(AT + timedelta(hours=2))):
        assert len(take("IN-01", "batch:2")) == 1
