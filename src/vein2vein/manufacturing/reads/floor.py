"""What somebody at the bench keeps in view: whose material it is, what runs, what was done last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from vein2vein.core.actor import Actor
from vein2vein.core.ids import ContainerId
from vein2vein.core.refusals import N_, Refusal
from vein2vein.engines.definitions import Definition, Quantity
from vein2vein.engines.definitions.model.process import Wait
from vein2vein.engines.definitions.values import Limits, Range
from vein2vein.identity.reads import donation_number, resolve_scan
from vein2vein.journal.reads import list_newest_touching
from vein2vein.manufacturing import rules
from vein2vein.manufacturing.models import Batch, BatchStep
from vein2vein.manufacturing.reads.guides import StepGuide
from vein2vein.manufacturing.reads.standing import applicable, list_clocks, standing_of
from vein2vein.manufacturing.states import OperationState
from vein2vein.materials.reads import list_thawed
from vein2vein.network.reads import find_in_use


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier of the patient that the plant may see; `name` is a message."""

    name: str
    value: str


def identifiers_of(batch: Batch) -> tuple[Identifier, Identifier]:
    """Return the two identifiers beside the COI that stand on the patient's bags and that the plant may see.

    Hospital number, initials and date of birth are for labels and bedside alone.
    """
    order = batch.order
    subject = order.subject_number
    first = Identifier(N_("Subject number"), subject) if subject else Identifier(N_("Order"), order.code)
    bag = batch.coi.containers.filter(kind="starting_material").order_by("id").last()
    donation = "" if bag is None else donation_number(ContainerId(bag.pk))
    if donation:
        return first, Identifier(N_("Donation number"), donation)
    return first, Identifier(N_("Starting material"), "–" if bag is None else bag.code)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a measured value as plain numbers in the unit in which it is entered; "" is open."""

    action_low: str = ""
    action_high: str = ""
    alert_low: str = ""
    alert_high: str = ""


def bounds_of(definition: Definition, step_code: str) -> Bounds | None:
    """Return the limits of a step in its own unit, for showing while somebody types; None where it has none."""
    step = definition.process.step(step_code)
    limits: Limits | None = getattr(step, "limits", None)
    if step is None or limits is None or (limits.action is None and limits.alert is None):
        return None
    unit = str(getattr(step, "unit", "1"))
    return Bounds(*_ends(limits.action, unit), *_ends(limits.alert, unit))


def _ends(limit: Range | None, unit: str) -> tuple[str, str]:
    return ("", "") if limit is None else (_plain(limit.low, unit), _plain(limit.high, unit))


def _plain(bound: Quantity | None, unit: str) -> str:
    return "" if bound is None else f"{Decimal(bound.to(unit).magnitude):f}"


@dataclass(frozen=True, slots=True)
class Timer:
    """A time that runs: what it is about, since when, from when and until when something may be done."""

    subject: str
    name_en: str
    name_zh: str
    holds: bool
    since: datetime
    begins_at: datetime | None
    ends_at: datetime | None
    ruled: bool


def list_timers(batch: Batch, definition: Definition) -> list[Timer]:
    """Return what runs in a batch now, the first to end first: waits of open operations, hold times of the next."""
    standing = standing_of(batch)
    done = dict(BatchStep.objects.filter(batch=batch, done_at__isnull=False).values_list("code", "done_at"))
    found: list[Timer] = []
    for code, step in applicable(batch, definition):
        if standing.states.get(code) == OperationState.OPEN and isinstance(step, Wait) and step.id not in done:
            found += _wait(step, done.get(step.since), standing.rulings)
    for code, state in standing.states.items():
        if state == OperationState.WAITING:
            found += _holds(definition, code, list_clocks(batch, definition, code, standing))
    return sorted(found, key=lambda one: (one.ends_at or one.begins_at or one.since, one.subject))


def _wait(step: Wait, since: datetime | None, rulings: dict[str, str]) -> Iterator[Timer]:
    if since is None:
        return
    begins_at = None if step.minimum is None else since + step.minimum
    ends_at = None if step.maximum is None else since + step.maximum
    yield Timer(step.id, step.text.en, step.text.zh, False, since, begins_at, ends_at, step.id in rulings)


def _holds(definition: Definition, code: str, clocks: list[rules.Clock]) -> Iterator[Timer]:
    operation = definition.process.operation(code)
    for one in clocks:
        if operation is not None:
            name = operation.name
            yield Timer(one.subject, name.en, name.zh, True, one.since, None, one.since + one.maximum, bool(one.ruling))


@dataclass(frozen=True, slots=True)
class News:
    """How far a batch has come: the number of its newest journal entry, and what was recorded last, by whom, when."""

    mark: int
    step_code: str = ""
    by_name: str = ""
    at: datetime | None = None


def news_of(batch: Batch) -> News:
    """Return how far a batch has come; another mark means that something has changed."""
    newest = list_newest_touching(f"batch:{batch.pk}", limit=12)
    mark = newest[0].id if newest else 0
    for one in newest:
        if one.fact == "manufacturing.StepRecorded":
            return News(mark, str(one.data["step_code"]), str(one.data["recorded_by"]), one.performed_at)
    return News(mark)


def expected_containers(batch: Batch, role: str) -> list[str]:
    """Return the codes of the containers of a role that would be right to scan in a batch."""
    return [
        one.code
        for one in batch.coi.containers.order_by("id")
        if one.role == role and one.state == "active" and one.disposition != "rejected"
    ]


def is_thawed(batch: Batch, guide: StepGuide) -> bool:
    """Say whether vials of a step's material are out of the freezer for this batch."""
    return bool(list_thawed(f"batch:{batch.pk}", guide.material))


def find_at_work(opened: Sequence[Batch], *, by: Actor) -> Batch | None:
    """Return the batch among `opened` that a person is at work on, else the only one there is, else None."""
    booked = find_in_use(by.account_id)
    for one in opened:
        if booked is not None and booked.holder == f"batch:{one.pk}":
            return one
    return opened[0] if len(opened) == 1 else None


def find_scanned_batch(scanned: str, opened: Sequence[Batch], *, by: Actor) -> Batch | None:
    """Return the batch among `opened` of a scanned record, chain, bag or label; None where the code is of none."""
    try:
        coi = resolve_scan(scanned=scanned, by=by).coi_id
    except Refusal:
        coi = None
    return next((one for one in opened if one.number == scanned.upper() or one.coi_id == coi), None)
