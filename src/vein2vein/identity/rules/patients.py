"""What is wrong with what is known of a patient."""

from __future__ import annotations

import unicodedata
from datetime import date

from vein2vein.core.refusals import N_, Blocker

OLDEST_YEARS = 125


def patient_blockers(*, hospital_number: str, initials: str, birth_date: date, on: date) -> list[Blocker]:
    """Return what is wrong with the few things that are known of a patient; their values are never repeated."""
    found = []
    if not normal_number(hospital_number) or len(hospital_number) > 64:
        found.append(
            Blocker(
                "identity.hospital_number",
                N_("The hospital number is missing or too long"),
                field="hospital_number",
                mend=N_("Give the number under which the hospital knows the patient, 64 characters at most"),
            )
        )
    letters = initials.strip()
    if not 1 <= len(letters) <= 6 or not all(unicodedata.category(one).startswith("L") for one in letters):
        found.append(
            Blocker(
                "identity.initials",
                N_("Initials are one to six letters"),
                field="initials",
                mend=N_("Give initials only, never a name"),
            )
        )
    if not on.year - OLDEST_YEARS <= birth_date.year or birth_date > on:
        found.append(
            Blocker(
                "identity.birth_date",
                N_("The birth date is in the future or too long ago"),
                field="birth_date",
                mend=N_("Compare it with the patient's papers"),
            )
        )
    return found


def normal_number(hospital_number: str) -> str:
    """Return a hospital number as it is compared: compatible characters made one, capitals, no blanks."""
    return "".join(unicodedata.normalize("NFKC", hospital_number).upper().split())
