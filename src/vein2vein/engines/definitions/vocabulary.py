"""The closed sets of words that a definition may use."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """How far the product has come; the criteria depend on it."""

    PHASE_1 = "phase_1"
    PHASE_2 = "phase_2"
    PHASE_3 = "phase_3"
    COMMERCIAL = "commercial"


class Route(StrEnum):
    """By which legal way a patient in a market may get the product."""

    CLINICAL_TRIAL = "clinical_trial"
    NAMED_PATIENT = "named_patient"
    CONDITIONAL = "conditional"
    COMMERCIAL = "commercial"


class Language(StrEnum):
    """A language that a label is printed in."""

    EN = "en"
    ZH = "zh"


class DoseBasis(StrEnum):
    """Whether the dose is counted per kilogram of body weight or as a whole."""

    PER_KG = "per_kg"
    FLAT = "flat"


class LabelUse(StrEnum):
    """What a label is put on."""

    KIT = "kit"
    STARTING_MATERIAL = "starting_material"
    INTERMEDIATE = "intermediate"
    FINAL_CONTAINER = "final_container"
    SAMPLE = "sample"
    SHIPPER = "shipper"


class LabelField(StrEnum):
    """What a label may show."""

    COI = "coi"
    DONATION_NUMBER = "donation_number"
    CONTAINER_SERIAL = "container_serial"
    CONTAINER_ROLE = "container_role"
    PRODUCT_NAME = "product_name"
    PRODUCT_CODE = "product_code"
    BATCH_NUMBER = "batch_number"
    PATIENT_IDENTIFIER_1 = "patient_identifier_1"
    PATIENT_IDENTIFIER_2 = "patient_identifier_2"
    SUBJECT_NUMBER = "subject_number"
    PROTOCOL = "protocol"
    SAMPLE_CODE = "sample_code"
    COLLECTED_AT = "collected_at"
    MADE_AT = "made_at"
    EXPIRES_AT = "expires_at"
    VOLUME = "volume"
    DOSE = "dose"
    STORAGE = "storage"
    SITE = "site"
    MANUFACTURER = "manufacturer"
    ORIGIN = "origin"
    DESTINATION = "destination"
    SERIAL_OF_COUNT = "serial_of_count"


class WarningWhen(StrEnum):
    """When a warning is printed on the label."""

    ALWAYS = "always"
    CLINICAL_TRIAL = "clinical_trial"
    NOT_FULLY_SCREENED = "not_fully_screened"
    REACTIVE = "reactive"


class StepKind(StrEnum):
    """The closed set of step kinds."""

    INSTRUCT = "instruct"
    CHECK = "check"
    SCAN = "scan"
    CLEAR = "clear"
    MEASURE = "measure"
    COMPUTE = "compute"
    CONSUME = "consume"
    PRODUCE = "produce"
    SAMPLE = "sample"
    WAIT = "wait"
    ATTACH = "attach"
    SIGN = "sign"


class Verify(StrEnum):
    """Who looks a second time (复核)."""

    NONE = "none"
    SECOND_PERSON = "second_person"


class Meaning(StrEnum):
    """What a signature means (21 CFR 11.50)."""

    PERFORMED = "performed"
    VERIFIED = "verified"
    CLEARED = "cleared"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    MANUFACTURER_RELEASE = "manufacturer_release"
    MAH_RELEASE = "mah_release"
    SPONSOR_RELEASE = "sponsor_release"
    PHYSICIAN_REQUEST = "physician_request"
    RISK_EVALUATED = "risk_evaluated"


class ScanTarget(StrEnum):
    """What is scanned."""

    CONTAINER = "container"
    WORKSTATION = "workstation"
    EQUIPMENT = "equipment"
    LOT = "lot"


class FileKind(StrEnum):
    """What an attached file shows."""

    FREEZING_CURVE = "freezing_curve"
    COUNTER_EXPORT = "counter_export"
    INSTRUMENT_REPORT = "instrument_report"
    FLOW_CYTOMETRY = "flow_cytometry"
    LOGGER_TRACE = "logger_trace"
    PHOTOGRAPH = "photograph"
    DOCUMENT = "document"


class Attribute(StrEnum):
    """Which quality attribute a test speaks of."""

    APPEARANCE = "appearance"
    IDENTITY = "identity"
    PURITY = "purity"
    IMPURITY = "impurity"
    VIABILITY = "viability"
    CONTENT = "content"
    DOSE = "dose"
    VECTOR_COPY_NUMBER = "vector_copy_number"
    REPLICATION_COMPETENT_VIRUS = "replication_competent_virus"
    STERILITY = "sterility"
    MYCOPLASMA = "mycoplasma"
    ENDOTOXIN = "endotoxin"
    POTENCY = "potency"


class ResultType(StrEnum):
    """What shape a result has."""

    NUMERIC = "numeric"
    QUALITATIVE = "qualitative"
    REPORT_ONLY = "report_only"


class RoundingMode(StrEnum):
    """Which way a half goes before a result meets its criterion."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


