"""What is not used: quality decides whether it goes back or is destroyed, and two people see to its destruction."""

from __future__ import annotations

from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ContainerId, OrderId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.identity import actions as identity
from vein2vein.identity.reads import ContainerRow, container_scanned
from vein2vein.identity.states import Disposition
from vein2vein.orders import facts, reads, rules
from vein2vein.orders.models import DoseBag, Order
from vein2vein.orders.rules import ways_out
from vein2vein.orders.states import UnusedDecision

QUALITY = frozenset({Role.QA_REVIEWER, Role.QUALIFIED_PERSON})
DESTROYERS = frozenset({Role.CELL_LAB, Role.WAREHOUSE, Role.OPERATOR, Role.SUPERVISOR})


def _container(order: Order, scanned: str) -> ContainerRow:
    container = container_scanned(scanned, "scanned_container")
    if container.coi_id != order.coi_id:
        raise Refused(
            Blocker(
                code="orders.container_of_another",
                message=N_("This container is not of this treatment course"),
                field="scanned_container",
                value=container.code,
                mend=N_("Stop, and look whose it is"),
            )
        )
    return container


@journal.action("orders.decide_unused", roles=QUALITY, signed=N_("unused material decided on"))
def decide_unused(
    *, order_id: OrderId, scanned_container: str, decision: UnusedDecision, reason: str, by: Actor
) -> Order:
    """Decide by signature what becomes of a container that is not used: returned to the manufacturer, or destroyed.

    What is to be destroyed is rejected for good from now on; what is to be returned stays in quarantine.
    """
    order = reads.get_order(order_id=order_id, by=by)
    container = _container(order, scanned_container)
    in_dose = reads.find_bag(order, container.pk) is not None
    refuse_any(
        [
            *rules.reason_blockers(reason),
            *ways_out.unused_blockers(
                course_state=order.state,
                container_state=container.state,
                disposition=container.disposition,
                kind=container.kind,
                in_dose=in_dose,
                decision=decision,
            ),
        ]
    )
    wanted = Disposition.REJECTED if decision is UnusedDecision.DESTROY else Disposition.QUARANTINED
    journal.record(
        facts.UnusedDecided(
            order_id=order.id,
            coi=reads.coi_code(order),
            container_id=container.pk,
            container_code=container.code,
            decision=decision.value,
            reason=reason,
        ),
        stream=order.stream,
        refs=[*order.refs, f"container:{container.pk}"],
        changes=_withdrawn(order, container, decision.value),
    )
    if container.disposition != wanted:
        identity.set_disposition(container_id=ContainerId(container.pk), disposition=wanted, reason=reason, by=by)
    return order


def _withdrawn(order: Order, container: ContainerRow, reason: str) -> list[tuple[DoseBag, dict[str, Any]]]:
    bag = reads.find_bag(order, container.pk)
    if bag is None:
        return []
    return [(bag, {"withdrawn_at": journal.current().at, "withdrawn_reason": reason})]


@journal.action("orders.destroy_unused", roles=DESTROYERS, witnessed=N_("destruction seen"))
def destroy_unused(
    *, order_id: OrderId, scanned_container: str, reason: str, by: Actor, witness: Actor | None
) -> Order:
    """Record, before a second person, that a scanned container which quality rejected was destroyed."""
    order = reads.get_order(order_id=order_id, by=by)
    container = _container(order, scanned_container)
    refuse_any(
        [
            *rules.reason_blockers(reason),
            *ways_out.second_person_blockers(two=_seen(witness, by)),
            *ways_out.destruction_blockers(disposition=container.disposition),
        ]
    )
    identity.destroy_container(container_id=ContainerId(container.pk), reason=reason, by=by)
    journal.record(
        facts.UnusedDestroyed(
            order_id=order.id, coi=reads.coi_code(order), container_id=container.pk, container_code=container.code
        ),
        stream=order.stream,
        refs=[*order.refs, f"container:{container.pk}"],
    )
    return order


def _seen(witness: Actor | None, by: Actor) -> bool:
    return witness is not None and witness.account_id != by.account_id and witness.has_any(DESTROYERS | QUALITY)
