"""What is to be done for each course that a recalled lot touched: pure functions."""

from __future__ import annotations

from vein2vein.core.refusals import N_, Blocker
from vein2vein.tracing.states import Standing

_RELEASED = frozenset({"released", "dispatched", "at_site", "cleared", "thawed"})
_INFUSED = frozenset({"infused", "closed"})
_ENDED = frozenset({"cancelled"})

MUST: dict[Standing, tuple[str, ...]] = {
    Standing.RESERVED: (N_("Another lot is reserved when the batch is opened; look whether one is released"),),
    Standing.OPEN: (
        N_("The batch is on hold by a deviation: quality decides whether it goes on"),
        N_("Tell the treating physician that the product may be late or not come"),
    ),
    Standing.RELEASED: (
        N_("Stop the product: it is neither shipped, thawed nor infused before quality has decided"),
        N_("Notify the treating physician"),
    ),
    Standing.INFUSED: (
        N_("Notify the treating physician"),
        N_("Follow the patient up for what the lot may have done, and report"),
    ),
    Standing.ENDED: (N_("Keep what is left of it in quarantine, or destroy it"),),
}
"""What must be done, by how far the product has come."""


def standing(order_state: str, batch_states: frozenset[str]) -> Standing:
    """Return how far the product of a course has come, from the states of its order and of the batches touched."""
    if order_state in _INFUSED:
        return Standing.INFUSED
    if order_state in _ENDED or (batch_states and batch_states <= {"terminated"}):
        return Standing.ENDED
    if order_state in _RELEASED:
        return Standing.RELEASED
    return Standing.OPEN if batch_states else Standing.RESERVED


def acknowledgement_blockers(measures: str) -> list[Blocker]:
    """Return why a notice cannot be acknowledged: nothing is said of what is done."""
    if measures.strip():
        return []
    return [
        Blocker(
            code="tracing.no_measures",
            message=N_("Say what is done for the patient"),
            field="measures",
            mend=N_("Write in a few words what you do now"),
        )
    ]
