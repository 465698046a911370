"""The queue: obstacles of patient and site, another time for the collection, an eligibility pack brought up to date."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import HOSPITAL_ROLES, Actor, Role
from vein2vein.core.ids import OrderId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.orders import facts, reads, rules
from vein2vein.orders.actions.ending import free_capacity
from vein2vein.orders.actions.stopping import reserve_for
from vein2vein.orders.models import Obstacle, Order, PriorTherapy
from vein2vein.orders.rules import ways_out
from vein2vein.orders.states import ObstacleKind, OrderState, VirologyResult


@journal.action("orders.report_obstacle", roles=HOSPITAL_ROLES)
def report_obstacle(*, order_id: OrderId, kind: ObstacleKind, reason: str, by: Actor) -> Obstacle:
    """Report that the patient is unfit or the site not ready: nothing is collected, sent, cleared or thawed meanwhile.

    That a patient is unfit is said by the treating physician.
    """
    order = reads.get_order(order_id=order_id, by=by)
    refuse_any(
        [
            *rules.reason_blockers(reason),
            *ways_out.over_blockers(OrderState.CLOSED if order.state == OrderState.INFUSED else order.state),
            *ways_out.obstacle_role_blockers(kind, physician=Role.PHYSICIAN in by.roles),
        ]
    )
    row = Obstacle(
        order=order,
        kind=kind.value,
        reason=reason,
        reported_at=journal.current().at,
        reported_by=by.account_id,
    )
    journal.record(
        facts.ObstacleReported(order_id=order.id, order_code=order.code, kind=kind.value, reason=reason),
        stream=order.stream,
        refs=order.refs,
        inserts=[row],
    )
    return row


@journal.action("orders.lift_obstacle", roles=HOSPITAL_ROLES)
def lift_obstacle(*, order_id: OrderId, kind: ObstacleKind, reason: str, by: Actor) -> Obstacle:
    """Say that the patient is fit again, or the site ready; the course goes on where it stood."""
    order = reads.get_order(order_id=order_id, by=by)
    row = order.obstacles.filter(kind=kind.value, lifted_at__isnull=True).first()
    refuse_any(
        [
            *rules.reason_blockers(reason),
            *ways_out.standing_blockers(kind, standing=row is not None),
            *ways_out.obstacle_role_blockers(kind, physician=Role.PHYSICIAN in by.roles),
        ]
    )
    assert row is not None  # noqa: S101 - refused before
    journal.record(
        facts.ObstacleLifted(order_id=order.id, order_code=order.code, kind=kind.value, reason=reason),
        stream=order.stream,
        refs=order.refs,
        changes=[(row, {"lifted_at": journal.current().at, "lifted_by": by.account_id, "lift_reason": reason})],
    )
    return row


@journal.action("orders.reschedule_collection", roles={Role.PLANNER})
def reschedule_collection(*, order_id: OrderId, collection_planned_at: datetime, reason: str, by: Actor) -> Order:
    """Move the collection to another time: the slot is given back, and the earliest that fits the new time reserved."""
    order = reads.get_order(order_id=order_id, by=by)
    at, was = journal.current().at, order.collection_planned_at
    refuse_any(
        [
            *rules.reason_blockers(reason),
            *ways_out.state_blockers(order.state, [OrderState.ACCEPTED]),
            *reads.prescription_blockers(order, at=at, planned_at=collection_planned_at),
        ]
    )
    free_capacity(order, reason, by)
    slot = reserve_for(order, collection_planned_at, by)
    journal.record(
        facts.CollectionRescheduled(
            order_id=order.id,
            order_code=order.code,
            was_at=was,
            became_at=collection_planned_at,
            resource_code=slot.resource.code,
            slot_from_at=slot.during.lower,
            reason=reason,
        ),
        stream=order.stream,
        refs=[*order.refs, f"reservation:{slot.pk}"],
        changes=[(order, {"collection_planned_at": collection_planned_at, "slot": slot})],
    )
    return order


@journal.action("orders.give_slot_back", roles={Role.PLANNER})
def give_slot_back(*, order_id: OrderId, reason: str, by: Actor) -> Order:
    """Give the slot of an accepted order back while nobody knows the new time; the course waits in the queue."""
    order = reads.get_order(order_id=order_id, by=by)
    refuse_any(
        [
            *rules.reason_blockers(reason),
            *ways_out.state_blockers(order.state, [OrderState.ACCEPTED]),
            *ways_out.slot_blockers(has_slot=order.slot_id is not None),
        ]
    )
    free_capacity(order, reason, by)
    journal.record(
        facts.SlotGivenBack(order_id=order.id, order_code=order.code, reason=reason),
        stream=order.stream,
        refs=order.refs,
        changes=[(order, {"slot": None})],
    )
    return order


@journal.action("orders.renew_eligibility", roles={Role.PHYSICIAN}, signed=N_("eligibility renewed"))
def renew_eligibility(
    *,
    order_id: OrderId,
    virology: list[str] | None = None,
    prior_therapies: list[str] | None = None,
    consent_version: str = "",
    consent_signed_on: date | None = None,
    by: Actor,
) -> Order:
    """Bring the eligibility pack up to date before the apheresis, by the physician's signature.

    `virology`: lines "marker = result, year-month-day" that replace the marker's result; `prior_therapies`: lines
    "class = year-month-day" of further last doses; consent: its version and day where it was signed again.
    """
    order = reads.get_order(order_id=order_id, by=by)
    results, faults = ways_out.results_given(
        virology or [], words=[one.value for one in VirologyResult], field="virology"
    )
    drugs, more = ways_out.results_given(prior_therapies or [], words=(), field="prior_therapies")
    rows = {one.marker: one for one in order.virology.all()}
    refuse_any(
        [
            *ways_out.state_blockers(
                order.state, [OrderState.DRAFTED, OrderState.SUBMITTED, OrderState.ACCEPTED, OrderState.STOPPED]
            ),
            *faults,
            *more,
            *ways_out.unknown_names([one[0] for one in results], list(rows), "virology"),
            *ways_out.renewal_blockers(anything=bool(results or drugs or consent_version or consent_signed_on)),
        ]
    )
    consent: dict[str, Any] = {"consent_version": consent_version} if consent_version else {}
    consent |= {} if consent_signed_on is None else {"consent_signed_on": consent_signed_on}
    renewed = [*(one[0] for one in results), *(one[0] for one in drugs), *(["consent"] if consent else [])]
    journal.record(
        facts.EligibilityRenewed(order_id=order.id, order_code=order.code, renewed=", ".join(renewed)),
        stream=order.stream,
        refs=order.refs,
        inserts=[PriorTherapy(order=order, drug_class=name, ended_on=on) for name, _, on in drugs],
        changes=[
            *((rows[name], {"result": word, "tested_on": on}) for name, word, on in results),
            *([(order, consent)] if consent else []),
        ],
    )
    return order
