"""Recording a step: the acts of the electronic batch record, one for each meaning of a signature."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.manufacturing import facts, reads, rules
from vein2vein.manufacturing.actions.booking import book_person
from vein2vein.manufacturing.actions.performing import Entered, Outcome, perform
from vein2vein.manufacturing.actions.situation import (
    Situation,
    allow,
    find_situation,
    locked_batch,
    needs_second,
    refs,
    require_checker,
    require_open,
    require_order_of_times,
    require_people,
    require_turn,
    require_waiting,
)
from vein2vein.manufacturing.models import BatchStep, Recording
from vein2vein.manufacturing.reads import EXECUTING
from vein2vein.manufacturing.states import Answer, LimitVerdict, StepState

WITNESSED = N_("verified")

journal.explain(
    "manufacturing_workstation_one_patient",
    Blocker(
        code="manufacturing.workstation_occupied",
        message=N_("This workstation holds another patient's material"),
        field="equipment_code",
        mend=N_("Use another workstation, or clear that batch out first"),
    ),
)
journal.explain(
    "manufacturing_step_not_own_check",
    Blocker(
        code="manufacturing.own_work",
        message=N_("Nobody checks their own work"),
        field="by",
        mend=N_("Ask somebody who did not do this step"),
    ),
)


@journal.action("manufacturing.record_step", roles=EXECUTING, witnessed=WITNESSED)
def record_step(
    *,
    batch_id: BatchId,
    step_code: str,
    value: Decimal | None = None,
    unit: str = "",
    answer: Answer | None = None,
    scanned: str | None = None,
    scanned_again: str | None = None,
    pooled_with: list[str] | None = None,
    lot_code: str | None = None,
    equipment_code: str | None = None,
    upload: Upload | None = None,
    comment: str = "",
    manual: bool = False,
    by: Actor,
    witness: Actor | None = None,
) -> BatchStep:
    """Record a step that needs no signature; each kind of step takes what it needs of the payload.

    `scanned` is the container's label, `lot_code` the lot's, `equipment_code` the equipment's. With `manual` a code was
    read by eye and entered twice (`scanned_again`), before a witness. `pooled_with` are the patient's other bags that a
    pooling step empties too, each scanned.
    """
    more = tuple(pooled_with or ())
    entered = Entered(value, unit, answer, scanned, lot_code, equipment_code, upload, comment, more)
    return _record("manufacturing.record_step", batch_id, step_code, entered, by, witness, manual, scanned_again)


@journal.action("manufacturing.sign_step", roles=EXECUTING, signed=N_("performed"), witnessed=WITNESSED)
def sign_step(
    *,
    batch_id: BatchId,
    step_code: str,
    value: Decimal | None = None,
    unit: str = "",
    answer: Answer | None = None,
    scanned: str | None = None,
    scanned_again: str | None = None,
    pooled_with: list[str] | None = None,
    lot_code: str | None = None,
    equipment_code: str | None = None,
    upload: Upload | None = None,
    comment: str = "",
    manual: bool = False,
    by: Actor,
    witness: Actor | None = None,
) -> BatchStep:
    """Record a step that whoever does it signs as performed; the payload is that of `record_step`."""
    more = tuple(pooled_with or ())
    entered = Entered(value, unit, answer, scanned, lot_code, equipment_code, upload, comment, more)
    return _record("manufacturing.sign_step", batch_id, step_code, entered, by, witness, manual, scanned_again)


@journal.action("manufacturing.clear_line", roles=EXECUTING, signed=N_("cleared"), witnessed=WITNESSED)
def clear_line(
    *,
    batch_id: BatchId,
    step_code: str,
    equipment_code: str,
    comment: str = "",
    by: Actor,
    witness: Actor | None = None,
) -> BatchStep:
    """Sign the line clearance of a scanned workstation: it is open to this patient's material alone (N1)."""
    entered = Entered(equipment_code=equipment_code, comment=comment)
    return _record("manufacturing.clear_line", batch_id, step_code, entered, by, witness)


