"""The execution page for tablets: one step at a time, whose material it is always in view, what runs, what is next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker
from vein2vein.doors.naming import named
from vein2vein.doors.pages import FormField, Offer, actor_of, offer
from vein2vein.engines.definitions import Definition
from vein2vein.manufacturing import reads, rules
from vein2vein.manufacturing.actions.scanning import judge_scan
from vein2vein.manufacturing.offering import BY_EYE, CORRECTABLE, as_scans, batch_offers, operation_offers, step_offers
from vein2vein.manufacturing.reads import Batch, OperationGuide, StepGuide
from vein2vein.manufacturing.states import BatchState, OperationState, StepState
from vein2vein.people.signing import needs_all_components

_READS_CODES = csp_update({"script-src": ["'self'", "'wasm-unsafe-eval'"]})
"""The camera's reader is WebAssembly; no other page allows it."""
WAITS = "wait"
KINDS_OF = {
    "equipment_code": ("EQP", "WKS", "SHC"),
    "lot_code": ("LOT",),
    "scanned": ("LBL", "CTN", "SMP", "KIT"),
    "pooled_with": ("LBL", "CTN", "SMP", "KIT"),
}
"""Which of our own codes belong into which field; a code of the trade goes into the first that is empty."""

WORDS = (
    ("within", N_("within limits")),
    ("alert", N_("beyond the alert limit: it will be marked")),
    ("action", N_("OUT OF THE ACTION LIMIT: say what you saw; the batch will be held and a deviation opened")),
    ("not_asked", N_("This step does not ask for this")),
    ("not_a_number", N_("This is not a number")),
    ("typed", N_("A code is scanned, not typed; one that cannot be scanned is entered twice, before a witness")),
    ("entered", N_("Entered here, NOT RECORDED yet")),
    ("asking", N_("is being checked")),
    ("right", N_("the right one")),
    ("lost", N_("NOT RECORDED by you")),
    ("elsewhere", N_("This step was done by somebody else meanwhile")),
    ("unknown", N_("No answer came. As soon as the server is back, this page shows whether it was recorded.")),
    ("not_recorded", N_("The connection is back. This was NOT RECORDED: record it now.")),
    ("missing", N_("Still missing")),
    ("wait", N_("wait")),
    ("left", N_("left")),
    ("over", N_("run out since")),
    ("go_on", N_("You may go on")),
    ("soon", N_("Soon run out")),
    ("no_camera", N_("The camera cannot be used here")),
    ("signed_out", N_("You are signed out: nothing is recorded any more")),
)
"""What the page says of itself while somebody works on it: handed to its script, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that a step asks for: what it is called, how it is entered, and which codes belong there."""

    field: FormField
    label: str
    codes: str
    expected: str


@dataclass(frozen=True, slots=True)
class StepNow:
    """The step on the page: its words, what it asks for, and the forms that record it."""

    guide: StepGuide
    text: str
    limits: str
    form: Offer
    slots: tuple[Slot, ...]
    bounds: reads.Bounds | None
    waits: bool
    by_eye: bool
    thawing: bool


@dataclass(frozen=True, slots=True)
class StepBeside:
    """The step before or after: its words, and what was recorded."""

    guide: StepGuide
    text: str
    correctable: bool


@dataclass(frozen=True, slots=True)
class TimerShown:
    """A running time on the page; what runs out alarms."""

    subject: str
    name: str
    begins_at: datetime | None
    ends_at: datetime | None
    ruled: bool


def _said(english: str, chinese: str) -> str:
    return chinese if (get_language() or "").startswith("zh") else english


@require_GET
def floor(request: HttpRequest) -> HttpResponse:
    """Lead a tablet to the batch that somebody works on: theirs, the only one, or the one whose bag is scanned."""
    if not request.user.is_authenticated:
        return _to_sign_in(request)
    by = actor_of(request)
    opened = reads.list_batches(state=BatchState.OPEN, limit=100, by=by)
    scanned = request.GET.get("scanned", "").strip()
    found = reads.find_scanned_batch(scanned, opened, by=by) if scanned else reads.find_at_work(opened, by=by)
    if found is not None:
        return redirect("manufacturing:execute", found.pk)
    return render(request, "manufacturing/floor.html", {"batches": opened, "scanned": scanned})


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")


