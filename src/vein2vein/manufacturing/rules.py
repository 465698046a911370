"""What keeps a step, an operation or a batch from going on: pure functions over plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from vein2vein.core.actor import Role
from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.definitions.values import Limits, Quantity, write_span
from vein2vein.manufacturing.states import (
    Answer,
    BatchState,
    ClockDecision,
    LimitVerdict,
    OperationState,
    StepState,
)

LARGEST = Decimal(10) ** 18
"""No count, volume or concentration at a bench is larger than this."""


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


def role_blockers(needed: Role, held: Iterable[Role]) -> list[Blocker]:
    """Return why this person may not do a step: the definition names another role."""
    if needed in set(held):
        return []
    return [
        Blocker(
            code="manufacturing.wrong_role",
            message=N_("This step is for the role %(role)s"),
            field="role",
            value=", ".join(sorted(held)),
            mend=N_("Ask somebody who holds the role"),
            params={"role": needed.value},
        )
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


def value_blockers(value: Decimal | None, unit: str, *, needed_unit: str, decimals: int | None) -> list[Blocker]:
    """Return why a measured value cannot be taken: none, wrong unit, too many places, or not possible in nature."""
    if value is None:
        return [_value("manufacturing.value_missing", N_("This step needs a value"), "value", "", N_("Enter it"))]
    if not value.is_finite():
        return [
            _value("manufacturing.value_impossible", N_("This is not a number"), "value", value, N_("Enter it again"))
        ]
    if unit != needed_unit:
        return [
            Blocker(
                code="manufacturing.unit_wrong",
                message=N_("The value is to be given in %(needed)s, not in “%(unit)s”"),
                field="unit",
                value=unit,
                mend=N_("Read the instrument in %(needed)s"),
                params={"needed": needed_unit, "unit": unit},
            )
        ]
    exponent = value.normalize().as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    if decimals is not None and places > decimals:
        return [
            Blocker(
                code="manufacturing.too_many_decimals",
                message=N_("At most %(decimals)s decimal places are recorded here"),
                field="value",
                value=str(value),
                mend=N_("Enter the value as the instrument shows it"),
                params={"decimals": str(decimals)},
            )
        ]
    return possible_blockers(value, needed_unit)


def possible_blockers(value: Decimal, unit: str) -> list[Blocker]:
    """Return why a value cannot be: outside of what nature allows for its unit."""
    low, high = possible_range(unit)
    if low <= value <= high:
        return []
    return [
        Blocker(
            code="manufacturing.value_impossible",
            message=N_("%(value)s %(unit)s is not possible (%(low)s to %(high)s)"),
            field="value",
            value=str(value),
            mend=N_("Look again: a slip of the decimal point or a wrong line of the display"),
            params={"value": str(value), "unit": unit, "low": str(low), "high": str(high)},
        )
    ]


def possible_range(unit: str) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest value that nature allows in `unit` (from absolute zero, at most the whole)."""
    if unit == "%":
        return Decimal(0), Decimal(100)
    if unit == "pH":
        return Decimal(0), Decimal(14)
    if unit == "degC":
        return Decimal("-273.15"), Decimal(2000)
    if unit == "delta_degC":
        return Decimal(-2300), Decimal(2300)
    return Decimal(0), LARGEST


def _value(code: str, message: str, field: str, value: object, mend: str) -> Blocker:
    return Blocker(code=code, message=message, field=field, value=str(value), mend=mend)


def judge(limits: Limits | None, value: Quantity) -> LimitVerdict:
    """Return how `value` stands to its alert and action limits, bounds included; units must agree."""
    if limits is None or (limits.action is None and limits.alert is None):
        return LimitVerdict.NONE
    if limits.action is not None and not limits.action.holds(value):
        return LimitVerdict.ACTION
    if limits.alert is not None and not limits.alert.holds(value):
        return LimitVerdict.ALERT
    return LimitVerdict.WITHIN


def show_limits(limits: Limits | None) -> str:
    """Write limits as a reader sees them."""
    if limits is None:
        return ""
    parts = []
    if limits.action is not None:
        parts.append(f"action {limits.action}")
    if limits.alert is not None:
        parts.append(f"alert {limits.alert}")
    return "; ".join(parts)


