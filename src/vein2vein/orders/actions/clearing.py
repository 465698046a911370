"""Before the infusion: clearance to lymphodeplete, its report, and the physician's confirmation of the dose."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import OrderId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.orders import facts, reads, rules
from vein2vein.orders.models import Order


@journal.action("orders.clear_for_lymphodepletion", roles={Role.PHYSICIAN}, signed=N_("cleared to lymphodeplete"))
def clear_for_lymphodepletion(*, order_id: OrderId, by: Actor) -> Order:
    """Clear the patient to lymphodeplete (清淋): only when the released product is secured on site (N12)."""
    order = reads.get_order(order_id=order_id, by=by)
    at = journal.current().at
    refuse_any(reads.clearance_blockers(order, at=at))
    journal.transition(
        order,
        "clear_for_lymphodepletion",
        facts.ClearedForLymphodepletion(order_id=order.id, coi=reads.coi_code(order), cleared_at=at),
        stream=order.stream,
        refs=order.refs,
        cleared_at=at,
    )
    return order


@journal.action("orders.report_lymphodepletion", roles={Role.PHYSICIAN, Role.COORDINATOR, Role.INFUSION_NURSE})
def report_lymphodepletion(*, order_id: OrderId, started_at: datetime, by: Actor) -> Order:
    """Report when lymphodepletion began. Before the clearance this raises an alert at once; it is never refused."""
    order = reads.get_order(order_id=order_id, by=by)
    refuse_any(
        rules.lymphodepletion_report_blockers(
            started_at=started_at,
            at=journal.current().at,
            reported_at=order.lymphodepletion_started_at,
            cleared_at=order.cleared_at,
        )
    )
    coi = "" if order.coi is None else order.coi.code
    early = order.cleared_at is None or started_at < order.cleared_at
    fact: facts.LymphodepletionBeforeClearance | facts.LymphodepletionReported = (
        facts.LymphodepletionBeforeClearance(
            order_id=order.id,
            coi=coi,
            started_at=started_at,
            state=order.state,
            hospital_code=order.hospital.code,
        )
        if early
        else facts.LymphodepletionReported(order_id=order.id, coi=coi, started_at=started_at)
    )
    journal.record(
        fact, stream=order.stream, refs=order.refs, changes=[(order, {"lymphodepletion_started_at": started_at})]
    )
    return order


@journal.action("orders.confirm_dose", roles={Role.PHYSICIAN}, signed=N_("dose confirmed"))
def confirm_dose(
    *,
    order_id: OrderId,
    weight_kg: Decimal,
    weight_measured_at: datetime,
    dose_amount: Decimal,
    dose_unit: str,
    by: Actor,
) -> Order:
    """Confirm the dose as read from the dose report, on a re-checked weight (kg); it is computed twice (N13).

    `dose_amount` is in `dose_unit`, the unit in which the definition counts: cells per kg of this weight, or cells.
    """
    order = reads.get_order(order_id=order_id, by=by)
    definition, at = reads.definition_of(order), journal.current().at
    plan, cells = reads.plan_of(order, definition), [bag.cells for bag in order.dose_bags]
    refuse_any(
        [
            *rules.confirmable_blockers(order.state, bags=len(cells)),
            *rules.weight_blockers(
                definition.therapy.eligibility, weight_kg=weight_kg, measured_at=weight_measured_at, at=at
            ),
            *rules.weight_change_blockers(
                was_kg=order.weight_kg,
                became_kg=weight_kg,
                was_at=order.weight_measured_at,
                became_at=weight_measured_at,
                witnessed=False,
            ),
            *(
                rules.confirmation_blockers(
                    plan,
                    amount=dose_amount,
                    unit=dose_unit,
                    bag_cells=cells,
                    weight_kg=weight_kg,
                    least=reads.least_of(order, definition) if order.reduced_dose else None,
                )
                if cells
                else []
            ),
        ]
    )
    total = sum(cells, Decimal(0))
    journal.record(
        facts.DoseConfirmed(
            order_id=order.id,
            coi=reads.coi_code(order),
            total_cells=total,
            per_kg=(total / weight_kg).quantize(Decimal("0.0001")),
            weight_kg=weight_kg,
            weight_measured_at=weight_measured_at,
        ),
        stream=order.stream,
        refs=[*order.refs, f"account:{by.account_id}"],
        changes=[
            (
                order,
                {
                    "dose_confirmed_at": at,
                    "dose_confirmed_by": by.account_id,
                    "dose_confirmed_total": total,
                    "dose_confirmed_weight_kg": weight_kg,
                    "weight_kg": weight_kg,
                    "weight_measured_at": weight_measured_at,
                },
            )
        ],
    )
    return order
