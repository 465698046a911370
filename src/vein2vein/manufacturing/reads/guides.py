"""Steps and operations as a person at the bench needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import Blocker
from vein2vein.doors.reading import read
from vein2vein.engines.definitions.model.process import Consume, StepBase
from vein2vein.engines.definitions.vocabulary import Verify
from vein2vein.manufacturing import rules
from vein2vein.manufacturing.models import BatchOperation, BatchStep, Recording
from vein2vein.manufacturing.reads.standing import (
    PLANT_ROLES,
    action_for,
    applicable,
    definition_of,
    get_batch,
    latest_recordings,
    open_occupancies,
    show,
    standing_of,
    start_blockers,
    thaws_first,
    together,
)
from vein2vein.manufacturing.states import OperationState, StepState


@dataclass(frozen=True, slots=True)
class StepGuide:
    """A step as a person at the bench needs it: what to do, by whom, with which act, and how it stands."""

    step_code: str
    operation_code: str
    ordinal: int
    kind: str
    state: str
    text_en: str
    text_zh: str
    role: str
    training: str
    action: str
    second_person: bool
    together: bool
    unit: str
    limits_en: str
    limits_zh: str
    container_role: str
    parent_role: str
    equipment_class: str
    material: str
    scan_target: str
    count: int
    pools: bool
    thaw_first: bool
    media_types: tuple[str, ...]
    file_kind: str
    shown: str
    verdict: str
    done_at: datetime | None
    done_by: str
    verified: bool


@read("manufacturing.list_steps", roles=PLANT_ROLES)
def list_steps(batch_id: BatchId, *, by: Actor) -> list[StepGuide]:
    """Return every step of a batch in order, with what it asks for and how it stands."""
    batch = get_batch(batch_id, by=by)
    definition = definition_of(batch)
    rows = {row.code: row for row in BatchStep.objects.filter(batch=batch)}
    recorded = {recording.step.code: recording for recording in latest_recordings(batch)}
    return [
        _guide(ordinal, operation, step, rows[step.id], recorded.get(step.id))
        for ordinal, (operation, step) in enumerate(applicable(batch, definition), start=1)
    ]


def _guide(ordinal: int, operation: str, step: StepBase, row: BatchStep, recording: Recording | None) -> StepGuide:
    limits_en, limits_zh = rules.show_limits(getattr(step, "limits", None))
    return StepGuide(
        step_code=step.id,
        operation_code=operation,
        ordinal=ordinal,
        kind=step.kind.value,
        state=row.state,
        text_en=step.text.en,
        text_zh=step.text.zh,
        role=step.role.value,
        training=step.training or "",
        action=action_for(step),
        second_person=step.verify is Verify.SECOND_PERSON,
        together=together(step),
        unit=getattr(step, "unit", None) or "",
        limits_en=limits_en,
        limits_zh=limits_zh,
        container_role=getattr(step, "container", None) or getattr(step, "into", None) or "",
        parent_role=getattr(step, "parent", None) or "",
        equipment_class=getattr(step, "equipment_class", None) or "",
        material=getattr(step, "material", None) or "",
        scan_target=str(getattr(step, "target", "")),
        count=getattr(step, "count", 1),
        pools=bool(getattr(step, "pools", None)),
        thaw_first=isinstance(step, Consume) and thaws_first(step),
        media_types=tuple(getattr(step, "media_types", ())),
        file_kind=str(getattr(step, "file", "")),
        shown="" if recording is None else show(recording),
        verdict="" if recording is None else recording.verdict,
        done_at=row.done_at,
        done_by="" if recording is None else recording.recorded_by_name,
        verified=row.state == StepState.VERIFIED,
    )


@read("manufacturing.list_next_steps", roles=PLANT_ROLES)
def list_next_steps(batch_id: BatchId, *, by: Actor) -> list[StepGuide]:
    """Return the steps that can be done now: the first one not done of every open operation."""
    batch = get_batch(batch_id, by=by)
    waiting = BatchStep.objects.filter(
        batch=batch, state=StepState.WAITING, operation__state=OperationState.OPEN
    ).order_by("operation_id", "ordinal")
    rows = {row.code: row for row in waiting.distinct("operation_id")}
    return [
        _guide(ordinal, operation, step, rows[step.id], None)  # nothing is recorded yet at a step that waits
        for ordinal, (operation, step) in enumerate(applicable(batch, definition_of(batch)), start=1)
        if step.id in rows
    ]


@dataclass(frozen=True, slots=True)
class OperationGuide:
    """An operation as it stands, with what keeps it from starting."""

    operation_code: str
    name_en: str
    name_zh: str
    ordinal: int
    state: str
    equipment_class: str
    single_patient: bool
    workstation_code: str
    occupied: bool
    started_at: datetime | None
    ended_at: datetime | None
    blockers: tuple[Blocker, ...]


@read("manufacturing.list_operations", roles=PLANT_ROLES)
def list_operations(batch_id: BatchId, *, by: Actor) -> list[OperationGuide]:
    """Return every operation of a batch in order, with the blockers of its start."""
    batch = get_batch(batch_id, by=by)
    definition = definition_of(batch)
    rows = BatchOperation.objects.select_related("workstation").filter(batch=batch).order_by("ordinal")
    held = set(open_occupancies(batch).values_list("workstation_id", flat=True))
    standing = standing_of(batch)
    found = []
    for row in rows:
        operation = definition.process.operation(row.code)
        if operation is None:
            continue
        found.append(
            OperationGuide(
                operation_code=row.code,
                name_en=operation.name.en,
                name_zh=operation.name.zh,
                ordinal=row.ordinal,
                state=row.state,
                equipment_class=operation.equipment_class,
                single_patient=operation.single_patient,
                workstation_code="" if row.workstation is None else row.workstation.code,
                occupied=row.workstation_id in held,
                started_at=row.started_at,
                ended_at=row.ended_at,
                blockers=tuple(start_blockers(batch, definition, row.code, clock.now(), standing)),
            )
        )
    return found
