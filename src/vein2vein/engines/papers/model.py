"""What each paper says, as frozen dataclasses that the contexts fill.

Words in two languages are `Two(en, zh)`; a plain string is shown in both. Times are aware. Codes are
given as issued (see `engines/codes`); the barcodes are made from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Language(StrEnum):
    """Which language a paper is in; `BOTH` is English and Chinese side by side, the last three English and another."""

    EN = "en"
    ZH = "zh"
    BOTH = "both"
    ZH_HANT = "zh_hant"
    JA = "ja"
    KO = "ko"


@dataclass(frozen=True, slots=True)
class Two:
    """The same words in English and in simplified Chinese."""

    en: str
    zh: str = ""


Words = Two | str


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What every paper has: language, the time and zone of printing, and the marks that it is not the real thing."""

    language: Language = Language.BOTH
    printed_at: datetime
    zone: str = "Asia/Shanghai"
    demonstration: bool = False
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Bedside:
    """The patient as checked at the bedside: two identifiers and, on a trial, the subject number."""

    hospital_number: str
    initials: str
    date_of_birth: date
    subject_number: str = ""


@dataclass(frozen=True, slots=True)
class Warnings:
    """The statements that apply. Source: 21 CFR 1271.90(c) and 1271.370; Regulation 1394/2007 annex III."""

    autologous_only: bool = True
    clinical_trial: bool = False
    not_evaluated: bool = True
    biohazard: bool = False
    reactive: tuple[str, ...] = ()
    other: tuple[Words, ...] = ()


class LabelSize(StrEnum):
    """Which container a label is for: final bag 100 × 70 mm, intermediate 75 × 50 mm, sample tube 50 × 25 mm."""

    FINAL = "final"
    INTERMEDIATE = "intermediate"
    SAMPLE = "sample"


@dataclass(frozen=True, kw_only=True)
class ContainerLabel(Paper):
    """The label of one container on its chain of identity."""

    size: LabelSize
    coi: str
    container_code: str
    label_code: str
    bedside: Bedside | None
    therapy: Words
    contents: Words
    volume: str
    batch_number: str
    container_of: str = ""
    therapy_short: Words = ""  # used on intermediate and tube labels where it is given
    din: str = ""
    dose: str = ""
    collected_at: datetime | None = None
    made_at: datetime | None = None
    expires_at: datetime | date | None = None
    storage: Words = ""
    made_by: Words = ""
    authorisation: str = ""
    protocol: str = ""
    warnings: Warnings = Warnings()
    instructions: Words = ""


@dataclass(frozen=True, kw_only=True)
class KitLabel(Paper):
    """One label (100 × 50 mm) of a serialised collection kit bound to a COI, activated by the bedside scan."""

    kit_code: str
    label_code: str
    coi: str
    purpose: Words
    label_of: str
    therapy: Words
    bedside: Bedside | None
    collection_site: Words
    din: str = ""
    storage: Words = ""
    expires_on: date | None = None
    protocol: str = ""
    warnings: Warnings = Warnings()


@dataclass(frozen=True, kw_only=True)
class Wristband(Paper):
    """The band (100 × 30 mm) on the patient's wrist, bound to a COI by its own code."""

    label_code: str
    coi: str
    bedside: Bedside
    hospital: Words
    warnings: Warnings = Warnings()


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends or receives: name, address, contact person and telephone."""

    name: Words
    address: Words
    contact: str
    telephone: str


@dataclass(frozen=True, kw_only=True)
class ShippingLabel(Paper):
    """The label (100 × 150 mm) on the outside of a shipping container."""

    shipment_code: str
    shipper_code: str
    sscc: str
    coi: str
    sender: Party
    receiver: Party
    contents: Words
    containers: int
    temperature: Words
    packed_at: datetime
    arrive_by: datetime
    hold_ends_at: datetime | None = None
    carrier: Words = ""
    waybill: str = ""
    logger_code: str = ""
    seal_code: str = ""
    emergency: str = ""
    warnings: Warnings = Warnings()


@dataclass(frozen=True, slots=True)
class PackedContainer:
    """One container in a shipper."""

    container_code: str
    contents: Words
    volume: str
    batch_number: str = ""
    expires_at: datetime | date | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One part of the way, as planned."""

    origin: Words
    destination: Words
    carrier: Words
    mode: Words
    departs_at: datetime
    arrives_at: datetime


@dataclass(frozen=True, slots=True)
class Handover:
    """One change of custody; times and names are blank until it has happened, and then signed for by hand or shown."""

    place: Words
    gives: str = ""
    takes: str = ""
    at: datetime | None = None
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Permit:
    """One document that has to travel along or be in force."""

    name: Words
    number: str
    issuer: Words
    valid_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class TravelPapers(Paper):
    """What travels with a shipper: packing list, way, temperature, permits, handovers, and whom to call."""

    shipment_code: str
    shipper_code: str
    sscc: str
    coi: str
    sender: Party
    receiver: Party
    contents: Words
    temperature: Words
    excursion_rule: Words
    packed_at: datetime
    arrive_by: datetime
    hold_ends_at: datetime | None
    requalified_on: date | None
    logger_code: str
    seal_code: str
    emergency: str
    waybill: str = ""
    packed: tuple[PackedContainer, ...] = ()
    legs: tuple[Leg, ...] = ()
    handovers: tuple[Handover, ...] = ()
    permits: tuple[Permit, ...] = ()
    instructions: tuple[Words, ...] = ()
    warnings: Warnings = Warnings()


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as shown for ever. Source: 21 CFR 11.50."""

    printed_name: str
    role: Words
    meaning: Words
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that was replaced: the old one stays legible."""

    old: str
    new: str
    reason: str
    by: str
    at: datetime


