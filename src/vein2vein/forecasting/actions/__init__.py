"""The only writers of the context."""

from vein2vein.forecasting.actions.figures import restore_figure, set_figure
from vein2vein.forecasting.actions.forecasts import ask_for_forecasts, keep_forecasts
from vein2vein.forecasting.actions.studies import begin_run, cancel_study, end_run, run_study, save_study

__all__ = [
    "ask_for_forecasts",
    "begin_run",
    "cancel_study",
    "end_run",
    "keep_forecasts",
    "restore_figure",
    "run_study",
    "save_study",
    "set_figure",
]
