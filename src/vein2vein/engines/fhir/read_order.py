"""Reading a hospital's order: FHIR R4 Bundle in, `OrderBundle` out, or `Refused` naming every fault."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from vein2vein.core.refusals import N_, Refused, refuse_any
from vein2vein.engines.fhir import codes
from vein2vein.engines.fhir.bundle import Entry, read_bundle
from vein2vein.engines.fhir.elements import Reading, codings, first_code, initials
from vein2vein.engines.fhir.faults import MAX_FAULTS
from vein2vein.engines.fhir.history import read_prior_therapies, read_virology, read_weight
from vein2vein.engines.fhir.json_text import read_json
from vein2vein.engines.fhir.order import (
    Hospital,
    Indication,
    OrderBundle,
    Patient,
    Physician,
    SignedConsent,
    Trial,
    Weight,
)

SEXES = ("male", "female", "other", "unknown")


def read_order(data: bytes, *, now: datetime | None = None) -> OrderBundle:
    """Return the order in at most 5 MiB of JSON; raises `Refused` with FHIRPath, value and mend of each fault.

    No date may be after the order's own authoredOn, nor that after `now` when given. Whether the hospital,
    the therapy and the indication are known here is for the caller to ask.
    """
    reading = Reading(read_bundle(read_json(data)))
    request = reading.only("ServiceRequest", N_("Add the ServiceRequest that orders the therapy."))
    if request is None or reading.faults:
        raise Refused(reading.faults)
    reading.set_authored(request.resource.get("authoredOn"), f"{request.path}.authoredOn", now)
    refuse_any(reading.faults)
    order = _read(reading, request, hashlib.sha256(data).hexdigest())
    refuse_any(reading.faults[:MAX_FAULTS])
    return order


def _read(reading: Reading, request: Entry, sha256: str) -> OrderBundle:
    patient = reading.only("Patient", N_("Add the patient."))
    reading.points_to(request, "subject", patient)
    _check_status(reading, request)
    route = _route(reading, request)
    collection_on, infusion_by = _wishes(reading, request)
    order_number = reading.identifier(request, (), N_("Add the hospital's own number of this order."))
    return OrderBundle(
        order_number=str(order_number.get("value", "")),
        authored_at=reading.authored_at,
        therapy_id=_therapy(reading, request),
        route=route,
        patient=_patient(reading, patient),
        hospital=_hospital(reading, patient),
        physician=_physician(reading, request),
        indication=_indication(reading, request, patient),
        trial=_trial(reading, route, patient),
        consent=_consent(reading, patient),
        weight=read_weight(reading, patient) or Weight(Decimal(0), reading.authored_at),
        virology=read_virology(reading, patient),
        prior_therapies=read_prior_therapies(reading, patient),
        collection_on=collection_on,
        infusion_by=infusion_by,
        donation_numbers=_donation_numbers(reading),
        chain_of_identity=_chain_of_identity(request),
        bundle_type=reading.bundle.type,
        sha256=sha256,
        unread=tuple(entry.path for entry in reading.bundle.entries if entry.path not in reading.used),
    )


def _check_status(reading: Reading, request: Entry) -> None:
    for element, wanted in (("status", "active"), ("intent", "order")):
        value = request.resource.get(element)
        if value != wanted:
            message = N_("This is not an order to be carried out.")
            mend = N_("Send an active order; drafts, plans and revoked orders are not taken.")
            reading.note("not_active", message, f"{request.path}.{element}", value, mend)
    if request.resource.get("doNotPerform"):
        mend = N_("Send an order, not a prohibition.")
        message = N_("This is not an order to be carried out.")
        reading.note("not_active", message, f"{request.path}.doNotPerform", "true", mend)


def _therapy(reading: Reading, request: Entry) -> str:
    found = first_code(request.resource.get("code"), [codes.THERAPY])
    if found is None:
        mend = N_("Code the therapy in %(system)s, for example rapid-bcma-cd19.")
        message = N_("The therapy is not coded in a system known here.")
        reading.note("foreign_code", message, f"{request.path}.code", "", mend, system=codes.THERAPY)
        return ""
    return found[1]


def _route(reading: Reading, request: Entry) -> str:
    given = request.resource.get("category", [])
    found = next((code for concept in given if (code := first_code(concept, [codes.ROUTE]))), None)
    if found is None or found[1] not in codes.ROUTES:
        mend = N_("Give one category of %(system)s: commercial, conditional, clinical_trial or named_patient.")
        message = N_("The order does not say by which route the patient is treated.")
        value = found[1] if found else ""
        reading.note("route", message, f"{request.path}.category", value, mend, system=codes.ROUTE)
        return ""
    return found[1]


def _wishes(reading: Reading, request: Entry) -> tuple[date | None, date | None]:
    """Return the days on which the hospital wishes to collect, and to have infused."""
    period = request.resource.get("occurrencePeriod", {})
    days: list[date | None] = []
    for end in ("start", "end"):
        text = period.get(end)
        try:
            days.append(date.fromisoformat(text[:10]) if text else None)
        except ValueError:
            days.append(None)
            mend = N_("Write year, month and day: 2026-11-02.")
            reading.note("date", N_("This is not a full date."), f"{request.path}.occurrencePeriod.{end}", text, mend)
    collection_on, infusion_by = days
    path = f"{request.path}.occurrencePeriod"
    if collection_on and collection_on < reading.authored_on:
        mend = N_("Wish for a day on or after the order's.")
        reading.note("past", N_("The day wished for is before the order."), f"{path}.start", collection_on, mend)
    if collection_on and infusion_by and infusion_by < collection_on:
        mend = N_("Wish for an infusion after the collection.")
        reading.note("past", N_("The infusion is wished for before the collection."), f"{path}.end", infusion_by, mend)
    return collection_on, infusion_by


def _patient(reading: Reading, entry: Entry | None) -> Patient:
    if entry is None:
        return Patient("", "", "", reading.authored_on, "")
    mend = N_("Add the hospital's patient number (type MR).")
    numbers = [
        found
        for found in entry.resource.get("identifier", [])
        if found.get("value") and (codes.IDENTIFIER_TYPE, "MR") in {code[:2] for code in codings(found.get("type"))}
    ]
    number: Mapping[str, object] = numbers[0] if numbers else {}
    if not numbers:
        reading.missing(f"{entry.path}.identifier", mend)
    if len(numbers) > 1:
        message = N_("The patient has two hospital numbers.")
        mend = N_("Send the one in force.")
        reading.note("doubled", message, f"{entry.path}.identifier", numbers[1]["value"], mend)
    sex = entry.resource.get("gender")
    if sex not in SEXES:
        reading.missing(f"{entry.path}.gender", N_("Add male, female, other or unknown."))
    short = initials(entry.resource.get("name", []))
    if not short:
        reading.missing(f"{entry.path}.name", N_("Add the family name; only initials are kept."))
    born_on = reading.day(entry.resource.get("birthDate"), f"{entry.path}.birthDate")
    return Patient(
        hospital_number=str(number.get("value", "")),
        number_system=str(number.get("system", "")),
        initials=short,
        born_on=born_on or reading.authored_on,
        sex=str(sex),
    )


def _hospital(reading: Reading, patient: Entry | None) -> Hospital:
    if patient is None:
        return Hospital("", "", "")
    entry = reading.bundle.follow(patient.resource.get("managingOrganization"))
    if entry is None or entry.kind != "Organization":
        mend = N_("Refer to the ordering hospital, an Organization of the Bundle.")
        reading.missing(f"{patient.path}.managingOrganization", mend)
        return Hospital("", "", "")
    reading.used.add(entry.path)
    found = {codes.SITE: "", codes.GLN: ""}
    for index, given in enumerate(entry.resource.get("identifier", [])):
        system, value = given.get("system"), given.get("value")
        if system in found and value:
            found[system] = str(value)
            if system == codes.GLN:
                reading.check_location_number(str(value), f"{entry.path}.identifier[{index}].value")
    if not any(found.values()):
        mend = N_("Name the hospital by its site code or its GLN.")
        reading.missing(f"{entry.path}.identifier", mend)
    return Hospital(found[codes.SITE], found[codes.GLN], str(entry.resource.get("name", "")))


def _physician(reading: Reading, request: Entry) -> Physician:
    entry = reading.bundle.follow(request.resource.get("requester"))
    if entry is None or entry.kind != "Practitioner":
        reading.missing(f"{request.path}.requester", N_("Refer to the prescribing Practitioner of the Bundle."))
        return Physician("", "", "")
    reading.used.add(entry.path)
    number = reading.identifier(entry, (), N_("Add the physician's number."))
    names = entry.resource.get("name") or [{}]
    name: Mapping[str, Any] = names[0]
    text = name.get("text") or " ".join([*name.get("given", []), name.get("family", "")]).strip()
    return Physician(str(number.get("value", "")), str(number.get("system", "")), str(text))


def _indication(reading: Reading, request: Entry, patient: Entry | None) -> Indication:
    reasons = request.resource.get("reasonReference", [])
    entry = reading.bundle.follow(reasons[0]) if reasons else None
    if entry is None or entry.kind != "Condition":
        reading.missing(f"{request.path}.reasonReference", N_("Refer to the Condition that is treated."))
        return Indication("", "", "", ())
    reading.used.add(entry.path)
    reading.points_to(entry, "subject", patient)
    found = first_code(entry.resource.get("code"), codes.INDICATION_SYSTEMS)
    if found is None:
        given = ", ".join(code[0] for code in codings(entry.resource.get("code")))
        message = N_("The indication is coded in a system not known here.")
        mend = N_("Code it in ICD-10, ICD-11 or SNOMED CT.")
        reading.note("foreign_code", message, f"{entry.path}.code.coding.system", given, mend)
        return Indication("", "", "", ())
    system, code, display = found
    return Indication(code, system, display, tuple(sent[:2] for sent in codings(entry.resource.get("code"))))


def _trial(reading: Reading, route: str, patient: Entry | None) -> Trial | None:
    subjects = reading.bundle.of("ResearchSubject")
    if route != "clinical_trial":
        for entry in subjects:
            message = N_("A subject of a trial is ordered for by another route.")
            mend = N_("Order by the route clinical_trial, or leave the ResearchSubject out.")
            reading.note("route", message, entry.path, route, mend)
        return None
    subject = reading.only("ResearchSubject", N_("Add the subject of the trial."))
    study = reading.only("ResearchStudy", N_("Add the trial."))
    if subject is None or study is None:
        return None
    reading.points_to(subject, "study", study)
    reading.points_to(subject, "individual", patient)
    protocol = reading.identifier(study, (), N_("Add the protocol number."))
    number = reading.identifier(subject, (), N_("Add the subject number."))
    arm = subject.resource.get("assignedArm") or subject.resource.get("actualArm") or ""
    if not arm:
        reading.missing(f"{subject.path}.assignedArm", N_("Add the cohort or arm, which sets the dose."))
    return Trial(str(protocol.get("value", "")), str(number.get("value", "")), str(arm))


def _consent(reading: Reading, patient: Entry | None) -> SignedConsent:
    nothing = SignedConsent("", reading.authored_on)
    entry = reading.only("Consent", N_("Add the signed consent."))
    if entry is None:
        return nothing
    reading.points_to(entry, "patient", patient)
    if entry.resource.get("status") != "active":
        mend = N_("Obtain consent and send it with status active.")
        message = N_("The consent is not in force.")
        reading.note("consent", message, f"{entry.path}.status", entry.resource.get("status"), mend)
    version = reading.identifier(entry, [codes.CONSENT_VERSION], N_("Name the version of the consent form."))
    signed_on = reading.day(entry.resource.get("dateTime"), f"{entry.path}.dateTime")
    return SignedConsent(str(version.get("value", "")), signed_on or reading.authored_on)


def _donation_numbers(reading: Reading) -> tuple[str, ...]:
    """Return every ISBT 128 donation number in the Bundle, checked."""
    numbers: list[str] = []
    for entry in reading.bundle.entries:
        given = entry.resource.get("identifier", [])
        for index, found in enumerate(given if isinstance(given, list) else []):
            if found.get("system") == codes.DIN:
                value = str(found.get("value", ""))
                reading.check_donation_number(value, f"{entry.path}.identifier[{index}].value")
                numbers.append(value)
    return tuple(dict.fromkeys(numbers))


def _chain_of_identity(request: Entry) -> str:
    given = request.resource.get("identifier", [])
    return next((str(found.get("value", "")) for found in given if found.get("system") == codes.CHAIN_OF_IDENTITY), "")
