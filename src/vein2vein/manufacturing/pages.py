"""Pages of the batch record: batches, one batch step by step, its exceptions, its paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_
from vein2vein.doors.keeping import kept
from vein2vein.doors.listing import listed
from vein2vein.doors.naming import named
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.work import Menu, WorkItem, place, work
from vein2vein.engines.papers.model import Language
from vein2vein.manufacturing import floor_pages, reads, rules
from vein2vein.manufacturing.offering import (
    BY_EYE,
    CHANGED,
    CORRECTABLE,
    batch_offers,
    leaving_offer,
    operation_offers,
    step_offers,
)
from vein2vein.manufacturing.reads import Batch, OperationGuide, StepGuide
from vein2vein.manufacturing.states import BatchState, StepState
from vein2vein.network.reads import shown_resource
from vein2vein.orders.courses import dues_of
from vein2vein.orders.reads import list_orders
from vein2vein.orders.states import OrderState

place("manufacturing:floor", N_("At the bench"), Menu.PLANT, roles=frozenset(reads.EXECUTING))
place("manufacturing:batches", N_("Batches"), Menu.PLANT, roles=frozenset(reads.PLANT_ROLES))


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
@kept
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
        "booked": [(b, shown_resource(b.resource), leaving_offer(found, b, by)) for b in reads.list_booked(found)],
        "operations": list(_operations(found, by)),
        "exceptions": len(reads.exceptions(BatchId(found.pk), by=by)),
        "offers": list(batch_offers(found, by)),
    }
    return render(request, "manufacturing/batch.html", context)


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
                tuple(step_offers(found, one, current, held, by)),
                correctable=one.state != StepState.WAITING and one.kind in CORRECTABLE and found.state in CHANGED,
                by_eye=one.step_code in current and one.kind in BY_EYE,
            )
            for one in mine
        )
        yield OperationShown(
            guide, _said(guide.name_en, guide.name_zh), shown, tuple(operation_offers(found, guide, mine, by))
        )


@require_GET
def exceptions(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show what a reviewer by exception looks at, and offer the review."""
    by = actor_of(request)
    found = reads.get_batch(BatchId(batch_id), by=by)
    context = {
        "batch": found,
        "exceptions": reads.exceptions(BatchId(found.pk), by=by),
        "offers": [one for one in batch_offers(found, by) if one.action == "manufacturing.review_batch"],
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


@require_GET
def attachment(request: HttpRequest, batch_id: UUID, sha256: str) -> HttpResponse:
    """Return a file of the record as it came: raw evidence is handed out, never opened here."""
    by = actor_of(request)
    found = reads.get_attachment(reads.get_batch(BatchId(batch_id), by=by), sha256)
    made = HttpResponse(found.content, content_type="application/octet-stream")
    made["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.filename)
    return made


@work("manufacturing.batches")
def waiting(by: Actor) -> list[WorkItem]:
    """Return what batches want of this person: to be opened, gone on with, cleared out."""
    found: list[WorkItem] = []
    if by.has_any(frozenset({Role.SUPERVISOR})):
        ready = list_orders(state=OrderState.MATERIAL_ACCEPTED, limit=100, by=by)
        dues, here = dues_of(one.pk for one in ready), reverse("manufacturing:batches")
        found += [
            WorkItem(gettext("Open the batch"), one.code, here, dues.get(one.pk), True, named(one.therapy_code))
            for one in ready
        ]
    if by.has_any(frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.QC_ANALYST})):
        under_way = reads.list_batches(state=BatchState.OPEN, limit=100, by=by)
        dues = dues_of(one.order_id for one in under_way)
        for one in under_way:
            here = reverse("manufacturing:execute", args=[one.pk])
            about, due = named(one.order.therapy_code), dues.get(one.order_id)
            found.append(
                WorkItem(gettext("Go on with the batch"), one.number, here, due, about=about, since=one.opened_at)
            )
        for one in reads.list_to_clear_out(by):
            found.append(WorkItem(gettext("Clear out what the batch left"), one.number, _url(one), urgent=True))
    return found


def _url(found: Batch) -> str:
    return reverse("manufacturing:batch", args=[found.pk])


urlpatterns = [
    path("floor", floor_pages.floor, name="floor"),
    path("batches", batches, name="batches"),
    path("batches/<uuid:batch_id>", batch, name="batch"),
    path("batches/<uuid:batch_id>/execute", floor_pages.execute, name="execute"),
    path("batches/<uuid:batch_id>/pulse", floor_pages.pulse, name="pulse"),
    path("batches/<uuid:batch_id>/scan", floor_pages.scan, name="scan"),
    path("batches/<uuid:batch_id>/offline-pack.pdf", floor_pages.pack, name="offline_pack"),
    path("batches/<uuid:batch_id>/exceptions", exceptions, name="exceptions"),
    path("batches/<uuid:batch_id>/files/<slug:sha256>", attachment, name="attachment"),
    path("batches/<uuid:batch_id>/record.pdf", record_pdf, name="record_pdf"),
]
