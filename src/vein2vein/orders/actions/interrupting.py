"""At the bedside when it does not go as planned: an infusion interrupted, resumed, or refused."""

from __future__ import annotations

from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ContainerId, OrderId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.identity import actions as identity
from vein2vein.identity.states import Disposition
from vein2vein.orders import facts, queues, reads, rules
from vein2vein.orders.actions.bedside import infusion_under_way, visits_of
from vein2vein.orders.actions.ending import free_capacity, running
from vein2vein.orders.models import DoseBag, Infusion, Interruption, Order
from vein2vein.orders.rules import ways_out
from vein2vein.orders.states import OF_THE_BAG, RefusalCause, StopCause

BEDSIDE = frozenset({Role.INFUSION_NURSE, Role.PHYSICIAN})


@journal.action("orders.interrupt_infusion", roles=BEDSIDE)
def interrupt_infusion(*, order_id: OrderId, scanned_bag: str, reason: str, by: Actor) -> Infusion:
    """Interrupt the infusion of a bag, now: it may be resumed until the time since its thaw has run out."""
    order = reads.get_order(order_id=order_id, by=by)
    at, view = journal.current().at, reads.scanned_bag(order, scanned_bag)
    infusion = infusion_under_way(order, view.code)
    refuse_any(
        [
            *rules.reason_blockers(reason),
            *ways_out.interrupt_blockers(interrupted=infusion.interrupted_at is not None, wanted=False),
        ]
    )
    journal.record(
        facts.InfusionInterrupted(
            order_id=order.id,
            coi=reads.coi_code(order),
            container_code=view.code,
            interrupted_at=at,
            reason=reason,
        ),
        stream=order.stream,
        refs=[*order.refs, f"container:{infusion.bag.container_id}"],
        changes=[(infusion, {"interrupted_at": at})],
    )
    return infusion


@journal.action("orders.resume_infusion", roles=BEDSIDE)
def resume_infusion(*, order_id: OrderId, scanned_bag: str, by: Actor) -> Infusion:
    """Go on with an interrupted infusion, now, within the time since the thaw that the definition allows."""
    order = reads.get_order(order_id=order_id, by=by)
    at, view = journal.current().at, reads.scanned_bag(order, scanned_bag)
    infusion = infusion_under_way(order, view.code)
    limit = reads.definition_of(order).supply.bedside.thaw_to_infusion_end
    thawed_at = infusion.bag.thawed_at
    refuse_any(
        [
            *ways_out.interrupt_blockers(interrupted=infusion.interrupted_at is not None, wanted=True),
            *ways_out.too_late_blockers(
                in_time=thawed_at is not None and at < thawed_at + limit,
                minutes=f"{limit.total_seconds() / 60:g}",
            ),
        ]
    )
    journal.record(
        facts.InfusionResumed(order_id=order.id, coi=reads.coi_code(order), container_code=view.code, resumed_at=at),
        stream=order.stream,
        refs=[*order.refs, f"container:{infusion.bag.container_id}"],
        changes=[(infusion, {"interrupted_at": None})],
    )
    return infusion


@journal.action("orders.refuse_infusion", roles={Role.PHYSICIAN}, signed=N_("product not infused"))
def refuse_infusion(*, order_id: OrderId, cause: RefusalCause, reason: str, by: Actor) -> Order:
    """Refuse what is thawed, by signature: it is destroyed, for it cannot be frozen again.

    Where no part of the dose was given, the course stops, and the physician decides about the bags that are left. Else
    it goes on as infused; only where the bag was at fault and others are good it stays at the bedside for them.
    """
    order = reads.get_order(order_id=order_id, by=by)
    at = journal.current().at
    spoiled = [one for one in order.dose_bags if one.container.state == "thawed"]
    refuse_any(
        [
            *rules.reason_blockers(reason),
            *ways_out.refusal_blockers(order.state, running=running(order)),
            *ways_out.nothing_thawed_blockers(cause, thawed=bool(spoiled)),
        ]
    )
    given = queues.part_given(order)
    more = given and cause in OF_THE_BAG and bool(ways_out.dose_left(reads.left_of(order), at))
    fact = facts.InfusionRefused(
        order_id=order.id,
        order_code=order.code,
        coi=reads.coi_code(order),
        cause=cause.value,
        reason=reason,
        containers=", ".join(one.container.code for one in spoiled),
    )
    stop = Interruption(
        order=order,
        cause=StopCause.INFUSION_REFUSED.value,
        reason=reason,
        from_state=order.state,
        stopped_at=at,
    )
    entry: dict[str, Any] = {
        "stream": order.stream,
        "refs": [*order.refs, f"account:{by.account_id}", *(f"container:{one.container_id}" for one in spoiled)],
        "changes": [(one, {"withdrawn_at": at, "withdrawn_reason": cause.value}) for one in spoiled],
    }
    if more:
        journal.record(fact, **entry)
    else:
        inserts = visits_of(order, reads.definition_of(order), at) if given else [stop]
        journal.transition(order, "infuse" if given else "stop", fact, **entry, inserts=inserts)
        free_capacity(order, reason, by)
    for one in spoiled:
        _destroy(one, f"{cause.value.replace('_', ' ')}: {reason}", by)
    return order


def _destroy(bag: DoseBag, reason: str, by: Actor) -> None:
    container_id = ContainerId(bag.container_id)
    identity.set_disposition(container_id=container_id, disposition=Disposition.REJECTED, reason=reason, by=by)
    identity.destroy_container(container_id=container_id, reason=reason, by=by)
