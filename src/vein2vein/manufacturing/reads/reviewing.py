"""What a reviewer by exception must look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.core.uploads import Upload
from vein2vein.doors.naming import in_both
from vein2vein.doors.reading import read
from vein2vein.manufacturing.models import Batch, ClockRuling, RawAttachment, Recording
from vein2vein.manufacturing.reads.standing import PLANT_ROLES, definition_of, get_batch, list_holds, show, step_views
from vein2vein.manufacturing.states import HoldState, LimitVerdict, StepState


class ExceptionKind(StrEnum):
    """Why a reviewer by exception must look at something."""

    OUT_OF_LIMITS = "out_of_limits"
    ALERT = "alert"
    ANSWERED_NO = "answered_no"
    CORRECTED = "corrected"
    RECOMPUTED = "recomputed"
    LATE = "late"
    MANUAL = "manual"
    COMMENT = "comment"
    UNVERIFIED = "unverified"
    HOLD = "hold"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class RecordException:
    """One thing that a reviewer by exception looks at: what kind, where, what was seen, and how it stands."""

    kind: ExceptionKind
    step_code: str
    what: str
    by_name: str
    at: datetime | None
    resolved: bool


@read("manufacturing.list_exceptions", roles=PLANT_ROLES)
def exceptions(batch_id: BatchId, *, by: Actor) -> list[RecordException]:
    """Return everything in a record that is not as it should simply be, in the order of the steps, holds last."""
    batch = get_batch(batch_id, by=by)
    found = []
    for recording in (
        Recording.objects.select_related("step").filter(step__batch=batch).order_by("step__ordinal", "revision")
    ):
        found += [
            RecordException(kind, recording.step.code, what, recording.recorded_by_name, recording.performed_at, True)
            for kind, what in _exceptional(recording)
        ]
    for view in step_views(batch, definition_of(batch)):
        if view.needs_second and view.state == StepState.DONE:
            what = "not checked by a second person"
            found.append(RecordException(ExceptionKind.UNVERIFIED, view.code, what, "", None, False))
    for ruling in ClockRuling.objects.select_related("decided_by").filter(batch=batch).order_by("decided_at"):
        what = f"{ruling.decision}: {ruling.reason}"
        decided_by = ruling.decided_by.printed_name
        found.append(RecordException(ExceptionKind.CLOCK, ruling.subject, what, decided_by, ruling.decided_at, True))
    for hold in list_holds(batch):
        lifted = hold.state == HoldState.LIFTED
        what = f"{hold.reason} → {hold.lift_reason}" if lifted else hold.reason
        found.append(RecordException(ExceptionKind.HOLD, "", what, hold.placed_by, hold.placed_at, lifted))
    return found


@dataclass(frozen=True, slots=True)
class Used:
    """A lot or a piece of equipment that went into a batch; `why` is a message where it is not as it should be."""

    kind: str
    subject: UUID
    code: str
    name_en: str
    name_zh: str
    step_codes: tuple[str, ...]
    why: str = ""


def list_used(batch: Batch) -> list[Used]:
    """Return the lots and the equipment of a record, each once, with what is not in order about it now or was then."""
    rows = Recording.objects.select_related("step", "equipment", "lot").filter(step__batch=batch)
    steps: dict[UUID, list[Recording]] = {}
    for one in rows.order_by("step__ordinal", "revision"):
        for thing in (one.lot_id, one.equipment_id):
            if thing is not None:
                steps.setdefault(thing, []).append(one)
    found = []
    for subject, recordings in steps.items():
        codes = tuple(dict.fromkeys(one.step.code for one in recordings))
        first = recordings[0]
        if first.lot is not None and first.lot_id == subject:
            why = next(filter(None, (_lot_fault(one) for one in recordings)), "")
            english, chinese = in_both(first.lot.material_code)
            found.append(Used("lot", subject, first.lot.number, english, chinese, codes, why))
        elif first.equipment is not None:
            why = next(filter(None, (_equipment_fault(one) for one in recordings)), "")
            it = first.equipment
            found.append(Used("equipment", subject, it.code, it.name_en, it.name_zh, codes, why))
    return found


def _lot_fault(recording: Recording) -> str:
    lot = recording.lot
    if lot is None or (lot.state == "released" and lot.expires_at >= recording.performed_at):
        return ""
    return N_("past its expiry when used") if lot.expires_at < recording.performed_at else N_("not released any more")


def _equipment_fault(recording: Recording) -> str:
    one = recording.equipment
    due = None if one is None else one.calibration_due_on
    if due is not None and due < recording.performed_at.date():
        return N_("past its calibration when used")
    return N_("out of service now") if one is not None and one.state == "out_of_service" else ""


def get_attachment(batch: Batch, sha256: str) -> Upload:
    """Return a file of the record as it came, by its digest, or raise `NotFound`."""
    found = RawAttachment.objects.filter(batch=batch, sha256=sha256).first()
    if found is None:
        raise NotFound(Blocker("manufacturing.no_file", N_("There is no such file"), "sha256", sha256[:64]))
    return Upload(found.filename, bytes(found.content))


def _exceptional(recording: Recording) -> Iterator[tuple[ExceptionKind, str]]:
    shown = show(recording)
    if recording.verdict == LimitVerdict.ACTION:
        kind = ExceptionKind.ANSWERED_NO if recording.answer else ExceptionKind.OUT_OF_LIMITS
        yield kind, f"{shown} – {recording.comment}"
    elif recording.comment:
        yield ExceptionKind.COMMENT, recording.comment
    if recording.verdict == LimitVerdict.ALERT:
        yield ExceptionKind.ALERT, shown
    if recording.revision > 1:
        kind = ExceptionKind.RECOMPUTED if recording.recomputed else ExceptionKind.CORRECTED
        yield kind, f"{shown} – {recording.reason}"
    if recording.late:
        yield ExceptionKind.LATE, shown
    if recording.manual:
        yield ExceptionKind.MANUAL, shown
    if recording.clock_exceeded:
        yield ExceptionKind.CLOCK, shown
