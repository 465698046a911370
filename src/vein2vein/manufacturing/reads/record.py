"""The whole record of a batch, as its paper shows it: exceptions first, then every operation and step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId
from vein2vein.core.numbers import written
from vein2vein.core.uploads import Upload
from vein2vein.doors.naming import in_both
from vein2vein.doors.reading import read
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.model.process import Consume, StepBase
from vein2vein.engines.papers import batch_record as typeset_batch_record
from vein2vein.engines.papers import model as papers
from vein2vein.journal import EntryView
from vein2vein.journal.reads import database_kind, list_touching
from vein2vein.journal.sealing import latest_seal
from vein2vein.manufacturing import rules
from vein2vein.manufacturing.models import Batch, BatchOperation, BatchStep, Recording
from vein2vein.manufacturing.reads.reviewing import ExceptionKind, exceptions
from vein2vein.manufacturing.reads.standing import PLANT_ROLES, applicable, definition_of, get_batch, show
from vein2vein.manufacturing.states import Answer, BatchState, LimitVerdict

ROLES = {
    "operator": papers.Two("operator", "操作员"),
    "supervisor": papers.Two("supervisor", "生产主管"),
    "qc_analyst": papers.Two("QC analyst", "质控检验员"),
    "qa_reviewer": papers.Two("QA reviewer", "质量审核员"),
    "qualified_person": papers.Two("qualified person", "质量受权人"),
    "warehouse": papers.Two("warehouse", "仓库管理员"),
}
MEANINGS = {
    "performed": papers.Two("performed", "已执行"),
    "cleared": papers.Two("cleared", "已清场"),
    "reviewed": papers.Two("reviewed", "已审核"),
    "approved": papers.Two("approved", "已批准"),
    "verified": papers.Two("verified", "已复核"),
    "late entry witnessed": papers.Two("late entry witnessed", "补录见证"),
}
EXCEPTIONS = {
    ExceptionKind.OUT_OF_LIMITS: papers.Two("Out of action limits", "超出行动限"),
    ExceptionKind.ALERT: papers.Two("Out of alert limits", "超出警戒限"),
    ExceptionKind.ANSWERED_NO: papers.Two("Answered with no", "检查不符合"),
    ExceptionKind.CORRECTED: papers.Two("Corrected", "更正"),
    ExceptionKind.RECOMPUTED: papers.Two("Computed again", "重新计算"),
    ExceptionKind.LATE: papers.Two("Late entry", "补录"),
    ExceptionKind.MANUAL: papers.Two("Entered by hand", "手工录入"),
    ExceptionKind.COMMENT: papers.Two("Comment", "备注"),
    ExceptionKind.UNVERIFIED: papers.Two("Not checked", "未复核"),
    ExceptionKind.HOLD: papers.Two("Hold", "暂停"),
    ExceptionKind.CLOCK: papers.Two("Hold time exceeded", "超出保持时限"),
}
STATUS = {
    BatchState.OPEN: papers.Two("open", "进行中"),
    BatchState.COMPLETED: papers.Two("completed, not reviewed", "已完成，未审核"),
    BatchState.REVIEWED: papers.Two("reviewed", "已审核"),
    BatchState.CLOSED: papers.Two("closed", "已关闭"),
    BatchState.TERMINATED: papers.Two("terminated", "生产终止"),
}
ROUTES = {
    "clinical_trial": papers.Two("clinical trial", "临床试验"),
    "named_patient": papers.Two("named patient", "指定患者"),
    "conditional": papers.Two("conditional approval", "附条件批准"),
    "commercial": papers.Two("commercial", "上市"),
}


@dataclass(slots=True)
class _Written:
    """What the journal and the recordings say of one step."""

    recordings: list[Recording] = field(default_factory=list)
    entries: list[EntryView] = field(default_factory=list)


def batch_record(
    batch_id: BatchId, *, language: papers.Language = papers.Language.BOTH, by: Actor
) -> papers.BatchRecord:
    """Return everything that the batch record's paper says; `engines.papers.batch_record` makes the PDF of it."""
    batch = get_batch(batch_id, by=by)
    definition = definition_of(batch)
    entries = list_touching(f"batch:{batch.pk}", limit=10_000)
    written = _written(batch, entries)
    steps = list(enumerate(applicable(batch, definition), start=1))
    kind, seal = database_kind(), latest_seal()
    serial = batch.number.partition("-")[2].rpartition("-")[0]
    return papers.BatchRecord(
        language=language,
        printed_at=clock.now(),
        zone=batch.site.zone,
        demonstration=definition.therapy.demonstration or kind == "demonstration",
        simulated=kind == "simulated",
        coi=batch.coi.code,
        batch_number=batch.number,
        therapy=_two(definition.therapy.name),
        definition=definition.name,
        definition_hash=batch.definition.content_hash,
        order_code=batch.order.code,
        site=papers.Two(batch.site.name_en, batch.site.name_zh),
        route=ROUTES.get(batch.route, batch.route),
        status=STATUS[BatchState(batch.state)],
        document_code=make(Kind.DOCUMENT, f"BR-{serial}"),
        subject=batch.order.subject_number,
        started_at=batch.opened_at,
        ended_at=batch.completed_at,
        exceptions=tuple(_exceptions(batch, steps, by)),
        operations=tuple(_operations(batch, definition, written, steps)),
        materials=tuple(_materials(definition, written, steps)),
        equipment=tuple(_equipment(written, steps)),
        labels=tuple((one.code, _went(one.container_role, one.state)) for one in batch.coi.labels.order_by("id")),
        review=tuple(_signatures([one for one in entries if one.fact == "manufacturing.BatchReviewed"])),
        journal_head=entries[-1].hash if entries else "",
        merkle_root="" if seal is None else seal.root,
        sealed_at=None if seal is None else seal.sealed_at,
    )


