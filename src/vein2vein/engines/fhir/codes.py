"""The code systems and codes an order is read by."""

from __future__ import annotations

HOUSE = "https://vein2vein.example/fhir"
THERAPY = f"{HOUSE}/therapy"
ROUTE = f"{HOUSE}/route"
SITE = f"{HOUSE}/site"
CONSENT_VERSION = f"{HOUSE}/consent-version"
THERAPY_CLASS = f"{HOUSE}/prior-therapy-class"
CHAIN_OF_IDENTITY = f"{HOUSE}/chain-of-identity"

GLN = "https://www.gs1.org/gln"
DIN = "urn:oid:2.16.840.1.113883.6.18.2.1"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
INDICATION_SYSTEMS = (
    "http://hl7.org/fhir/sid/icd-10",
    "http://id.who.int/icd/release/11/mms",
    SNOMED,
)
ATC = "http://www.whocc.no/atc"

BODY_WEIGHT = "29463-7"
ROUTES = ("commercial", "conditional", "clinical_trial", "named_patient")

MARKERS = {
    "56888-1": "hiv",
    "31201-7": "hiv",
    "5195-3": "hbv",
    "5196-1": "hbv",
    "13952-7": "hbv",
    "16933-4": "hbv",
    "42595-9": "hbv",
    "13955-0": "hcv",
    "16128-1": "hcv",
    "11011-4": "hcv",
    "24110-9": "syphilis",
    "22587-0": "syphilis",
    "20507-0": "syphilis",
    "47236-5": "syphilis",
    "22362-8": "htlv",
    "29901-6": "htlv",
    "5000-5": "cmv",
    "13949-3": "cmv",
    "22244-8": "cmv",
    "30339-6": "ebv",
}
RESULTS = {
    (SNOMED, "260385009"): "negative",
    (SNOMED, "260415000"): "negative",
    (SNOMED, "131194007"): "negative",
    (SNOMED, "10828004"): "positive",
    (SNOMED, "260373001"): "positive",
    (SNOMED, "11214006"): "positive",
    (INTERPRETATION, "NEG"): "negative",
    (INTERPRETATION, "ND"): "negative",
    (INTERPRETATION, "NR"): "negative",
    (INTERPRETATION, "POS"): "positive",
    (INTERPRETATION, "DET"): "positive",
    (INTERPRETATION, "RR"): "positive",
}
