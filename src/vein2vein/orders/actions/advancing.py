"""The middle of the way, moved by the contexts above: transport, manufacture, release, dispatch, arrival."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import HOSPITAL_ROLES, Actor, Role
from vein2vein.core.ids import ContainerId, OrderId, ReservationId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, refuse_any
from vein2vein.identity.reads import get_container_unscoped
from vein2vein.network import actions as network
from vein2vein.orders import facts, queues, reads, rules
from vein2vein.orders.actions.stopping import still_cleared
from vein2vein.orders.models import DoseBag, Order, Reconfirmation
from vein2vein.orders.states import Moment


def _advance(order: Order, verb: str, **columns: Any) -> Order:
    target = order.transitions.target(order.state, verb)
    journal.transition(
        order,
        verb,
        facts.OrderAdvanced(
            order_id=order.id,
            order_code=order.code,
            coi="" if order.coi is None else order.coi.code,
            from_state=order.state,
            to_state="" if target is None else target.value,
        ),
        stream=order.stream,
        refs=order.refs,
        **columns,
    )
    return order


@journal.action("orders.mark_in_transit")
def mark_in_transit(*, order_id: OrderId, by: Actor) -> Order:
    """The starting material left the hospital."""
    return _advance(reads.load_order(order_id), "mark_in_transit")


@journal.action("orders.mark_received")
def mark_received(*, order_id: OrderId, by: Actor) -> Order:
    """The starting material arrived at the manufacturing site."""
    return _advance(reads.load_order(order_id), "mark_received")


@journal.action("orders.accept_material")
def accept_material(*, order_id: OrderId, by: Actor) -> Order:
    """The starting material passed the receipt gate."""
    return _advance(reads.load_order(order_id), "accept_material")


@journal.action("orders.start_manufacture")
def start_manufacture(*, order_id: OrderId, by: Actor) -> Order:
    """The batch was opened; the reserved slot is taken up."""
    order = reads.load_order(order_id)
    at = journal.current().at
    refuse_any(reads.reconfirmation_blockers(order, reads.definition_of(order), moment=Moment.MANUFACTURE, at=at))
    _advance(order, "start_manufacture")
    if order.slot is not None and order.slot.state == "held":
        network.use_reservation(reservation_id=ReservationId(order.slot.pk), by=by)
    return order


@journal.action("orders.finish_manufacture")
def finish_manufacture(*, order_id: OrderId, by: Actor) -> Order:
    """The batch was completed."""
    return _advance(reads.load_order(order_id), "finish_manufacture")


@journal.action("orders.record_release")
def record_release(
    *, order_id: OrderId, rfi_number: str, bags: list[facts.ReleasedBag], reduced_dose: bool = False, by: Actor
) -> Order:
    """The disposition that the route requires is there: these bags, and no others, are the dose.

    Every bag is released final product of this COI, set so in identity before; together no more than was ordered, and
    less only with `reduced_dose`: where the physician asked for a product that does not conform.
    """
    order = reads.load_order(order_id)
    rows, faults = [], []
    for bag in bags:
        container = get_container_unscoped(ContainerId(bag.container_id))
        if container.coi_id != order.coi_id or container.kind != "final_product" or container.disposition != "released":
            faults.append(bag.container_code)
            continue
        rows.append(DoseBag(order=order, container=container, cells=bag.cells, volume_ml=bag.volume_ml))
    cells = [bag.cells for bag in bags]
    plan = reads.plan_of(order, reads.definition_of(order))
    refuse_any(
        [
            *rules.release_blockers(
                plan, rfi_number=rfi_number, weight_kg=order.weight_kg, bag_cells=cells, faults=faults
            ),
            *queues.one_store_blockers(order, {row.container_id for row in rows}),
        ]
    )
    journal.transition(
        order,
        "record_release",
        facts.ReleaseRecorded(
            order_id=order.id,
            order_code=order.code,
            coi=reads.coi_code(order),
            rfi_number=rfi_number,
            total_cells=sum(cells, Decimal(0)),
            bags=tuple(bags),
        ),
        stream=order.stream,
        refs=[*order.refs, *(f"container:{row.container_id}" for row in rows)],
        inserts=rows,
        rfi_number=rfi_number,
        reduced_dose=reduced_dose,
        released_at=journal.current().at,
    )
    return order


@journal.action("orders.mark_dispatched")
def mark_dispatched(*, order_id: OrderId, by: Actor) -> Order:
    """The product left the manufacturing site: only released (N6), and only when the site reconfirmed in time."""
    order = reads.load_order(order_id)
    at = journal.current().at
    refuse_any(
        [
            *rules.dispatch_blockers(
                rfi_number=order.rfi_number,
                dispositions=[bag.container.disposition for bag in order.dose_bags],
            ),
            *reads.obstacle_blockers(order),
            *queues.only_copy_blockers(order),
            *reads.reconfirmation_blockers(order, reads.definition_of(order), moment=Moment.PRODUCT_SHIPMENT, at=at),
        ]
    )
    return _advance(order, "mark_dispatched")


@journal.action("orders.mark_at_site")
def mark_at_site(*, order_id: OrderId, by: Actor) -> Order:
    """The product was received at the hospital, checked and stored: it is secured.

    A reserve that came in time for the lymphodepletion that was begun needs neither clearance nor lymphodepletion anew.
    """
    order, at = reads.load_order(order_id), journal.current().at
    kept = order.clearance_kept_at
    if kept is None:
        return _advance(order, "mark_at_site", at_site_at=at)
    if still_cleared(order, at):
        return _advance(order, "mark_at_bedside", at_site_at=at, cleared_at=kept, clearance_kept_at=None)
    return _advance(order, "mark_at_site", at_site_at=at, clearance_kept_at=None, lymphodepletion_started_at=None)


@journal.action("orders.reconfirm_site", roles=HOSPITAL_ROLES)
def reconfirm_site(*, order_id: OrderId, moment: Moment = Moment.PRODUCT_SHIPMENT, by: Actor) -> Order:
    """Say once more, for the site, that the course goes on, before a moment for which the definition asks it."""
    order = reads.get_order(order_id=order_id, by=by)
    asked = [one for one in reads.definition_of(order).supply.reconfirmations if one.before == moment]
    roles = [one.role for one in asked if one.role in by.roles]
    refuse_any(rules.reconfirmation_asked_blockers(order.state, moment=moment, asked=bool(asked)))
    if not roles:
        raise NotAllowed(_not_the_role(asked[0].role))
    journal.record(
        facts.SiteReconfirmed(order_id=order.id, moment=moment, role=roles[0]),
        stream=order.stream,
        refs=order.refs,
        inserts=[
            Reconfirmation(
                order=order,
                moment=moment,
                role=role,
                confirmed_at=journal.current().at,
                confirmed_by=by.account_id,
            )
            for role in roles
        ],
    )
    return order


def _not_the_role(role: Role) -> Blocker:
    return Blocker(
        code="orders.reconfirmed_by_another",
        message=N_("The definition asks the site's %(role)s to reconfirm this"),
        field="role",
        mend=N_("Ask the %(role)s"),
        params={"role": role.value},
    )