@read("manufacturing.get_batch_record", roles=PLANT_ROLES)
def get_batch_record(*, batch_id: BatchId, language: papers.Language = papers.Language.BOTH, by: Actor) -> Upload:
    """Return the batch record (批生产记录) as PDF, in English, Chinese or both."""
    paper = batch_record(batch_id, language=language, by=by)
    return Upload(f"{paper.batch_number}.pdf", typeset_batch_record(paper))


_LABELS = {"printed": "已打印", "activated": "已激活", "used": "已使用", "voided": "已作废"}


def _went(role: str, state: str) -> papers.Two:
    """Return what became of a label, by the name of the container it is for."""
    english, chinese = in_both(role) if role else ("Wristband or kit", "腕带或采集套件")
    return papers.Two(f"{english} · {state}", f"{chinese} · {_LABELS[state]}")


def _two(text: Any) -> papers.Two:
    return papers.Two(text.en, text.zh)


Steps = Sequence[tuple[int, tuple[str, StepBase]]]


def _written(batch: Batch, entries: Sequence[EntryView]) -> dict[str, _Written]:
    found: dict[str, _Written] = {}
    rows = Recording.objects.select_related("step", "equipment", "lot", "attachment").filter(step__batch=batch)
    for recording in rows.order_by("step__ordinal", "revision"):
        found.setdefault(recording.step.code, _Written()).recordings.append(recording)
    for entry in entries:
        if entry.fact in ("manufacturing.StepRecorded", "manufacturing.StepVerified", "manufacturing.StepCorrected"):
            found.setdefault(str(entry.data["step_code"]), _Written()).entries.append(entry)
    return found


def _number(steps: Steps, code: str) -> str:
    return next((str(place) for place, (_, step) in steps if step.id == code), "")


def _exceptions(batch: Batch, steps: Steps, by: Actor) -> Iterator[papers.Exceptional]:
    for one in exceptions(BatchId(batch.pk), by=by):
        status = papers.Two("closed", "已关闭") if one.resolved else papers.Two("open", "未关闭")
        yield papers.Exceptional(EXCEPTIONS[one.kind], _number(steps, one.step_code), one.what, status)


def _operations(
    batch: Batch, definition: Definition, written: dict[str, _Written], steps: Steps
) -> Iterator[papers.Operation]:
    rows = {row.code: row for row in BatchStep.objects.select_related("verified_by").filter(batch=batch)}
    listed = BatchOperation.objects.select_related("workstation").filter(batch=batch).order_by("ordinal")
    for operation in listed:
        known = definition.process.operation(operation.code)
        if known is None:
            continue
        mine = [(place, step) for place, (code, step) in steps if code == operation.code]
        cleared = next((written[s.id].recordings[0] for _, s in mine if s.kind == "clear" and s.id in written), None)
        yield papers.Operation(
            number=str(operation.ordinal),
            name=_two(known.name),
            workstation="" if operation.workstation is None else operation.workstation.code,
            cleared_by="" if cleared is None else cleared.recorded_by_name,
            started_at=operation.started_at,
            ended_at=operation.ended_at,
            steps=tuple(_step(place, step, rows[step.id], written.get(step.id, _Written())) for place, step in mine),
        )


