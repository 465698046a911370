"""A hospital's order, as read from its Bundle: what the orders context needs and nothing that names the patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient, de-identified as far as the order allows: initials, never the name."""

    hospital_number: str
    number_system: str
    initials: str
    born_on: date
    sex: str


@dataclass(frozen=True, slots=True)
class Hospital:
    """The ordering hospital: our site code, its GS1 location number, or both (empty: not given)."""

    site_code: str
    gln: str
    name: str


@dataclass(frozen=True, slots=True)
class Physician:
    """The prescriber by an identifier of the hospital's, with the name to be printed."""

    identifier: str
    system: str
    name: str


@dataclass(frozen=True, slots=True)
class Indication:
    """The illness treated: its first coding in a known system, and every (system, code) that was sent."""

    code: str
    system: str
    display: str
    codings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """The clinical trial: protocol, subject number and assigned cohort or arm."""

    protocol: str
    subject_number: str
    arm: str


@dataclass(frozen=True, slots=True)
class SignedConsent:
    """The version of the consent form and the day it was signed."""

    version: str
    signed_on: date


@dataclass(frozen=True, slots=True)
class Weight:
    """The body weight in kg exactly as sent, and when it was measured (aware UTC)."""

    kg: Decimal
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class VirologyResult:
    """One marker (hiv, hbv, hcv, syphilis, htlv, cmv, ebv), negative or positive, by the day of the blood draw."""

    marker: str
    loinc: str
    result: str
    collected_on: date


@dataclass(frozen=True, slots=True)
class PriorTherapy:
    """A class of earlier treatment (code and system) and the day it was last given, for the washout."""

    therapy_class: str
    system: str
    last_given_on: date


@dataclass(frozen=True, slots=True)
class OrderBundle:
    """One order; `unread` lists the FHIRPaths of resources that were sent and not understood."""

    order_number: str
    authored_at: datetime
    therapy_id: str
    route: str
    patient: Patient
    hospital: Hospital
    physician: Physician
    indication: Indication
    trial: Trial | None
    consent: SignedConsent
    weight: Weight
    virology: tuple[VirologyResult, ...]
    prior_therapies: tuple[PriorTherapy, ...]
    collection_on: date | None
    infusion_by: date | None
    donation_numbers: tuple[str, ...]
    chain_of_identity: str
    bundle_type: str
    sha256: str
    unread: tuple[str, ...]
