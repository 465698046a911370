"""The larger pieces of the style page, made as their own pages make them, of things that do not exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext

from vein2vein.core.refusals import N_, Blocker
from vein2vein.doors.pages import FormField, Offer
from vein2vein.doors.presenting import shown
from vein2vein.doors.work import WorkItem
from vein2vein.forecasting.drawing import band
from vein2vein.forecasting.reads import ForecastView
from vein2vein.manufacturing.floor_pages import Slot, StepNow
from vein2vein.manufacturing.reads import Bounds, StepGuide
from vein2vein.orders.courses import Course, Stage
from vein2vein.web.control_room import Cell, Line
from vein2vein.web.control_room_rows import drawn

BAG, OTHER_BAG, COI = "CTN-4F2K-9Q7D-1", "CTN-8M3V-2XKA-7", "V2V-7K3M-9QXT-4"
_NOBODY = UUID(int=0)
WRONG_BAG = Blocker(
    "style.wrong_bag",
    N_("This bag belongs to another patient"),
    field="scanned",
    value=OTHER_BAG,
    mend=N_("Put it back, and scan the bag that the order names"),
)


def pieces(now: datetime) -> dict[str, object]:
    """Return an execution step in its states, a refused scan, courses as lines, a forecast and work-list rows."""
    foretold = _foretold(now)
    return {
        "steps": (_step("measure", signed=gettext("performed")), _step("blocked", refused=(WRONG_BAG,)), _not_yours()),
        "refused_scan": {"blockers": [shown(WRONG_BAG)], "scanned": OTHER_BAG, "expected": BAG, "coi": COI},
        "courses": drawn(list(_courses(now))),
        "stages": [gettext("Order"), gettext("Batch"), gettext("State")],
        "foretold": foretold,
        "band": band(foretold, now),
    }


def rows_that_wait(now: datetime) -> list[WorkItem]:
    """Return rows of a work list without a moment to keep: since when one waits, what else tells one apart."""
    title = gettext("Release the batch")
    return [
        WorkItem(title, "BAT-2C9T-61WE", "/style", since=now - timedelta(hours=5)),
        WorkItem(title, "BAT-5D0P-77RM", "/style", about=gettext("48.5 mL, two bags")),
    ]


def _form(refused: Sequence[Blocker], signed: str, *, allowed: bool = True) -> Offer:
    return Offer(
        action="style.example",
        title=gettext("Release the batch"),
        given=(),
        fields=(),
        blockers=tuple(shown(one) for one in refused),
        signed=signed,
        witnessed=signed,
        key="",
        allowed=allowed,
    )


def _step(code: str, *, refused: Sequence[Blocker] = (), signed: str = "", allowed: bool = True) -> StepNow:
    text = gettext("Weigh the bag; a second person looks on.")
    guide = StepGuide(
        step_code=code,
        operation_code="receive",
        ordinal=1,
        kind="measure",
        state="waiting",
        text_en=text,
        text_zh=text,
        role="operator",
        training="",
        action="style.example",
        second_person=True,
        together=True,
        unit="mL",
        limits_en="",
        limits_zh="",
        container_role="",
        parent_role="",
        equipment_class="",
        material="",
        scan_target="",
        count=1,
        pools=False,
        thaw_first=False,
        media_types=(),
        file_kind="",
        shown="",
        verdict="",
        done_at=None,
        done_by="",
        verified=False,
    )
    value = FormField("value", gettext("Volume (mL)"), "number", required=True)
    bag = FormField("scanned", gettext("Scanned bag"), "scan", required=True)
    return StepNow(
        guide=guide,
        text=text,
        limits="40 – 250 mL",
        form=_form(refused, signed, allowed=allowed),
        slots=(Slot(value, value.label, "", ""), Slot(bag, bag.label, "CTN", BAG)),
        bounds=Bounds("40", "250", "60", "220"),
        waits=False,
        by_eye=False,
        thawing=False,
    )


def _not_yours() -> StepNow:
    return _step("elsewhere", allowed=False)


def _courses(now: datetime) -> Sequence[Line]:
    return [
        _line("ORD-5VBH-KC37", "late", gettext("Refused, overdue, out of limits"), now - timedelta(hours=2)),
        _line("ORD-8QWT-11NB", "soon", gettext("Waits, or soon due"), now + timedelta(hours=3)),
        _line("ORD-2LKM-90XA", "", "", now + timedelta(days=4)),
    ]


def _line(code: str, standing: str, due: str, due_at: datetime) -> Line:
    cells = tuple(
        Cell(how, gettext("State"), spent, due_at) for how, spent in (("done", "2 d"), ("now", "5 h"), ("ahead", ""))
    )
    course = Course(
        order_id=_NOBODY,
        order_code=code,
        coi_id=None,
        coi="",
        therapy_code="",
        hospital_code="CN-RJ-DEMO",
        subject_number="RJ-014",
        state="in_manufacture",
        stage=next(iter(Stage)),
        began={},
        due=None,
        due_at=due_at,
        late=standing == "late",
    )
    return Line(course, cells, due, "", standing)


def _foretold(now: datetime) -> ForecastView:
    return ForecastView(
        order_code="ORD-5VBH-KC37",
        as_of=now - timedelta(days=1),
        stage="",
        chance=0.9,
        p10_at=now + timedelta(days=9),
        p50_at=now + timedelta(days=12),
        p90_at=now + timedelta(days=17),
        model="",
        replications=400,
        happened_at=None,
    )
