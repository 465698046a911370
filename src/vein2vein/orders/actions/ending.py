"""How a course ends before its time: cancelled, ended by its physician, consent withdrawn, patient died.

Whatever the way, the same happens below: slot and lots are free, unused labels void, what is left quarantined.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.facts import Fact
from vein2vein.core.ids import CoiId, OrderId, ReservationId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.identity import actions as identity
from vein2vein.materials import actions as materials
from vein2vein.network import actions as network
from vein2vein.network.reads import list_reservations_of
from vein2vein.orders import facts, queues, reads, rules
from vein2vein.orders.actions.bedside import visits_of
from vein2vein.orders.models import Infusion, Order
from vein2vein.orders.rules import ways_out
from vein2vein.orders.states import EndCause, OrderState, VisitState

HOSPITAL = frozenset({Role.PHYSICIAN, Role.COORDINATOR})


def free_capacity(order: Order, reason: str, by: Actor) -> None:
    """Give back what is held for an order and not taken up: slots and other reservations, quantities of lots."""
    holder = f"order:{order.pk}"
    for reservation in list_reservations_of(holder):
        if reservation.state == "held":
            network.release_reservation(reservation_id=ReservationId(reservation.pk), reason=reason, by=by)
    materials.release_reservations(holder=holder, by=by)


def end_dose(order: Order, cause: str, reason: str, by: Actor) -> Order:
    """Let a course of which a part of the dose was given go on as infused; the rest is not given."""
    at = journal.current().at
    journal.transition(
        order,
        "infuse",
        facts.RestNotGiven(
            order_id=order.id, order_code=order.code, coi=reads.coi_code(order), cause=cause, reason=reason
        ),
        stream=order.stream,
        refs=order.refs,
        inserts=visits_of(order, reads.definition_of(order), at),
    )
    free_capacity(order, reason, by)
    return order


def _clear_up(order: Order, reason: str, by: Actor) -> None:
    free_capacity(order, reason, by)
    if order.coi_id is not None:
        identity.void_unused_labels(coi_id=CoiId(order.coi_id), reason=reason, by=by)
        identity.quarantine_contents(coi_id=CoiId(order.coi_id), reason=reason, by=by)


def running(order: Order) -> bool:
    """Say whether cells are running into the patient now."""
    return Infusion.objects.filter(order=order, ended_at__isnull=True).exists()


def _end(order: Order, fact: Fact, cause: EndCause, reason: str, by: Actor) -> Order:
    """Cancel a course, or close it where a dose or a part of it was given; visits that are due are waived."""
    at = journal.current().at
    if order.state != OrderState.INFUSED and queues.part_given(order):
        end_dose(order, cause.value, reason, by)
    infused = order.state == OrderState.INFUSED
    told = f"{cause.value.replace('_', ' ')}: {reason}"
    for visit in order.visits.filter(state=VisitState.DUE).order_by("day"):
        journal.transition(
            visit,
            "waive",
            facts.VisitWaived(order_id=order.id, visit=visit.code, reason=told),
            stream=order.stream,
            refs=order.refs,
            remark=told,
        )
    journal.transition(
        order,
        "close" if infused else "cancel",
        fact,
        stream=order.stream,
        refs=[*order.refs, f"account:{by.account_id}"],
        changes=_settled(order, told, by),
        end_cause=cause.value,
        ended_at=at,
    )
    _clear_up(order, told, by)
    return order


def _settled(order: Order, reason: str, by: Actor) -> list[tuple[Any, dict[str, Any]]]:
    """Return the changes by which nothing about a course that ends is left to decide or to lift."""
    at = journal.current().at
    decided = {"decision": "close", "decision_reason": reason, "decided_at": at, "decided_by": by.account_id}
    lifted = {"lifted_at": at, "lifted_by": by.account_id, "lift_reason": reason}
    return [
        *((one, decided) for one in order.interruptions.filter(decided_at__isnull=True)),
        *((one, lifted) for one in order.obstacles.filter(lifted_at__isnull=True)),
    ]


def close_stopped(order: Order, reason: str, by: Actor) -> Order:
    """End a stopped course by its physician's decision; the cause is what stopped it."""
    stop = order.interruptions.get(decided_at__isnull=True)
    cause = CAUSES.get(stop.cause, EndCause.HOSPITAL_DECISION)
    return _end(order, _told(facts.CourseEnded, order, cause, reason), cause, reason, by)


