"""Jobs of the journal: followers, the sealer, and the rescue of jobs whose worker was killed."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app

from vein2vein.journal import followers, sealing


@app.task(name="journal.follow_streams", queue="journal")
def follow_streams(streams: list[str]) -> None:
    """Let followers read what was just written on `streams`."""
    followers.run_followers(streams)


@app.periodic(cron="* * * * *")
@app.task(name="journal.sweep", queue="journal", queueing_lock="journal.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Let followers read whatever was missed, then seal."""
    followers.run_followers()
    sealing.seal()


@app.periodic(cron="* * * * *")
@app.task(name="journal.rescue", queue="journal", queueing_lock="journal.rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Try again the jobs that stayed "doing" because their worker was killed."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)
