"""What the journal says about shipments; each fact names shipment and chain of identity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@dataclass(frozen=True, slots=True)
class PackedContainer:
    """A container in a shipment."""

    container_id: UUID
    container: str


@fact("logistics")
class ShipmentPlanned(Fact):
    """A journey was planned: lane, shipping container, logger, permits."""

    says: ClassVar[str] = N_("Shipment %(shipment)s planned: %(origin)s → %(destination)s, %(shipper)s, %(logger)s")

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    order_id: UUID
    kind: str
    lane: str
    origin: str
    destination: str
    carrier: str
    shipper: str
    logger: str
    logger_serial: str
    permits: tuple[str, ...]


@fact("logistics")
class ShipmentCancelled(Fact):
    """A shipment was called off before it left."""

    says: ClassVar[str] = N_("Shipment %(shipment)s cancelled: %(reason)s")

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    reason: str


@fact("logistics")
class ShipmentPacked(Fact):
    """Every container of the shipment was scanned into the shipping container, which was sealed."""

    says: ClassVar[str] = N_("Shipment %(shipment)s packed in %(shipper)s, seal %(seal)s")

    shipment_id: UUID
    shipment: str
    sscc: str
    coi_id: UUID
    order_id: UUID
    kind: str
    containers: tuple[PackedContainer, ...]
    shipper: str
    logger_serial: str
    seal: str
    site: str
    packed_at: datetime
    arrive_by: datetime
    hold_ends_at: datetime


@fact("logistics")
class ShippingLabelReprinted(Fact):
    """The label of the shipping container was printed again by two people; the spoilt one was destroyed."""

    says: ClassVar[str] = N_("Label of shipment %(shipment)s printed again: %(reason)s")

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    order_id: UUID
    kind: str
    reason: str


@fact("logistics")
class ShipmentHandedOver(Fact):
    """The sealed shipment changed hands."""

    says: ClassVar[str] = N_("Shipment %(shipment)s: from %(from_custodian)s to %(to_custodian)s")

    shipment_id: UUID
    shipment: str
    sscc: str
    coi_id: UUID
    kind: str
    from_custodian: str
    to_custodian: str
    place: str
    departed: bool


@fact("logistics")
class ShipmentDelivered(Fact):
    """The shipment arrived at its destination, still in the carrier's custody."""

    says: ClassVar[str] = N_("Shipment %(shipment)s delivered at %(place)s")

    shipment_id: UUID
    shipment: str
    sscc: str
    coi_id: UUID
    kind: str
    place: str
    delivered_at: datetime
    on_time: bool


@fact("logistics")
class ShipmentReceived(Fact):
    """Seal, contents, identity and temperature were checked at the destination."""

    says: ClassVar[str] = N_("Shipment %(shipment)s received at %(site)s: temperature %(verdict)s")

    shipment_id: UUID
    shipment: str
    sscc: str
    coi_id: UUID
    order_id: UUID
    kind: str
    site: str
    seal: str
    seal_intact: bool
    containers: tuple[PackedContainer, ...]
    verdict: str
    trace_sha256: str
    minutes_outside: Decimal
    coverage: Decimal
    quarantined: bool


@fact("logistics")
class ExcursionFound(Fact):
    """The shipment is quarantined: temperature, trace or seal was not as it must be."""

    says: ClassVar[str] = N_("Shipment %(shipment)s quarantined: %(found)s")

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    order_id: UUID
    kind: str
    found: str
    findings: tuple[str, ...]
    verdict: str
    minutes_outside: Decimal
    warmest_c: Decimal | None
    coldest_c: Decimal | None


@fact("logistics")
class ExcursionReviewed(Fact):
    """QA decided about a quarantined shipment, by signature."""

    says: ClassVar[str] = N_("Shipment %(shipment)s reviewed by QA: %(decision)s")

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    kind: str
    decision: str
    assessment: str


@fact("logistics")
class AgedMaterialPermitted(Fact):
    """QA permitted, by signature, that starting material past its limit be used up to an age."""

    says: ClassVar[str] = N_("QA permits starting material up to %(maximum_age_h)s h old: %(reason)s")

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    container: str
    maximum_age_h: Decimal
    limit_h: Decimal
    reason: str


@fact("logistics")
class MaterialAccepted(Fact):
    """The starting material passed the receipt gate: age, volume, count and viability."""

    says: ClassVar[str] = N_(
        "Starting material %(container)s accepted: %(total_cells)s cells, %(viability_percent)s %% viable, %(age_h)s h"
    )

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    order_id: UUID
    container_id: UUID
    container: str
    age_h: Decimal
    volume_ml: Decimal
    viability_percent: Decimal
    total_cells: Decimal
    viable_cells: Decimal
    counter_serial: str
    counted_at: datetime
    sha256: str


@fact("logistics")
class IncidentReported(Fact):
    """Something went wrong on the way; `too_late` says that it will arrive when it cannot be used any more."""

    says: ClassVar[str] = N_("Shipment %(shipment)s %(kind)s on its way: %(description)s")

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    order_id: UUID
    kind: str
    description: str
    expected_at: datetime | None
    too_late: bool


@fact("logistics")
class ShipmentLost(Fact):
    """The shipment is lost: nobody knows where it is, or it can bring nothing any more."""

    says: ClassVar[str] = N_("Shipment %(shipment)s lost: %(reason)s")

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    order_id: UUID
    kind: str
    containers: tuple[PackedContainer, ...]
    reason: str


@fact("logistics")
class ShipmentFound(Fact):
    """A lost shipment was found; what it holds is quarantined at its receipt."""

    says: ClassVar[str] = N_("Lost shipment %(shipment)s found: %(reason)s")

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    reason: str


@fact("logistics")
class MaterialReferred(Fact):
    """A count misses the definition's limits: physician and quality decide whether the material is used."""

    says: ClassVar[str] = N_(
        "Starting material %(container)s misses its limits (%(missed)s): %(total_cells)s cells, "
        "%(viability_percent)s %% viable; referred to physician and quality"
    )

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    order_id: UUID
    container_id: UUID
    container: str
    missed: tuple[str, ...]
    age_h: Decimal
    volume_ml: Decimal
    viability_percent: Decimal
    total_cells: Decimal
    viable_cells: Decimal
    counter_serial: str
    counted_at: datetime
    sha256: str


@fact("logistics")
class MaterialJudged(Fact):
    """The physician, or quality, said whether material that misses its limits is used."""

    says: ClassVar[str] = N_("Starting material %(container)s: %(side)s decision %(decision)s, %(reason)s")

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    order_id: UUID
    container: str
    side: str
    decision: str
    reason: str


@fact("logistics")
class MaterialRejected(Fact):
    """Starting material was rejected (拒收) at the receipt gate."""

    says: ClassVar[str] = N_("Starting material %(container)s rejected: %(reason)s")

    shipment_id: UUID
    shipment: str
    coi_id: UUID
    order_id: UUID
    container: str
    reason: str
