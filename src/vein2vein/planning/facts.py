"""What planning's journal entries carry."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("planning")
class PlanMade(Fact):
    """A plan was made and checked; nothing is booked by it."""

    says: ClassVar[str] = N_("Plan %(number)s made for %(courses)s courses: %(moves)s moves, gap %(gap)s")
    plan_id: UUID
    number: int
    site: str
    courses: int
    operations: int
    moves: int
    promises_moved: int
    objective: int
    bound: int
    bound_by: str
    gap: str
    problem_digest: str
    plan_digest: str
    reason: str


@fact("planning")
class OperationMoved(Fact):
    """The planner moved an operation, and what follows it, in a draft."""

    says: ClassVar[str] = N_("Plan %(number)s: %(operation)s of %(order_code)s moved to %(to_at)s: %(reason)s")
    plan_id: UUID
    number: int
    order_code: str
    operation: str
    from_at: datetime
    to_at: datetime
    unit_code: str
    reason: str


@fact("planning")
class MoveUndone(Fact):
    """A draft was taken back, and the one before stands again."""

    says: ClassVar[str] = N_("Plan %(number)s taken back")
    plan_id: UUID
    number: int


@fact("planning")
class PlanWithdrawn(Fact):
    """A draft gave way to a newer plan."""

    says: ClassVar[str] = N_("Plan %(number)s withdrawn")
    plan_id: UUID
    number: int


@fact("planning")
class PlanAdopted(Fact):
    """A plan is in force by the planner's signature, and what it moves is booked."""

    says: ClassVar[str] = N_("Plan %(number)s adopted: %(slots_moved)s slots moved, %(told)s to be told")
    plan_id: UUID
    number: int
    site: str
    slots_moved: int
    told: int
    problem_digest: str
    plan_digest: str


@fact("planning")
class PlanSuperseded(Fact):
    """A plan gave way to the one adopted after it."""

    says: ClassVar[str] = N_("Plan %(number)s superseded")
    plan_id: UUID
    number: int


@fact("planning")
class CoursePlanned(Fact):
    """A plan that is in force now moved a course: what was, what becomes, why."""

    says: ClassVar[str] = N_("Planned anew: slot %(slot)s from %(slot_at)s, infusion %(infusion_at)s (%(why)s)")
    plan_id: UUID
    order_id: UUID
    order_code: str
    slot: str
    was_slot_at: datetime | None
    slot_at: datetime
    infusion_at: datetime
    why: str


@fact("planning")
class DatePromised(Fact):
    """A date was promised, and what it needs is reserved."""

    says: ClassVar[str] = N_("Promised: collection %(collection_at)s, infusion %(infusion_at)s, slot %(slot)s")
    promise_id: UUID
    order_id: UUID
    order_code: str
    collection_at: datetime
    infusion_at: datetime
    slot: str
    bed: str
    expires_at: datetime


@fact("planning")
class DateMoved(Fact):
    """A promised date was moved by an adopted plan, confirmed by name."""

    says: ClassVar[str] = N_("Promised date moved from %(was_at)s to %(infusion_at)s: %(reason)s")
    promise_id: UUID
    order_id: UUID
    order_code: str
    was_at: datetime
    infusion_at: datetime
    reason: str


@fact("planning")
class DateChangeConfirmed(Fact):
    """Somebody confirmed by name that a promised date moves."""

    says: ClassVar[str] = N_("Confirmed: the promised date moves from %(was_at)s to %(becomes_at)s: %(reason)s")
    plan_id: UUID
    promise_id: UUID
    order_code: str
    was_at: datetime
    becomes_at: datetime
    reason: str


@fact("planning")
class PromiseEnded(Fact):
    """A promise stands no longer: kept, expired or given back."""

    says: ClassVar[str] = N_("Promise of %(infusion_at)s ended (%(how)s): %(reason)s")
    promise_id: UUID
    order_id: UUID
    order_code: str
    infusion_at: datetime
    how: str
    reason: str


@fact("planning")
class DisruptionOpened(Fact):
    """Something happened that touches the plan."""

    says: ClassVar[str] = N_("The plan is touched (%(kind)s): %(told)s")
    disruption_id: UUID
    kind: str
    subject: str
    told: str
    order_id: UUID | None


@fact("planning")
class DisruptionSettled(Fact):
    """The planner dealt with what had happened."""

    says: ClassVar[str] = N_("Dealt with (%(kind)s): %(reason)s")
    disruption_id: UUID
    kind: str
    subject: str
    plan_number: int | None
    reason: str


@fact("planning")
class AbsenceRecorded(Fact):
    """A person is off, or a unit closed, for a time."""

    says: ClassVar[str] = N_("%(unit_code)s is not there from %(starts_at)s to %(ends_at)s: %(reason)s")
    absence_id: UUID
    unit_code: str
    starts_at: datetime
    ends_at: datetime
    reason: str


@fact("planning")
class AbsenceWithdrawn(Fact):
    """A person or unit is there after all."""

    says: ClassVar[str] = N_("%(unit_code)s is there after all: %(reason)s")
    absence_id: UUID
    unit_code: str
    reason: str