def rounded(value: Decimal, decimals: int | None) -> Decimal:
    """Round a computed value half up to so many places; None leaves it."""
    return value if decimals is None else value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def comment_blockers(verdict: LimitVerdict, answer: str, comment: str) -> list[Blocker]:
    """Return that a comment is missing where a value is out of its action limits or a question is answered with no."""
    if comment.strip() or (verdict is not LimitVerdict.ACTION and answer != Answer.NO):
        return []
    return [
        Blocker(
            code="manufacturing.comment_missing",
            message=N_("What is out of limits needs a comment"),
            field="comment",
            mend=N_("Say what you saw and did; a deviation is opened and the batch is held"),
        )
    ]


def scan_blockers(field: str, text: str | None, expected: str) -> list[Blocker]:
    """Return that a scan is missing, naming what is to be scanned."""
    if text:
        return []
    return [
        Blocker(
            code="manufacturing.scan_missing",
            message=N_("Scan %(expected)s"),
            field=field,
            mend=N_("Scan the barcode; nothing is typed"),
            params={"expected": expected},
        )
    ]


@dataclass(frozen=True, slots=True)
class Bag:
    """A container as the rules see it."""

    code: str
    coi: str
    role: str
    state: str
    disposition: str


def container_blockers(found: Bag, *, coi: str, role: str, expected: Sequence[str]) -> list[Blocker]:
    """Return why a scanned container may not be used: another patient's, another role, used up, or rejected (N1, N5).

    `expected` are the codes of the containers that would be right, and the answer names them.
    """
    right = ", ".join(expected) or role
    if found.coi != coi:
        return [
            Blocker(
                code="manufacturing.wrong_patient",
                message=N_(
                    "STOP: this container belongs to another patient's chain of identity; %(expected)s is expected"
                ),
                field="scanned",
                value=found.code,
                mend=N_("Take it away from the workstation at once and call the supervisor"),
                params={"expected": right},
            )
        ]
    if found.role != role:
        return [
            Blocker(
                code="manufacturing.wrong_container",
                message=N_("This is a %(found)s; %(expected)s is expected"),
                field="scanned",
                value=found.code,
                mend=N_("Scan the container that the step names"),
                params={"found": found.role, "expected": right},
            )
        ]
    if found.state != "active":
        return [
            Blocker(
                code="manufacturing.container_not_active",
                message=N_("This container is %(state)s; %(expected)s is expected"),
                field="scanned",
                value=found.code,
                mend=N_("Scan the container that the step names"),
                params={"state": found.state, "expected": right},
            )
        ]
    if found.disposition == "rejected":
        return [
            Blocker(
                code="manufacturing.container_rejected",
                message=N_("This container was rejected"),
                field="scanned",
                value=found.code,
                mend=N_("Put it aside; it is not processed"),
            )
        ]
    return []


def starting_blockers(found: Bag) -> list[Blocker]:
    """Return why starting material may not be processed: it was not accepted at receipt."""
    if found.disposition in ("accepted", "released"):
        return []
    return [
        Blocker(
            code="manufacturing.material_not_accepted",
            message=N_("This starting material is %(disposition)s: it was not accepted at receipt"),
            field="scanned",
            value=found.code,
            mend=N_("Finish the receipt: seal, identity, temperature, count and viability"),
            params={"disposition": found.disposition},
        )
    ]


def equipment_class_blockers(code: str, found: str, needed: str) -> list[Blocker]:
    """Return that a scanned piece of equipment is of another class than the step names."""
    if found == needed:
        return []
    return [
        Blocker(
            code="manufacturing.wrong_equipment",
            message=N_("This is a %(found)s; a %(needed)s is needed"),
            field="equipment_code",
            value=code,
            mend=N_("Scan a %(needed)s"),
            params={"found": found, "needed": needed},
        )
    ]


def workstation_blockers(operation: str, *, single_patient: bool, cleared: bool) -> list[Blocker]:
    """Return that a single-patient operation has no workstation cleared for this patient (N1)."""
    if cleared or not single_patient:
        return []
    return [
        Blocker(
            code="manufacturing.no_line_clearance",
            message=N_("No workstation is cleared for this patient in the operation %(operation)s"),
            field="step_code",
            value=operation,
            mend=N_("Clear the line and sign for it first"),
            params={"operation": operation},
        )
    ]


