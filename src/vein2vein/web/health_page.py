"""The state of the installation for administrators: what is well, what is not, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from vein2vein.core.actor import Role
from vein2vein.core.refusals import N_, Blocker, NotAllowed
from vein2vein.doors.pages import actor_of
from vein2vein.doors.work import Menu, place
from vein2vein.web.access import signed_in
from vein2vein.web.health import Part, parts

ROLES = frozenset({Role.ADMINISTRATOR})
place("health_page", N_("Health"), Menu.BASE, roles=ROLES)

TITLES = {
    "database": N_("Database"),
    "journal": N_("Journal and seal"),
    "clock": N_("Clock"),
    "followers": N_("Followers"),
    "jobs": N_("Jobs"),
    "disk": N_("Disk"),
    "backups": N_("Backups"),
}
MENDS = {
    "database": N_("It starts again by itself. If it stays away, look at postgres.log in the state folder."),
    "journal": N_("Nobody may change the journal: take the rights named here away from the run-time role."),
    "clock": N_(
        "The clock was set back, or had been ahead: entries bear later times than now. Nothing is lost; set it right."
    ),
    "followers": N_("A follower stopped at an entry: mend the cause, then run ./vein2vein journal resume."),
    "jobs": N_("The worker does not keep up or does not run: look at logs/worker.log in the state folder."),
    "disk": N_("Make room: when the disk is full nothing can be recorded."),
    "backups": N_("Run ./vein2vein database backup FOLDER every day, and look whether FOLDER has room."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One part: its title, whether it is well, what is known of it, and what to do when it is not.

    `none_yet`: a demonstration may do without back-ups, but nobody shall take that for a back-up.
    """

    title: str
    well: bool
    known: list[tuple[str, str]]
    mend: str
    none_yet: bool = False


@signed_in
def health_page(request: HttpRequest) -> HttpResponse:
    """Show each part with its figures and alarms, to administrators."""
    by = actor_of(request)
    if not by.has_any(ROLES):
        blocker = Blocker("web.health_of_the_site", N_("This page is for administrators"), "role")
        raise NotAllowed(blocker)
    found = parts()
    lines = [_line(name, part) for name, part in found.items()]
    alarms = found["followers"].get("halted", [])
    context = {"lines": lines, "alarms": alarms, "well": all(line.well for line in lines)}
    return render(request, "web/health.html", context)


def _line(name: str, part: Part) -> Line:
    known = [(gettext(label), _shown(name, part[name])) for name, label in FIGURES.items() if name in part]
    if "jobs" in part:
        known += [(str(status), str(count)) for status, count in sorted(part["jobs"].items())]
    none_yet = bool(part["ok"]) and part.get("copies") == 0
    return Line(gettext(TITLES[name]), bool(part["ok"]), known, gettext(MENDS[name]), none_yet)


FIGURES = {
    "error": N_("cannot be asked"),
    "version": N_("version"),
    "kind": N_("kind"),
    "size_bytes": N_("size"),
    "last_seal": N_("last root"),
    "seal_age_s": N_("age of the seal"),
    "behind_s": N_("behind the newest entry"),
    "excessive_rights": N_("rights that nobody may have"),
    "worker": N_("worker runs"),
    "oldest_waiting_s": N_("longest waiting"),
    "free_bytes": N_("free"),
    "total_bytes": N_("of"),
    "folder": N_("folder"),
    "copies": N_("whole copies"),
    "copy_age_s": N_("age of the newest copy"),
    "log_age_s": N_("age of the kept log"),
    "log_failing": N_("keeping the log fails"),
}


def _shown(name: str, value: Any) -> str:
    if value is None:
        return gettext("none yet")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or gettext("none")
    if name.endswith("_bytes"):
        return f"{int(value) / 1024**3:.2f} GiB"
    if name.endswith("_s"):
        return _span(int(value))
    return str(value)


def _span(seconds: int) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
