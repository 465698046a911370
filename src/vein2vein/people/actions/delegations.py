"""Delegation of the qualified person (转授权), with dates and out-of-hours cover."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AccountId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, NotFound, refuse_any
from vein2vein.people import facts, reads, rules
from vein2vein.people.models import Delegation
from vein2vein.people.states import BASE_ROLES, Cover, DelegationState


@journal.action("people.delegate_role", roles={Role.QUALIFIED_PERSON}, signed=N_("delegated"))
def delegate_role(
    *,
    delegate_id: AccountId,
    role: Role,
    starts_at: datetime,
    ends_at: datetime,
    cover: Cover = Cover.ALWAYS,
    reason: str,
    by: Actor,
) -> Delegation:
    """Pass on one's own role for a window, at all hours or out of hours only, to a trained member of the staff."""
    delegate = reads.get_account(delegate_id)
    now = clock.now()
    fits = delegate.pk != by.account_id and delegate.is_active and bool(reads.own_roles(delegate.pk, now) & BASE_ROLES)
    refuse_any(
        rules.delegation_blockers(
            role=role,
            holds=reads.own_roles(by.account_id, now),
            starts_at=starts_at,
            ends_at=ends_at,
            now=now,
            reason=reason,
            delegate=delegate.username,
            delegate_fits=fits,
            trained=reads.training_view(delegate.pk),
        )
    )
    delegator = reads.get_account(by.account_id)
    row = Delegation(
        delegator=delegator,
        delegate=delegate,
        role=role,
        during=DateTimeTZRange(starts_at, ends_at, "[)"),
        cover=cover,
        reason=reason,
        state=DelegationState.ACTIVE,
    )
    journal.record(
        facts.RoleDelegated(
            delegation_id=row.pk,
            delegator_id=delegator.pk,
            delegate_id=delegate.pk,
            delegator=delegator.printed_name,
            delegate=delegate.printed_name,
            role=role,
            cover=cover,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason,
        ),
        stream=f"account:{delegate.pk}",
        refs=[f"account:{delegator.pk}"],
        inserts=[row],
    )
    return row


@journal.action("people.end_delegation", roles={Role.QUALIFIED_PERSON, Role.ADMINISTRATOR})
def end_delegation(*, delegation_id: UUID, reason: str, by: Actor) -> Delegation:
    """End a delegation before its time; the delegator may, and an administrator."""
    row = Delegation.objects.select_related("delegate").filter(pk=delegation_id).first()
    if row is None:
        raise NotFound(
            Blocker("people.no_delegation", N_("There is no such delegation"), "delegation_id", str(delegation_id))
        )
    if row.delegator_id != by.account_id and Role.ADMINISTRATOR not in by.roles:
        raise NotAllowed(
            Blocker(
                "people.not_delegator",
                N_("Only who delegated the role, or an administrator, ends it"),
                "delegation_id",
                str(delegation_id),
            )
        )
    refuse_any(rules.reason_blockers(reason))
    journal.transition(
        row,
        "end",
        facts.DelegationEnded(
            delegation_id=row.pk,
            delegator_id=row.delegator_id,
            delegate_id=row.delegate_id,
            delegate=row.delegate.printed_name,
            role=row.role,
            reason=reason,
        ),
        stream=f"account:{row.delegate_id}",
        refs=[f"account:{row.delegator_id}"],
    )
    return row
