"""Correcting what was recorded: a further revision with its reason; the old one stays, what rests on it is redone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker, Conflict, Refused, refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.engines.definitions import Quantity
from vein2vein.engines.definitions.formulas import names_in
from vein2vein.engines.definitions.model.process import Attach, Check, Compute, Consume, Instruct, Measure, Produce
from vein2vein.manufacturing import facts, reads, rules
from vein2vein.manufacturing.actions.performing import attached, computed, named
from vein2vein.manufacturing.actions.recording import WITNESSED
from vein2vein.manufacturing.actions.situation import (
    Situation,
    find_situation,
    locked_batch,
    refs,
    require_checker,
    require_people,
)
from vein2vein.manufacturing.models import Batch, BatchStep, Recording
from vein2vein.manufacturing.reads import EXECUTING
from vein2vein.manufacturing.states import Answer, BatchState, LimitVerdict, StepState

CORRECTABLE = (Measure, Check, Attach, Instruct)
"""What was done with material cannot be undone by writing: such a step has a deviation, not a correction."""


@journal.action("manufacturing.correct_step", roles=EXECUTING, witnessed=WITNESSED)
def correct_step(
    *,
    batch_id: BatchId,
    step_code: str,
    reason: str,
    value: Decimal | None = None,
    unit: str = "",
    answer: Answer | None = None,
    upload: Upload | None = None,
    comment: str = "",
    by: Actor,
    witness: Actor | None = None,
) -> BatchStep:
    """Correct what was recorded at a step, with the reason; values computed from it are computed again and marked."""
    batch = locked_batch(batch_id, by)
    situation = find_situation(batch, step_code, by, witness)
    refuse_any(rules.reason_blockers(reason))
    _require_correctable(situation)
    if Role.SUPERVISOR in by.roles:
        if witness is not None:
            require_checker(witness, situation.step, batch, situation.at)
    else:
        require_people(situation, together=False)
    last = _last(situation.step_row)
    columns = _corrected(situation, value, unit, answer, upload)
    verdict = columns.get("verdict", LimitVerdict.NONE)
    refuse_any(rules.comment_blockers(verdict, columns.get("answer", ""), comment))
    affected = _affected(situation)
    _revise(situation, last, columns, comment=comment, reason=reason, affected=affected, recomputed=False)
    if isinstance(situation.step, Measure):
        _recompute(batch, situation, step_code, affected)
    return situation.step_row


def _last(step: BatchStep) -> Recording:
    return Recording.objects.select_related("attachment").filter(step=step).order_by("-revision")[0]


def _require_correctable(situation: Situation) -> None:
    step, batch = situation.step_row, situation.batch
    if batch.state not in (BatchState.OPEN, BatchState.COMPLETED):
        refuse_any(rules.batch_blockers(batch.number, batch.state, []))
    if step.state == StepState.WAITING:
        raise Conflict(
            Blocker(
                code="manufacturing.nothing_to_correct",
                message=N_("The step %(step)s is not done"),
                field="step_code",
                value=step.code,
                mend=N_("Record it"),
                params={"step": step.code},
            )
        )
    if not isinstance(situation.step, CORRECTABLE):
        raise Refused(
            Blocker(
                code="manufacturing.not_correctable",
                message=N_("A step of the kind %(kind)s cannot be corrected by writing"),
                field="step_code",
                value=step.code,
                mend=N_("Report a deviation that says what really happened"),
                params={"kind": step.kind},
            )
        )


def _corrected(
    situation: Situation, value: Decimal | None, unit: str, answer: Answer | None, upload: Upload | None
) -> dict[str, Any]:
    step = situation.step
    match step:
        case Measure():
            refuse_any(rules.value_blockers(value, unit, needed_unit=step.unit, decimals=step.decimals))
            return _valued(step, Quantity(value or Decimal(0), step.unit))
        case Check():
            if answer is None:
                refuse_any(rules.scan_blockers("answer", None, "yes / no"))
            verdict = LimitVerdict.ACTION if answer is Answer.NO else LimitVerdict.WITHIN
            return {"answer": str(answer), "verdict": verdict}
        case Attach():
            return {"attachment": attached(step, situation, upload)}
        case _:
            return {}


def _valued(step: Measure | Compute, value: Quantity) -> dict[str, Any]:
    return {
        "value": value.magnitude,
        "unit": value.unit,
        "verdict": rules.judge(step.limits, value),
        "named_values": {step.value: named(value)},
    }


def _affected(situation: Situation) -> list[str]:
    """Return the steps, already done, that rest on the value of this one."""
    step = situation.step
    if not isinstance(step, Measure):
        return []
    done = {view.code for view in situation.steps if view.state != StepState.WAITING}
    formulas: dict[str, frozenset[str]] = {}
    for _, one in reads.applicable(situation.batch, situation.definition):
        match one:
            case Compute():
                formulas[f"{one.id}:{one.value}"] = frozenset(names_in(one.formula.expression))
            case Consume():
                formulas[f"{one.id}:{one.value or ''}"] = frozenset(names_in(one.quantity.expression))
            case Produce() if one.volume is not None:
                formulas[f"{one.id}:"] = frozenset(names_in(one.volume.expression))
    return [code for code in rules.dependants(step.value, formulas) if code in done]


def _recompute(batch: Batch, situation: Situation, cause: str, affected: Sequence[str]) -> None:
    """Give every computed step that rests on the corrected value a further revision, in their order."""
    for code in affected:
        below = find_situation(batch, code, situation.by, None)
        if not isinstance(below.step, Compute):
            continue
        last = _last(below.step_row)
        value = computed(below.step, reads.values_of(batch))
        if value.magnitude == last.value:
            continue
        reason = f"computed again: {cause} was corrected"
        _revise(below, last, _valued(below.step, value), comment="", reason=reason, affected=[], recomputed=True)


def _revise(
    situation: Situation,
    last: Recording,
    columns: dict[str, Any],
    *,
    comment: str,
    reason: str,
    affected: list[str],
    recomputed: bool,
) -> None:
    batch, step, witness = situation.batch, situation.step_row, situation.witness
    attachment = columns.get("attachment")
    revision = Recording(
        step=step,
        revision=last.revision + 1,
        container_id=last.container_id,
        equipment_id=last.equipment_id,
        scanned=last.scanned,
        comment=comment,
        reason=reason,
        recomputed=recomputed,
        late=journal.current().late is not None,
        recorded_by_id=situation.by.account_id,
        recorded_by_name=situation.by.name,
        witnessed_by_id=None if witness is None else witness.account_id,
        witnessed_by_name="" if witness is None else witness.name,
        performed_at=situation.at,
        **columns,
    )
    verdict = LimitVerdict(revision.verdict)
    checker = None if witness is None or witness.account_id == step.done_by_id else witness.account_id
    journal.transition(
        step,
        "correct" if checker is None else "correct_witnessed",
        facts.StepCorrected(
            batch_id=batch.pk,
            batch_number=batch.number,
            order_id=batch.order_id,
            coi_id=batch.coi_id,
            site_id=batch.site_id,
            operation_code=situation.operation.id,
            step_id=step.pk,
            step_code=step.code,
            kind=step.kind,
            revision=revision.revision,
            was=reads.show(last),
            became=reads.show(revision),
            verdict=verdict.value,
            limits=rules.show_limits(getattr(situation.step, "limits", None))[0],
            out_of_limits=verdict is LimitVerdict.ACTION,
            recomputed=recomputed,
            affected=affected,
            reason=reason,
            recorded_by=situation.by.name,
        ),
        stream=situation.stream,
        refs=refs(batch),
        inserts=[*([attachment] if attachment is not None else []), revision],
        verified_at=None if checker is None else situation.at,
        verified_by_id=checker,
    )
