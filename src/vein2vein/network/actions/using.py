"""Resources in use: taken now by whoever works with them, and given back when that is done (N11)."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import AccountId, ResourceId, SiteId
from vein2vein.core.refusals import Conflict
from vein2vein.network import facts, reads, rules
from vein2vein.network.actions.reservations import concerned, locked_units, require_free, stream_of
from vein2vein.network.models import Reservation, Resource
from vein2vein.network.states import ReservationState

U = TypeVar("U", bound=facts.Use)


@journal.action("network.take_units")
def take_units(*, resource_ids: list[ResourceId], holder: str, held_for: str, by: Actor) -> list[Reservation]:
    """Take units into use from now on, all or none, until `give_back`; what the holder has already stays as it is.

    Raises `Conflict` that names who or what has a unit, since when or until when; or that the clock was set back.
    """
    units = locked_units(resource_ids)
    at = journal.current().at
    standing = reads.list_standing(resource_ids, at, None)
    ended = [reads.view_booking(one) for one in standing if one.state == ReservationState.USED]
    if set_back := rules.set_back_blockers(ended, at):
        raise Conflict(set_back)
    require_free(one for one in standing if one.holder != holder or one.state != ReservationState.IN_USE)
    held = {one.resource_id for one in standing}
    return [_take(unit, holder, held_for) for unit in units if unit.pk not in held]


@journal.action("network.take_person")
def take_person(
    *, account_id: AccountId, username: str, site_id: SiteId, holder: str, held_for: str, by: Actor
) -> list[Reservation]:
    """Book a person for a piece of work from now on; raises `Conflict` while they are at work elsewhere."""
    if not _bookable(account_id):
        made = Resource(id=account_id, site_id=site_id, kind=rules.PERSON, code=username)
        journal.record(
            facts.PersonEntered(resource_id=made.pk, code=reads.shown_resource(made)),
            stream=stream_of(made),
            refs=[f"account:{account_id}"],
            inserts=[made],
        )
    return take_units(resource_ids=[ResourceId(account_id)], holder=holder, held_for=held_for, by=by)


def _bookable(account_id: AccountId) -> bool:
    """Say whether a person was entered; of two who ask at once for the first time, the second waits for the first."""
    if Resource.objects.filter(pk=account_id).exists():
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))", [str(account_id)])
    return Resource.objects.filter(pk=account_id).exists()


def _take(unit: Resource, holder: str, held_for: str) -> Reservation:
    row = Reservation(
        resource=unit,
        during=DateTimeTZRange(journal.current().at, None, "[)"),
        holder=holder,
        held_for=held_for,
        state=ReservationState.IN_USE,
    )
    journal.record(_said(facts.ResourceTaken, row), stream=stream_of(unit), refs=concerned(row), inserts=[row])
    return row


def _said(fact: type[U], row: Reservation) -> U:
    """Return what an entry says of a use that begins or ends."""
    return fact(
        reservation_id=row.pk,
        resource_id=row.resource_id,
        resource=reads.shown_resource(row.resource),
        kind=row.resource.kind,
        holder=row.holder,
        held_for=row.held_for,
    )


@journal.action("network.give_back")
def give_back(*, holder: str, resource_ids: list[ResourceId], by: Actor) -> int:
    """Give back what a holder has in use of these resources; returns how many they were."""
    standing = [one for one in reads.list_in_use(holder) if one.resource_id in set(resource_ids)]
    for row in standing:
        _end(row)
    return len(standing)


def _end(row: Reservation) -> None:
    """End a use now; one that ends at the moment of its beginning kept nobody out and is released."""
    begun, at = row.during.lower, journal.current().at
    used = at > begun
    journal.transition(
        row,
        "end" if used else "release",
        _said(facts.ResourceGivenBack, row),
        stream=stream_of(row.resource),
        refs=concerned(row),
        during=DateTimeTZRange(begun, at if used else begun + timedelta(microseconds=1), "[)"),
    )
