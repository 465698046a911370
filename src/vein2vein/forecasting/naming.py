"""What the twin's operations, resources and outcomes are called where people read of them."""

from __future__ import annotations

from django.utils.translation import gettext

from vein2vein.core.refusals import N_
from vein2vein.forecasting.assumed import NAMES

OPERATIONS: dict[str, str] = {
    "appointed": N_("waits for its collection"),
    "referral": N_("waits for a collection date"),
    "apheresis": N_("collection"),
    "transit": N_("on the way to the base"),
    "customs": N_("customs"),
    "to_start": N_("waits for its batch"),
    "turnaround": N_("batch begins"),
    "panel": N_("quick release tests"),
    "assays": N_("release tests of days"),
    "sterility": N_("sterility test"),
    "review": N_("batch review"),
    "decision": N_("disposition"),
    "dispatch": N_("waits for dispatch"),
    "product_transit": N_("on the way to the hospital"),
    "product_customs": N_("customs"),
    "preparation": N_("at the hospital"),
    "lymphodepletion": N_("lymphodepletion"),
    "apheresis_again": N_("stopped: to be collected again"),
    "postponed": N_("collection put off"),
}
RELEASE_TESTS = N_("release tests")
"""Where a course stands while several groups of tests are under way."""
OUTCOMES: dict[str, str] = {
    "infused": N_("infused"),
    "not_collected": N_("not collected"),
    "out_of_specification": N_("out of specification"),
    "batch_failed": N_("batch failed"),
    "patient_lost": N_("patient lost"),
}


def operation_name(name: str) -> str:
    """Return an operation's msgid, or the words of its name: an operation of the process."""
    return OPERATIONS.get(name, name.replace("_", " "))


def resource_name(name: str) -> str:
    """Return a resource in the reader's language; a hospital's beds by the hospital's code."""
    kind, _, place = name.partition(" ")
    words = gettext(NAMES.get(kind, kind.replace("_", " ")))
    return f"{words} {place}".strip()
