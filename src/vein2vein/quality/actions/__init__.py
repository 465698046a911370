"""The only writers of deviations, monitoring, assessments, declared doses and dispositions."""

from vein2vein.quality.actions.assessing import assess_batch
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
from vein2vein.quality.actions.monitoring import record_environment

__all__ = [
    "allow_to_continue",
    "assess_batch",
    "classify_deviation",
    "close_deviation",
    "declare_dose",
    "dispose_batch",
    "investigate_deviation",
    "open_deviation",
    "record_environment",
    "reopen_deviation",
]
