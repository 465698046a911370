"""Pages of logistics: the list of shipments, and one shipment with what may be done next."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import OrderId, ShipmentId
from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.core.uploads import Upload
from vein2vein.doors.arranging import WRONG, fold
from vein2vein.doors.keeping import kept
from vein2vein.doors.listing import listed
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.logistics import printing, queues, reads, rules
from vein2vein.logistics.drawing import drawing_of
from vein2vein.logistics.states import ON_THE_WAY, ShipmentKind, ShipmentState
from vein2vein.orders.reads import get_order

CHANGE = N_("Stop this shipment")
fold(WRONG, "logistics.report_incident", "logistics.report_lost")
fold(CHANGE, "logistics.cancel_shipment")


@require_GET
@kept
def shipments(request: HttpRequest) -> HttpResponse:
    """List the shipments that this person may see."""
    by = actor_of(request)
    found = listed(request, lambda limit, after: reads.list_shipments(limit=limit, after=after, newest=True, by=by))
    context = {"shipments": found.rows, "listed": found, "overdue": _overdue(found.rows)}
    return render(request, "logistics/shipments.html", context)


def _overdue(found: list[reads.ShipmentRow]) -> set[UUID]:
    now = clock.now()
    return {one.pk for one in found if one.state in ON_THE_WAY and one.arrive_by is not None and one.arrive_by < now}


@require_GET
def plan(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show how a shipment of an order is planned: lane, shipping container, logger, permits."""
    by = actor_of(request)
    order = get_order(order_id=OrderId(order_id), by=by)
    product = order.state in rules.PLANNABLE[ShipmentKind.PRODUCT]
    kind = ShipmentKind.PRODUCT if product else ShipmentKind.STARTING_MATERIAL
    kind = ShipmentKind.RETURN if request.GET.get("kind") == ShipmentKind.RETURN else kind
    blockers, choices, permits = _plannable(order.pk, order.state, kind)
    one = offer(
        "logistics.plan_shipment",
        by=by,
        given={"order_id": order.pk, "kind": kind.value},
        shows={"permits": "\n".join(f"{name} = " for name in permits)},
        choices=choices,
        blockers=blockers,
    )
    planned = reads.find_shipment_of(order.pk, kind)
    return render(request, "logistics/plan.html", {"order": order, "kind": kind, "offer": one, "planned": planned})


def _plannable(
    order_id: UUID, state: str, kind: ShipmentKind
) -> tuple[list[Blocker], dict[str, list[tuple[str, str]]], list[str]]:
    found = rules.order_blockers(state, rules.PLANNABLE[kind])
    try:
        wanted = reads.wanted_of(order_id, kind)
    except Refused as refusal:
        return [*found, *refusal.blockers], {}, []
    choices = {
        name: [(code, code) for code in reads.free_equipment(equipment_class)]
        for name, equipment_class in (("shipper", wanted.journey.equipment_class), ("logger", reads.LOGGER_CLASS))
    }
    lanes = reads.lanes_between(wanted.journey)
    choices["lane"] = [("", gettext("quickest that fits")), *((one.code, one.code) for one in lanes)]
    return found, choices, sorted({name for one in lanes for name in one.permits})


