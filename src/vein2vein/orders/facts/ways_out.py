"""What happens when a course does not go straight: ended, stopped, decided on, put off, interrupted, not used."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("orders", version=2)
class OrderCancelled(Fact):
    """The course was called off before the apheresis; a reserved slot is free again."""

    says: ClassVar[str] = N_("Order %(order_code)s cancelled: %(reason)s")

    order_id: UUID
    order_code: str
    from_state: str
    cause: str
    reason: str


@fact("orders")
class CourseEnded(Fact):
    """The treating physician ended the course after its apheresis had begun."""

    says: ClassVar[str] = N_("Treatment course %(order_code)s ended (%(cause)s): %(reason)s")

    order_id: UUID
    order_code: str
    from_state: str
    cause: str
    reason: str


@fact("orders")
class ConsentWithdrawn(Fact):
    """The patient withdrew the consent: nothing more is done with the cells, and no visit is asked for."""

    says: ClassVar[str] = N_("Consent withdrawn on %(on)s: treatment course %(order_code)s ended")

    order_id: UUID
    order_code: str
    from_state: str
    cause: str
    reason: str
    on: date


@fact("orders")
class DeathReported(Fact):
    """The patient died; the course ends where it is."""

    says: ClassVar[str] = N_("The patient died on %(on)s: treatment course %(order_code)s ended")

    order_id: UUID
    order_code: str
    from_state: str
    cause: str
    reason: str
    on: date


ENDING = ("orders.OrderCancelled", "orders.CourseEnded", "orders.ConsentWithdrawn", "orders.DeathReported")
"""The facts after which a course is over: contexts above call off what they still have under way for it."""


@fact("orders")
class VisitWaived(Fact):
    """A follow-up visit is not asked for any more, because the course ended."""

    says: ClassVar[str] = N_("Follow-up visit %(visit)s waived: %(reason)s")

    order_id: UUID
    visit: str
    reason: str


@fact("orders")
class CourseStopped(Fact):
    """Something went wrong: the course stands still until its physician decides how it goes on."""

    says: ClassVar[str] = N_("Treatment course stopped (%(cause)s): %(reason)s")

    order_id: UUID
    order_code: str
    coi: str
    hospital_code: str
    from_state: str
    cause: str
    reason: str


@fact("orders")
class CourseDecided(Fact):
    """The physician decided how a stopped course goes on."""

    says: ClassVar[str] = N_("Decided about the stopped course: %(decision)s, %(reason)s")

    order_id: UUID
    order_code: str
    coi: str
    cause: str
    decision: str
    reason: str
    to_state: str
    slot_from_at: datetime | None


@fact("orders")
class ObstacleReported(Fact):
    """The hospital cannot go on for the time being."""

    says: ClassVar[str] = N_("Obstacle reported (%(kind)s): %(reason)s")

    order_id: UUID
    order_code: str
    kind: str
    reason: str


@fact("orders")
class ObstacleLifted(Fact):
    """The hospital can go on again."""

    says: ClassVar[str] = N_("Obstacle lifted (%(kind)s): %(reason)s")

    order_id: UUID
    order_code: str
    kind: str
    reason: str


@fact("orders")
class CollectionRescheduled(Fact):
    """The collection was moved to another time with another slot."""

    says: ClassVar[str] = N_("Collection moved from %(was_at)s to %(became_at)s: %(reason)s")

    order_id: UUID
    order_code: str
    was_at: datetime
    became_at: datetime
    resource_code: str
    slot_from_at: datetime
    reason: str


@fact("orders")
class SlotTaken(Fact):
    """The order was planned on a slot that is reserved for it."""

    says: ClassVar[str] = N_("Planned: collection %(became_at)s, slot %(resource_code)s from %(slot_from_at)s")

    order_id: UUID
    order_code: str
    was_at: datetime
    became_at: datetime
    resource_code: str
    slot_from_at: datetime
    slot_to_at: datetime
    reason: str


@fact("orders")
class SlotGivenBack(Fact):
    """The slot was given back; the course waits for another time."""

    says: ClassVar[str] = N_("Manufacturing slot given back, the course waits: %(reason)s")

    order_id: UUID
    order_code: str
    reason: str


@fact("orders")
class EligibilityRenewed(Fact):
    """The eligibility pack was brought up to date."""

    says: ClassVar[str] = N_("Eligibility renewed: %(renewed)s")

    order_id: UUID
    order_code: str
    renewed: str


@fact("orders")
class SingleCopyAccepted(Fact):
    """Whoever the definition names accepted, by name, that there is one copy of the cells and it travels (N19)."""

    says: ClassVar[str] = N_("Single-copy risk accepted by %(accepted_by)s: %(reason)s")

    order_id: UUID
    order_code: str
    accepted_by: str
    reason: str


@fact("orders")
class InfusionInterrupted(Fact):
    """The infusion of a bag was interrupted; the clock since its thaw runs on."""

    says: ClassVar[str] = N_("Infusion of bag %(container_code)s interrupted: %(reason)s")

    order_id: UUID
    coi: str
    container_code: str
    interrupted_at: datetime
    reason: str


@fact("orders")
class InfusionResumed(Fact):
    """The interrupted infusion goes on."""

    says: ClassVar[str] = N_("Infusion of bag %(container_code)s resumed")

    order_id: UUID
    coi: str
    container_code: str
    resumed_at: datetime


@fact("orders")
class InfusionRefused(Fact):
    """A thawed product is not infused; it was destroyed, for it cannot be frozen again."""

    says: ClassVar[str] = N_("Product not infused (%(cause)s): %(reason)s; destroyed: %(containers)s")

    order_id: UUID
    order_code: str
    coi: str
    cause: str
    reason: str
    containers: str


@fact("orders")
class RestNotGiven(Fact):
    """A part of the dose was infused, and what is left of it is not given: the course goes on as infused."""

    says: ClassVar[str] = N_("What is left of the dose is not given (%(cause)s): %(reason)s")

    order_id: UUID
    order_code: str
    coi: str
    cause: str
    reason: str


@fact("orders")
class UnusedDecided(Fact):
    """Quality decided what becomes of a container that is not used."""

    says: ClassVar[str] = N_("Unused container %(container_code)s: %(decision)s, %(reason)s")

    order_id: UUID
    coi: str
    container_id: UUID
    container_code: str
    decision: str
    reason: str


@fact("orders")
class UnusedDestroyed(Fact):
    """A container that is not used was destroyed before two people."""

    says: ClassVar[str] = N_("Unused container %(container_code)s destroyed before two people")

    order_id: UUID
    coi: str
    container_id: UUID
    container_code: str
