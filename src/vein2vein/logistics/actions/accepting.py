"""The rest of the receipt gate for starting material (供者材料): age, count, viability; and QA's word on age (N8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ContainerId, OrderId, ShipmentId
from vein2vein.core.refusals import N_, Blocker, refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.engines.instruments.counter import CounterResult, read_counter
from vein2vein.identity import actions as identity
from vein2vein.identity.states import Disposition
from vein2vein.logistics import facts, queues, reads, rules
from vein2vein.logistics.actions.reviewing import QA
from vein2vein.logistics.models import AgePermission, MaterialReceipt, MaterialReferral, Shipment
from vein2vein.network.reads import list_equipment_of_class, view_equipment
from vein2vein.network.rules import equipment_blockers
from vein2vein.orders import actions as orders
from vein2vein.quality import actions as quality

COUNTER_CLASS = "cell_counter"
COUNTERS = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.QC_ANALYST, Role.WAREHOUSE})

journal.explain(
    "logistics_receipt_gate",
    Blocker(
        "logistics.not_reviewed",
        N_("Only received starting material whose excursions are reviewed is accepted"),
        field="shipment",
        mend=N_("Wait for QA's review of the excursion"),
    ),
)

journal.explain(
    "logistics_receipt_in_time",
    Blocker(
        "logistics.too_old",
        N_("Starting material past its limit is not accepted"),
        field="age",
        mend=N_("It is not used unless QA decides so, in writing and signed"),
    ),
)


def _instrument_blockers(result: CounterResult) -> tuple[bool, list[Blocker]]:
    known = next((one for one in list_equipment_of_class(COUNTER_CLASS) if one.serial == result.serial), None)
    if known is None:
        return False, []
    return True, equipment_blockers(view_equipment(known), result.measured_at)


@dataclass(frozen=True, slots=True)
class Counted:
    """A count that was read and is this container's: the columns of its row, and the limits that it misses."""

    container: rules.Packed
    columns: dict[str, Any]
    missed: list[Blocker]


def _counted(shipment: Shipment, scanned_container: str, counter: Upload) -> Counted:
    """Return the count of a scanned container; raises `Refused` where it may not be counted, or is another's."""
    at = journal.current().at
    scanned = reads.scanned_contents([scanned_container])
    expected = {one.container_id: one.code for one in reads.packed_in(shipment)}
    refuse_any(
        [
            *rules.scanned_one_blockers(scanned, expected, shipment.coi_id),
            *reads.accept_blockers(shipment, at=at, container_id=scanned[0].container_id),
        ]
    )
    material = reads.material_of(shipment, scanned[0].container_id)
    container = material.container
    result = read_counter(counter.content, counter.filename, latest=at)
    volume_ml = container.volume_ml or Decimal(0)
    total = (result.total_cells_per_ml * volume_ml).quantize(Decimal(1))
    viable = (result.live_cells_per_ml * volume_ml).quantize(Decimal(1))
    known, instrument = _instrument_blockers(result)
    count = rules.Count(result.sample_id, result.measured_at, result.serial, result.viability_percent, total)
    refuse_any(
        [
            *rules.count_blockers(
                count,
                container=container.code,
                received_at=shipment.received_at or at,
                instrument_known=known,
            ),
            *instrument,
        ]
    )
    missed = rules.limit_blockers(
        total_cells=total,
        minimum_cells=material.minimum_cells,
        viability_percent=result.viability_percent,
        minimum_viability_percent=material.minimum_viability_percent,
        volume_ml=container.volume_ml,
        volume_low_ml=material.volume_low_ml,
        volume_high_ml=material.volume_high_ml,
    )
    columns = {
        "shipment": shipment,
        "container_id": container.container_id,
        "age_h": rules.hours(material.age(at)),
        "volume_ml": volume_ml,
        "viability_percent": result.viability_percent,
        "total_cells": total,
        "viable_cells": viable,
        "counter_serial": result.serial,
        "counted_at": result.measured_at,
        "filename": counter.filename,
        "sha256": result.sha256,
        "content": counter.content,
    }
    return Counted(container, columns, missed)


@journal.action("logistics.accept_material", roles=COUNTERS)
def accept_material(*, shipment_id: ShipmentId, scanned_container: str, counter: Upload, by: Actor) -> MaterialReceipt:
    """Accept starting material by its count: a NucleoView export whose sample is the container's code.

    Age since the end of collection (N8), cells, viability and volume must be within the definition's limits, and
    any excursion reviewed (N9); otherwise it is refused, and nothing changes.
    """
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    counted = _counted(shipment, scanned_container, counter)
    refuse_any(counted.missed)
    receipt = MaterialReceipt(**counted.columns, accepted_at=journal.current().at, accepted_by=by.account_id)
    accept(shipment, receipt, counted.container.code, by=by)
    return receipt