@require_GET
def execute(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """Show the one step that is to be done now in an operation, or what carries the batch on between operations."""
    if not request.user.is_authenticated:
        return _to_sign_in(request)
    by = actor_of(request)
    found = reads.get_batch(BatchId(batch_id), by=by)
    definition = reads.definition_of(found)
    operations = reads.list_operations(BatchId(found.pk), by=by)
    steps = reads.list_steps(BatchId(found.pk), by=by)
    current = _current(operations, steps)
    chosen = _chosen(operations, current, request.GET.get("operation", ""), by)
    mine = [one for one in steps if chosen is not None and one.operation_code == chosen.operation_code]
    step = None if chosen is None else current.get(chosen.operation_code)
    standing = reads.find_open_pack(found)
    reasons = reads.open_hold_reasons(found)
    held = rules.batch_blockers(found.number, found.state, reasons)
    context = {
        "batch": found,
        "identifiers": reads.identifiers_of(found),
        "last": reads.news_of(found),
        "now": clock.now(),
        "operation": chosen,
        "operation_name": "" if chosen is None else _said(chosen.name_en, chosen.name_zh),
        "operations": [(one, _said(one.name_en, one.name_zh)) for one in operations],
        "others": [
            (one, _said(one.name_en, one.name_zh)) for one in operations if one is not chosen and one.state == "open"
        ],
        "steps": mine,
        "place": 0 if step is None else mine.index(step) + 1,
        "holds": reasons,
        "timers": [_timer(one) for one in reads.list_timers(found, definition)],
        "step": None if step is None else _step(found, definition, step, held, by),
        "before": _beside(steps, step, -1),
        "after": _beside(steps, step, 1),
        "unchecked": list(_unchecked(found, mine if step is None else steps, held, by)),
        "going_on": [] if step is not None else list(_going_on(found, operations, chosen, mine, by)),
        "words": [(code, gettext(said)) for code, said in WORDS],
        "late": request.GET.get("late") == "yes",
        "pack": standing,
        "packs": list(_packs(found, standing, by)),
        "all_components": needs_all_components(by.account_id, request.session.session_key or ""),
    }
    return _READS_CODES(lambda asked: render(asked, "manufacturing/execute.html", context))(request)


def _current(operations: Sequence[OperationGuide], steps: Sequence[StepGuide]) -> dict[str, StepGuide]:
    """Return the first step not done of every open operation, by the operation's code."""
    found: dict[str, StepGuide] = {}
    opened = {one.operation_code for one in operations if one.state == OperationState.OPEN}
    for one in steps:
        if one.state == StepState.WAITING and one.operation_code in opened:
            found.setdefault(one.operation_code, one)
    return found


def _chosen(
    operations: Sequence[OperationGuide], current: dict[str, StepGuide], asked: str, by: Actor
) -> OperationGuide | None:
    """Return the operation to go on with: the one asked for, else one in which this person can act, else the next."""
    opened = [one for one in operations if one.state == OperationState.OPEN]
    for one in opened:
        if one.operation_code == asked:
            return one
    theirs = [one for one in opened if one.operation_code not in current]
    theirs += [one for one in opened if one.operation_code in current and current[one.operation_code].role in by.roles]
    waiting = [one for one in operations if one.state == OperationState.WAITING]
    return next(iter([*theirs, *opened, *waiting]), None)


def _timer(one: reads.Timer) -> TimerShown:
    name = (
        gettext("Until the start of %(what)s") % {"what": _said(one.name_en, one.name_zh)}
        if one.holds
        else _said(one.name_en, one.name_zh)
    )
    if one.subject == "starting_material":
        name = gettext("Age of the starting material")
    return TimerShown(one.subject, name, one.begins_at, one.ends_at, one.ruled)


def _beside(steps: Sequence[StepGuide], step: StepGuide | None, distance: int) -> StepBeside | None:
    if step is None:
        last = [one for one in steps if one.state != StepState.WAITING]
        one = last[-1] if last and distance < 0 else None
    else:
        place = steps.index(step) + distance
        one = steps[place] if 0 <= place < len(steps) else None
    if one is None:
        return None
    return StepBeside(one, _said(one.text_en, one.text_zh), one.state != StepState.WAITING and one.kind in CORRECTABLE)


def _step(found: Batch, definition: Definition, guide: StepGuide, held: list[Blocker], by: Actor) -> StepNow:
    offers = list(step_offers(found, guide, {guide.step_code}, held, by))
    thawing = guide.thaw_first and not reads.is_thawed(found, guide)
    form = next(one for one in offers if (one.action == "manufacturing.thaw_material") is thawing)
    return StepNow(
        guide=guide,
        text=_said(guide.text_en, guide.text_zh),
        limits=_said(guide.limits_en, guide.limits_zh),
        form=form,
        slots=tuple(_slots(found, guide, form)),
        bounds=reads.bounds_of(definition, guide.step_code),
        waits=guide.kind == WAITS,
        by_eye=guide.kind in BY_EYE,
        thawing=thawing,
    )


def _slots(found: Batch, guide: StepGuide, form: Offer) -> Iterator[Slot]:
    named_by = {
        "equipment_code": guide.equipment_class,
        "lot_code": guide.material,
        "scanned": guide.parent_role if guide.kind in ("produce", "sample") else guide.container_role,
    }
    for one in form.fields:
        name = named_by.get(one.name, "")
        label = named(name) if name else one.label
        if one.name == "value":
            label = gettext("Value")
        codes = reads.expected_containers(found, name) if name and one.name == "scanned" else []
        yield Slot(one, label, " ".join(KINDS_OF.get(one.name, ())), " · ".join([label, *codes]))


def _unchecked(
    found: Batch, steps: Sequence[StepGuide], held: list[Blocker], by: Actor
) -> Iterator[tuple[StepGuide, str, Offer]]:
    """Yield what is recorded and waits for a second person, each with the form of the check."""
    for one in steps:
        if one.state == StepState.DONE and one.second_person:
            for each in step_offers(found, one, set(), held, by):
                yield one, _said(one.text_en, one.text_zh), replace(each, fields=())


def _going_on(
    found: Batch, operations: Sequence[OperationGuide], chosen: OperationGuide | None, mine: list[StepGuide], by: Actor
) -> Iterator[tuple[str, Offer]]:
    """Yield what is done when no step waits: an operation is completed or begun, a workstation cleared out."""
    if chosen is not None:
        name = _said(chosen.name_en, chosen.name_zh)
        for one in operation_offers(found, replace(chosen, occupied=False), mine, by):
            yield name, one
    for other in operations:
        if other.occupied and other.state == OperationState.DONE:
            clearing = offer("manufacturing.clear_out", by=by, given={"batch_id": found.pk})
            yield other.workstation_code, as_scans(clearing)
    if chosen is None and found.state == BatchState.OPEN:
        yield found.number, next(iter(batch_offers(found, by)))


def _packs(found: Batch, standing: reads.OfflinePack | None, by: Actor) -> Iterator[Offer]:
    """Yield how the offline pack is issued, and how the one in force is accounted for."""
    if found.state == BatchState.OPEN:
        yield offer("manufacturing.issue_offline_pack", by=by, given={"batch_id": found.pk})
    if standing is not None:
        yield offer("manufacturing.reconcile_offline_pack", by=by, given={"pack_id": standing.pk})


@require_GET
def pack(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Return the offline pack that is in force as PDF."""
    found = reads.get_offline_pack(BatchId(batch_id), by=actor_of(request))
    made = HttpResponse(found.content, content_type="application/pdf")
    made["Content-Disposition"] = f'inline; filename="{found.filename}"'
    return made


@require_GET
def pulse(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Say that the server is there, what time it is, and how far the batch has come."""
    found = reads.get_batch(BatchId(batch_id), by=actor_of(request))
    return JsonResponse({"mark": reads.news_of(found).mark, "now": clock.now().isoformat()})


@require_GET
def scan(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Say at once whether what was scanned into a field of a step is right: no content when it is, else why not."""
    asked = {name: request.GET.get(name, "") for name in ("step_code", "field", "text")}
    judge_scan(batch_id=BatchId(batch_id), by=actor_of(request), **asked)
    return HttpResponse(status=204)
