"""Who may do a step, look at it a second time, and who is at work on a batch: for acts and for greyed buttons alike."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import SiteId
from vein2vein.core.refusals import Blocker
from vein2vein.manufacturing import rules
from vein2vein.manufacturing.models import Batch, Recording
from vein2vein.manufacturing.reads.guides import StepGuide
from vein2vein.manufacturing.reads.standing import batches_seen
from vein2vein.manufacturing.states import BatchState
from vein2vein.network.reads import ReservationRow, find_in_use, list_holders, list_in_use, view_booking
from vein2vein.network.rules import taken_blockers
from vein2vein.people.reads import training_blockers

if TYPE_CHECKING:
    from vein2vein.network.models import Equipment

EXECUTING = (
    Role.OPERATOR,
    Role.SUPERVISOR,
    Role.QC_ANALYST,
    Role.WAREHOUSE,
    Role.QA_REVIEWER,
    Role.QUALIFIED_PERSON,
)
"""Roles that a step of a definition may name."""


def doer_blockers(role: Role, training: str | None, by: Actor, at: datetime) -> list[Blocker]:
    """Return why this person may not do a step: its role or its training is not theirs (N14)."""
    found = rules.role_blockers(role, by.roles)
    return found or ([] if not training else training_blockers(by.account_id, training, at))


def checker_blockers(training: str | None, batch: Batch, checker: Actor, at: datetime) -> list[Blocker]:
    """Return why this person may not look at a step a second time: not of this plant, or without its training (N14)."""
    of_plant = checker.has_any(frozenset(EXECUTING)) and checker.sees(SiteId(batch.site_id))
    found = rules.checker_blockers(checker.name, of_plant=of_plant)
    return found or ([] if not training else training_blockers(checker.account_id, training, at))


def guide_blockers(guide: StepGuide, batch: Batch, by: Actor, at: datetime) -> list[Blocker]:
    """Return why a person may not do a step that waits, or check one that is done, as the page shows it."""
    if guide.done_at is None:
        return doer_blockers(Role(guide.role), guide.training, by, at) or elsewhere_blockers(guide, batch, by)
    own = Recording.objects.filter(step__batch=batch, step__code=guide.step_code, recorded_by_id=by.account_id).exists()
    found = rules.verifier_blockers(str(by.account_id), str(by.account_id) if own else "")
    return found or checker_blockers(guide.training, batch, by, at)


def elsewhere_blockers(guide: StepGuide, batch: Batch, by: Actor) -> list[Blocker]:
    """Return that a person is at work on another batch (N11)."""
    standing = find_in_use(by.account_id) if guide.role == Role.OPERATOR else None
    if standing is None or standing.holder == f"batch:{batch.pk}":
        return []
    return taken_blockers([view_booking(standing)])


def list_booked(batch: Batch) -> list[ReservationRow]:
    """Return who and what is booked for a batch now, oldest first."""
    return list_in_use(f"batch:{batch.pk}")


def list_kept(batch: Batch) -> list[Equipment]:
    """Return the equipment that a terminated batch keeps until it is cleared out; workstations among it."""
    if batch.state != BatchState.TERMINATED:
        return []
    return [one.resource.equipment for one in list_booked(batch) if one.resource.equipment is not None]


def list_to_clear_out(by: Actor) -> list[Batch]:
    """Return the terminated batches that keep equipment still, oldest first."""
    holders = [holder.partition(":")[2] for holder in list_holders("batch:")]
    return list(batches_seen(by).filter(state=BatchState.TERMINATED, pk__in=holders))