@journal.action("manufacturing.review_step", roles=EXECUTING, signed=N_("reviewed"), witnessed=WITNESSED)
def review_step(
    *, batch_id: BatchId, step_code: str, comment: str = "", by: Actor, witness: Actor | None = None
) -> BatchStep:
    """Sign a step of the record as reviewed."""
    entered = Entered(comment=comment)
    return _record("manufacturing.review_step", batch_id, step_code, entered, by, witness)


@journal.action("manufacturing.approve_step", roles=EXECUTING, signed=N_("approved"), witnessed=WITNESSED)
def approve_step(
    *, batch_id: BatchId, step_code: str, comment: str = "", by: Actor, witness: Actor | None = None
) -> BatchStep:
    """Sign a step of the record as approved."""
    entered = Entered(comment=comment)
    return _record("manufacturing.approve_step", batch_id, step_code, entered, by, witness)


@journal.action("manufacturing.attest_step", roles=EXECUTING, signed=N_("verified"), witnessed=WITNESSED)
def attest_step(
    *, batch_id: BatchId, step_code: str, comment: str = "", by: Actor, witness: Actor | None = None
) -> BatchStep:
    """Sign a step of the record as verified."""
    entered = Entered(comment=comment)
    return _record("manufacturing.attest_step", batch_id, step_code, entered, by, witness)


def _record(
    action: str,
    batch_id: BatchId,
    step_code: str,
    entered: Entered,
    by: Actor,
    witness: Actor | None,
    manual: bool = False,
    scanned_again: str | None = None,
) -> BatchStep:
    batch = locked_batch(batch_id, by)
    situation = find_situation(batch, step_code, by, witness)
    require_waiting(situation)
    require_open(batch)
    refuse_any(rules.action_blockers(step_code, reads.action_for(situation.step), action))
    require_people(situation, together=reads.together(situation.step) or manual)
    require_turn(situation)
    require_order_of_times(situation)
    if manual:
        refuse_any(rules.pool_blockers("", entered.pooled_with, pools=False))
        _require_entered_twice(entered.scanned or entered.lot_code or entered.equipment_code, scanned_again)
    outcome = perform(situation.step, situation, entered)
    verdict = outcome.columns.get("verdict", LimitVerdict.NONE)
    refuse_any(rules.comment_blockers(verdict, outcome.columns.get("answer", ""), entered.comment))
    book_person(situation)
    _write(situation, outcome, entered, manual=manual)
    return situation.step_row


def _require_entered_twice(first: str | None, second: str | None) -> None:
    if first and second and first.strip() == second.strip():
        return
    raise Refused(
        Blocker(
            code="manufacturing.entered_differently",
            message=N_("A code that cannot be scanned is entered twice, and both must agree"),
            field="scanned_again",
            value=second or "",
            mend=N_("Read the code again, each of you, from the label"),
        )
    )


def _write(situation: Situation, outcome: Outcome, entered: Entered, *, manual: bool) -> None:
    step, batch, at = situation.step_row, situation.batch, situation.at
    deed = journal.current()
    witness = situation.witness
    recording = Recording(
        step=step,
        revision=1,
        comment=entered.comment,
        manual=manual,
        late=deed.late is not None,
        recorded_by_id=situation.by.account_id,
        recorded_by_name=situation.by.name,
        witnessed_by_id=None if witness is None else witness.account_id,
        witnessed_by_name="" if witness is None else witness.name,
        performed_at=at,
        signature_meaning=_meaning(situation),
        **outcome.columns,
    )
    columns: dict[str, Any] = {"done_at": at, "done_by_id": situation.by.account_id}
    if witness is not None:
        columns |= {"verified_at": at, "verified_by_id": witness.account_id}
    people = [f"account:{witness.account_id}"] if witness is not None else []
    _close_earlier(situation, outcome)
    operation = [(situation.operation_row, outcome.operation_columns)] if outcome.operation_columns else []
    journal.transition(
        step,
        "record" if witness is None else "record_witnessed",
        recorded_fact(situation, recording, outcome),
        stream=situation.stream,
        refs=refs(batch, *outcome.refs, *people),
        inserts=[*outcome.inserts, recording],
        changes=operation,
        **columns,
    )
    for fact in outcome.facts:
        journal.record(fact, stream=situation.stream, refs=refs(batch, *outcome.refs))


