"""A course that stands still, and its physician's decision: another batch, another apheresis, the rest, the end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import CoiId, OrderId, SiteId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.identity import actions as identity
from vein2vein.network import actions as network
from vein2vein.network.reads import ReservationRow
from vein2vein.orders import facts, queues, reads, rules
from vein2vein.orders.actions.ending import close_stopped, end_dose, free_capacity, running
from vein2vein.orders.actions.prescribing import reserve_material
from vein2vein.orders.models import Interruption, Order
from vein2vein.orders.rules import ways_out
from vein2vein.orders.states import STOPPABLE, CourseDecision, OrderState, StopCause

SLOT = "manufacturing_slot"
LOOK_AHEAD = timedelta(days=60)
"""How far ahead a slot is looked for when a batch is made again."""


@journal.action("orders.stop_course")
def stop_course(*, order_id: OrderId, cause: StopCause, reason: str, by: Actor) -> Order:
    """Let a course stand still because cells or product were lost or rejected; where it is over, nothing changes.

    Slots and lots that are not taken up are free again. The treating physician decides how it goes on. A patient who
    was given a part of the dose is followed up: the course goes on as infused, without the rest.
    """
    order = reads.load_order(order_id)
    if order.state not in STOPPABLE:
        return order
    if queues.part_given(order):
        return end_dose(order, cause.value, reason, by)
    at, refs = journal.current().at, order.refs
    failed = order.collections.filter(ended_at__isnull=True, failed_at__isnull=True).first()
    journal.transition(
        order,
        "stop",
        facts.CourseStopped(
            order_id=order.id,
            order_code=order.code,
            coi=reads.coi_code(order),
            hospital_code=order.hospital.code,
            from_state=order.state,
            cause=cause.value,
            reason=reason,
        ),
        stream=order.stream,
        refs=refs,
        inserts=[Interruption(order=order, cause=cause.value, reason=reason, from_state=order.state, stopped_at=at)],
        changes=[] if failed is None else [(failed, {"failed_at": at})],
    )
    free_capacity(order, reason, by)
    return order


@journal.action("orders.fail_collection", roles={Role.APHERESIS_NURSE, Role.PHYSICIAN})
def fail_collection(*, order_id: OrderId, reason: str, by: Actor) -> Order:
    """Record that an apheresis failed or was broken off: nothing is shipped, and the physician decides."""
    order = reads.get_order(order_id=order_id, by=by)
    refuse_any([*rules.reason_blockers(reason), *ways_out.state_blockers(order.state, [OrderState.COLLECTING])])
    stop_course(order_id=order_id, cause=StopCause.COLLECTION_FAILED, reason=reason, by=by)
    identity.destroy_expected(coi_id=reads.coi_of(order), reason=reason, by=by)
    return reads.load_order(order_id)


@journal.action("orders.decide_course", roles={Role.PHYSICIAN}, signed=N_("course decided"))
def decide_course(
    *,
    order_id: OrderId,
    decision: CourseDecision,
    reason: str,
    collection_planned_at: datetime | None = None,
    by: Actor,
) -> Order:
    """Decide by signature how a stopped course goes on.

    `remanufacture` makes another batch from accepted material that is left; `recollect` asks for another apheresis
    at `collection_planned_at` (eligibility is looked at again); `continue` gives the good bags of the dose that are
    left, which may be less than was ordered, without another lymphodepletion while the first one holds; `reserve` asks
    the qualified person for the reserve of the released batch, on the same terms; `close` ends the course.
    """
    order = reads.get_order(order_id=order_id, by=by)
    at, left = journal.current().at, reads.left_of(order)
    refuse_any(
        [
            *rules.reason_blockers(reason),
            *ways_out.running_blockers(running=running(order)),
            *ways_out.decision_blockers(decision, left, state=order.state, planned_at=collection_planned_at, at=at),
        ]
    )
    if decision is CourseDecision.CLOSE:
        return close_stopped(order, reason, by)
    if decision is CourseDecision.RECOLLECT:
        refuse_any(reads.prescription_blockers(order, at=at, planned_at=collection_planned_at))
    verb, columns = _way_on(order, decision, collection_planned_at, at, by)
    _decide(order, decision, reason, verb, columns, by)
    if decision is CourseDecision.RECOLLECT:
        identity.void_unused_labels(coi_id=CoiId(reads.coi_of(order)), reason=reason, by=by)
    return order


def _way_on(
    order: Order, decision: CourseDecision, planned_at: datetime | None, at: datetime, by: Actor
) -> tuple[str, dict[str, Any]]:
    if decision is CourseDecision.CONTINUE:
        good = ways_out.dose_left(reads.left_of(order), at)
        if not any(one.on_site for one in good):
            return "continue_at_plant", {"reduced_dose": True, **_ANEW}
        if still_cleared(order, at):
            return "continue_at_bedside", {"reduced_dose": True, **_DOSE_ANEW}
        return "continue_on_site", {"reduced_dose": True, **_ANEW}
    if decision is CourseDecision.RESERVE:
        kept = {"clearance_kept_at": order.cleared_at or order.clearance_kept_at, "cleared_at": None, **_DOSE_ANEW}
        return "await_reserve", {**(kept if still_cleared(order, at) else _ANEW), **_UNRELEASED}
    if decision is CourseDecision.RECOLLECT and planned_at is not None:
        slot = reserve_for(order, planned_at, by)
        return "recollect", {"collection_planned_at": planned_at, "slot": slot, **_ANEW, **_UNRELEASED}
    return "remanufacture", {"slot": _reserve_again(order, at, by), **_ANEW, **_UNRELEASED}


def still_cleared(order: Order, at: datetime) -> bool:
    """Say whether clearance and lymphodepletion still hold: another bag may be given within their time."""
    cleared = order.cleared_at or order.clearance_kept_at
    started, bedside = order.lymphodepletion_started_at, reads.definition_of(order).supply.bedside
    if cleared is None or started is None:
        return False
    return at - started < bedside.lymphodepletion_before_maximum


_DOSE_ANEW: dict[str, Any] = {
    "dose_confirmed_at": None,
    "dose_confirmed_by": None,
    "dose_confirmed_total": None,
    "dose_confirmed_weight_kg": None,
}
"""The dose is confirmed again: it is another one."""

_ANEW: dict[str, Any] = {
    "cleared_at": None,
    "clearance_kept_at": None,
    "lymphodepletion_started_at": None,
    **_DOSE_ANEW,
}
"""What is done again after a stop: clearance, lymphodepletion, confirmation of the dose."""

_UNRELEASED: dict[str, Any] = {"rfi_number": "", "released_at": None, "at_site_at": None, "reduced_dose": False}
"""What a course that gets another product has not got any more."""


def reserve_for(order: Order, planned_at: datetime, by: Actor) -> ReservationRow:
    """Return the earliest free slot for a collection at a time."""
    window = reads.slot_window(order, reads.definition_of(order), planned_at=planned_at)
    return _reserve(order, window.starts_at, window.latest_start_at, window.duration, by)


def _reserve_again(order: Order, at: datetime, by: Actor) -> ReservationRow:
    window = reads.slot_window(order, reads.definition_of(order))
    until = min((one for one in reads.material_expiries(order) if one is not None), default=at + LOOK_AHEAD)
    return _reserve(order, at, max(at, min(until, at + LOOK_AHEAD)), window.duration, by)


def _reserve(order: Order, first: datetime, last: datetime, duration: timedelta, by: Actor) -> ReservationRow:
    slot = network.reserve_earliest(
        kind=SLOT,
        site_id=SiteId(reads.plant_of(order)),
        duration=duration,
        not_before=first,
        not_after=last + duration,
        holder=f"order:{order.pk}",
        held_for=order.code,
        by=by,
    )
    reserve_material(order, until=slot.during.upper, by=by)
    return slot


def _decide(order: Order, decision: CourseDecision, reason: str, verb: str, columns: dict[str, Any], by: Actor) -> None:
    at, slot = journal.current().at, columns.get("slot")
    stop = order.interruptions.get(decided_at__isnull=True)
    target = order.transitions.target(order.state, verb)
    fact = facts.CourseDecided(
        order_id=order.id,
        order_code=order.code,
        coi=reads.coi_code(order),
        cause=stop.cause,
        decision=decision.value,
        reason=reason,
        to_state="" if target is None else target.value,
        slot_from_at=None if slot is None else slot.during.lower,
    )
    decided = {
        "decision": decision.value,
        "decision_reason": reason,
        "decided_at": at,
        "decided_by": by.account_id,
    }
    withdrawn = {"withdrawn_at": at, "withdrawn_reason": stop.cause}
    journal.transition(
        order,
        verb,
        fact,
        stream=order.stream,
        refs=[*order.refs, f"account:{by.account_id}"],
        changes=[(stop, decided), *((bag, withdrawn) for bag in _withdrawn(order, decision, at))],
        **columns,
    )


def _withdrawn(order: Order, decision: CourseDecision, at: datetime) -> list[Any]:
    """Return the bags that are no part of the dose any more: the bad ones, or all where another product is made."""
    bags = [one for one in order.dose_bags if one.container.state != "infused"]
    if decision is not CourseDecision.CONTINUE:
        return bags
    good = {one.code for one in ways_out.dose_left(reads.left_of(order), at)}
    return [one for one in bags if one.container.code not in good]
