"""What happens on the way from the draft to the last visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@dataclass(frozen=True, slots=True)
class ReleasedBag:
    """A product container of the released dose: which one, its CAR+ cells as declared, its volume (mL)."""

    container_id: UUID
    container_code: str
    cells: Decimal
    volume_ml: Decimal


@fact("orders")
class OrderDrafted(Fact):
    """An order was written down, not yet signed."""

    says: ClassVar[str] = N_("Order %(order_code)s drafted: %(therapy_code)s %(definition_version)s, %(market)s")

    order_id: UUID
    order_code: str
    patient_id: UUID
    hospital_code: str
    therapy_code: str
    definition_version: str
    market: str
    route: str
    indication_code: str
    dose_amount: Decimal
    dose_unit: str


@fact("orders")
class OrderSubmitted(Fact):
    """The treating physician or investigator prescribed it by signature."""

    says: ClassVar[str] = N_("Order %(order_code)s prescribed and signed")

    order_id: UUID
    order_code: str
    dose_amount: Decimal
    dose_unit: str
    weight_kg: Decimal


@fact("orders")
class OrderAccepted(Fact):
    """The base accepted it: manufacturing slot reserved and COI issued in the same deed."""

    says: ClassVar[str] = N_("Order %(order_code)s accepted: COI %(coi)s, manufacturing slot from %(slot_from_at)s")

    order_id: UUID
    order_code: str
    coi: str
    coi_id: UUID
    therapy_code: str
    definition_id: UUID
    market: str
    route: str
    authorisation_reference: str
    trial_only: bool
    manufacturing_site: str
    reservation_id: UUID
    resource_code: str
    slot_from_at: datetime
    slot_to_at: datetime


@fact("orders")
class WeightConfirmed(Fact):
    """The patient was weighed again."""

    says: ClassVar[str] = N_("Weight %(weight_kg)s kg, measured at %(weight_measured_at)s")

    order_id: UUID
    weight_kg: Decimal
    weight_measured_at: datetime


@fact("orders")
class SiteReconfirmed(Fact):
    """The site said again that the course goes on, before `moment`."""

    says: ClassVar[str] = N_("Site reconfirmed before %(moment)s")

    order_id: UUID
    moment: str
    role: str


@fact("orders")
class CollectionKitPrinted(Fact):
    """The labels that the definition asks for at the collection were printed as a kit."""

    says: ClassVar[str] = N_("Collection kit %(kit)s printed for the order")
    order_id: UUID
    coi: str
    kit: str


@fact("orders")
class CollectionStarted(Fact):
    """Two people identified the patient at the bedside; the apheresis began."""

    says: ClassVar[str] = N_("Collection started, patient identified by two people")

    order_id: UUID
    coi: str
    wristband: str


@fact("orders")
class KitLabelActivated(Fact):
    """A label of the collection kit was scanned at the bedside and now names the collected bag."""

    says: ClassVar[str] = N_("Kit label %(label)s activated at the bedside")

    order_id: UUID
    coi: str
    label: str
    container_code: str


@fact("orders")
class CollectionRecorded(Fact):
    """The apheresis ended; the starting material (供者材料) is in a labelled bag."""

    says: ClassVar[str] = N_("Collection ended: %(volume_ml)s mL, %(alternative)s, container %(container_code)s")

    order_id: UUID
    coi: str
    container_id: UUID
    container_code: str
    alternative: str
    donation_number: str
    started_at: datetime
    ended_at: datetime
    volume_ml: Decimal


@fact("orders")
class OrderAdvanced(Fact):
    """A context above moved the course on."""

    says: ClassVar[str] = N_("Treatment course: %(from_state)s → %(to_state)s")

    order_id: UUID
    order_code: str
    coi: str
    from_state: str
    to_state: str


@fact("orders")
class ReleaseRecorded(Fact):
    """The disposition that the route requires is there: dose declared, release for infusion (RFI) issued."""

    says: ClassVar[str] = N_("Release for infusion %(rfi_number)s: %(total_cells)s CAR+ cells")

    order_id: UUID
    order_code: str
    coi: str
    rfi_number: str
    total_cells: Decimal
    bags: tuple[ReleasedBag, ...]


@fact("orders")
class ClearedForLymphodepletion(Fact):
    """The product is released and on site: the clinic may begin lymphodepletion (清淋)."""

    says: ClassVar[str] = N_("Cleared to lymphodeplete: the released product is on site")

    order_id: UUID
    coi: str
    cleared_at: datetime


@fact("orders")
class LymphodepletionReported(Fact):
    """Lymphodepletion was begun after its clearance."""

    says: ClassVar[str] = N_("Lymphodepletion started at %(started_at)s")

    order_id: UUID
    coi: str
    started_at: datetime


@fact("orders")
class LymphodepletionBeforeClearance(Fact):
    """ALERT: lymphodepletion was begun although the product was not secured or not cleared (N12)."""

    says: ClassVar[str] = N_("ALERT: lymphodepletion started at %(started_at)s without clearance (order %(state)s)")

    order_id: UUID
    coi: str
    started_at: datetime
    state: str
    hospital_code: str


@fact("orders")
class DoseConfirmed(Fact):
    """The treating physician confirmed the dose on a re-checked weight; it was computed twice."""

    says: ClassVar[str] = N_("Dose confirmed: %(total_cells)s CAR+ cells, %(per_kg)s per kg at %(weight_kg)s kg")

    order_id: UUID
    coi: str
    total_cells: Decimal
    per_kg: Decimal
    weight_kg: Decimal
    weight_measured_at: datetime


@fact("orders")
class ProductThawed(Fact):
    """A bag was thawed on site."""

    says: ClassVar[str] = N_("Bag %(container_code)s thawed")

    order_id: UUID
    coi: str
    container_code: str
    thawed_at: datetime
    infuse_until_at: datetime


@fact("orders")
class BedsideMatched(Fact):
    """Wristband, bag and order agreed, before two people."""

    says: ClassVar[str] = N_("Bedside match: wristband, bag %(container_code)s and order agree")

    order_id: UUID
    coi: str
    container_code: str
    wristband: str


@fact("orders")
class InfusionStarted(Fact):
    """The infusion of a bag began."""

    says: ClassVar[str] = N_("Infusion of bag %(container_code)s started")

    order_id: UUID
    coi: str
    container_code: str
    started_at: datetime


@fact("orders")
class InfusionRecorded(Fact):
    """The infusion of a bag ended; `last` says whether it was the dose's last."""

    says: ClassVar[str] = N_("Infusion of bag %(container_code)s ended: %(volume_ml)s mL, %(end)s")

    order_id: UUID
    order_code: str
    coi: str
    container_code: str
    started_at: datetime
    ended_at: datetime
    volume_ml: Decimal
    end: str
    within_limit: bool
    last: bool


@fact("orders")
class VisitRecorded(Fact):
    """A follow-up visit was held, or missed."""

    says: ClassVar[str] = N_("Follow-up visit %(visit)s: %(outcome)s on %(on)s")

    order_id: UUID
    visit: str
    outcome: str
    on: date
    within_window: bool


@fact("orders")
class CourseClosed(Fact):
    """The last follow-up visit is behind the patient."""

    says: ClassVar[str] = N_("Treatment course %(order_code)s closed")

    order_id: UUID
    order_code: str


@fact("orders")
class InfusionPlanned(Fact):
    """A bed is kept for the infusion."""

    says: ClassVar[str] = N_("Infusion planned for %(planned_at)s, bed %(bed)s")

    order_id: UUID
    order_code: str
    bed: str
    planned_at: datetime
