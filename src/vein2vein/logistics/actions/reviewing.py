"""QA decides about a quarantined shipment (N9)."""

from __future__ import annotations

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ContainerId, OrderId, ShipmentId
from vein2vein.core.refusals import N_, Blocker, refuse_any
from vein2vein.identity import actions as identity
from vein2vein.identity.states import Disposition
from vein2vein.logistics import facts, reads, rules
from vein2vein.logistics.models import Shipment
from vein2vein.logistics.states import MilestoneKind, ReviewDecision, ShipmentKind
from vein2vein.orders import actions as orders
from vein2vein.orders.states import StopCause
from vein2vein.quality.reads import undecided_alerts

QA = frozenset({Role.QA_REVIEWER, Role.QUALIFIED_PERSON})

journal.explain(
    "logistics_excursion_reviewed",
    Blocker(
        "logistics.not_reviewed",
        N_("The shipment is quarantined: QA has not reviewed it"),
        field="shipment",
        mend=N_("Wait for QA's review of the excursion"),
    ),
)


@journal.action("logistics.review_excursion", roles=QA, signed=N_("excursion reviewed"))
def review_excursion(*, shipment_id: ShipmentId, decision: ReviewDecision, assessment: str, by: Actor) -> Shipment:
    """Decide, signed, whether what a quarantined shipment holds may be used: accepted, or rejected for good (拒收).

    Accepted product is released again and at the site; accepted starting material goes on to its count. What is
    rejected, or a dose that is not whole any more, stops the treatment course: its physician decides.
    """
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    if shipment.kind == ShipmentKind.PRODUCT and decision is ReviewDecision.ACCEPTED:
        journal.caught_up(shipment.stream, holding=True)
    own = shipment.milestones.filter(kind=MilestoneKind.RECEIVED.value, recorded_by=by.account_id).exists()
    whole = [one for one in reads.packed_in(shipment) if one.disposition != Disposition.REJECTED]
    refuse_any(
        [
            *rules.review_blockers(shipment.state, own_receipt=own),
            *rules.nothing_left_blockers(
                accepting=decision is ReviewDecision.ACCEPTED, left=len(whole), awaited=_awaited(shipment)
            ),
            *rules.late_finding_blockers(
                accepting=decision is ReviewDecision.ACCEPTED and shipment.kind == ShipmentKind.PRODUCT,
                alerts=undecided_alerts(shipment.coi_id),
            ),
            *rules.reason_blockers(assessment, "assessment"),
        ]
    )
    accepted = decision is ReviewDecision.ACCEPTED
    journal.transition(
        shipment,
        "accept" if accepted else "reject",
        facts.ExcursionReviewed(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            coi_id=shipment.coi_id,
            kind=shipment.kind,
            decision=decision.value,
            assessment=assessment,
        ),
        stream=shipment.stream,
        refs=shipment.refs,
        review=decision.value,
        reviewed_at=journal.current().at,
        reviewed_by=by.account_id,
    )
    product = shipment.kind == ShipmentKind.PRODUCT
    if product or not accepted:
        _dispose(shipment, Disposition.RELEASED if accepted else Disposition.REJECTED, assessment, by=by)
    if shipment.kind != ShipmentKind.RETURN:
        _move_on(shipment, accepted=accepted, whole=len(whole), reason=assessment, by=by)
    return shipment


def _awaited(shipment: Shipment) -> bool:
    kind = ShipmentKind(shipment.kind)
    state = reads.order_state(shipment.order_id)
    return state in rules.AWAITED[kind] or (kind is ShipmentKind.STARTING_MATERIAL and state == "received")


def _move_on(shipment: Shipment, *, accepted: bool, whole: int, reason: str, by: Actor) -> None:
    """Let the course go on with what was accepted; it stops where nothing, or not the whole dose, is left."""
    order_id, product = OrderId(shipment.order_id), shipment.kind == ShipmentKind.PRODUCT
    if not _awaited(shipment):
        return
    if product and accepted:
        orders.mark_at_site(order_id=order_id, by=by)
    if not accepted or (product and whole < shipment.items.count()):
        cause = StopCause.PRODUCT_REJECTED if product else StopCause.MATERIAL_REJECTED
        orders.stop_course(order_id=order_id, cause=cause, reason=reason, by=by)


def _dispose(shipment: Shipment, disposition: Disposition, reason: str, *, by: Actor) -> None:
    for one in reads.packed_in(shipment):
        if one.disposition == Disposition.REJECTED:
            continue  # what was cracked stays rejected
        identity.set_disposition(
            container_id=ContainerId(one.container_id), disposition=disposition, reason=reason, by=by
        )
