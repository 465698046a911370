"""What may be asked about batches: lists, one batch, its steps as they stand, its exceptions, its whole record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, ContainerId, OrderId, SiteId
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.doors.reading import read
from vein2vein.engines.definitions import Definition, Quantity
from vein2vein.engines.definitions.model.process import Clear, Consume, Sign, StepBase
from vein2vein.engines.definitions.vocabulary import Meaning, Verify
from vein2vein.identity.reads import find_label_in_force
from vein2vein.manufacturing import rules
from vein2vein.manufacturing.models import Batch, BatchOperation, BatchStep, ClockRuling, Hold, Occupancy, Recording
from vein2vein.manufacturing.states import BatchState, HoldState, LimitVerdict, OperationState, StepState
from vein2vein.therapies.reads import get_definition

PLANT_ROLES = (
    Role.OPERATOR,
    Role.SUPERVISOR,
    Role.PLANNER,
    Role.WAREHOUSE,
    Role.QC_ANALYST,
    Role.QC_REVIEWER,
    Role.QA_REVIEWER,
    Role.QUALIFIED_PERSON,
    Role.ADMINISTRATOR,
)

ACTION_OF_MEANING: Mapping[Meaning | None, str] = {
    None: "manufacturing.record_step",
    Meaning.PERFORMED: "manufacturing.sign_step",
    Meaning.CLEARED: "manufacturing.clear_line",
    Meaning.REVIEWED: "manufacturing.review_step",
    Meaning.APPROVED: "manufacturing.approve_step",
    Meaning.VERIFIED: "manufacturing.attest_step",
}
"""By which act a step is recorded, given the meaning of the signature that the definition asks for."""


def definition_of(batch: Batch) -> Definition:
    """Return the definition's version that the batch began with; later versions do not touch it."""
    return get_definition(batch.definition_id)


def action_for(step: StepBase) -> str:
    """Return the name of the act by which a step is recorded."""
    meaning = step.signature
    if meaning is None and isinstance(step, Clear):
        meaning = Meaning.CLEARED
    if meaning is None and isinstance(step, Sign):
        meaning = Meaning.PERFORMED
    return ACTION_OF_MEANING[meaning]


@read("manufacturing.get_batch", roles=PLANT_ROLES)
def get_batch(batch_id: BatchId, *, by: Actor) -> Batch:
    """Return a batch that the actor may see, or raise `NotFound`."""
    batch = Batch.objects.select_related("coi", "order", "definition", "site").filter(pk=batch_id).first()
    if batch is None or not by.sees(SiteId(batch.site_id)):
        raise NotFound(
            Blocker(
                code="manufacturing.no_batch",
                message=N_("There is no such batch"),
                field="batch_id",
                value=str(batch_id),
                mend=N_("Scan the batch record's code, or choose it from the list"),
            )
        )
    return batch


@read("manufacturing.list_batches", roles=PLANT_ROLES)
def list_batches(
    *, by: Actor, state: BatchState | None = None, limit: int = 50, after: UUID | None = None
) -> list[Batch]:
    """Return batches, oldest first, in a state where one is given."""
    rows = Batch.objects.select_related("coi", "site", "definition").order_by("id")
    if state is not None:
        rows = rows.filter(state=state)
    if by.sites is not None:
        rows = rows.filter(site_id__in=by.sites)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows[: max(1, min(limit, 500))])


def find_batch_of_order(order_id: OrderId) -> Batch | None:
    """Return the batch made for an order (not a terminated one), or None."""
    return (
        Batch.objects.select_related("coi", "site", "definition")
        .filter(order_id=order_id)
        .exclude(state=BatchState.TERMINATED)
        .first()
    )


def open_hold_reasons(batch: Batch) -> list[str]:
    """Return the reasons for which a batch is on hold now."""
    return list(Hold.objects.filter(batch=batch, state=HoldState.OPEN).order_by("id").values_list("reason", flat=True))


def list_holds(batch: Batch) -> list[Hold]:
    """Return all holds of a batch, lifted ones too, oldest first."""
    return list(Hold.objects.filter(batch=batch).order_by("id"))


