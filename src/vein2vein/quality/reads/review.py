"""A batch by its exceptions: what a reviewer has to look at, each with the entry that proves it; the rest as counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_
from vein2vein.doors.telling import tell
from vein2vein.journal.reads import EntryView, list_facts, list_touching
from vein2vein.manufacturing.reads import Batch, Used, exceptions, list_used
from vein2vein.manufacturing.reads import ExceptionKind as Kind
from vein2vein.quality.reads.records import list_deviations


class Section(StrEnum):
    """Under which heading a reviewer looks at something."""

    DEVIATED = "deviated"
    LIMITS = "limits"
    LATE = "late"
    CHANGED = "changed"
    BY_HAND = "by_hand"
    SAID = "said"
    UNCHECKED = "unchecked"
    THINGS = "things"
    LABORATORY = "laboratory"


SECTIONS = {
    Section.DEVIATED: N_("What deviated, and what was held"),
    Section.LIMITS: N_("Out of limits"),
    Section.LATE: N_("What was late"),
    Section.CHANGED: N_("Corrections"),
    Section.BY_HAND: N_("Entered by hand, labels printed again, work on paper"),
    Section.SAID: N_("Comments"),
    Section.UNCHECKED: N_("Not checked by a second person"),
    Section.THINGS: N_("Equipment, lots and rooms that are not as they should be"),
    Section.LABORATORY: N_("Results corrected, invalidated, repeated"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: where, what, who, when; `entry` is the journal's number of it, 0 where there is none."""

    section: Section
    step_code: str
    what: str
    who: str
    at: datetime | None
    entry: int = 0
    note: str = ""
    recorded_at: datetime | None = None
    grave: bool = False
    still_open: bool = False
    file_sha256: str = ""
    deviation_id: Any = None


@dataclass(slots=True)
class Review:
    """A batch as a reviewer by exception sees it; `conform` counts what is as it should be, with what it is."""

    findings: list[Finding] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    checks: Counter[str] = field(default_factory=Counter)
    used: list[Used] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    entries: int = 0

    def of(self, section: Section) -> list[Finding]:
        """Return what stands under one heading."""
        return [one for one in self.findings if one.section is section]


_RECORDED, _CORRECTED = "manufacturing.StepRecorded", "manufacturing.StepCorrected"
_LABORATORY = ("ResultCorrected", "ResultWithdrawn", "InvestigationOpened", "ResultInvalidated", "RetestPlanned")
_TOLD = {f"laboratory.{name}": Section.LABORATORY for name in _LABORATORY} | {
    "manufacturing.HoldPlaced": Section.DEVIATED,
    "manufacturing.HoldLifted": Section.DEVIATED,
    "manufacturing.ClockRuled": Section.LATE,
    "manufacturing.OfflinePackIssued": Section.BY_HAND,
    "manufacturing.OfflinePackReconciled": Section.BY_HAND,
    "identity.LabelReprinted": Section.BY_HAND,
}
"""What is an exception by what it is."""


def get_review(batch: Batch, *, by: Actor) -> Review:
    """Return the exceptions of a batch, and what is as it should be as counts, from all that the journal has of it."""
    entries = list_touching(f"batch:{batch.pk}", limit=10_000)
    reprints = list_facts(["identity.LabelReprinted"], [f"coi:{batch.coi_id}"])
    found = Review(used=list_used(batch), entries=len(entries))
    for one in entries:
        _read(found, one)
    for one in reprints:
        if one.recorded_at >= batch.opened_at and one not in entries:
            found.findings.append(_told(one, Section.BY_HAND))
    found.findings += _deviations(batch, entries, by)
    found.findings += [
        Finding(Section.UNCHECKED, one.step_code, one.what, one.by_name, one.at, still_open=True)
        for one in exceptions(BatchId(batch.pk), by=by)
        if one.kind is Kind.UNVERIFIED
    ]
    found.findings += [
        Finding(Section.THINGS, ", ".join(one.step_codes), one.why, one.code, None, grave=True)
        for one in found.used
        if one.why
    ]
    return found


