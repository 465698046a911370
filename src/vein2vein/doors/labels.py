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
}
"""Message ids by argument name; contexts add theirs at start-up."""


def label(name: str) -> str:
    """Return the message id of an argument's label."""
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def title(verb: str) -> str:
    """Return the message id of an action's title."""
    return verb.replace("_", " ").capitalize()
