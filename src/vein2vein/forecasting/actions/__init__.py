"""The only writers of the context."""

from vein2vein.forecasting.actions.figures import restore_figure, set_figure
from vein2vein.forecasting.actions.forecasts import ask_for_forecasts, keep_forecasts

__all__ = ["ask_for_forecasts", "keep_forecasts", "restore_figure", "set_figure"]
