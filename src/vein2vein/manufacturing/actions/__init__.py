"""The only writers of batch records."""

from vein2vein.manufacturing.actions.batches import (
    close_batch,
    complete_batch,
    complete_operation,
    end_batch,
    open_batch,
    review_batch,
    start_operation,
    terminate_batch,
)
from vein2vein.manufacturing.actions.booking import step_away
from vein2vein.manufacturing.actions.correcting import correct_step
from vein2vein.manufacturing.actions.holding import clear_out, lift_hold, place_hold, rule_on_clock, thaw_material
from vein2vein.manufacturing.actions.offline import issue_offline_pack, reconcile_offline_pack
from vein2vein.manufacturing.actions.recording import (
    approve_step,
    attest_step,
    clear_line,
    record_step,
    review_step,
    sign_step,
    verify_step,
)

__all__ = [
    "approve_step",
    "attest_step",
    "clear_line",
    "clear_out",
    "close_batch",
    "complete_batch",
    "complete_operation",
    "correct_step",
    "end_batch",
    "issue_offline_pack",
    "lift_hold",
    "open_batch",
    "place_hold",
    "reconcile_offline_pack",
    "record_step",
    "review_batch",
    "review_step",
    "rule_on_clock",
    "sign_step",
    "start_operation",
    "step_away",
    "terminate_batch",
    "thaw_material",
    "verify_step",
]