@journal.action("logistics.refer_material", roles=COUNTERS)
def refer_material(*, shipment_id: ShipmentId, scanned_container: str, counter: Upload, by: Actor) -> MaterialReferral:
    """Refer a count that misses the definition's limits to the treating physician and to quality.

    The material stays in quarantine and a deviation is opened; it is used only when both say so (`judge_material`).
    """
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    counted = _counted(shipment, scanned_container, counter)
    refuse_any(rules.referral_blockers(counted.missed))
    missed = [one.code.partition(".")[2] for one in counted.missed]
    referral = MaterialReferral(
        **counted.columns, missed=missed, referred_at=journal.current().at, referred_by=by.account_id
    )
    journal.record(
        facts.MaterialReferred(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            coi_id=shipment.coi_id,
            order_id=shipment.order_id,
            container_id=counted.container.container_id,
            container=counted.container.code,
            missed=tuple(missed),
            age_h=referral.age_h,
            volume_ml=referral.volume_ml,
            viability_percent=referral.viability_percent,
            total_cells=referral.total_cells,
            viable_cells=referral.viable_cells,
            counter_serial=referral.counter_serial,
            counted_at=referral.counted_at,
            sha256=referral.sha256,
        ),
        stream=shipment.stream,
        refs=[*shipment.refs, f"container:{counted.container.container_id}"],
        inserts=[referral],
    )
    quality.open_deviation(
        subject=f"Starting material {counted.container.code} misses its limits",
        description=", ".join(
            f"{one.code}: {one.params.get('found')} ({one.params.get('limit')})" for one in counted.missed
        ),
        order_id=OrderId(shipment.order_id),
        hold=False,
        source=f"referral:{referral.pk}",
        involved=[str(by.account_id)],
        by=by,
    )
    return referral


def accept(shipment: Shipment, receipt: MaterialReceipt, container: str, *, by: Actor) -> None:
    """Write that starting material is accepted on this count; the course goes on as `go_on` says."""
    container_id = ContainerId(receipt.container_id)
    journal.record(
        facts.MaterialAccepted(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            coi_id=shipment.coi_id,
            order_id=shipment.order_id,
            container_id=container_id,
            container=container,
            age_h=receipt.age_h,
            volume_ml=receipt.volume_ml,
            viability_percent=receipt.viability_percent,
            total_cells=receipt.total_cells,
            viable_cells=receipt.viable_cells,
            counter_serial=receipt.counter_serial,
            counted_at=receipt.counted_at,
            sha256=receipt.sha256,
        ),
        stream=shipment.stream,
        refs=[*shipment.refs, f"container:{container_id}"],
        inserts=[receipt],
    )
    identity.measure_container(container_id=container_id, viable_cells=receipt.viable_cells, by=by)
    identity.set_disposition(
        container_id=container_id, disposition=Disposition.ACCEPTED, reason=f"shipment {shipment.code}", by=by
    )
    go_on(shipment, by=by)


def go_on(shipment: Shipment, *, by: Actor) -> None:
    """Let the course go on with what is accepted: every bag judged where its definition pools them, else one bag."""
    if reads.order_state(shipment.order_id) != "received":
        return
    standing = queues.material_standing(shipment)
    if standing.accepted and not (standing.pools and standing.waiting):
        orders.accept_material(order_id=OrderId(shipment.order_id), by=by)


@journal.action("logistics.permit_aged_material", roles=QA, signed=N_("use past the limit permitted"))
def permit_aged_material(*, shipment_id: ShipmentId, maximum_age_h: Decimal, reason: str, by: Actor) -> AgePermission:
    """Permit, by QA and signed, that starting material past its limit be used up to an age in hours (N8).

    The reason is the documented decision; the container's expiry moves to that age.
    """
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    at, material = journal.current().at, reads.oldest_material(shipment)
    container = material.container
    refuse_any(
        [
            *rules.age_permission_blockers(
                maximum_age_h=maximum_age_h,
                limit=material.limit,
                age=material.age(at),
                state=shipment.state,
                disposition=container.disposition,
            ),
            *rules.reason_blockers(reason, "reason"),
        ]
    )
    permission = AgePermission(
        shipment=shipment,
        maximum_age_h=maximum_age_h,
        reason=reason,
        decided_at=at,
        decided_by=by.account_id,
    )
    journal.record(
        facts.AgedMaterialPermitted(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            coi_id=shipment.coi_id,
            container=container.code,
            maximum_age_h=maximum_age_h,
            limit_h=rules.hours(material.limit),
            reason=reason,
        ),
        stream=shipment.stream,
        refs=[*shipment.refs, f"container:{container.container_id}"],
        inserts=[permission],
    )
    identity.measure_container(
        container_id=ContainerId(container.container_id),
        expires_at=material.collected_at + timedelta(seconds=int(maximum_age_h * 3600)),
        by=by,
    )
    quality.open_deviation(
        subject=f"Starting material {container.code} past its limit",
        description=f"permitted up to {maximum_age_h} h instead of {rules.hours(material.limit)} h: {reason}",
        order_id=OrderId(shipment.order_id),
        hold=False,
        source=f"shipment:{shipment.pk}:age:{permission.pk}",
        by=by,
    )
    return permission
