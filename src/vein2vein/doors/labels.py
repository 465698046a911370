"""Words for the arguments of actions, where the argument's own name in words is not good enough."""

from __future__ import annotations

from vein2vein.core.refusals import N_

LABELS: dict[str, str] = {
    "reason": N_("Reason"),
    "comment": N_("Comment"),
    "upload": N_("File"),
    "scanned": N_("Scan"),
}
"""Message ids by argument name; contexts add theirs at start-up."""


def label(name: str) -> str:
    """Return the message id of an argument's label."""
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def title(verb: str) -> str:
    """Return the message id of an action's title."""
    return verb.replace("_", " ").capitalize()