def applicable(batch: Batch, definition: Definition) -> Iterator[tuple[str, StepBase]]:
    """Yield operation code and step for every step that applies to the batch's starting material, in order."""
    for operation, steps in definition.process.for_alternative(batch.alternative):
        for step in steps:
            yield operation.id, step


def step_views(batch: Batch, definition: Definition) -> list[rules.StepView]:
    """Return the batch's steps as the rules see them, in order."""
    states = dict(BatchStep.objects.filter(batch=batch).values_list("code", "state"))
    return [
        rules.StepView(
            code=step.id,
            operation=operation,
            ordinal=ordinal,
            state=states[step.id],
            needs_second=step.verify is Verify.SECOND_PERSON,
        )
        for ordinal, (operation, step) in enumerate(applicable(batch, definition), start=1)
    ]


def latest_recordings(batch: Batch) -> list[Recording]:
    """Return what stands now at every recorded step: the last revision of each, in the order of the steps."""
    return list(
        Recording.objects.select_related("step", "container", "equipment", "lot", "attachment")
        .filter(step__batch=batch)
        .order_by("step__ordinal", "-revision")
        .distinct("step__ordinal")
    )


def given_values(batch: Batch) -> dict[str, Quantity]:
    """Return what formulas may use from the beginning: the ordered dose and the patient's weight."""
    return {
        "ordered_dose": Quantity(batch.ordered_dose_cells, "cell"),
        "patient_weight": Quantity(batch.patient_weight_kg, "kg"),
    }


def values_of(batch: Batch) -> dict[str, Quantity]:
    """Return every process value of a batch, by the name that formulas and specifications use."""
    found = given_values(batch)
    for recording in latest_recordings(batch):
        for name, value in recording.named_values.items():
            found[name] = Quantity(Decimal(value["value"]), value["unit"])
    return found


def list_clocks(batch: Batch, definition: Definition, operation_code: str) -> list[rules.Clock]:
    """Return the hold clocks that bound the start of an operation: from earlier operations, and the material's age."""
    rulings = dict(ClockRuling.objects.filter(batch=batch).values_list("subject", "decision"))
    ended = dict(BatchOperation.objects.filter(batch=batch).values_list("code", "ended_at"))
    operation = definition.process.operation(operation_code)
    found = []
    for after in operation.after if operation is not None else ():
        since = ended.get(after.operation)
        if since is not None:
            found.append(rules.Clock(operation_code, since, after.within, rulings.get(operation_code, "")))
    first = next(iter(applicable(batch, definition)))[0]
    rule = definition.supply.starting_material(batch.alternative)
    if operation_code == first and rule is not None:
        age = "starting_material"
        found.append(rules.Clock(age, batch.collection_ended_at, rule.maximum_age, rulings.get(age, "")))
    return found


def wait_clock(batch: Batch, definition: Definition, step_code: str) -> rules.Clock | None:
    """Return the hold clock of a wait step whose start is known, or None."""
    step = definition.process.step(step_code)
    since_code, maximum = getattr(step, "since", None), getattr(step, "maximum", None)
    if since_code is None or maximum is None:
        return None
    since = BatchStep.objects.filter(batch=batch, code=since_code).values_list("done_at", flat=True).first()
    if since is None:
        return None
    ruling = ClockRuling.objects.filter(batch=batch, subject=step_code).values_list("decision", flat=True).first()
    return rules.Clock(step_code, since, maximum, ruling or "")


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
    limits: str
    container_role: str
    parent_role: str
    equipment_class: str
    material: str
    scan_target: str
    count: int
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


def together(step: StepBase) -> bool:
    """Say whether two people must stand at a step at once: identity checks, and line clearance checked by a second."""
    second = step.verify is Verify.SECOND_PERSON
    return bool(getattr(step, "identity", False)) or (second and isinstance(step, Clear))


def _guide(ordinal: int, operation: str, step: StepBase, row: BatchStep, recording: Recording | None) -> StepGuide:
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
        limits=rules.show_limits(getattr(step, "limits", None)),
        container_role=getattr(step, "container", None) or getattr(step, "into", None) or "",
        parent_role=getattr(step, "parent", None) or "",
        equipment_class=getattr(step, "equipment_class", None) or "",
        material=getattr(step, "material", None) or "",
        scan_target=str(getattr(step, "target", "")),
        count=getattr(step, "count", 1),
        thaw_first=isinstance(step, Consume) and thaws_first(step),
        media_types=tuple(getattr(step, "media_types", ())),
        file_kind=str(getattr(step, "file", "")),
        shown="" if recording is None else show(recording),
        verdict="" if recording is None else recording.verdict,
        done_at=row.done_at,
        done_by="" if recording is None else recording.recorded_by_name,
        verified=row.state == StepState.VERIFIED,
    )


