"""The life of a study's run and of a figure that somebody set: plain Python."""

from __future__ import annotations

from enum import StrEnum

from vein2vein.core.transitions import transitions


class RunState(StrEnum):
    """How far the simulation of a study has come."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


_R = RunState
RUN = transitions(
    "forecasting.run",
    [_R.QUEUED],
    (_R.QUEUED, "begin", _R.RUNNING),
    (_R.RUNNING, "finish", _R.FINISHED),
    (_R.RUNNING, "fail", _R.FAILED),
    (_R.QUEUED, "cancel", _R.CANCELLED),
    (_R.RUNNING, "cancel", _R.CANCELLED),
    (_R.CANCELLED, "resume", _R.QUEUED),
    (_R.FAILED, "resume", _R.QUEUED),
)
UNDER_WAY = (_R.QUEUED, _R.RUNNING)


class SettingState(StrEnum):
    """Whether a figure that somebody set still stands."""

    STANDING = "standing"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


_S = SettingState
SETTING = transitions(
    "forecasting.setting",
    [_S.STANDING],
    (_S.STANDING, "replace", _S.REPLACED),
    (_S.STANDING, "withdraw", _S.WITHDRAWN),
)
