"""Who may do what, and when: pure functions over plain values, returning blockers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vein2vein.core.actor import HOSPITAL_ROLES, Role
from vein2vein.core.refusals import N_, Blocker
from vein2vein.people.states import CARRIER_ROLES, DELEGABLE_ROLES, Cover

WORKING_HOURS = (time(8), time(18))
"""From Monday to Friday, in the zone of the delegator's site; out-of-hours cover holds outside of them."""
LONGEST_DELEGATION = timedelta(days=92)
DELEGATE_TRAINING = "qualified_person"
SHORTEST_PIN = 6


@dataclass(frozen=True, slots=True)
class DelegationView:
    """What the rules need to know of a delegation; `zone` is the delegator's."""

    role: str
    starts_at: datetime
    ends_at: datetime
    cover: str
    zone: str
    active: bool
    delegator_active: bool
    delegator_holds: bool


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A training passed, from its first to its last good day."""

    code: str
    valid_from_on: date
    valid_until_on: date


def in_working_hours(at: datetime, zone: str) -> bool:
    """Say whether `at` is within working hours in `zone`."""
    local = at.astimezone(ZoneInfo(zone))
    opens, closes = WORKING_HOURS
    return local.weekday() < 5 and opens <= local.time() < closes


def delegation_in_force(delegation: DelegationView, at: datetime) -> bool:
    """Say whether a delegate may act at `at`: within the window and hours, while the delegator could act too."""
    return (
        delegation.active
        and delegation.delegator_active
        and delegation.delegator_holds
        and delegation.role in DELEGABLE_ROLES
        and delegation.starts_at <= at < delegation.ends_at
        and (delegation.cover != Cover.OUT_OF_HOURS or not in_working_hours(at, delegation.zone))
    )


def delegation_blockers(
    *,
    role: Role,
    holds: frozenset[Role],
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    reason: str,
    delegate: str,
    delegate_fits: bool,
    trained: Sequence[TrainingView],
) -> list[Blocker]:
    """Return why a role may not be passed on; `holds` are the roles that the delegator has in their own right."""
    found = []
    if role not in DELEGABLE_ROLES or role not in holds:
        found.append(_blocker("people.not_delegable", N_("This role is not yours to delegate"), "role", str(role)))
    if not starts_at < ends_at or ends_at <= now or ends_at - starts_at > LONGEST_DELEGATION:
        found.append(
            Blocker(
                "people.delegation_window",
                N_("A delegation runs forward, ends in the future, and lasts %(days)s days at most"),
                "ends_at",
                ends_at.isoformat(),
                N_("Give another window"),
                {"days": str(LONGEST_DELEGATION.days)},
            )
        )
    if not delegate_fits:
        found.append(
            _blocker(
                "people.delegate_unfit",
                N_("The delegate must be another, active member of the base's staff"),
                "delegate_id",
                delegate,
            )
        )
    for day in (max(starts_at, now).date(), ends_at.date()):
        if (missing := training_blockers(trained, DELEGATE_TRAINING, day, delegate)) and delegate_fits:
            found += missing
            break
    return found + reason_blockers(reason)


def training_blockers(trained: Iterable[TrainingView], code: str, on: date, who: str) -> list[Blocker]:
    """Return why a person may not do, on a day, what asks for training `code`."""
    if any(one.code == code and one.valid_from_on <= on <= one.valid_until_on for one in trained):
        return []
    return [
        Blocker(
            "people.not_trained",
            N_("%(who)s is not trained in %(training)s on %(on)s"),
            "training",
            code,
            N_("Have the training done and recorded, or let a trained person do it"),
            {"who": who, "training": code, "on": on.isoformat()},
        )
    ]


def assignment_blockers(role: Role, employer_kind: str, *, own: bool) -> list[Blocker]:
    """Return why a role may not be given to a person of such an employer ("hospital", "carrier", …)."""
    fits = {"hospital": HOSPITAL_ROLES, "carrier": CARRIER_ROLES}.get(
        employer_kind, frozenset(Role) - HOSPITAL_ROLES - CARRIER_ROLES - {Role.SYSTEM}
    )
    found = own_blockers(own=own)
    if role not in fits:
        found.append(
            Blocker(
                "people.role_misplaced",
                N_("%(role)s is not a role of a %(kind)s's staff"),
                "role",
                str(role),
                N_("Choose a role that fits the employer"),
                {"role": str(role), "kind": employer_kind},
            )
        )
    return found


def own_blockers(*, own: bool) -> list[Blocker]:
    """Return why a person may not do this to their own account."""
    if not own:
        return []
    return [
        _blocker(
            "people.own_account",
            N_("Nobody changes the rights of their own account"),
            "account_id",
            mend=N_("Ask another administrator"),
        )
    ]


def reason_blockers(reason: str) -> list[Blocker]:
    """Return why a reason is not one."""
    return (
        [] if reason.strip() else [_blocker("people.no_reason", N_("A reason is needed"), "reason", mend=N_("Say why"))]
    )


def pin_blockers(pin: str) -> list[Blocker]:
    """Return why a PIN is too weak: fewer than six digits, one digit only, or digits in a row."""
    rows = ("01234567890123456789", "98765432109876543210")
    long_enough = SHORTEST_PIN <= len(pin) <= 12 and pin.isascii() and pin.isdigit()
    if long_enough and len(set(pin)) > 2 and not any(pin in row for row in rows):
        return []
    return [
        _blocker(
            "people.weak_pin",
            N_("A PIN has 6 to 12 digits, not in a row and not nearly all the same"),
            "new_pin",
            mend=N_("Choose another PIN"),
        )
    ]


def username_blockers(username: str) -> list[Blocker]:
    """Return why a user name cannot be used: lower case letters, digits, point, dash, 2 to 40 of them."""
    if (
        2 <= len(username) <= 40
        and username.isascii()
        and all(c.islower() or c.isdigit() or c in ".-_" for c in username)
    ):
        return []
    return [
        _blocker(
            "people.username",
            N_("A user name has 2 to 40 small letters, digits, points or dashes"),
            "username",
            username[:60],
            N_("Choose another user name"),
        )
    ]


def _blocker(code: str, message: str, field: str, value: str = "", mend: str = "") -> Blocker:
    return Blocker(code, message, field, value, mend)
