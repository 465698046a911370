"""`GET /health`: the state of each part, for people and machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from vein2vein.core import clock
from vein2vein.journal import followers, rights
from vein2vein.journal.reads import database_kind
from vein2vein.journal.sealing import latest_seal

Part = dict[str, Any]


def _database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, version()")
        role, version = cursor.fetchone() or ("", "")
    return {"ok": True, "role": role, "version": str(version).split(" on ")[0], "kind": database_kind()}


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


def _followers() -> Part:
    halted = followers.halted()
    return {"ok": not halted, "halted": halted}


def _jobs() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, count(*) FROM procrastinate_jobs GROUP BY status")
        counts = {str(status): count for status, count in cursor.fetchall()}
        cursor.execute("SELECT max(last_heartbeat) > now() - interval '1 minute' FROM procrastinate_workers")
        row = cursor.fetchone()
    working = bool(row and row[0])
    return {"ok": working, "worker": working, "jobs": counts}


PARTS: dict[str, Callable[[], Part]] = {
    "database": _database,
    "journal": _journal,
    "followers": _followers,
    "jobs": _jobs,
}


def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view
    """Answer 200 with the state of each part; 503 when the database cannot be reached."""
    parts: dict[str, Part] = {}
    for name, look in PARTS.items():
        try:
            parts[name] = look()
        except DatabaseError as error:
            parts[name] = {"ok": False, "error": type(error).__name__}
    reachable = "version" in parts["database"]
    body = {"ok": all(part["ok"] for part in parts.values()), "parts": parts}
    return JsonResponse(body, status=200 if reachable else 503, json_dumps_params={"default": str})
