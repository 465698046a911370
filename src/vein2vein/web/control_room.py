"""The control room: every open treatment course as a line from order to infusion, and the plant by room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import N_
from vein2vein.doors.keeping import kept
from vein2vein.doors.pages import actor_of
from vein2vein.doors.spans import away, span
from vein2vein.doors.work import place
from vein2vein.manufacturing.reads import PLANT_ROLES, Occupant, list_occupants
from vein2vein.network.reads import list_equipment, list_rooms, list_sites
from vein2vein.network.states import SiteKind
from vein2vein.orders.courses import DUE_WORDS, Course, Stage, list_courses
from vein2vein.web.access import signed_in
from vein2vein.web.control_room_rows import drawn

place("control_room", N_("Control room"))

STAGES = {
    Stage.ORDER: N_("Order"),
    Stage.COLLECTION: N_("Collection"),
    Stage.TO_THE_BASE: N_("To the base"),
    Stage.MANUFACTURE: N_("Manufacture"),
    Stage.TESTING: N_("Testing and release"),
    Stage.DELIVERY: N_("Delivery"),
    Stage.BEDSIDE: N_("Bedside"),
    Stage.FOLLOW_UP: N_("Follow-up"),
}
_SOON = timedelta(hours=12)
_NEVER = datetime.max.replace(tzinfo=UTC)
MOST = 500


@dataclass(frozen=True, slots=True)
class Cell:
    """One stage on a course's line: `done`, `now` or `ahead`, and how long it took or has taken."""

    how: str
    stage: str
    spent: str
    began_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """A course as a line of cells with the moment it must keep; `standing` is `late`, `soon` or nothing."""

    course: Course
    cells: tuple[Cell, ...]
    due: str
    left: str
    standing: str


@dataclass(frozen=True, slots=True)
class Stand:
    """A piece of equipment in a room, with the patient that occupies it."""

    code: str
    name: str
    state: str
    occupant: Occupant | None


@dataclass(frozen=True, slots=True)
class RoomShown:
    """A room with what stands in it."""

    code: str
    name: str
    grade: str
    stands: tuple[Stand, ...]


@signed_in
@kept
def control_room(request: HttpRequest) -> HttpResponse:
    """Show the open courses that this person may see, late ones first, and for the base its rooms."""
    by = actor_of(request)
    chosen = request.GET.get("stage", "")
    stage = Stage(chosen) if chosen in list(Stage) else None
    courses = list_courses(hospital=request.GET.get("hospital", ""), limit=MOST, by=by)
    now = clock.now()
    titles = {one: gettext(title) for one, title in STAGES.items()}
    lines = [_line(one, now, titles) for one in courses if stage is None or one.stage is stage]
    lines.sort(key=_urgency)
    counts = [(one, title, sum(course.stage is one for course in courses)) for one, title in titles.items()]
    plant = by.sites is None and by.has_any(frozenset(PLANT_ROLES))
    return render(
        request,
        "web/control_room.html",
        {
            "lines": lines,
            "rows": drawn(lines),
            "counts": counts,
            "total": len(courses),
            "late": sum(one.late for one in courses),
            "chosen": stage,
            "hospital": request.GET.get("hospital", ""),
            "rooms": list(_rooms(by)) if plant else [],
            "now": now,
        },
    )


def _urgency(line: Line) -> tuple[int, datetime, str]:
    return ("late", "soon", "").index(line.standing), line.course.due_at or _NEVER, line.course.order_code


def _line(course: Course, now: datetime, titles: Mapping[Stage, str]) -> Line:
    stages = list(STAGES)
    here = stages.index(course.stage)
    cells = []
    for at, stage in enumerate(stages):
        start = course.began.get(stage)
        following = [course.began[one] for one in stages[at + 1 :] if one in course.began]
        end = now if at == here else min(following, default=None)
        how = "now" if at == here else "done" if at < here and start is not None else "ahead"
        spent = span(end - start) if how != "ahead" and start is not None and end is not None else ""
        cells.append(Cell(how, titles[stage], spent, start if how != "ahead" else None))
    left, standing = "", ""
    if course.due_at is not None:
        standing = "late" if course.late else "soon" if course.due_at - now < _SOON else ""
        left = away(course.due_at, now)
    return Line(course, tuple(cells), gettext(DUE_WORDS[course.due]) if course.due else "", left, standing)


def _rooms(by: Actor) -> Iterator[RoomShown]:
    for site in list_sites(limit=200, by=by):
        rooms = list_rooms(site.code)
        if site.kind != SiteKind.MANUFACTURING or not rooms:
            continue
        held = {one.workstation_id: one for one in list_occupants(site=site.code, by=by)}
        equipment = list_equipment(site=site.code, limit=200, by=by)
        for room in rooms:
            stands = tuple(
                Stand(one.code, _said(one.name_en, one.name_zh), one.state, held.get(one.pk))
                for one in equipment
                if one.room_id == room.pk
            )
            yield RoomShown(room.code, _said(room.name_en, room.name_zh), room.grade, stands)


def _said(english: str, chinese: str) -> str:
    return chinese if (get_language() or "").startswith("zh") else english
