"""The only writers of this context: deviations, monitoring, assessments, doses, dispositions, alerts, exceptions."""

from vein2vein.quality.actions.alerting import (
    acknowledge_alert,
    close_alert,
    decide_held_product,
    escalate_alerts,
    raise_alert,
    report_alert,
)
from vein2vein.quality.actions.assessing import assess_batch
from vein2vein.quality.actions.auditing import review_audit_trail
from vein2vein.quality.actions.completing import complete_second_stage
from vein2vein.quality.actions.declaring import declare_dose
from vein2vein.quality.actions.deviating import (
    allow_to_continue,
    classify_deviation,
    close_deviation,
    investigate_deviation,
    open_deviation,
    reopen_deviation,
)
from vein2vein.quality.actions.disposing import dispose_batch
from vein2vein.quality.actions.excepting import (
    decline_exceptional_request,
    evaluate_exceptional_risk,
    request_exceptional_release,
    support_exceptional_request,
)
from vein2vein.quality.actions.monitoring import record_environment
from vein2vein.quality.actions.obliging import fulfil_obligation, oblige_after_result
from vein2vein.quality.actions.reserving import decide_reserve

__all__ = [
    "acknowledge_alert",
    "allow_to_continue",
    "assess_batch",
    "classify_deviation",
    "close_alert",
    "close_deviation",
    "complete_second_stage",
    "decide_held_product",
    "decide_reserve",
    "declare_dose",
    "decline_exceptional_request",
    "dispose_batch",
    "escalate_alerts",
    "evaluate_exceptional_risk",
    "fulfil_obligation",
    "investigate_deviation",
    "oblige_after_result",
    "open_deviation",
    "raise_alert",
    "record_environment",
    "reopen_deviation",
    "report_alert",
    "request_exceptional_release",
    "review_audit_trail",
    "support_exceptional_request",
]
