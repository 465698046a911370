"""Reservations: one row for each unit of capacity; the exclusion constraint has the last word."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import ReservationId, ResourceId, SiteId
from vein2vein.core.refusals import N_, Blocker, Conflict, refuse_any
from vein2vein.doors.preparing import Prepared
from vein2vein.journal.conflicts import sqlstate
from vein2vein.network import facts, reads, rules
from vein2vein.network.models import Reservation, Resource
from vein2vein.network.rules import Span
from vein2vein.network.states import ReservationState

TRIES = 20
"""How often a free span is looked for again when somebody else took the one that was found."""


@journal.action("network.reserve_earliest")
def reserve_earliest(
    *,
    kind: str,
    site_id: SiteId,
    duration: timedelta,
    not_before: datetime,
    not_after: datetime,
    holder: str,
    held_for: str = "",
    by: Actor,
) -> Reservation:
    """Reserve for `holder` the earliest span of one unit of a kind that begins and ends within the window.

    Raises `Conflict` when every unit is taken, saying by whom. The units are locked in the order of their codes,
    so that many who look at once queue instead of deadlocking; the exclusion constraint decides all the same.
    """
    within = Span(not_before, not_after)
    refuse_any(rules.window_blockers(duration, within))
    units = list(Resource.objects.select_for_update(no_key=True).filter(kind=kind, site_id=site_id).order_by("code"))
    for _ in range(TRIES):
        taken = reads.taken_spans([unit.pk for unit in units], within)
        starts = [(rules.earliest_start(taken[unit.pk], duration, within), unit) for unit in units]
        free = sorted(
            ((start, unit.code, unit) for start, unit in starts if start is not None), key=lambda one: one[:2]
        )
        if not free:
            break
        start, _code, unit = free[0]
        made = _reserve_if_free(unit, Span(start, start + duration), holder, held_for)
        if made is not None:
            return made
    standing = reads.list_standing([unit.pk for unit in units], not_before, not_after)
    told = standing[:1] if by.sites is None else []  # a hospital is not told of another's orders
    raise Conflict([_nothing_free(kind, within), *rules.taken_blockers(map(reads.view_booking, told))])


@journal.action("network.reserve_units")
def reserve_units(
    *,
    resource_ids: list[ResourceId],
    starts_at: datetime,
    ends_at: datetime,
    holder: str,
    held_for: str = "",
    by: Actor,
) -> list[Reservation]:
    """Reserve several units for one span, all or none, in resource order; raises `Conflict` when one is taken."""
    span = Span(starts_at, ends_at)
    refuse_any(rules.window_blockers(ends_at - starts_at, span))
    units = locked_units(resource_ids)
    require_free(reads.list_standing(resource_ids, starts_at, ends_at))
    return [_reserve(unit, span, holder, held_for) for unit in units]


@journal.action("network.reserve_unit")
def reserve_unit(
    *,
    kind: str,
    site_id: SiteId,
    code: str = "",
    starts_at: datetime,
    ends_at: datetime,
    holder: str,
    held_for: str = "",
    by: Actor,
) -> Reservation:
    """Reserve the unit of that kind and code at a site ("": the first that is free) for exactly one span.

    Raises `Conflict` that names who or what holds it until when, `NotFound` for a unit that the site does not have.
    """
    if not code:
        return reserve_earliest(
            kind=kind,
            site_id=site_id,
            duration=ends_at - starts_at,
            not_before=starts_at,
            not_after=ends_at,
            holder=holder,
            held_for=held_for,
            by=by,
        )
    unit = reads.get_resource(kind, site_id, code)
    wanted = [ResourceId(unit.pk)]
    return reserve_units(
        resource_ids=wanted, starts_at=starts_at, ends_at=ends_at, holder=holder, held_for=held_for, by=by
    )[0]


@journal.action("network.release_reservation")
def release_reservation(*, reservation_id: ReservationId, reason: str, by: Actor) -> Reservation:
    """Give a held reservation back, so that its span is free again."""
    reservation = reads.get_reservation(reservation_id)
    journal.transition(
        reservation,
        "release",
        facts.ReservationReleased(
            reservation_id=reservation.pk,
            resource_id=reservation.resource_id,
            resource=reservation.resource.code,
            holder=reservation.holder,
            reason=reason,
        ),
        stream=stream_of(reservation.resource),
        refs=concerned(reservation),
    )
    return reservation


@journal.action("network.use_reservation")
def use_reservation(*, reservation_id: ReservationId, by: Actor) -> Reservation:
    """Take up a held reservation; its span stays taken for ever."""
    reservation = reads.get_reservation(reservation_id)
    journal.transition(
        reservation,
        "use",
        facts.ReservationUsed(
            reservation_id=reservation.pk,
            resource_id=reservation.resource_id,
            resource=reservation.resource.code,
            holder=reservation.holder,
        ),
        stream=stream_of(reservation.resource),
        refs=concerned(reservation),
    )
    return reservation


def stream_of(unit: Resource) -> str:
    """Return the stream of everything that a resource was booked for."""
    return f"resource:{unit.pk}"


def concerned(booking: Reservation) -> list[str]:
    """Return whom an entry about a booking concerns too: its holder, and the site of the resource."""
    return [booking.holder, f"site:{booking.resource.site_id}"]


def locked_units(resource_ids: Iterable[UUID]) -> list[Resource]:
    """Return units locked in their order: of two who want one, the second waits and then sees who has it."""
    wanted = list(resource_ids)
    if len(wanted) == 1:
        return _LOCKED.all(wanted[0])
    rows = Resource.objects.select_for_update(no_key=True).filter(pk__in=wanted)
    return list(rows.order_by("site_id", "kind", "code"))


_LOCKED = Prepared(lambda unit: Resource.objects.select_for_update(no_key=True).filter(pk=unit), UUID)


def require_free(standing: Iterable[Reservation]) -> None:
    """Raise `Conflict` that names who or what holds a resource until when, where something does (N11)."""
    found = rules.taken_blockers(map(reads.view_booking, standing))
    if found:
        raise Conflict(found)


def _reserve_if_free(unit: Resource, span: Span, holder: str, held_for: str) -> Reservation | None:
    try:
        with transaction.atomic():
            return _reserve(unit, span, holder, held_for)
    except DatabaseError as error:
        if sqlstate(error) != "23P01":
            raise
        return None


def _reserve(unit: Resource, span: Span, holder: str, held_for: str) -> Reservation:
    row = Reservation(
        resource=unit,
        during=DateTimeTZRange(span.starts_at, span.ends_at, "[)"),
        holder=holder,
        held_for=held_for,
        state=ReservationState.HELD,
    )
    told = facts.ResourceReserved(
        reservation_id=row.pk,
        resource_id=unit.pk,
        resource=unit.code,
        kind=unit.kind,
        holder=holder,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
    )
    journal.record(told, stream=stream_of(unit), refs=concerned(row), inserts=[row])
    return row


def _nothing_free(kind: str, within: Span) -> Blocker:
    return Blocker(
        code="network.nothing_free",
        message=N_("No %(kind)s is free between %(start)s and %(end)s"),
        field="slot",
        value=kind,
        mend=N_("Choose a later window, or give back a reservation"),
        params={
            "kind": kind,
            "start": within.starts_at.isoformat(timespec="minutes"),
            "end": within.ends_at.isoformat(timespec="minutes"),
        },
    )


journal.explain(
    "network_reservation_overlap",
    Blocker(
        code="network.already_reserved",
        message=N_("Somebody else reserved this time"),
        field="slot",
        mend=N_("Look for another time"),
    ),
)