CAUSES = {
    "collection_failed": EndCause.MATERIAL_REJECTED,
    "material_rejected": EndCause.MATERIAL_REJECTED,
    "shipment_lost": EndCause.PRODUCT_LOST,
    "batch_terminated": EndCause.BATCH_FAILED,
    "batch_rejected": EndCause.BATCH_FAILED,
    "product_rejected": EndCause.PRODUCT_LOST,
    "product_recalled": EndCause.PRODUCT_LOST,
    "infusion_refused": EndCause.INFUSION_REFUSED,
}
"""With which cause a course ends when its physician closes it after a stop."""


def _told(make: Callable[..., Fact], order: Order, cause: EndCause, reason: str, **more: date) -> Fact:
    return make(
        order_id=order.id, order_code=order.code, from_state=order.state, cause=cause.value, reason=reason, **more
    )


@journal.action("orders.cancel_order", roles=HOSPITAL | {Role.PLANNER})
def cancel_order(*, order_id: OrderId, reason: str, cause: EndCause = EndCause.HOSPITAL_DECISION, by: Actor) -> Order:
    """Call a treatment course off before the apheresis; the slot is free again, the labels of a printed kit void."""
    order = reads.get_order(order_id=order_id, by=by)
    refuse_any([*rules.reason_blockers(reason), *ways_out.cancel_blockers(order.state)])
    return _end(order, _told(facts.OrderCancelled, order, cause, reason), cause, reason, by)


@journal.action("orders.end_course", roles={Role.PHYSICIAN}, signed=N_("course ended"))
def end_course(*, order_id: OrderId, cause: EndCause, reason: str, by: Actor) -> Order:
    """End a course after its apheresis began: the patient is too ill or refuses, or nothing can be made of the cells.

    What is left of the cells is quarantined until quality decides whether it is returned or destroyed.
    """
    order = reads.get_order(order_id=order_id, by=by)
    refuse_any(
        [
            *rules.reason_blockers(reason),
            *ways_out.end_blockers(order.state, cause=cause, running=running(order)),
            *ways_out.part_given_blockers(given=queues.part_given(order)),
        ]
    )
    return _end(order, _told(facts.CourseEnded, order, cause, reason), cause, reason, by)


@journal.action("orders.withdraw_consent", roles=HOSPITAL, signed=N_("consent withdrawn"))
def withdraw_consent(*, order_id: OrderId, withdrawn_on: date, reason: str = "", by: Actor) -> Order:
    """Record that the patient withdrew the consent: the course ends where it is, follow-up visits included."""
    order = reads.get_order(order_id=order_id, by=by)
    _refuse_report(order, withdrawn_on, "withdrawn_on")
    cause = EndCause.CONSENT_WITHDRAWN
    fact = _told(facts.ConsentWithdrawn, order, cause, reason, on=withdrawn_on)
    return _end(order, fact, cause, reason, by)


@journal.action("orders.report_death", roles={Role.PHYSICIAN}, signed=N_("death reported"))
def report_death(*, order_id: OrderId, died_on: date, reason: str = "", by: Actor) -> Order:
    """Report the patient's death, in the queue or after the release: the course ends where it is."""
    order = reads.get_order(order_id=order_id, by=by)
    _refuse_report(order, died_on, "died_on")
    cause = EndCause.PATIENT_DIED
    return _end(order, _told(facts.DeathReported, order, cause, reason, on=died_on), cause, reason, by)


def _refuse_report(order: Order, on: date, field: str) -> None:
    today = reads.local_day(order, journal.current().at)
    refuse_any(
        [
            *ways_out.over_blockers(order.state),
            *ways_out.day_blockers(on, today=today, field=field),
            *ways_out.running_blockers(running=running(order)),
        ]
    )