def occupied_blockers(workstation: str, holder: str) -> list[Blocker]:
    """Return that a workstation still holds another patient's material (N1)."""
    return [
        Blocker(
            code="manufacturing.workstation_occupied",
            message=N_("Workstation %(workstation)s is occupied by another patient's batch %(holder)s"),
            field="equipment_code",
            value=workstation,
            mend=N_("Use another workstation, or clear that batch out first"),
            params={"workstation": workstation, "holder": holder},
        )
    ]


def witness_blockers(*, needed: bool, present: bool) -> list[Blocker]:
    """Return that a second person is missing at a step where two look at once."""
    if present or not needed:
        return []
    return [
        Blocker(
            code="manufacturing.second_person_missing",
            message=N_("Two people look at this step together"),
            field="witness",
            mend=N_("Ask a second person to check and sign now"),
        )
    ]


def verifier_blockers(verifier: str, doer: str) -> list[Blocker]:
    """Return that somebody would check their own work (N14)."""
    if verifier != doer:
        return []
    return [
        Blocker(
            code="manufacturing.own_work",
            message=N_("Nobody checks their own work"),
            field="by",
            value=verifier,
            mend=N_("Ask somebody who did not do this step"),
        )
    ]


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


def file_blockers(size: int, media_type: str, allowed: Sequence[str]) -> list[Blocker]:
    """Return why a file cannot be attached: empty, or of a kind that the step does not name."""
    if not size:
        return [_value("manufacturing.file_empty", N_("The file is empty"), "upload", "", N_("Attach the right file"))]
    if media_type in allowed:
        return []
    return [
        Blocker(
            code="manufacturing.file_kind",
            message=N_("This is a file of kind %(found)s; %(allowed)s is needed"),
            field="upload",
            value=media_type,
            mend=N_("Export it from the instrument in one of these formats"),
            params={"found": media_type, "allowed": ", ".join(allowed)},
        )
    ]


def typed_result_blockers(value: Decimal | None) -> list[Blocker]:
    """Refuse a typed result where the system computes it (N13)."""
    if value is None:
        return []
    return [
        Blocker(
            code="manufacturing.computed_not_typed",
            message=N_("This value is computed; it is never typed"),
            field="value",
            value=str(value),
            mend=N_("Leave the field empty"),
        )
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


def dependants(changed: str, formulas: Mapping[str, frozenset[str]]) -> list[str]:
    """Return, in the order of `formulas`, the steps whose names rest on value `changed`, directly or through others.

    `formulas` maps "step:value" (value may be empty) to the names that its formula uses, in the order of the process.
    """
    touched, found = {changed}, []
    for key, names in formulas.items():
        step, _, value = key.partition(":")
        if names & touched:
            found.append(step)
            if value:
                touched.add(value)
    return found


def reviewer_blockers(reviewer: str, executed_by: Iterable[str]) -> list[Blocker]:
    """Return that the reviewer took part in making the batch (N14)."""
    if reviewer not in set(executed_by):
        return []
    return [
        Blocker(
            code="manufacturing.own_batch",
            message=N_("Nobody reviews a batch that they took part in making"),
            field="by",
            value=reviewer,
            mend=N_("Ask another QA reviewer"),
        )
    ]


def review_blockers(exceptions: int, comment: str) -> list[Blocker]:
    """Return that a review that found exceptions says nothing about them."""
    if not exceptions or comment.strip():
        return []
    return [
        Blocker(
            code="manufacturing.review_without_comment",
            message=N_("The record has %(exceptions)s exceptions: say what you found"),
            field="comment",
            mend=N_("Go through the exceptions and write your conclusion"),
            params={"exceptions": str(exceptions)},
        )
    ]


def quality_blockers(held: Iterable[Role]) -> list[Blocker]:
    """Return that somebody outside quality would decide on the age of starting material (N8)."""
    if {Role.QA_REVIEWER, Role.QUALIFIED_PERSON} & set(held):
        return []
    return [
        Blocker(
            code="manufacturing.quality_decides",
            message=N_("Quality alone decides whether starting material past its limit is processed"),
            field="by",
            value=", ".join(sorted(held)),
            mend=N_("Ask a QA reviewer or the qualified person"),
        )
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