VERDICTS = {
    LimitVerdict.NONE: papers.Verdict.NONE,
    LimitVerdict.WITHIN: papers.Verdict.WITHIN,
    LimitVerdict.ALERT: papers.Verdict.WITHIN,
    LimitVerdict.ACTION: papers.Verdict.OUTSIDE,
}


def _step(place: int, step: StepBase, row: BatchStep, written: _Written) -> papers.Step:
    blank = papers.Step(
        number=str(place),
        kind=step.kind.value,
        instruction=_two(step.text),
        limits=papers.Two(*rules.show_limits(getattr(step, "limits", None))),
    )
    if not written.recordings:
        return blank
    last = written.recordings[-1]
    first = next((one for one in written.entries if one.fact == "manufacturing.StepRecorded"), None)
    late = None if first is None else first.payload.get("late")
    return papers.Step(
        number=blank.number,
        kind=blank.kind,
        instruction=blank.instruction,
        value=_value(last),
        unit="" if last.value is None or last.unit == "1" else last.unit,
        limits=blank.limits,
        verdict=VERDICTS[LimitVerdict(last.verdict)],
        performed_at=last.performed_at,
        recorded_at=None if first is None else first.recorded_at,
        performed_by=written.recordings[0].recorded_by_name,
        checked_by="" if row.verified_by is None else row.verified_by.printed_name,
        checked_at=row.verified_at,
        signatures=tuple(_signatures(written.entries)),
        comments=tuple(one.comment for one in written.recordings if one.comment),
        corrections=tuple(_corrections(written.recordings)),
        late_reason="" if late is None else str(late["reason"]),
    )


ANSWERS: dict[str, papers.Two] = {Answer.YES: papers.Two("yes", "是"), Answer.NO: papers.Two("no", "否")}


def _value(recording: Recording) -> papers.Words:
    if recording.value is not None:
        return written(recording.value)
    return ANSWERS.get(recording.answer) or show(recording)


def _corrections(recordings: Sequence[Recording]) -> Iterator[papers.Correction]:
    for old, new in pairwise(recordings):
        yield papers.Correction(show(old), show(new), new.reason, new.recorded_by_name, new.performed_at)


def _signatures(entries: Sequence[EntryView]) -> Iterator[papers.Signature]:
    for entry in entries:
        who = entry.payload["by"]
        for one in entry.payload["signatures"]:
            own = one["account_id"] == who["account"]
            role = (
                next((ROLES[name] for name in who["roles"] if name in ROLES), papers.Two("")) if own else papers.Two("")
            )
            yield papers.Signature(
                printed_name=str(one["printed_name"]),
                role=role,
                meaning=MEANINGS.get(str(one["meaning"]), str(one["meaning"])),
                signed_at=datetime.fromisoformat(one["signed_at"]),
            )


def _materials(definition: Definition, written: dict[str, _Written], steps: Steps) -> Iterator[papers.MaterialUsed]:
    for place, (_, step) in steps:
        if not isinstance(step, Consume) or step.id not in written or not written[step.id].recordings:
            continue
        recording = written[step.id].recordings[-1]
        material = definition.supply.material(step.material)
        if recording.lot is None or material is None:
            continue
        yield papers.MaterialUsed(
            name=_two(material.name),
            lot=recording.lot.number,
            quantity=show(recording),
            status_when_used=papers.Two("released", "已放行"),
            expires_on=recording.lot.expires_at.date(),
            step=str(place),
        )


def _equipment(written: dict[str, _Written], steps: Steps) -> Iterator[papers.EquipmentUsed]:
    for place, (_, step) in steps:
        for recording in written.get(step.id, _Written()).recordings[:1]:
            if recording.equipment is not None:
                one = recording.equipment
                yield papers.EquipmentUsed(
                    name=papers.Two(one.name_en, one.name_zh),
                    code=one.code,
                    qualified_until=one.calibration_due_on,
                    step=str(place),
                )
