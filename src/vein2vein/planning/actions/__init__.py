"""The only writers of plans, promises and disruptions."""

from vein2vein.planning.actions.adopting import adopt_plan, confirm_date
from vein2vein.planning.actions.disrupting import (
    open_disruption,
    record_absence,
    settle_disruption,
    withdraw_absence,
)
from vein2vein.planning.actions.drafting import make_plan, move_operation, undo_move
from vein2vein.planning.actions.promising import end_promise, expire_promises, promise_date, release_promise

__all__ = [
    "adopt_plan",
    "confirm_date",
    "end_promise",
    "expire_promises",
    "make_plan",
    "move_operation",
    "open_disruption",
    "promise_date",
    "record_absence",
    "release_promise",
    "settle_disruption",
    "undo_move",
    "withdraw_absence",
]
