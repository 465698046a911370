"""What stands in the way of using equipment, sites, lanes and routes: pure functions that return blockers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from vein2vein.core.refusals import N_, Blocker
from vein2vein.network.states import EquipmentState, Route

HOLD_TIME_MARGIN = Decimal("1.5")
"""A shipper must hold its temperature for the longest route and half of it again (N10)."""


@dataclass(frozen=True, slots=True)
class EquipmentView:
    """What the rules need to know of a piece of equipment."""

    code: str
    equipment_class: str
    state: str
    calibration_due_on: date | None = None
    requalification_due_on: date | None = None
    hold_time_h: Decimal | None = None


def equipment_blockers(equipment: EquipmentView, at: datetime, *, equipment_class: str | None = None) -> list[Blocker]:
    """Return why `equipment` may not be used at `at`: wrong class, out of service, or a due day passed."""
    found = []
    if equipment_class is not None and equipment.equipment_class != equipment_class:
        found.append(
            Blocker(
                code="network.wrong_equipment",
                message=N_("%(code)s is a %(found)s, and a %(wanted)s is needed"),
                field="equipment",
                value=equipment.code,
                mend=N_("Scan the right piece of equipment"),
                params={"code": equipment.code, "found": equipment.equipment_class, "wanted": equipment_class},
            )
        )
    if equipment.state != EquipmentState.AVAILABLE:
        found.append(
            Blocker(
                code="network.equipment_out_of_service",
                message=N_("%(code)s is out of service"),
                field="equipment",
                value=equipment.code,
                mend=N_("Use another one, or have it returned to service"),
                params={"code": equipment.code},
            )
        )
    if equipment.calibration_due_on is not None and equipment.calibration_due_on < at.date():
        found.append(_overdue("network.calibration_due", equipment.code, equipment.calibration_due_on, CALIBRATION))
    if equipment.requalification_due_on is not None and equipment.requalification_due_on < at.date():
        due = equipment.requalification_due_on
        found.append(_overdue("network.requalification_due", equipment.code, due, REQUALIFICATION))
    return found


CALIBRATION = N_("The calibration of %(code)s was due on %(due)s")
REQUALIFICATION = N_("The requalification of %(code)s was due on %(due)s")


def _overdue(code: str, equipment: str, due: date, message: str) -> Blocker:
    return Blocker(
        code=code,
        message=message,
        field="equipment",
        value=equipment,
        mend=N_("Use another one, or record its calibration first"),
        params={"code": equipment, "due": due.isoformat()},
    )


def shipper_blockers(shipper: EquipmentView, at: datetime, longest_hours: Decimal) -> list[Blocker]:
    """Return why `shipper` may not take a lane of at most `longest_hours` h: as equipment, or by its hold time."""
    found = equipment_blockers(shipper, at)
    needed = longest_hours * HOLD_TIME_MARGIN
    if shipper.hold_time_h is None or shipper.hold_time_h < needed:
        held = "0" if shipper.hold_time_h is None else format(shipper.hold_time_h, "f")
        found.append(
            Blocker(
                code="network.hold_time_short",
                message=N_("%(code)s holds for %(held)s h, and this lane asks for %(needed)s h"),
                field="shipper",
                value=shipper.code,
                mend=N_("Use a shipper with a longer hold time"),
                params={"code": shipper.code, "held": held, "needed": format(needed, "f")},
            )
        )
    return found


def requalified_blockers(certificate: str, until: date, *, today: date) -> list[Blocker]:
    """Return why a site is not qualified so: no certificate of its audit, or its last good day is past."""
    found = []
    if not certificate.strip():
        found.append(
            Blocker(
                "network.no_audit_certificate",
                N_("A qualification needs the certificate of its audit"),
                field="certificate",
                mend=N_("Give the certificate's number"),
            )
        )
    if until <= today:
        found.append(
            Blocker(
                "network.qualified_into_the_past",
                N_("The last good day of a qualification lies ahead"),
                field="qualified_until",
                value=until.isoformat(),
                mend=N_("Correct the day"),
            )
        )
    return found


def qualification_blockers(site_code: str, qualified_until: date | None, on: date) -> list[Blocker]:
    """Return why a site may not take part on a day: never qualified, or no longer."""
    if qualified_until is not None and on <= qualified_until:
        return []
    return [
        Blocker(
            code="network.site_not_qualified",
            message=N_("Site %(code)s is not qualified on %(on)s"),
            field="site",
            value=site_code,
            mend=N_("Qualify the site first"),
            params={"code": site_code, "on": on.isoformat()},
        )
    ]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open span of time."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Booking:
    """What the rules need to know of a reservation that stands; `ends_at` is None while it is in use."""

    resource: str
    kind: str
    held_for: str
    starts_at: datetime
    ends_at: datetime | None


PERSON = "person"
"""The kind of resource that a person is: at one place at a time."""


def taken_blockers(standing: Iterable[Booking]) -> list[Blocker]:
    """Return who or what holds a resource, and until when (N11)."""
    return [_taken(one) for one in sorted(standing, key=lambda one: (one.starts_at, one.resource))]


def _taken(booking: Booking) -> Blocker:
    person = booking.kind == PERSON
    if booking.ends_at is None and person:
        message = N_("%(resource)s is at work on %(held_for)s since %(since)s, until that operation is completed")
    elif booking.ends_at is None:
        message = N_("%(resource)s is in use for %(held_for)s since %(since)s, until it is given back")
    else:
        message = N_("%(resource)s is kept for %(held_for)s from %(since)s until %(until)s")
    return Blocker(
        code="network.person_taken" if person else "network.taken",
        message=message,
        field="by" if person else "resource",
        value=booking.resource,
        mend=N_("Ask somebody else, or step away from that work first") if person else N_("Use another one, or wait"),
        params={
            "resource": booking.resource,
            "held_for": booking.held_for,
            "since": booking.starts_at.isoformat(timespec="minutes"),
            "until": "" if booking.ends_at is None else booking.ends_at.isoformat(timespec="minutes"),
        },
    )


def set_back_blockers(ended: Iterable[Booking], at: datetime) -> list[Blocker]:
    """Return that a use which is over ends after the present: the clock was set back, and nobody is to blame for it."""
    return [
        Blocker(
            code="network.clock_set_back",
            message=N_("The clock reads %(now)s, but %(resource)s was given back at %(until)s: it was set back"),
            field="resource",
            value=one.resource,
            mend=N_("Have the administrator set the clock right, or wait until that time is over"),
            params={
                "resource": one.resource,
                "now": at.isoformat(timespec="minutes"),
                "until": one.ends_at.isoformat(timespec="minutes"),
            },
        )
        for one in sorted(ended, key=lambda one: (one.starts_at, one.resource))
        if one.ends_at is not None and one.ends_at > at
    ]


def earliest_start(taken: Sequence[Span], duration: timedelta, within: Span) -> datetime | None:
    """Return the first moment at which `duration` fits between what is `taken` and ends by `within.ends_at`."""
    start = within.starts_at
    for span in sorted(taken):
        if span.ends_at <= start:
            continue
        if span.starts_at >= start + duration:
            break
        start = span.ends_at
    return start if start + duration <= within.ends_at else None


def window_blockers(duration: timedelta, within: Span) -> list[Blocker]:
    """Return why a reservation cannot even be looked for."""
    if duration > timedelta(0) and within.starts_at + duration <= within.ends_at:
        return []
    return [
        Blocker(
            code="network.window_too_short",
            message=N_("No span of %(hours)s h fits between %(start)s and %(end)s"),
            field="not_after",
            value=within.ends_at.isoformat(),
            mend=N_("Give a longer window"),
            params={
                "hours": format(duration / timedelta(hours=1), ".1f"),
                "start": within.starts_at.isoformat(timespec="minutes"),
                "end": within.ends_at.isoformat(timespec="minutes"),
            },
        )
    ]


def authorisation_blockers(
    therapy_code: str,
    indication_code: str,
    route: Route,
    reference: str,
    *,
    valid_from_on: date,
    valid_to_on: date | None,
) -> list[Blocker]:
    """Return why an authorisation is not entered so: a part is missing, or it ends before it begins."""
    told = {"therapy_code": therapy_code, "indication_code": indication_code, "reference": reference}
    found = [
        Blocker("network.authorisation_part", N_("A part of the authorisation is missing"), field=name, mend=_WHOLE)
        for name, text in told.items()
        if not text.strip()
    ]
    if route is Route.NONE:
        message, mend = N_("No route is no authorisation"), N_("Choose the route that the agency allowed")
        found.append(Blocker("network.authorisation_route", message, field="route", mend=mend))
    if valid_to_on is not None and valid_to_on < valid_from_on:
        message, mend = N_("It ends before it begins"), N_("Correct the day")
        found.append(
            Blocker(
                "network.authorisation_days", message, field="valid_to_on", value=valid_to_on.isoformat(), mend=mend
            )
        )
    return found


_WHOLE = N_("Enter it as in the agency's letter")


def ending_blockers(
    valid_to_on: date, reason: str, *, valid_from_on: date, standing_to_on: date | None, today: date
) -> list[Blocker]:
    """Return why an authorisation does not end so: no reason, a past day, or it ends earlier than that already."""
    found = []
    if not reason.strip():
        found.append(
            Blocker(
                "network.no_reason_to_end", N_("Say why it ends"), field="reason", mend=N_("Write it in a few words")
            )
        )
    late = standing_to_on is not None and standing_to_on <= valid_to_on
    if valid_to_on < max(today, valid_from_on) or late:
        message = N_("The last good day lies in the past, before its first one, or after the one that stands")
        shown = valid_to_on.isoformat()
        found.append(
            Blocker("network.authorisation_end", message, field="valid_to_on", value=shown, mend=N_("Correct the day"))
        )
    return found
