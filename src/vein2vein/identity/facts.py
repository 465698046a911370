"""What the journal tells of the thread; never a hospital number, a name, initials or a birth date."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("identity")
class PatientRegistered(Fact):
    """A hospital's patient is known, de-identified."""

    says: ClassVar[str] = N_("Patient registered, de-identified")
    patient_id: UUID
    hospital_id: UUID
    sex: str


@fact("identity")
class PatientNumberLinked(Fact):
    """A further hospital number was tied to a patient by two people."""

    says: ClassVar[str] = N_("New hospital number linked to the patient by two people")
    patient_id: UUID
    hospital_id: UUID


@fact("identity")
class ChainIssued(Fact):
    """A treatment course has its chain of identity."""

    says: ClassVar[str] = N_("Chain of identity %(coi)s issued")
    coi_id: UUID
    coi: str
    patient_id: UUID
    therapy_code: str
    order_ref: str


@fact("identity")
class ChainClosed(Fact):
    """Nothing more is tied to this chain."""

    says: ClassVar[str] = N_("Chain of identity %(coi)s closed")
    coi_id: UUID
    coi: str


@fact("identity")
class WristbandIssued(Fact):
    """A wristband was put on the patient by two people; the one before it is void."""

    says: ClassVar[str] = N_("Wristband %(wristband)s put on by two people")
    coi_id: UUID
    label_id: UUID
    wristband: str
    voided: str


@fact("identity")
class KitPrinted(Fact):
    """The serialised labels of a collection kit were printed."""

    says: ClassVar[str] = N_("Kit %(kit)s printed with %(labels)s labels")
    coi_id: UUID
    kit_id: UUID
    kit: str
    labels: int


@fact("identity")
class LabelActivated(Fact):
    """A kit label was scanned at the bedside together with the wristband and is bound to a container."""

    says: ClassVar[str] = N_("Label %(label)s activated at the bedside: container %(container)s")
    coi_id: UUID
    label_id: UUID
    label: str
    container_id: UUID
    container: str
    manual: bool


@fact("identity")
class ContainerExpected(Fact):
    """A container is about to be filled at the bedside."""

    says: ClassVar[str] = N_("Container %(container)s (%(role)s) expected")
    coi_id: UUID
    container_id: UUID
    container: str
    role: str
    donation_number: str


@fact("identity")
class ContainerFilled(Fact):
    """A container holds what its label says."""

    says: ClassVar[str] = N_("Container %(container)s filled: %(volume_ml)s mL")
    coi_id: UUID
    container_id: UUID
    container: str
    volume_ml: Decimal | None
    viable_cells: Decimal | None
    expires_at: datetime | None


@fact("identity")
class ContainerMeasured(Fact):
    """Volume or content of a container was determined."""

    says: ClassVar[str] = N_("Container %(container)s measured: %(volume_ml)s mL, %(viable_cells)s viable cells")
    coi_id: UUID
    container_id: UUID
    container: str
    volume_ml: Decimal | None
    viable_cells: Decimal | None
    expires_at: datetime | None


@fact("identity")
class ContainerDerived(Fact):
    """A container was made from others of the same chain, and labelled in the step."""

    says: ClassVar[str] = N_("Container %(container)s (%(role)s) made and labelled %(label)s")
    coi_id: UUID
    container_id: UUID
    container: str
    kind: str
    role: str
    parents: tuple[UUID, ...]
    label_id: UUID
    label: str


@fact("identity")
class StatementSet(Fact):
    """A container must say something more from now on: every label printed before is to be printed again."""

    says: ClassVar[str] = N_("The label of %(container)s must say: %(statement_en)s")
    coi_id: UUID
    container_id: UUID
    container: str
    statement_en: str
    statement_zh: str


@fact("identity")
class DispositionSet(Fact):
    """It was decided what may be done with a container's contents."""

    says: ClassVar[str] = N_("Container %(container)s: %(was)s → %(became)s")
    coi_id: UUID
    container_id: UUID
    container: str
    was: str
    became: str
    reason: str


@fact("identity")
class ContainerConsumed(Fact):
    """A container's contents were used up in the process or in a test."""

    says: ClassVar[str] = N_("Container %(container)s consumed")
    coi_id: UUID
    container_id: UUID
    container: str


@fact("identity")
class ContainerThawed(Fact):
    """A frozen container was thawed."""

    says: ClassVar[str] = N_("Container %(container)s thawed")
    coi_id: UUID
    container_id: UUID
    container: str
    kind: str


@fact("identity")
class ContainerInfused(Fact):
    """A product was given back to the patient whose cells it came from."""

    says: ClassVar[str] = N_("Container %(container)s infused")
    coi_id: UUID
    container_id: UUID
    container: str


@fact("identity")
class ContainerDestroyed(Fact):
    """A container was destroyed."""

    says: ClassVar[str] = N_("Container %(container)s destroyed: %(reason)s")
    coi_id: UUID
    container_id: UUID
    container: str
    reason: str


@fact("identity")
class CustodyHandedOver(Fact):
    """A container went from one custodian to the next, at one instant."""

    says: ClassVar[str] = N_("Container %(container)s handed over: %(former)s → %(custodian)s")
    coi_id: UUID
    container_id: UUID
    container: str
    former: str
    custodian: str
    custodian_kind: str
    custodian_ref: str
    handed_over_at: datetime


@fact("identity")
class CustodyEnded(Fact):
    """A custodian gave a container away; the next entry says to whom."""

    says: ClassVar[str] = N_("Container %(container)s left the custody of %(custodian)s")
    coi_id: UUID
    container_id: UUID
    container: str
    custodian: str
    ended_at: datetime


@fact("identity")
class LabelUsed(Fact):
    """A label is on its filled container."""

    says: ClassVar[str] = N_("Label %(label)s used on container %(container)s")
    coi_id: UUID
    label_id: UUID
    label: str
    container: str


@fact("identity")
class LabelVoided(Fact):
    """A label may not be used any more."""

    says: ClassVar[str] = N_("Label %(label)s voided")
    coi_id: UUID
    label_id: UUID
    label: str


@fact("identity")
class LabelReprinted(Fact):
    """Two people printed a label again; the old one is void."""

    says: ClassVar[str] = N_("Label %(voided)s voided and printed again as %(label)s by two people")
    coi_id: UUID
    label_id: UUID
    label: str
    voided: str
    container_id: UUID | None


@fact("identity")
class LabelsReconciled(Fact):
    """Every label of a kit is accounted for: printed = used + voided."""

    says: ClassVar[str] = N_("Kit %(kit)s reconciled: %(printed)s printed = %(used)s used + %(voided)s voided")
    coi_id: UUID
    kit_id: UUID
    kit: str
    printed: int
    used: int
    voided: int


@fact("identity")
class IdentityChecked(Fact):
    """Two people compared patient, container and order, and all agreed."""

    says: ClassVar[str] = N_("Identity checked by two people (%(occasion)s)")
    coi_id: UUID
    check_id: UUID
    occasion: str
    container_id: UUID | None
    wristband_id: UUID | None
    performed_by: UUID
    witnessed_by: UUID
    manual: bool


@fact("identity")
class PositionAdded(Fact):
    """A storage position exists."""

    says: ClassVar[str] = N_("Storage position %(position)s added")
    position_id: UUID
    position: str
    site_id: UUID
