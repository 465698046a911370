"""Pages of the batch record: batches, one batch step by step, its exceptions, its paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker
from vein2vein.doors.listing import listed
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.work import Menu, WorkItem, place, work
from vein2vein.engines.papers.model import Language
from vein2vein.manufacturing import reads, rules
from vein2vein.manufacturing.reads import Batch, OperationGuide, StepGuide
from vein2vein.manufacturing.states import BatchState, OperationState, StepState
from vein2vein.network.reads import ReservationRow, shown_resource
from vein2vein.network.rules import PERSON
from vein2vein.orders.reads import list_orders
from vein2vein.orders.states import OrderState

place("manufacturing:batches", N_("Batches"), Menu.PLANT, roles=frozenset(reads.PLANT_ROLES))

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
_CORRECTABLE = ("measure", "check", "attach", "instruct")
_CHANGED = (BatchState.OPEN, BatchState.COMPLETED)
_BY_EYE = ("scan", "produce", "sample")
_SCANS = ("scanned", "scanned_again", "lot_code", "equipment_code")


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step on the page: its guide, its words, and the forms by which it is recorded, checked or corrected."""

    guide: StepGuide
    text: str
    limits: str
    offers: tuple[Offer, ...] = ()
    correctable: bool = False
    by_eye: bool = False


@dataclass(frozen=True, slots=True)
class OperationShown:
    """An operation on the page with its steps and the forms that start, complete and clear it out."""

    guide: OperationGuide
    name: str
    steps: tuple[StepShown, ...]
    offers: tuple[Offer, ...]


def _said(english: str, chinese: str) -> str:
    return chinese if (get_language() or "").startswith("zh") else english


@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """List the batches, and offer to open one for each order whose starting material is accepted."""
    by = actor_of(request)
    found = listed(request, lambda limit, after: reads.list_batches(limit=limit, after=after, newest=True, by=by))
    ready = list_orders(state=OrderState.MATERIAL_ACCEPTED, limit=100, by=by)
    opening = [offer("manufacturing.open_batch", by=by, given={"order_id": order.pk}) for order in ready]
    context = {"batches": found.rows, "listed": found, "ready": list(zip(ready, opening, strict=True))}
    return render(request, "manufacturing/batches.html", context)