class Verdict(StrEnum):
    """How a value stands to its limits."""

    NONE = "none"
    WITHIN = "within"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Step:
    """One executed step; `performed_at` differs from `recorded_at` for a late entry only."""

    number: str
    kind: str
    instruction: Words
    value: Words = ""
    unit: str = ""
    limits: Words = ""
    verdict: Verdict = Verdict.NONE
    performed_at: datetime | None = None
    recorded_at: datetime | None = None
    performed_by: str = ""
    checked_by: str = ""
    checked_at: datetime | None = None
    signatures: tuple[Signature, ...] = ()
    deviations: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    late_reason: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the process with its steps, and the line clearance that opened its workstation."""

    number: str
    name: Words
    workstation: str = ""
    cleared_by: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class MaterialUsed:
    """One lot that went into the batch."""

    name: Words
    lot: str
    quantity: str
    status_when_used: Words
    expires_on: date | None
    step: str


@dataclass(frozen=True, slots=True)
class EquipmentUsed:
    """One piece of equipment that was used, with the end of its qualification."""

    name: Words
    code: str
    qualified_until: date | None
    step: str


@dataclass(frozen=True, slots=True)
class Exceptional:
    """One thing that a reviewer by exception must look at."""

    kind: Words
    step: str
    what: str
    status: Words


@dataclass(frozen=True, kw_only=True)
class BatchRecord(Paper):
    """The executed batch record (批生产记录), exceptions first."""

    coi: str
    batch_number: str
    therapy: Words
    definition: str
    definition_hash: str
    order_code: str
    site: Words
    route: Words
    status: Words
    document_code: str
    subject: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    exceptions: tuple[Exceptional, ...] = ()
    operations: tuple[Operation, ...] = ()
    materials: tuple[MaterialUsed, ...] = ()
    equipment: tuple[EquipmentUsed, ...] = ()
    labels: tuple[tuple[str, str | Two], ...] = ()
    review: tuple[Signature, ...] = ()
    journal_head: str = ""
    merkle_root: str = ""
    sealed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TestLine:
    """One test of the specification with its result."""

    name: Words
    method: Words
    criterion: Words
    result: Words
    verdict: Verdict
    tested_at: datetime | None = None
    comment: Words = ""


@dataclass(frozen=True, kw_only=True)
class Certificate(Paper):
    """The certificate of analysis of a batch (检验报告书)."""

    document_code: str
    coi: str
    batch_number: str
    therapy: Words
    container_codes: tuple[str, ...]
    specification: str | Two
    market: Words
    route: Words
    site: Words
    laboratory: Words
    made_at: datetime | None
    expires_at: datetime | date | None
    storage: Words
    tests: tuple[TestLine, ...]
    conformity: Words
    conforms: bool
    disposition: Words
    released: bool
    deviations: tuple[str, ...] = ()
    obligations: tuple[Words, ...] = ()
    signatures: tuple[Signature, ...] = ()
    merkle_root: str = ""
    sealed_at: datetime | None = None
    din: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class DoseBag:
    """One bag and the cells in it."""

    container_code: str
    volume: str
    viable_cells: str
    car_positive_cells: str


@dataclass(frozen=True, slots=True)
class CalculationLine:
    """One line of a calculation, as it was done: what, how, and what came out."""

    what: Words
    formula: Words
    result: str
    source: Words = ""


@dataclass(frozen=True, kw_only=True)
class DoseReport(Paper):
    """The declared dose of a batch, with the calculation shown."""

    document_code: str
    coi: str
    batch_number: str
    therapy: Words
    bedside: Bedside | None
    car_positive_cells: str
    cells_per_kg: str
    ordered: str
    allowed: str
    weight: str
    weighed_on: date
    bags: tuple[DoseBag, ...]
    total_volume: str
    calculation: tuple[CalculationLine, ...]
    recalculated: Words = ""
    declared_from: Words = ""
    signatures: tuple[Signature, ...] = ()
    merkle_root: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseCheck:
    """One condition of a release, and whether it was met."""

    what: Words
    met: bool
    evidence: str = ""


@dataclass(frozen=True, kw_only=True)
class ReleaseForInfusion(Paper):
    """The release for infusion (RFI): which bags, for whom, under which disposition."""

    document_code: str
    coi: str
    batch_number: str
    therapy: Words
    bedside: Bedside
    hospital: Words
    physician: str
    route: Words
    disposition: Words
    released: bool
    bags: tuple[DoseBag, ...]
    dose: str
    expires_at: datetime | date | None
    checks: tuple[ReleaseCheck, ...]
    thaw: tuple[Words, ...] = ()
    certificate_code: str = ""
    dose_report_code: str = ""
    din: str = ""
    signatures: tuple[Signature, ...] = ()
    merkle_root: str = ""


IDENTITY: frozenset[str] = frozenset(
    {"coi", "container_code", "container_codes", "label_code", "kit_code", "bedside", "din", "batch_number"}
    | {"shipment_code", "shipper_code", "sscc", "document_code", "order_code", "therapy", "subject", "protocol"}
)
"""Fields in which a character that cannot be printed is refused instead of spelled out."""
