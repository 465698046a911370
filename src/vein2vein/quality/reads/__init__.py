"""What may be asked of quality: its records, and its papers."""

from vein2vein.quality.reads.papers import get_certificate, get_dose_report, get_release_for_infusion
from vein2vein.quality.reads.records import (
    READERS,
    blocking_deviations,
    decisions_of,
    dispositions_of,
    final_disposition,
    find_deviation_of,
    get_case,
    get_deviation,
    latest_assessment,
    latest_dose,
    list_assessments,
    list_deviations,
    list_dispositions,
    list_doses,
    list_environment_records,
    list_verdicts,
)

__all__ = [
    "READERS",
    "blocking_deviations",
    "decisions_of",
    "dispositions_of",
    "final_disposition",
    "find_deviation_of",
    "get_case",
    "get_certificate",
    "get_deviation",
    "get_dose_report",
    "get_release_for_infusion",
    "latest_assessment",
    "latest_dose",
    "list_assessments",
    "list_deviations",
    "list_dispositions",
    "list_doses",
    "list_environment_records",
    "list_verdicts",
]
