"""What a database constraint says, in words: exclusion and uniqueness violations are conflicts."""

from __future__ import annotations

from django.db import DatabaseError

from vein2vein.core.refusals import N_, Blocker, Conflict, Refused

_BLOCKERS: dict[str, Blocker] = {}


def explain(constraint: str, blocker: Blocker) -> None:
    """Say in a context's words what it means when `constraint` refuses."""
    _BLOCKERS[constraint] = blocker


def sqlstate(error: DatabaseError) -> str | None:
    """Return the five-character SQLSTATE behind a database error, if it has one."""
    return getattr(error.__cause__, "sqlstate", None)


def reraise(error: DatabaseError) -> None:
    """Raise `Conflict` for exclusion (23P01) and unique (23505) violations, `Refused` for checks and bad data (22…)."""
    state = sqlstate(error)
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    blocker = _BLOCKERS.get(name) or Blocker(
        code=f"database.{name or state}",
        message=N_("The database refuses this: %(constraint)s"),
        field=getattr(diagnosis, "table_name", None) or "",
        mend=N_("Load the page again: somebody may have been quicker"),
        params={"constraint": name or str(getattr(diagnosis, "message_primary", ""))},
    )
    if state in ("23P01", "23505"):
        raise Conflict(blocker) from error
    if state == "23514" or (state or "").startswith("22"):
        raise Refused(blocker) from error