@require_GET
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show one batch record: operations and steps as they stand, and what can be done now."""
    by = actor_of(request)
    found = reads.get_batch(BatchId(batch_id), by=by)
    context = {
        "batch": found,
        "holds": reads.list_holds(found),
        "booked": [(one, shown_resource(one.resource), _leaving(found, one, by)) for one in reads.list_booked(found)],
        "operations": list(_operations(found, by)),
        "exceptions": len(reads.exceptions(BatchId(found.pk), by=by)),
        "offers": list(_batch_offers(found, by)),
    }
    return render(request, "manufacturing/batch.html", context)


def _leaving(found: Batch, booked: ReservationRow, by: Actor) -> Offer | None:
    """Return the form by which a person steps away, or their supervisor says so, or equipment is cleared out."""
    if booked.resource.kind != PERSON:
        kept = {one.pk for one in reads.list_kept(found)}
        occupied = reads.open_occupancies(found).filter(workstation_id=booked.resource.equipment_id).exists()
        if booked.resource.equipment_id not in kept or occupied:
            return None
        return _as_scans(offer("manufacturing.clear_out", by=by, given={"batch_id": found.pk}))
    mine = booked.resource_id == by.account_id
    if not mine and Role.SUPERVISOR not in by.roles:
        return None
    given = {"batch_id": found.pk, "person": "" if mine else booked.resource.code}
    return offer("manufacturing.step_away", by=by, given=given)


def _operations(found: Batch, by: Actor) -> Iterator[OperationShown]:
    steps = reads.list_steps(BatchId(found.pk), by=by)
    current = {one.step_code for one in reads.list_next_steps(BatchId(found.pk), by=by)}
    held = rules.batch_blockers(found.number, found.state, reads.open_hold_reasons(found))
    for guide in reads.list_operations(BatchId(found.pk), by=by):
        mine = [one for one in steps if one.operation_code == guide.operation_code]
        shown = tuple(
            StepShown(
                one,
                _said(one.text_en, one.text_zh),
                _said(one.limits_en, one.limits_zh),
                tuple(_step_offers(found, one, current, held, by)),
                correctable=one.state != StepState.WAITING and one.kind in _CORRECTABLE and found.state in _CHANGED,
                by_eye=one.step_code in current and one.kind in _BY_EYE,
            )
            for one in mine
        )
        yield OperationShown(
            guide, _said(guide.name_en, guide.name_zh), shown, tuple(_operation_offers(found, guide, mine, by))
        )


def _operation_offers(found: Batch, guide: OperationGuide, steps: list[StepGuide], by: Actor) -> Iterator[Offer]:
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
        yield _as_scans(clearing)


def _as_scans(one: Offer) -> Offer:
    return replace(
        one, fields=tuple(replace(item, kind="scan") if item.name in _SCANS else item for item in one.fields)
    )


def _step_offers(found: Batch, guide: StepGuide, current: set[str], held: list[Blocker], by: Actor) -> Iterator[Offer]:
    given = {"batch_id": found.pk, "step_code": guide.step_code}
    if guide.step_code in current:
        held = held or reads.guide_blockers(guide, found, by, clock.now())
        if guide.thaw_first:
            yield _as_scans(offer("manufacturing.thaw_material", by=by, given=given, blockers=held))
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
    made = _as_scans(replace(whole, fields=fields))
    if guide.second_person or guide.together:
        yield made
    if not guide.together:
        yield replace(made, witnessed="", key=f"{made.key}-alone")


def _batch_offers(found: Batch, by: Actor) -> Iterator[Offer]:
    given = {"batch_id": found.pk}
    if found.state == BatchState.OPEN:
        blockers = reads.completion_blockers(found, reads.definition_of(found))
        yield offer("manufacturing.complete_batch", by=by, given=given, blockers=blockers[:5])
    if found.state == BatchState.COMPLETED:
        blockers = rules.reviewer_blockers(str(by.account_id), reads.list_executors(found))
        yield offer("manufacturing.review_batch", by=by, given=given, blockers=blockers)
    if found.state in _CHANGED:
        yield offer("manufacturing.terminate_batch", by=by, given=given)


@require_GET
def exceptions(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show what a reviewer by exception looks at, and offer the review."""
    by = actor_of(request)
    found = reads.get_batch(BatchId(batch_id), by=by)
    context = {
        "batch": found,
        "exceptions": reads.exceptions(BatchId(found.pk), by=by),
        "offers": [one for one in _batch_offers(found, by) if one.action == "manufacturing.review_batch"],
    }
    return render(request, "manufacturing/exceptions.html", context)


@require_GET
def record_pdf(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Return the batch record as PDF, in English, Chinese or both."""
    by = actor_of(request)
    wanted = request.GET.get("language", "both")
    language = Language(wanted) if wanted in set(Language) else Language.BOTH
    paper = reads.get_batch_record(batch_id=BatchId(batch_id), language=language, by=by)
    made = HttpResponse(paper.content, content_type="application/pdf")
    made["Content-Disposition"] = f'inline; filename="{paper.filename}"'
    return made


@work("manufacturing.batches")
def waiting(by: Actor) -> list[WorkItem]:
    """Return what batches want of this person: to be opened, gone on with, completed or reviewed."""
    found: list[WorkItem] = []
    if by.has_any(frozenset({Role.SUPERVISOR})):
        ready = list_orders(state=OrderState.MATERIAL_ACCEPTED, limit=100, by=by)
        here = reverse("manufacturing:batches")
        found += [WorkItem(gettext("Open the batch"), order.code, here, urgent=True) for order in ready]
    if by.has_any(frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.QC_ANALYST})):
        for one in reads.list_batches(state=BatchState.OPEN, limit=100, by=by):
            found.append(WorkItem(gettext("Go on with the batch"), one.number, _url(one)))
        for one in reads.list_to_clear_out(by):
            found.append(WorkItem(gettext("Clear out what the batch left"), one.number, _url(one), urgent=True))
    if by.has_any(frozenset({Role.QA_REVIEWER})):
        for one in reads.list_batches(state=BatchState.COMPLETED, limit=100, by=by):
            url = reverse("manufacturing:exceptions", args=[one.pk])
            found.append(WorkItem(gettext("Review the batch record"), one.number, url))
    return found


def _url(found: Batch) -> str:
    return reverse("manufacturing:batch", args=[found.pk])


urlpatterns = [
    path("batches", batches, name="batches"),
    path("batches/<uuid:batch_id>", batch, name="batch"),
    path("batches/<uuid:batch_id>/exceptions", exceptions, name="exceptions"),
    path("batches/<uuid:batch_id>/record.pdf", record_pdf, name="record_pdf"),
]
