"""The measured part of an order: weight, virology, earlier treatments."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from vein2vein.core.refusals import N_
from vein2vein.engines.fhir import codes
from vein2vein.engines.fhir.bundle import Entry
from vein2vein.engines.fhir.elements import Reading, first_code, loinc
from vein2vein.engines.fhir.order import PriorTherapy, VirologyResult, Weight

LIGHTEST_KG, HEAVIEST_KG = Decimal(2), Decimal(400)
FINAL = ("final", "amended", "corrected")


def _observations(reading: Reading, patient: Entry | None, wanted: frozenset[str]) -> Iterator[tuple[Entry, str]]:
    """Yield the patient's final Observations whose LOINC code is wanted, noting those that are not final."""
    for entry in reading.bundle.of("Observation"):
        code = loinc(entry)
        if code not in wanted:
            continue
        reading.used.add(entry.path)
        reading.points_to(entry, "subject", patient)
        status = entry.resource.get("status")
        if status not in FINAL:
            mend = N_("Send the result when it is final.")
            reading.note("not_final", N_("The result is not final."), f"{entry.path}.status", status, mend)
        yield entry, code


def read_weight(reading: Reading, patient: Entry | None) -> Weight | None:
    """Return the newest body weight; None with the fault noted."""
    weights = [
        weight
        for entry, _ in _observations(reading, patient, frozenset({codes.BODY_WEIGHT}))
        if (weight := _weight(reading, entry)) is not None
    ]
    if not any(loinc(entry) == codes.BODY_WEIGHT for entry in reading.bundle.of("Observation")):
        mend = N_("Add the body weight as an Observation, LOINC 29463-7, in kg.")
        reading.missing("Bundle.entry.resource.ofType(Observation).where(code.coding.code = '29463-7')", mend)
    newest = max(weights, key=lambda weight: weight.measured_at, default=None)
    for weight in weights:
        if newest is not None and weight.measured_at == newest.measured_at and weight.kg != newest.kg:
            message = N_("Two different weights were measured at the same time.")
            mend = N_("Send the weight that holds.")
            reading.note("doubled", message, "Bundle.entry.resource.ofType(Observation)", weight.kg, mend)
    return newest


def _weight(reading: Reading, entry: Entry) -> Weight | None:
    path = f"{entry.path}.valueQuantity"
    quantity = entry.resource.get("valueQuantity")
    measured_at = reading.moment(entry.resource.get("effectiveDateTime"), f"{entry.path}.effectiveDateTime")
    if not isinstance(quantity, dict) or "value" not in quantity:
        reading.missing(path, N_("Add the weight's value and unit."))
        return None
    if quantity.get("system") != codes.UCUM or quantity.get("code") != "kg":
        value = quantity.get("code") or quantity.get("unit") or ""
        message = N_("The weight is not in kilograms by UCUM.")
        mend = N_("Convert the weight and send system http://unitsofmeasure.org, code kg.")
        reading.note("unit", message, f"{path}.code", value, mend)
        return None
    if quantity.get("comparator"):
        mend = N_("Send the measured weight.")
        reading.note("weight", N_("A weight is one value."), f"{path}.comparator", quantity["comparator"], mend)
        return None
    kg = Decimal(quantity["value"])
    if not LIGHTEST_KG <= kg <= HEAVIEST_KG:
        mend = N_("Weigh again, and check that the unit is kg.")
        reading.note("weight", N_("No patient weighs this."), f"{path}.value", kg, mend)
        return None
    return Weight(kg, measured_at) if measured_at is not None else None


def read_virology(reading: Reading, patient: Entry | None) -> tuple[VirologyResult, ...]:
    """Return the results of the markers, in the Bundle's order; which are needed, the definition says."""
    results: list[VirologyResult] = []
    for entry, code in _observations(reading, patient, frozenset(codes.MARKERS)):
        path = f"{entry.path}.effectiveDateTime"
        collected_on = reading.day(entry.resource.get("effectiveDateTime"), path)
        value = _result(reading, entry)
        if collected_on is None or not value:
            continue
        result = VirologyResult(codes.MARKERS[code], code, value, collected_on)
        twin = next((old for old in results if (old.loinc, old.collected_on) == (code, collected_on)), None)
        if twin is not None and twin.result != value:
            message = N_("The same test of the same day has two results.")
            mend = N_("Send the result that holds.")
            reading.note("doubled", message, entry.path, f"{result.marker}: {twin.result}, {value}", mend)
        results.append(result)
    return tuple(results)


def _result(reading: Reading, entry: Entry) -> str:
    concepts = [entry.resource.get("valueCodeableConcept"), *entry.resource.get("interpretation", [])]
    systems = (codes.SNOMED, codes.INTERPRETATION)
    found = [code for concept in concepts if (code := first_code(concept, systems)) is not None]
    values = {codes.RESULTS.get((system, code)) for system, code, _ in found}
    if len(values) == 1 and (value := values.pop()):
        return value
    message = N_("The result is neither negative nor positive in a code known here.")
    mend = N_("Code it in SNOMED CT (260385009 negative, 10828004 positive) or as NEG or POS.")
    given = ", ".join(code for _, code, _ in found)
    reading.note("foreign_code", message, f"{entry.path}.valueCodeableConcept", given, mend)
    return ""


def read_prior_therapies(reading: Reading, patient: Entry | None) -> tuple[PriorTherapy, ...]:
    """Return the classes of earlier treatment with the day each was last given."""
    therapies: list[PriorTherapy] = []
    for entry in reading.bundle.of("MedicationStatement"):
        reading.used.add(entry.path)
        reading.points_to(entry, "subject", patient)
        if entry.resource.get("status") in {"entered-in-error", "not-taken"}:
            continue
        concept = entry.resource.get("medicationCodeableConcept")
        found = first_code(concept, [codes.THERAPY_CLASS]) or first_code(concept, [codes.ATC])
        if found is None:
            message = N_("The earlier treatment is coded in a system not known here.")
            mend = N_("Code its class in %(system)s or in ATC.")
            path = f"{entry.path}.medicationCodeableConcept"
            reading.note("foreign_code", message, path, "", mend, system=codes.THERAPY_CLASS)
        period = entry.resource.get("effectivePeriod")
        element = "effectivePeriod.end" if isinstance(period, dict) else "effectiveDateTime"
        last = period.get("end") if isinstance(period, dict) else entry.resource.get("effectiveDateTime")
        given_on = reading.day(last, f"{entry.path}.{element}")
        if found is not None and given_on is not None:
            therapies.append(PriorTherapy(found[1], found[0], given_on))
    return tuple(therapies)
