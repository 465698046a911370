"""What stands in the way of closing a deviation, declaring a dose, releasing a batch: pure functions."""

from vein2vein.quality.rules.deviations import (
    classify_blockers,
    close_blockers,
    closer_blockers,
    investigate_blockers,
    open_blockers,
    reason_blockers,
)
from vein2vein.quality.rules.dose import Bag, Declared, declare, dose_blockers, stale_dose_blockers
from vein2vein.quality.rules.environment import Window, covered, environment_blockers
from vein2vein.quality.rules.exceptional import (
    nonconformity_blockers,
    request_blockers,
    route_blockers,
    second_physician_blockers,
    statement,
    step_blockers,
)
from vein2vein.quality.rules.late import (
    ACKNOWLEDGE_WITHIN,
    acknowledge_blockers,
    called_at,
    close_alert_blockers,
    fulfil_blockers,
    held_blockers,
    report_blockers,
    second_stage_blockers,
)
from vein2vein.quality.rules.release import (
    Gate,
    ReleaseView,
    SignerView,
    blockers_of,
    gates_for,
    order_of_releases,
    rejection_blockers,
    signer_blockers,
)
from vein2vein.quality.rules.reserve import ReserveView, asked_blockers, reserve_gates

__all__ = [
    "ACKNOWLEDGE_WITHIN",
    "Bag",
    "Declared",
    "Gate",
    "ReleaseView",
    "ReserveView",
    "SignerView",
    "Window",
    "acknowledge_blockers",
    "asked_blockers",
    "blockers_of",
    "called_at",
    "classify_blockers",
    "close_alert_blockers",
    "close_blockers",
    "closer_blockers",
    "covered",
    "declare",
    "dose_blockers",
    "environment_blockers",
    "fulfil_blockers",
    "gates_for",
    "held_blockers",
    "investigate_blockers",
    "nonconformity_blockers",
    "open_blockers",
    "order_of_releases",
    "reason_blockers",
    "rejection_blockers",
    "report_blockers",
    "request_blockers",
    "reserve_gates",
    "route_blockers",
    "second_physician_blockers",
    "second_stage_blockers",
    "signer_blockers",
    "stale_dose_blockers",
    "statement",
    "step_blockers",
]
