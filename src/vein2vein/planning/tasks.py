"""Jobs of planning: what was promised for an order that nobody accepted in time is given back."""

from __future__ import annotations

from procrastinate.contrib.django import app

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.planning import reads
from vein2vein.planning.actions import expire_promises


@app.periodic(cron="*/10 * * * *")
@app.task(name="planning.expire", queue="journal", queueing_lock="planning.expire")
def expire(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Give back every promise whose time is over."""
    if reads.list_expired(clock.now()):
        expire_promises(by=journal.system("promises"))
