"""What goes wrong on the way: delays, a shipping container tipped or damaged, a shipment lost, and found again."""

from __future__ import annotations

from datetime import datetime

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ContainerId, OrderId, ShipmentId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.identity import actions as identity
from vein2vein.identity.states import Disposition
from vein2vein.logistics import facts, reads, rules
from vein2vein.logistics.actions.reviewing import QA
from vein2vein.logistics.models import Incident, Shipment
from vein2vein.logistics.states import IncidentKind, ShipmentKind, ShipmentState
from vein2vein.orders import actions as orders
from vein2vein.orders.states import StopCause
from vein2vein.quality import actions as quality

REPORTERS = frozenset({Role.CARRIER, Role.PLANNER, Role.WAREHOUSE, Role.CELL_LAB, Role.APHERESIS_NURSE})
MOVING = (ShipmentState.PACKED, ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED)


@journal.action("logistics.report_incident", roles=REPORTERS)
def report_incident(
    *,
    shipment_id: ShipmentId,
    kind: IncidentKind,
    description: str,
    expected_at: datetime | None = None,
    by: Actor,
) -> Incident:
    """Report what went wrong on the way; a delay says when the shipment is expected now.

    What was tipped or damaged is quarantined at its receipt until QA has reviewed it. A delay past the time that the
    shipping container holds, or past the material's age limit, is told to planner, physician and quality at once.
    """
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    at = journal.current().at
    refuse_any(
        [
            *rules.state_blockers(shipment.state, MOVING),
            *rules.reason_blockers(description, "description"),
            *rules.incident_blockers(kind, expected_at=expected_at, at=at),
        ]
    )
    too_late = expected_at is not None and expected_at > min(reads.deadlines(shipment), default=expected_at)
    row = Incident(
        shipment=shipment,
        kind=kind.value,
        description=description,
        expected_at=expected_at,
        too_late=too_late,
        reported_at=at,
        reported_by=by.account_id,
    )
    journal.record(
        facts.IncidentReported(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            coi_id=shipment.coi_id,
            order_id=shipment.order_id,
            kind=kind.value,
            description=description,
            expected_at=expected_at,
            too_late=too_late,
        ),
        stream=shipment.stream,
        refs=shipment.refs,
        inserts=[row],
    )
    return row


@journal.action("logistics.report_lost", roles={Role.CARRIER, Role.PLANNER} | QA, signed=N_("shipment lost"))
def report_lost(*, shipment_id: ShipmentId, reason: str, by: Actor) -> Shipment:
    """Declare by signature that a shipment is lost: what it held is rejected, and the treatment course stops.

    Its physician decides how it goes on. A deviation is opened.
    """
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    contents = reads.packed_in(shipment)
    refuse_any(
        [
            *rules.state_blockers(shipment.state, [ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED]),
            *rules.reason_blockers(reason, "reason"),
        ]
    )
    journal.transition(
        shipment,
        "lose",
        facts.ShipmentLost(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            coi_id=shipment.coi_id,
            order_id=shipment.order_id,
            kind=shipment.kind,
            containers=tuple(facts.PackedContainer(one.container_id, one.code) for one in contents),
            reason=reason,
        ),
        stream=shipment.stream,
        refs=[*shipment.refs, *(f"container:{one.container_id}" for one in contents)],
    )
    for one in contents:
        if one.disposition != Disposition.REJECTED:
            identity.set_disposition(
                container_id=ContainerId(one.container_id), disposition=Disposition.REJECTED, reason=reason, by=by
            )
    if shipment.kind != ShipmentKind.RETURN:
        orders.stop_course(order_id=OrderId(shipment.order_id), cause=StopCause.SHIPMENT_LOST, reason=reason, by=by)
    quality.open_deviation(
        subject=f"Shipment {shipment.code} lost",
        description=reason,
        order_id=OrderId(shipment.order_id),
        hold=False,
        source=f"shipment:{shipment.pk}:lost:{journal.current().id}",
        involved=[str(by.account_id)],
        by=by,
    )
    return shipment


@journal.action("logistics.report_found", roles={Role.CARRIER, Role.PLANNER})
def report_found(*, shipment_id: ShipmentId, reason: str, by: Actor) -> Shipment:
    """Report that a lost shipment was found: it is carried on, and quarantined at its receipt."""
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    refuse_any(
        [
            *rules.state_blockers(shipment.state, [ShipmentState.LOST]),
            *rules.reason_blockers(reason, "reason"),
        ]
    )
    journal.transition(
        shipment,
        "find",
        facts.ShipmentFound(shipment_id=shipment.pk, shipment=shipment.code, coi_id=shipment.coi_id, reason=reason),
        stream=shipment.stream,
        refs=shipment.refs,
    )
    return shipment
