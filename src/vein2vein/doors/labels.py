"""Words for the arguments of actions, where the argument's own name in words is not good enough."""

from __future__ import annotations

from vein2vein.core.refusals import N_

LABELS: dict[str, str] = {
    "reason": N_("Reason"),
    "comment": N_("Comment"),
    "upload": N_("File"),
    "scanned": N_("Scan"),
    "coi": N_("Chain of identity"),
    "by": N_("Who acts"),
    "rfi_number": N_("Release for infusion"),
    "performed_at": N_("When it was done"),
    "not_after": N_("Latest time"),
    "parent_ids": N_("Parent containers"),
    "container_ids": N_("Containers"),
    "age_h": N_("Age (h)"),
    "attachment_sha256": N_("SHA-256 of the attachment"),
    "became": N_("Became"),
    "certificate_sha256": N_("SHA-256 of the certificate"),
    "coi_id": N_("Chain of identity"),
    "coldest_c": N_("Coldest (°C)"),
    "custodian_ref": N_("Custodian's reference"),
    "limit_h": N_("Limit (h)"),
    "minutes_outside": N_("Minutes outside the limits"),
    "order_ref": N_("Order"),
    "per_kg": N_("Per kilogram"),
    "raw_sha256": N_("SHA-256 of the raw data"),
    "sha256": N_("SHA-256"),
    "shown": N_("Shown as"),
    "slot_from_at": N_("Slot from"),
    "slot_to_at": N_("Slot until"),
    "sscc": N_("SSCC"),
    "statement_en": N_("Statement in English"),
    "statement_zh": N_("Statement in Chinese"),
    "text_en": N_("Text in English"),
    "text_zh": N_("Text in Chinese"),
    "trace_sha256": N_("SHA-256 of the trace"),
    "used": N_("Used"),
    "viability_percent": N_("Viability (%)"),
    "warmest_c": N_("Warmest (°C)"),
    "was": N_("Was"),
}
"""Message ids by argument name; contexts add theirs at start-up."""


def label(name: str) -> str:
    """Return the message id of an argument's label; an id is called by what it is the id of."""
    return LABELS.get(name) or name.removesuffix("_id").replace("_", " ").capitalize()


def title(verb: str) -> str:
    """Return the message id of an action's title."""
    return verb.replace("_", " ").capitalize()
