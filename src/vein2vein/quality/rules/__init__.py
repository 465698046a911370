"""What stands in the way of closing a deviation, declaring a dose, releasing a batch: pure functions."""

from vein2vein.quality.rules.deviations import (
    classify_blockers,
    close_blockers,
    closer_blockers,
    investigate_blockers,
    open_blockers,
    reason_blockers,
)
from vein2vein.quality.rules.dose import Bag, Declared, declare, dose_blockers
from vein2vein.quality.rules.environment import Window, covered, environment_blockers
from vein2vein.quality.rules.release import (
    Gate,
    ReleaseView,
    SignerView,
    blockers_of,
    gates_for,
    order_of_releases,
    rejection_blockers,
)

__all__ = [
    "Bag",
    "Declared",
    "Gate",
    "ReleaseView",
    "SignerView",
    "Window",
    "blockers_of",
    "classify_blockers",
    "close_blockers",
    "closer_blockers",
    "covered",
    "declare",
    "dose_blockers",
    "environment_blockers",
    "gates_for",
    "investigate_blockers",
    "open_blockers",
    "order_of_releases",
    "reason_blockers",
    "rejection_blockers",
]