def thaws_first(step: Consume) -> bool:
    """Say whether a step's material must be recorded as thawed before it is used."""
    return step.thaw_to_use is not None or step.single_thaw


def show(recording: Recording) -> str:
    """Write what was recorded as a reader sees it."""
    if recording.value is not None:
        return f"{plain(recording.value)} {recording.unit}".strip()
    parts = [recording.answer, recording.scanned, *recording.made]
    if recording.attachment is not None:
        parts.append(recording.attachment.filename)
    return ", ".join(part for part in parts if part) or "✓"


def plain(value: Decimal) -> str:
    """Write a number without trailing zeros, large ones with an exponent."""
    normal = value.normalize()
    if normal and (normal.adjusted() >= 6 or normal.adjusted() < -4):
        return f"{normal:E}"
    return format(normal, "f")


@read("manufacturing.list_next_steps", roles=PLANT_ROLES)
def list_next_steps(batch_id: BatchId, *, by: Actor) -> list[StepGuide]:
    """Return the steps that can be done now: the first one not done of every open operation."""
    batch = get_batch(batch_id, by=by)
    open_ = set(BatchOperation.objects.filter(batch=batch, state=OperationState.OPEN).values_list("code", flat=True))
    found: dict[str, StepGuide] = {}
    for guide in list_steps(batch_id, by=by):
        if guide.operation_code in open_ and guide.state == StepState.WAITING:
            found.setdefault(guide.operation_code, guide)
    return list(found.values())


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
                blockers=tuple(start_blockers(batch, definition, row.code, clock.now())),
            )
        )
    return found


def start_blockers(batch: Batch, definition: Definition, operation_code: str, at: datetime) -> list[Blocker]:
    """Return what keeps an operation from starting: the batch, the operations before it, a hold clock."""
    operation = definition.process.operation(operation_code)
    states = dict(BatchOperation.objects.filter(batch=batch).values_list("code", "state"))
    after = [one.operation for one in operation.after] if operation is not None else []
    return (
        rules.batch_blockers(batch.number, batch.state, open_hold_reasons(batch))
        or rules.start_blockers(operation_code, after, states)
        or rules.clock_blockers(list_clocks(batch, definition, operation_code), at)
    )


def open_occupancies(batch: Batch) -> QuerySet[Occupancy]:
    """Return the batch's workstations that are not cleared out."""
    return Occupancy.objects.select_related("workstation").filter(batch=batch, during__endswith__isnull=True)


def completion_blockers(batch: Batch, definition: Definition) -> list[Blocker]:
    """Return what keeps a batch from being completed."""
    operations = BatchOperation.objects.filter(batch=batch).order_by("ordinal")
    made = [code for recording in latest_recordings(batch) for code in recording.made]
    return [
        *rules.unfinished_blockers(step_views(batch, definition)),
        *rules.operations_blockers(dict(operations.values_list("code", "state"))),
        *rules.occupancy_blockers([one.workstation.code for one in open_occupancies(batch)]),
        *rules.label_blockers(labels_in_force(batch), made),
    ]


def labels_in_force(batch: Batch) -> dict[str, bool]:
    """Return, for each container of the batch's chain, whether exactly one label is in force on it."""
    return {one.code: find_label_in_force(ContainerId(one.pk)) is not None for one in batch.coi.containers.all()}


def list_executors(batch: Batch) -> list[str]:
    """Return the accounts of everybody who recorded, witnessed or checked a step of a batch."""
    found = set()
    for people in Recording.objects.filter(step__batch=batch).values_list("recorded_by_id", "witnessed_by_id"):
        found |= set(people)
    found |= set(BatchStep.objects.filter(batch=batch).values_list("verified_by_id", flat=True))
    return sorted(str(one) for one in found if one is not None)


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