def _close_earlier(situation: Situation, outcome: Outcome) -> None:
    """End this patient's earlier occupancy of the workstation first, so that the new one does not overlap it."""
    for row, columns in outcome.closing:
        journal.record(
            facts.WorkstationClearedOut(
                batch_id=situation.batch.pk,
                batch_number=situation.batch.number,
                workstation_id=row.workstation_id,
                workstation_code=str(outcome.columns["scanned"]),
                coi_id=situation.batch.coi_id,
            ),
            stream=situation.stream,
            refs=refs(situation.batch, *outcome.refs),
            changes=[(row, columns)],
        )


def _meaning(situation: Situation) -> str:
    return "" if situation.step.signature is None else situation.step.signature.value


def recorded_fact(situation: Situation, recording: Recording, outcome: Outcome) -> facts.StepRecorded:
    """Return the fact that tells everything of a recording that a follower or a timeline needs."""
    batch = situation.batch
    verdict = LimitVerdict(recording.verdict)
    return facts.StepRecorded(
        batch_id=batch.pk,
        batch_number=batch.number,
        order_id=batch.order_id,
        coi_id=batch.coi_id,
        site_id=batch.site_id,
        operation_code=situation.operation.id,
        step_id=situation.step_row.pk,
        step_code=situation.step.id,
        kind=situation.step.kind.value,
        revision=recording.revision,
        shown=reads.show(recording),
        value_name=outcome.value_name,
        value=recording.value,
        unit=recording.unit,
        answer=recording.answer,
        verdict=verdict.value,
        limits=outcome.limits,
        out_of_limits=verdict is LimitVerdict.ACTION,
        out_of_alert=verdict is LimitVerdict.ALERT,
        clock_exceeded=recording.clock_exceeded,
        manual=recording.manual,
        late=recording.late,
        comment=recording.comment,
        container_codes=outcome.container_codes,
        equipment_code="" if recording.equipment is None else recording.equipment.code,
        lot_id=recording.lot_id,
        lot_number="" if recording.lot is None else recording.lot.number,
        attachment_sha256="" if recording.attachment is None else recording.attachment.sha256,
        recorded_by=recording.recorded_by_name,
        witnessed_by=recording.witnessed_by_name,
    )


@journal.action("manufacturing.verify_step", roles=EXECUTING, signed=N_("verified"))
def verify_step(*, batch_id: BatchId, step_code: str, comment: str = "", by: Actor) -> BatchStep:
    """Sign as the second person that what was recorded at a step is right; never one's own work (N14)."""
    batch = locked_batch(batch_id, by)
    situation = find_situation(batch, step_code, by, None)
    step = situation.step_row
    refuse_any(_not_recorded(step, needs_second(situation.step)))
    recording = Recording.objects.filter(step=step).order_by("-revision").first()
    doers = {step.done_by_id, None if recording is None else recording.recorded_by_id}
    for doer in sorted(str(one) for one in doers if one is not None):
        allow(rules.verifier_blockers(str(by.account_id), doer))
    require_checker(by, situation.step, batch, situation.at)
    revision = 1 if recording is None else recording.revision
    journal.transition(
        step,
        "verify",
        facts.StepVerified(
            batch_id=batch.pk,
            batch_number=batch.number,
            step_id=step.pk,
            step_code=step.code,
            revision=revision,
            verified_by=by.name,
        ),
        stream=situation.stream,
        refs=refs(batch),
        verified_at=situation.at,
        verified_by_id=by.account_id,
    )
    return step


def _not_recorded(step: BatchStep, asked: bool) -> list[Blocker]:
    if step.state != StepState.WAITING and asked:
        return []
    message = N_("The step %(step)s is not done") if asked else N_("The step %(step)s needs no second person")
    return [
        Blocker(
            code="manufacturing.nothing_to_verify",
            message=message,
            field="step_code",
            value=step.code,
            mend=N_("Look at the list of steps that wait for a second person"),
            params={"step": step.code},
        )
    ]


__all__ = [
    "approve_step",
    "attest_step",
    "clear_line",
    "record_step",
    "review_step",
    "sign_step",
    "verify_step",
]
