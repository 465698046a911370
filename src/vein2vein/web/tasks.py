"""Jobs of the installation: what is known of the journal is kept beside the backups."""

from __future__ import annotations

from django.conf import settings
from procrastinate.contrib.django import app

from vein2vein.journal import comparing
from vein2vein.web.health import backup_folder


@app.periodic(cron="* * * * *")
@app.task(name="web.keep_heads", queue="journal", queueing_lock="web.keep_heads")
def keep_heads(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Write the heads of all streams into the backup folder, so that a restore can tell what it lacks."""
    folder = backup_folder()
    if settings.DATABASE_IS_OWN or folder is None:
        return
    fresh = folder / "heads.jsonl.new"
    fresh.write_text("".join(comparing.heads()), encoding="utf-8")
    fresh.replace(folder / "heads.jsonl")
