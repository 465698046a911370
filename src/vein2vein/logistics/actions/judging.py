"""Starting material that misses its limits: the medical decision and the quality decision, or its rejection."""

from __future__ import annotations

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ContainerId, OrderId, ShipmentId
from vein2vein.core.refusals import N_, Blocker, NotFound, refuse_any
from vein2vein.identity import actions as identity
from vein2vein.identity.states import Disposition
from vein2vein.logistics import facts, reads, rules
from vein2vein.logistics.actions.accepting import accept, go_on
from vein2vein.logistics.actions.reviewing import QA
from vein2vein.logistics.models import MaterialReceipt, MaterialReferral, Shipment
from vein2vein.logistics.states import ReviewDecision, ShipmentKind, ShipmentState
from vein2vein.orders import actions as orders
from vein2vein.orders.states import StopCause

JUDGES = QA | {Role.PHYSICIAN}


@journal.action("logistics.judge_material", roles=JUDGES, signed=N_("starting material judged"))
def judge_material(
    *, shipment_id: ShipmentId, scanned_container: str, decision: ReviewDecision, reason: str, by: Actor
) -> MaterialReferral:
    """Say by signature whether referred starting material is used: the physician's word, or quality's.

    It is accepted under its deviation once both accept it, and rejected for good as soon as one rejects it.
    """
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    referral = _referral(shipment, scanned_container)
    side = "medical" if Role.PHYSICIAN in by.roles else "quality"
    other = referral.quality_by if side == "medical" else referral.medical_by
    refuse_any(
        [
            *rules.reason_blockers(reason, "reason"),
            *rules.judgement_blockers(
                side=side,
                said=getattr(referral, side),
                other_by_same=other is not None and str(other) == str(by.account_id),
                state=referral.container.disposition,
            ),
        ]
    )
    journal.record(
        facts.MaterialJudged(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            coi_id=shipment.coi_id,
            order_id=shipment.order_id,
            container=referral.container.code,
            side=side,
            decision=decision.value,
            reason=reason,
        ),
        stream=shipment.stream,
        refs=[*shipment.refs, f"container:{referral.container_id}"],
        changes=[
            (referral, {side: decision.value, f"{side}_reason": reason, f"{side}_by": by.account_id}),
        ],
    )
    if decision is ReviewDecision.REJECTED:
        reject(shipment, ContainerId(referral.container_id), referral.container.code, reason, by=by)
    elif referral.medical == referral.quality == ReviewDecision.ACCEPTED:
        refuse_any(reads.accept_blockers(shipment, at=journal.current().at, container_id=referral.container_id))
        accept(shipment, _receipt(referral, by), referral.container.code, by=by)
    return referral


def _referral(shipment: Shipment, scanned: str) -> MaterialReferral:
    container = reads.scanned_contents([scanned])[0]
    rows = MaterialReferral.objects.select_related("container").filter(shipment=shipment)
    found = rows.filter(container_id=container.container_id).first()
    if found is None:
        raise NotFound(
            Blocker(
                "logistics.not_referred",
                N_("This starting material was not referred"),
                field="scanned_container",
                value=container.code,
                mend=N_("Scan the container whose count missed its limits"),
            )
        )
    return found


def _receipt(referral: MaterialReferral, by: Actor) -> MaterialReceipt:
    return MaterialReceipt(
        shipment_id=referral.shipment_id,
        container_id=referral.container_id,
        missed=referral.missed,
        age_h=referral.age_h,
        volume_ml=referral.volume_ml,
        viability_percent=referral.viability_percent,
        total_cells=referral.total_cells,
        viable_cells=referral.viable_cells,
        counter_serial=referral.counter_serial,
        counted_at=referral.counted_at,
        filename=referral.filename,
        sha256=referral.sha256,
        content=referral.content,
        accepted_at=journal.current().at,
        accepted_by=by.account_id,
    )


@journal.action("logistics.reject_material", roles=QA, signed=N_("starting material rejected"))
def reject_material(*, shipment_id: ShipmentId, scanned_container: str, reason: str, by: Actor) -> Shipment:
    """Reject received starting material for good (拒收), by quality: too old, leaking, not what it should be.

    Where nothing else of the shipment is left to accept, the treatment course stops, and its physician decides.
    """
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    scanned = reads.scanned_contents([scanned_container])
    expected = {one.container_id: one.code for one in reads.packed_in(shipment)}
    starting = shipment.kind == ShipmentKind.STARTING_MATERIAL
    refuse_any(
        [
            *rules.reason_blockers(reason, "reason"),
            *rules.state_blockers(shipment.state, [ShipmentState.RECEIVED] if starting else []),
            *rules.scanned_one_blockers(scanned, expected, shipment.coi_id),
            *rules.rejectable_blockers(scanned[0].disposition),
        ]
    )
    reject(shipment, ContainerId(scanned[0].container_id), scanned[0].code, reason, by=by)
    return shipment


def reject(shipment: Shipment, container_id: ContainerId, code: str, reason: str, *, by: Actor) -> None:
    """Write that starting material is rejected; its course goes on with the rest, or stops where nothing is left."""
    identity.set_disposition(container_id=container_id, disposition=Disposition.REJECTED, reason=reason, by=by)
    journal.record(
        facts.MaterialRejected(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            coi_id=shipment.coi_id,
            order_id=shipment.order_id,
            container=code,
            reason=reason,
        ),
        stream=shipment.stream,
        refs=[*shipment.refs, f"container:{container_id}"],
    )
    left = [one for one in reads.packed_in(shipment) if one.disposition != Disposition.REJECTED]
    if not left and reads.order_state(shipment.order_id) == "received":
        orders.stop_course(order_id=OrderId(shipment.order_id), cause=StopCause.MATERIAL_REJECTED, reason=reason, by=by)
    go_on(shipment, by=by)
