"""`GET /health`: the state of each part, for machines; the page for administrators shows the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from vein2vein.core import clock
from vein2vein.journal import followers, rights
from vein2vein.journal.reads import database_kind, list_recent
from vein2vein.journal.sealing import latest_seal

Part = dict[str, Any]
LEAST_FREE_BYTES = 1024**3
OLDEST_BACKUP_S = 26 * 3600
OLDEST_LOG_S = 600
OLDEST_JOB_S = 300
MOST_BEHIND_S = 60
LOOKED_AT = 100
"""How many of the newest entries are held against the clock."""


def _database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, version(), pg_database_size(current_database())")
        role, version, size = cursor.fetchone() or ("", "", 0)
    return {
        "ok": True,
        "role": role,
        "version": str(version).split(" on ")[0],
        "kind": database_kind(),
        "size_bytes": int(size),
    }


def _journal() -> Part:
    excessive = rights.excessive_rights()
    seal = latest_seal()
    age = None if seal is None else int((clock.now() - seal.sealed_at).total_seconds())
    return {
        "ok": not excessive,
        "excessive_rights": excessive,
        "last_seal": None if seal is None else seal.root,
        "seal_age_s": age,
    }


def _clock() -> Part:
    """Return by how much the clock is behind the newest entries: it was set back, or had been ahead."""
    newest = max((one.recorded_at for one in list_recent(limit=LOOKED_AT)), default=None)
    behind = 0 if newest is None else max(0, int((newest - clock.now()).total_seconds()))
    return {"ok": behind <= MOST_BEHIND_S, "behind_s": behind}


def _followers() -> Part:
    halted = followers.halted()
    return {"ok": not halted, "halted": halted}


def _jobs() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, count(*) FROM procrastinate_jobs GROUP BY status")
        counts = {str(status): count for status, count in cursor.fetchall()}
        cursor.execute("SELECT max(last_heartbeat) > now() - interval '1 minute' FROM procrastinate_workers")
        row = cursor.fetchone()
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM now() - min(e.at)), 0)::int FROM procrastinate_jobs j "
            "JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred' WHERE j.status = 'todo' "
            "AND j.queue_name <> 'twin' "  # simulations may wait
            "AND (j.scheduled_at IS NULL OR j.scheduled_at < now())"
        )
        oldest = (cursor.fetchone() or (0,))[0]
    working = bool(row and row[0])
    return {"ok": working and oldest < OLDEST_JOB_S, "worker": working, "jobs": counts, "oldest_waiting_s": oldest}


def _disk() -> Part:
    usage = shutil.disk_usage(settings.STATE)
    return {"ok": usage.free >= LEAST_FREE_BYTES, "free_bytes": usage.free, "total_bytes": usage.total}


def _backups() -> Part:
    """Return the ages of the newest copy and of the kept log; a demonstration may do without."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM now() - last_archived_time)::int, "
            "extract(epoch FROM now() - greatest(last_archived_time, pg_postmaster_start_time()))::int, "
            "coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) FROM pg_stat_archiver"
        )
        log_age, idle, failing = cursor.fetchone() or (None, 0, False)
    if settings.DATABASE_IS_OWN:
        return {"ok": not failing, "log_age_s": log_age, "log_failing": failing, "by": "the database's own server"}
    folder = backup_folder()
    if folder is None:
        return {"ok": database_kind() != "production", "folder": None, "copies": 0, "copy_age_s": None}
    stamps = sorted(path.name.removeprefix("base-") for path in folder.glob("base-*Z"))
    age = None if not stamps else int((datetime.now(UTC) - _stamped(stamps[-1])).total_seconds())
    late = idle > OLDEST_LOG_S  # while the server was stopped there was no log
    return {
        "ok": age is not None and age <= OLDEST_BACKUP_S and not failing and not late,
        "folder": str(folder),
        "copies": len(stamps),
        "copy_age_s": age,
        "log_age_s": log_age,
        "log_failing": failing,
    }


def backup_folder() -> Path | None:
    """Return the folder into which backups are made; None before the first one."""
    try:
        return Path((settings.STATE / "archive-to").read_text().strip())
    except OSError:
        return None


def _stamped(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


PARTS: dict[str, Callable[[], Part]] = {
    "database": _database,
    "journal": _journal,
    "clock": _clock,
    "followers": _followers,
    "jobs": _jobs,
    "disk": _disk,
    "backups": _backups,
}


def parts() -> dict[str, Part]:
    """Return the state of each part; one that cannot be asked is not well and names the error."""
    found: dict[str, Part] = {}
    for name, look in PARTS.items():
        try:
            found[name] = look()
        except (DatabaseError, OSError, ValueError) as error:
            found[name] = {"ok": False, "error": type(error).__name__}
    return found


def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view
    """Answer 200 with the state of each part; 503 when the database cannot be reached."""
    found = parts()
    reachable = "version" in found["database"]
    body = {"ok": all(part["ok"] for part in found.values()), "parts": found}
    return JsonResponse(body, status=200 if reachable else 503, json_dumps_params={"default": str})
