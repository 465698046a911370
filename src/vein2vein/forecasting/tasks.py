"""Jobs of the twin: they simulate, and so have a worker of their own that nothing else waits for."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from procrastinate.contrib.django import app

from vein2vein.core import clock
from vein2vein.forecasting import reads
from vein2vein.forecasting.actions import forecasts

QUEUE = "twin"
AT_LEAST_EVERY = timedelta(hours=6)


@app.task(name="forecasting.make_forecasts", queue=QUEUE, lock="forecasting.make_forecasts")
def make_forecasts() -> None:
    """Make the forecasts of all open courses now."""
    forecasts.make()


@app.periodic(cron="*/15 * * * *")
@app.task(name="forecasting.refresh_forecasts", queue=QUEUE, queueing_lock="forecasting.refresh_forecasts")
def refresh_forecasts(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Make the forecasts anew where something happened since the last ones, or they are old."""
    last = reads.newest_as_of()
    if reads.something_happened_since(last) or clock.now() - last > AT_LEAST_EVERY:
        forecasts.make()


@app.task(name="forecasting.carry_out", queue=QUEUE, lock="forecasting.carry_out")
def carry_out(run_id: str) -> None:
    """Carry a study's run out, or on where a worker was killed."""
    from vein2vein.forecasting.studying import carry_out_run

    carry_out_run(UUID(run_id))