def _read(found: Review, entry: EntryView) -> None:
    data = entry.data
    if entry.fact == _RECORDED:
        _recorded(found, entry, data)
    elif entry.fact == _CORRECTED:
        what = f"{data['was']} → {data['became']}"
        found.findings.append(_finding(entry, Section.CHANGED, what, str(data["reason"]), grave=data["out_of_limits"]))
    elif entry.fact == "manufacturing.StepVerified":
        found.checks[str(data["verified_by"])] += 1
    elif entry.fact == "quality.EnvironmentRecorded":
        if data["verdict"] == "within":
            found.rooms.append(str(data["room_code"]))
        else:
            found.findings.append(_told(entry, Section.THINGS))
    elif entry.fact == "laboratory.ResultReviewed":
        found.results.append(str(data["test_code"]))
    elif entry.fact == "manufacturing.OperationStarted" and data["clock_exceeded"]:
        found.findings.append(_told(entry, Section.LATE))
    elif entry.fact in _TOLD:
        found.findings.append(_told(entry, _TOLD[entry.fact]))


def _recorded(found: Review, entry: EntryView, data: dict[str, Any]) -> None:
    code, shown, comment = str(data["step_code"]), str(data["shown"]), str(data["comment"])
    if data["witnessed_by"]:
        found.checks[str(data["witnessed_by"])] += 1
    before = len(found.findings)
    if data["out_of_limits"] or data["out_of_alert"]:
        what = f"{shown} ({data['limits']})" if data["limits"] else shown
        found.findings.append(_finding(entry, Section.LIMITS, what, comment, grave=data["out_of_limits"]))
    elif comment:
        found.findings.append(_finding(entry, Section.SAID, shown, comment))
    if data["late"] or data["clock_exceeded"]:
        late = entry.payload.get("late") or {}
        witness = (late.get("witness") or {}).get("printed_name", "")
        note = " · ".join(filter(None, (str(late.get("reason", "")), witness)))
        found.findings.append(_finding(entry, Section.LATE, shown, note, grave=data["clock_exceeded"]))
    if data["manual"]:
        found.findings.append(_finding(entry, Section.BY_HAND, shown))
    if len(found.findings) == before:
        found.steps.append(code)


def _finding(entry: EntryView, section: Section, what: str, note: str = "", *, grave: bool = False) -> Finding:
    data = entry.data
    return Finding(
        section=section,
        step_code=str(data.get("step_code", "")),
        what=what,
        who=str(data.get("recorded_by", "")) or tell(entry).who,
        at=entry.performed_at,
        entry=entry.id,
        note=note,
        recorded_at=entry.recorded_at if "late" in entry.payload else None,
        grave=grave,
        file_sha256=str(data.get("attachment_sha256", "")),
    )


def _told(entry: EntryView, section: Section) -> Finding:
    line = tell(entry)
    return Finding(section, "", line.text, line.who, entry.performed_at, entry.id, note=line.reason)


def _deviations(batch: Batch, entries: Sequence[EntryView], by: Actor) -> Iterator[Finding]:
    opened = {str(one.data["deviation_id"]): one for one in entries if one.fact == "quality.DeviationOpened"}
    for one in list_deviations(batch_id=BatchId(batch.pk), limit=500, by=by):
        entry = opened.get(str(one.pk))
        yield Finding(
            section=Section.DEVIATED,
            step_code="",
            what=f"{one.code}: {one.description}",
            who=one.opened_by_name,
            at=one.opened_at,
            entry=0 if entry is None else entry.id,
            note=" · ".join(filter(None, (one.root_cause, one.impact, one.closing_reason))),
            grave=one.severity in ("major", "critical") or one.blocks_release,
            still_open=one.state != "closed",
            deviation_id=one.pk,
        )
