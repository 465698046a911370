"""Jobs of quality: alerts that nobody acknowledged call others, minute by minute."""

from __future__ import annotations

from procrastinate.contrib.django import app

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.quality.actions import alerting


@app.periodic(cron="* * * * *")
@app.task(name="quality.escalate", queue="journal", queueing_lock="quality.escalate")
def escalate(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Escalate every alert whose time to be acknowledged is over (N17)."""
    if alerting.due_alerts(clock.now()):
        alerting.escalate_alerts(by=journal.system("alerts"))
