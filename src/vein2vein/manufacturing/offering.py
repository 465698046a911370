"""The forms by which a batch record is carried on: what is offered at a step, an operation and the whole batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.refusals import Blocker
from vein2vein.doors.pages import Offer, offer
from vein2vein.doors.showing import version_of
from vein2vein.manufacturing import reads, rules
from vein2vein.manufacturing.reads import Batch, OperationGuide, StepGuide
from vein2vein.manufacturing.states import BatchState, OperationState, StepState
from vein2vein.network.reads import ReservationRow
from vein2vein.network.rules import PERSON

_ENTERED = {
    "check": ("answer",),
    "measure": ("value", "equipment_code"),
    "clear": ("equipment_code",),
    "consume": ("lot_code", "scanned"),
    "produce": ("scanned",),
    "sample": ("scanned",),
    "attach": ("upload",),
}
_SCANNED = {"container": "scanned", "equipment": "equipment_code", "workstation": "equipment_code", "lot": "lot_code"}
CORRECTABLE = ("measure", "check", "attach", "instruct")
CHANGED = (BatchState.OPEN, BatchState.COMPLETED)
BY_EYE = ("scan", "produce", "sample")
_SCANS = ("scanned", "scanned_again", "lot_code", "equipment_code")


def leaving_offer(found: Batch, booked: ReservationRow, by: Actor) -> Offer | None:
    """Return the form by which a person steps away, or their supervisor says so, or equipment is cleared out."""
    if booked.resource.kind != PERSON:
        kept = {one.pk for one in reads.list_kept(found)}
        occupied = reads.open_occupancies(found).filter(workstation_id=booked.resource.equipment_id).exists()
        if booked.resource.equipment_id not in kept or occupied:
            return None
        return as_scans(offer("manufacturing.clear_out", by=by, given={"batch_id": found.pk}))
    mine = booked.resource_id == by.account_id
    if not mine and Role.SUPERVISOR not in by.roles:
        return None
    given = {"batch_id": found.pk, "person": "" if mine else booked.resource.code}
    return offer("manufacturing.step_away", by=by, given=given)


def operation_offers(found: Batch, guide: OperationGuide, steps: list[StepGuide], by: Actor) -> Iterator[Offer]:
    """Offer what carries an operation on: its start, a ruling, its completion, the clear-out of its workstation."""
    given = {"batch_id": found.pk, "operation_code": guide.operation_code}
    if guide.state == OperationState.WAITING:
        yield offer("manufacturing.start_operation", by=by, given=given, blockers=guide.blockers)
        if any(one.code == "manufacturing.clock_exceeded" for one in guide.blockers):
            subject = next(one.value for one in guide.blockers if one.code == "manufacturing.clock_exceeded")
            yield offer("manufacturing.rule_on_clock", by=by, given={"batch_id": found.pk, "subject": subject})
    if guide.state == OperationState.OPEN and all(one.state != StepState.WAITING for one in steps):
        views = [rules.StepView(s.step_code, s.operation_code, s.ordinal, s.state, s.second_person) for s in steps]
        yield offer("manufacturing.complete_operation", by=by, given=given, blockers=rules.unfinished_blockers(views))
    if guide.occupied:
        clearing = offer("manufacturing.clear_out", by=by, given={"batch_id": found.pk})
        yield as_scans(clearing)


def as_scans(one: Offer) -> Offer:
    """Return a form whose codes are scanned."""
    return replace(
        one, fields=tuple(replace(item, kind="scan") if item.name in _SCANS else item for item in one.fields)
    )


def step_offers(found: Batch, guide: StepGuide, current: set[str], held: list[Blocker], by: Actor) -> Iterator[Offer]:
    """Offer what is done at a step now: thawed, recorded with a second person or without, or checked by one."""
    given = {"batch_id": found.pk, "step_code": guide.step_code}
    if guide.step_code in current:
        held = held or reads.guide_blockers(guide, found, by, clock.now())
        if guide.thaw_first:
            yield as_scans(offer("manufacturing.thaw_material", by=by, given=given, blockers=held))
        yield from _recording(guide, given, held, by)
    elif guide.state == StepState.DONE and guide.second_person:
        blockers = held if found.state != BatchState.OPEN else reads.guide_blockers(guide, found, by, clock.now())
        yield offer("manufacturing.verify_step", by=by, given=given, blockers=blockers)


def _recording(guide: StepGuide, given: dict[str, object], held: list[Blocker], by: Actor) -> Iterator[Offer]:
    fixed = given | ({"unit": guide.unit} if guide.kind == "measure" else {})
    whole = offer(guide.action, by=by, given=fixed, blockers=held)
    names = {*_ENTERED.get(guide.kind, ()), "comment"}
    if guide.kind == "scan":
        names.add(_SCANNED.get(guide.scan_target, "scanned"))
    if guide.pools:
        names.add("pooled_with")
    if guide.kind == "consume" and not guide.container_role:
        names.discard("scanned")
    if guide.kind == "measure" and not guide.equipment_class:
        names.discard("equipment_code")
    needed = names - {"comment", "pooled_with"}
    fields = tuple(replace(item, required=item.name in needed) for item in whole.fields if item.name in names)
    made = as_scans(replace(whole, fields=fields))
    if guide.second_person or guide.together:
        yield made
    if not guide.together:
        yield replace(made, witnessed="", key=f"{made.key}-alone")


def batch_offers(found: Batch, by: Actor) -> Iterator[Offer]:
    """Offer what is done with the whole batch: completed, reviewed, terminated."""
    given = {"batch_id": found.pk}
    if found.state == BatchState.OPEN:
        blockers = reads.completion_blockers(found, reads.definition_of(found))
        yield offer("manufacturing.complete_batch", by=by, given=given, blockers=blockers[:5])
    if found.state == BatchState.COMPLETED:
        blockers = rules.reviewer_blockers(str(by.account_id), reads.list_executors(found))
        shown = given | {"record_version": version_of(f"coi:{found.coi_id}")}
        yield offer("manufacturing.review_batch", by=by, given=shown, blockers=blockers)
    if found.state in CHANGED:
        yield offer("manufacturing.terminate_batch", by=by, given=given)
