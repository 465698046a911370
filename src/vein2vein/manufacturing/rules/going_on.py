"""What keeps a batch, an operation or a step from going on: state, order, hold clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.definitions.values import write_span
from vein2vein.manufacturing.states import (
    BatchState,
    ClockDecision,
    OperationState,
    StepState,
)


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as the rules see it: its place in the line and whether it is done."""

    code: str
    operation: str
    ordinal: int
    state: str
    needs_second: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """A hold clock: what it bounds, since when, how long, and how it was ruled when it had run out."""

    subject: str
    since: datetime
    maximum: timedelta
    ruling: str = ""

    def exceeded(self, at: datetime) -> bool:
        """Say whether more than the maximum has passed at `at`."""
        return at - self.since > self.maximum


def batch_blockers(number: str, state: str, holds: Sequence[str]) -> list[Blocker]:
    """Return why nothing may be done in a batch: not open any more, or on hold."""
    if state != BatchState.OPEN:
        return [
            Blocker(
                code="manufacturing.batch_not_open",
                message=N_("Batch %(number)s is %(state)s: nothing more is recorded in it"),
                field="batch_id",
                value=number,
                mend=N_("Look for the open batch of this order"),
                params={"number": number, "state": state},
            )
        ]
    return [
        Blocker(
            code="manufacturing.on_hold",
            message=N_("Batch %(number)s is on hold: %(reason)s"),
            field="batch_id",
            value=number,
            mend=N_("Wait until quality has lifted the hold"),
            params={"number": number, "reason": reason},
        )
        for reason in holds
    ]


def order_blockers(steps: Sequence[StepView], code: str, operation_state: str) -> list[Blocker]:
    """Return why a step cannot be done yet: its operation is not open, or an earlier step of it is not done."""
    step = next(one for one in steps if one.code == code)
    if operation_state != OperationState.OPEN:
        return [
            Blocker(
                code="manufacturing.operation_not_open",
                message=N_("The operation %(operation)s is %(state)s"),
                field="step_code",
                value=code,
                mend=N_("Start the operation first"),
                params={"operation": step.operation, "state": operation_state},
            )
        ]
    earlier = [
        one
        for one in steps
        if one.operation == step.operation and one.ordinal < step.ordinal and one.state == StepState.WAITING
    ]
    if not earlier:
        return []
    first = min(earlier, key=lambda one: one.ordinal)
    return [
        Blocker(
            code="manufacturing.earlier_step_open",
            message=N_("The step %(earlier)s comes first and is not done"),
            field="step_code",
            value=code,
            mend=N_("Do the steps in their order"),
            params={"earlier": first.code},
        )
    ]


def start_blockers(operation: str, after: Sequence[str], states: Mapping[str, str]) -> list[Blocker]:
    """Return why an operation cannot start: one that it comes after (where it applies) is not done."""
    return [
        Blocker(
            code="manufacturing.earlier_operation_open",
            message=N_("The operation %(earlier)s comes first and is %(state)s"),
            field="operation_code",
            value=operation,
            mend=N_("Complete it first"),
            params={"earlier": earlier, "state": states[earlier]},
        )
        for earlier in after
        if earlier in states and states[earlier] != OperationState.DONE
    ]


def clock_blockers(clocks: Sequence[Clock], at: datetime) -> list[Blocker]:
    """Return the hold clocks that have run out and were not ruled to go on (N8)."""
    return [
        Blocker(
            code="manufacturing.clock_exceeded",
            message=N_("%(subject)s: %(elapsed)s have passed, at most %(maximum)s are allowed"),
            field="step_code",
            value=clock.subject,
            mend=N_("A supervisor or QA decides, with the reason, whether the batch goes on"),
            params={
                "subject": clock.subject,
                "elapsed": span(at - clock.since),
                "maximum": write_span(clock.maximum),
            },
        )
        for clock in clocks
        if clock.exceeded(at) and clock.ruling != ClockDecision.CONTINUE
    ]


def too_early_blockers(subject: str, since: datetime, minimum: timedelta | None, at: datetime) -> list[Blocker]:
    """Return why a wait is not over."""
    if minimum is None or at - since >= minimum:
        return []
    return [
        Blocker(
            code="manufacturing.too_early",
            message=N_("%(elapsed)s have passed, at least %(minimum)s are needed"),
            field="step_code",
            value=subject,
            mend=N_("Wait until %(until)s"),
            params={
                "elapsed": span(at - since),
                "minimum": write_span(minimum),
                "until": (since + minimum).isoformat(timespec="minutes"),
            },
        )
    ]


def span(elapsed: timedelta) -> str:
    """Write an elapsed time in whole minutes."""
    minutes = int(elapsed.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def action_blockers(step_code: str, needed: str, used: str) -> list[Blocker]:
    """Return that a step is recorded by another act, the one that carries the signature which the step asks for."""
    if needed == used:
        return []
    return [
        Blocker(
            code="manufacturing.other_action",
            message=N_("The step %(step)s is recorded with “%(needed)s”"),
            field="step_code",
            value=step_code,
            mend=N_("Use that act: it carries the signature that the step asks for"),
            params={"step": step_code, "needed": needed},
        )
    ]


def unfinished_blockers(steps: Sequence[StepView]) -> list[Blocker]:
    """Return what keeps an operation or batch from being completed: steps not done, or not checked by a second."""
    found = []
    for step in sorted(steps, key=lambda one: one.ordinal):
        if step.state == StepState.WAITING:
            message, code = N_("The step %(step)s is not done"), "manufacturing.step_open"
        elif step.needs_second and step.state != StepState.VERIFIED:
            message, code = N_("The step %(step)s was not checked by a second person"), "manufacturing.step_unverified"
        else:
            continue
        found.append(
            Blocker(code=code, message=message, field="step_code", value=step.code, params={"step": step.code})
        )
    return found


def operations_blockers(states: Mapping[str, str]) -> list[Blocker]:
    """Return the operations that are not done."""
    return [
        Blocker(
            code="manufacturing.operation_open",
            message=N_("The operation %(operation)s is %(state)s"),
            field="operation_code",
            value=operation,
            mend=N_("Complete it first"),
            params={"operation": operation, "state": state},
        )
        for operation, state in states.items()
        if state != OperationState.DONE
    ]


def occupancy_blockers(workstations: Sequence[str]) -> list[Blocker]:
    """Return the workstations that are not cleared out yet."""
    return [
        Blocker(
            code="manufacturing.not_cleared_out",
            message=N_("Workstation %(workstation)s is not cleared out"),
            field="equipment_code",
            value=workstation,
            mend=N_("Clear it out and sign"),
            params={"workstation": workstation},
        )
        for workstation in workstations
    ]


def label_blockers(labelled: Mapping[str, bool], made: Iterable[str]) -> list[Blocker]:
    """Return the containers of the record without exactly one label in force (标签平衡).

    `labelled` says of each container of the chain whether it has one; `made` are the codes that the record names.
    """
    return [
        Blocker(
            code="manufacturing.label_unaccounted",
            message=N_("Container %(container)s has no label in force"),
            field="container",
            value=code,
            mend=N_("Find the container and print its label again, before two people"),
            params={"container": code},
        )
        for code in made
        if not labelled.get(code, False)
    ]


def reason_blockers(reason: str) -> list[Blocker]:
    """Refuse an act that needs a reason and has none."""
    if reason.strip():
        return []
    return [
        Blocker(
            code="manufacturing.no_reason",
            message=N_("This needs a reason"),
            field="reason",
            mend=N_("Say why, so that a reviewer understands it"),
        )
    ]