@require_GET
def shipment(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """Show one shipment: contents, seal, custody, trace, and the next act with what refuses it."""
    by = actor_of(request)
    found = reads.get_shipment(shipment_id=ShipmentId(shipment_id), by=by)
    starting = found.kind == ShipmentKind.STARTING_MATERIAL
    planned = found.state == ShipmentState.PLANNED
    kind = ShipmentKind(found.kind)
    context = {
        "shipment": found,
        "contents": reads.expected_contents(found.order_id, kind) if planned else reads.packed_in(found),
        "milestones": reads.milestones_of(found),
        "permits": found.permits.order_by("name"),
        "trace": reads.find_trace(found.pk),
        "drawing": drawing_of(found),
        "receipt": reads.find_receipt(found.pk),
        "incidents": found.incidents.order_by("reported_at"),
        "referrals": found.referrals.select_related("container").order_by("id"),
        "age_h": reads.material_age_h(found) if starting and not planned and found.state != "received" else None,
        "custodian": reads.custodian_of(found),
        "standing": _standing(found) if starting and found.state == ShipmentState.RECEIVED else None,
        "offers": _offers(found, by),
    }
    return render(request, "logistics/shipment.html", context)


def _standing(found: reads.ShipmentRow) -> queues.MaterialStanding | None:
    """Return how several bags stand while some are accepted and others wait; None where there is nothing to say."""
    standing = queues.material_standing(found)
    return standing if standing.accepted and standing.waiting else None


def _offers(found: reads.ShipmentRow, by: Actor) -> list[Offer]:
    given = {"shipment_id": found.pk}
    now, state = clock.now(), found.state
    if state == ShipmentState.PLANNED:
        contents = reads.expected_contents(found.order_id, ShipmentKind(found.kind))
        blockers = reads.pack_blockers(found, contents, at=now)
        return [
            offer("logistics.pack_shipment", by=by, given=given, blockers=blockers),
            offer("logistics.cancel_shipment", by=by, given=given),
        ]
    if state == ShipmentState.LOST:
        return [offer("logistics.report_found", by=by, given=given)]
    if state in (ShipmentState.PACKED, ShipmentState.IN_TRANSIT):
        leaving = state == ShipmentState.PACKED
        blockers = reads.dispatch_blockers(found, at=now) if leaving else []
        first = offer("logistics.hand_over_shipment", by=by, given=given, blockers=blockers)
        if leaving:
            return [
                first,
                offer("logistics.cancel_shipment", by=by, given=given),
                _relabel(found, by),
                _incident(found, by),
            ]
        return [
            offer("logistics.deliver_shipment", by=by, given=given),
            first,
            _relabel(found, by),
            *_mishaps(found, by),
        ]
    if state == ShipmentState.DELIVERED:
        return [offer("logistics.receive_shipment", by=by, given=given), *_mishaps(found, by)]
    made = [offer("logistics.review_excursion", by=by, given=given)] if state == ShipmentState.QUARANTINED else []
    return [*made, *_material_offers(found, by)]


def _relabel(found: reads.ShipmentRow, by: Actor) -> Offer:
    return offer("logistics.reprint_shipping_label", by=by, given={"shipment_id": found.pk})


def _incident(found: reads.ShipmentRow, by: Actor) -> Offer:
    return offer("logistics.report_incident", by=by, given={"shipment_id": found.pk})


def _mishaps(found: reads.ShipmentRow, by: Actor) -> list[Offer]:
    return [_incident(found, by), offer("logistics.report_lost", by=by, given={"shipment_id": found.pk})]


def _material_offers(found: reads.ShipmentRow, by: Actor) -> list[Offer]:
    """Return the forms of the receipt gate: count, referral, judgement, rejection, QA's word on age."""
    given, made = {"shipment_id": found.pk}, []
    waiting = [(one.code, one.code) for one in reads.uncounted(found)]
    if waiting:
        blockers = reads.accept_blockers(found, at=clock.now())
        made += [
            offer(f"logistics.{verb}", by=by, given=given, blockers=blockers)
            for verb in ("accept_material", "refer_material")
        ]
        if any(one.code == "logistics.too_old" for one in blockers):
            made.append(offer("logistics.permit_aged_material", by=by, given=given))
        choices = {"scanned_container": waiting}
        made.append(offer("logistics.reject_material", by=by, given=given, choices=choices))
    for one in found.referrals.select_related("container").filter(container__disposition="quarantined"):
        judged = {**given, "scanned_container": one.container.code}
        made.append(offer("logistics.judge_material", by=by, given=judged))
    return made


def _file(upload: Upload, media_type: str) -> HttpResponse:
    response = HttpResponse(upload.content, content_type=media_type)
    response["Content-Disposition"] = f'inline; filename="{upload.filename}"'
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def label(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """Return the shipping label as PDF."""
    return _file(
        printing.print_shipping_label(shipment_id=ShipmentId(shipment_id), by=actor_of(request)), "application/pdf"
    )


@require_GET
def travel_papers(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """Return the travel papers as PDF."""
    return _file(
        printing.print_travel_papers(shipment_id=ShipmentId(shipment_id), by=actor_of(request)), "application/pdf"
    )


@require_GET
def label_picture(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """Return the shipping label as it will be printed, to be looked at before it is."""
    seen = printing.look_at_shipping_label(shipment_id=ShipmentId(shipment_id), by=actor_of(request))
    return _file(seen, "image/png")


@require_GET
def travel_papers_picture(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """Return the first page of the travel papers, to be looked at before they are printed."""
    seen = printing.look_at_travel_papers(shipment_id=ShipmentId(shipment_id), by=actor_of(request))
    return _file(seen, "image/png")


@require_GET
def trace_file(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """Return the logger's file as it came."""
    found = reads.get_trace_file(shipment_id=ShipmentId(shipment_id), by=actor_of(request))
    response = HttpResponse(found.content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{shipment_id}-trace.csv"'
    return response


urlpatterns = [
    path("shipments", shipments, name="list"),
    path("shipments/plan/<uuid:order_id>", plan, name="plan"),
    path("shipments/<uuid:shipment_id>", shipment, name="shipment"),
    path("shipments/<uuid:shipment_id>/label.pdf", label, name="label"),
    path("shipments/<uuid:shipment_id>/travel-papers.pdf", travel_papers, name="travel_papers"),
    path("shipments/<uuid:shipment_id>/label.png", label_picture, name="label_picture"),
    path("shipments/<uuid:shipment_id>/travel-papers.png", travel_papers_picture, name="travel_papers_picture"),
    path("shipments/<uuid:shipment_id>/trace.csv", trace_file, name="trace_file"),
]
