"""The only writers of samples, tests, results and laboratory investigations."""

from vein2vein.laboratory.actions.investigating import conclude_investigation, invalidate_result, open_investigation
from vein2vein.laboratory.actions.planning import cancel_tests, plan_tests, receive_sample
from vein2vein.laboratory.actions.recording import correct_result, read_counter_result, record_result
from vein2vein.laboratory.actions.reviewing import review_result

__all__ = [
    "cancel_tests",
    "conclude_investigation",
    "correct_result",
    "invalidate_result",
    "open_investigation",
    "plan_tests",
    "read_counter_result",
    "receive_sample",
    "record_result",
    "review_result",
]