class RetestRule(StrEnum):
    """When a test may be done again."""

    NEVER = "never"
    AFTER_INVALID = "after_invalid"
    AFTER_INVESTIGATION = "after_investigation"


class Timing(StrEnum):
    """How fast a method answers."""

    IMMEDIATE = "immediate"
    SAME_DAY = "same_day"
    RAPID = "rapid"
    COMPENDIAL = "compendial"
    DELAYED = "delayed"


class Stage(StrEnum):
    """What a result is for: a batch step, the release, or knowledge that comes after it."""

    IN_PROCESS = "in_process"
    RELEASE = "release"
    DELAYED = "delayed"


class ReleaseType(StrEnum):
    """The kinds of release."""

    FULL = "full"
    TWO_STAGE = "two_stage"
    CLINICAL_ONLY = "clinical_only"
    OOS_EXCEPTIONAL = "oos_exceptional"


class Organisation(StrEnum):
    """On whose behalf somebody signs."""

    MANUFACTURER = "manufacturer"
    MAH = "mah"
    SPONSOR = "sponsor"
    HOSPITAL = "hospital"


class Evidence(StrEnum):
    """What must lie before the person who releases."""

    CHAIN_OF_IDENTITY = "chain_of_identity"
    STARTING_MATERIAL_RECEIPT = "starting_material_receipt"
    BATCH_RECORD_REVIEWED = "batch_record_reviewed"
    LABEL_RECONCILIATION = "label_reconciliation"
    MATERIALS_RELEASED = "materials_released"
    ENVIRONMENTAL_MONITORING = "environmental_monitoring"
    DEVIATIONS_CLOSED = "deviations_closed"
    RELEASE_TESTS_CONFORM = "release_tests_conform"
    FREEZING_CURVE = "freezing_curve"
    DOSE_DECLARED = "dose_declared"
    TRIAL_APPROVAL = "trial_approval"
    RISK_EVALUATION = "risk_evaluation"
    PHYSICIAN_REQUEST = "physician_request"
    PATIENT_CONSENT = "patient_consent"


class Trigger(StrEnum):
    """What starts the clock of an obligation."""

    RELEASE = "release"
    INFUSION = "infusion"
    LATE_POSITIVE = "late_positive"
    LATE_RESULT = "late_result"
    OOS_SUPPLY = "oos_supply"


class Leg(StrEnum):
    """Which way a lane runs."""

    STARTING_MATERIAL = "starting_material"
    PRODUCT = "product"


class MaterialKind(StrEnum):
    """What a consumed material is."""

    VECTOR = "vector"
    REAGENT = "reagent"
    MEDIUM = "medium"
    CYTOKINE = "cytokine"
    CRYOMEDIUM = "cryomedium"
    CONSUMABLE = "consumable"
    KIT = "kit"


class Moment(StrEnum):
    """An event that a reconfirmation must come before."""

    COLLECTION = "collection"
    MANUFACTURE = "manufacture"
    PRODUCT_SHIPMENT = "product_shipment"
    LYMPHODEPLETION = "lymphodepletion"
    THAW = "thaw"


class MarkerResult(StrEnum):
    """Which virology results an order may carry."""

    NEGATIVE = "negative"
    ANY = "any"


GIVEN_VALUES: dict[str, str] = {"ordered_dose": "cell", "patient_weight": "kg"}
"""What the order gives to every formula: the dose as CAR+ cells in all, and the weight; with their units."""
