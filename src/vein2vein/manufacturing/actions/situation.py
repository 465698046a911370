"""What an act in a batch finds: the batch locked, its definition, the step, who acts and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vein2vein import journal
from vein2vein.core import gates
from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker, Conflict, NotAllowed, NotFound, refuse_any
from vein2vein.doors.preparing import Prepared
from vein2vein.engines.definitions import Definition, Quantity
from vein2vein.engines.definitions.model.process import Operation, StepBase
from vein2vein.engines.definitions.vocabulary import Verify
from vein2vein.manufacturing import reads, rules
from vein2vein.manufacturing.models import Batch, BatchOperation, BatchStep, Occupancy
from vein2vein.manufacturing.states import StepState


@dataclass(frozen=True, slots=True)
class Situation:
    """A step about to be done, and all that its rules look at."""

    batch: Batch
    definition: Definition
    operation: Operation
    step: StepBase
    operation_row: BatchOperation
    step_row: BatchStep
    steps: tuple[rules.StepView, ...]
    by: Actor
    witness: Actor | None
    at: datetime

    @property
    def stream(self) -> str:
        """Return the journal stream: the batch's chain of identity."""
        return stream(self.batch)

    @property
    def values(self) -> Mapping[str, Quantity]:
        """Return every value known so far, by the name that formulas use."""
        return reads.values_of(self.batch)


def stream(batch: Batch) -> str:
    """Return the journal stream of a batch."""
    return f"coi:{batch.coi_id}"


def refs(batch: Batch, *more: str) -> list[str]:
    """Return what every entry about a batch refers to, and `more`."""
    return [f"batch:{batch.pk}", f"order:{batch.order_id}", f"site:{batch.site_id}", *more]


def locked_batch(batch_id: BatchId, by: Actor) -> Batch:
    """Return a batch that the actor may see, locked until the deed is done, or raise `NotFound`."""
    return reads.get_locked_batch(batch_id, by=by)


def require_open(batch: Batch) -> None:
    """Refuse anything in a batch that is not open, or on hold."""
    refuse_any(rules.batch_blockers(batch.number, batch.state, reads.open_hold_reasons(batch)))


def no_step(code: str) -> NotFound:
    """Return the refusal for a step that the batch does not have."""
    return NotFound(
        Blocker(
            code="manufacturing.no_step",
            message=N_("This batch has no such step"),
            field="step_code",
            value=code,
            mend=N_("Choose a step from the batch record"),
        )
    )


_STEP = Prepared(
    lambda batch_id, code: BatchStep.objects.select_related("operation").filter(batch_id=batch_id, code=code), UUID, str
)


def find_situation(
    batch: Batch, step_code: str, by: Actor, witness: Actor | None, at: datetime | None = None
) -> Situation:
    """Return the situation of a step of a locked batch, at `at` or when the deed was done, or raise `NotFound`."""
    row = _STEP.first(batch.pk, step_code)
    definition = reads.definition_of(batch)
    found = next(((op, step) for op, step in definition.process.all_steps() if step.id == step_code), None)
    if row is None or found is None:
        raise no_step(step_code)
    return Situation(
        batch=batch,
        definition=definition,
        operation=found[0],
        step=found[1],
        operation_row=row.operation,
        step_row=row,
        steps=tuple(reads.step_views(batch, definition)),
        by=by,
        witness=witness,
        at=at or journal.current().at,
    )


def allow(blockers: Iterable[Blocker]) -> None:
    """Raise `NotAllowed` when there is at least one blocker."""
    found = list(blockers)
    if found:
        raise NotAllowed(found)


def require_permission(by: Actor) -> None:
    """Require that somebody may record steps at all."""
    gates.permission().check(by, action="manufacturing.record_step", roles=frozenset(reads.EXECUTING))


def require_people(situation: Situation, *, together: bool) -> None:
    """Require the step's role and training of whoever does it, and of the second person where there is one (N14)."""
    step, at = situation.step, situation.at
    allow(reads.doer_blockers(step.role, step.training, situation.by, at))
    refuse_any(rules.witness_blockers(needed=together, present=situation.witness is not None))
    if situation.witness is not None:
        require_checker(situation.witness, step, situation.batch, at)


def require_checker(checker: Actor, step: StepBase, batch: Batch, at: datetime) -> None:
    """Require that a second person works in the plant, at this site, and has the step's training."""
    allow(reads.checker_blockers(step.training, batch, checker, at))


def require_waiting(situation: Situation) -> None:
    """Raise `Conflict` when the step is done already, by whom and when."""
    row = situation.step_row
    if row.state == StepState.WAITING:
        return
    raise Conflict(
        Blocker(
            code="manufacturing.step_done",
            message=N_("The step %(step)s was done already at %(at)s by %(by)s"),
            field="step_code",
            value=row.code,
            mend=N_("Go on with the next step; to change what was recorded, correct it with a reason"),
            params={
                "step": row.code,
                "at": row.done_at.isoformat(timespec="seconds") if row.done_at else "",
                "by": row.done_by.printed_name if row.done_by else "",
            },
        )
    )


def require_turn(situation: Situation) -> None:
    """Refuse a step whose operation is not open, whose earlier steps are not done, or without line clearance."""
    refuse_any(rules.order_blockers(situation.steps, situation.step.id, situation.operation_row.state))
    needs_line = situation.operation.single_patient and situation.step.kind != "clear"
    earlier_clear = any(
        step.kind == "clear" and index < _index(situation) for index, step in enumerate(situation.operation.steps)
    )
    if needs_line and earlier_clear:
        cleared = (
            situation.operation_row.workstation_id is not None
            and Occupancy.objects.filter(
                workstation_id=situation.operation_row.workstation_id,
                coi_id=situation.batch.coi_id,
                during__endswith__isnull=True,
            ).exists()
        )
        refuse_any(rules.workstation_blockers(situation.operation.id, single_patient=True, cleared=cleared))


def require_order_of_times(situation: Situation) -> None:
    """Refuse a late entry that says it was done before an earlier step of its operation was."""
    if journal.current().late is None:
        return
    row = situation.step_row
    done = BatchStep.objects.filter(operation=row.operation, ordinal__lt=row.ordinal, done_at__isnull=False)
    earlier = done.order_by("-done_at").values_list("done_at", flat=True).first()
    refuse_any(rules.late_order_blockers(situation.at, earlier or row.operation.started_at))


def _index(situation: Situation) -> int:
    return next(i for i, step in enumerate(situation.operation.steps) if step.id == situation.step.id)


def needs_second(step: StepBase) -> bool:
    """Say whether the definition asks for a second person at a step."""
    return step.verify is Verify.SECOND_PERSON
