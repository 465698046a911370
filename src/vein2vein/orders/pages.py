"""Pages of orders: the list, a new order, one treatment course with what may be done next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language, gettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import DocumentId, OrderId
from vein2vein.core.refusals import N_, Blocker, Refusal
from vein2vein.doors.arranging import DATES, PATIENT, STOP, WRONG, fold
from vein2vein.doors.beside import beside
from vein2vein.doors.keeping import kept
from vein2vein.doors.listing import listed
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.parsing import parse_form
from vein2vein.doors.performing import perform, spec_of
from vein2vein.doors.presenting import problem, shown
from vein2vein.doors.work import Menu, place
from vein2vein.engines.definitions import Definition
from vein2vein.identity.pages import register_kit_offer
from vein2vein.identity.reads import has_open_kit
from vein2vein.identity.rules import kit_blockers
from vein2vein.identity.states import Sex
from vein2vein.network.reads import get_site_by_id
from vein2vein.orders import drafting, hospital, queues, reads, rules
from vein2vein.orders.rules import copies, ways_out
from vein2vein.orders.rules.hospital import wish_blockers
from vein2vein.orders.states import (
    BEFORE_APHERESIS,
    ENDABLE,
    ENDED,
    STOPPABLE,
    CourseDecision,
    DateRequestState,
    Moment,
    ObstacleKind,
    OrderRoute,
    OrderState,
    VirologyResult,
    VisitOutcome,
)
from vein2vein.therapies.reads import content_of, effective_definition, list_definitions
from vein2vein.therapies.states import DefinitionState

place("orders:orders", N_("Orders"), Menu.TREATMENT)
fold(WRONG, "orders.fail_collection", "orders.interrupt_infusion", "orders.resume_infusion", "orders.refuse_infusion")
fold(
    PATIENT,
    "orders.confirm_weight",
    "orders.renew_eligibility",
    "orders.report_obstacle",
    "orders.report_lymphodepletion",
    "orders.report_death",
)
fold(DATES, "orders.request_date", "orders.reschedule_collection", "orders.share_document")
fold(STOP, "orders.give_slot_back", "orders.cancel_order", "orders.end_course", "orders.withdraw_consent")

_S = OrderState
_BEFORE_THAW = frozenset(
    state for state in _S if state not in (_S.THAWED, _S.INFUSED, _S.CLOSED, _S.STOPPED, _S.CANCELLED)
)
_NOT_OVER = frozenset(_S) - frozenset(ENDED)
_EARLY = frozenset(BEFORE_APHERESIS)
_KIT_STATES = frozenset({_S.ACCEPTED, _S.COLLECTING, _S.COLLECTED})
_LEFT = frozenset({_S.STOPPED, _S.INFUSED, _S.CLOSED, _S.CANCELLED})
_MOMENTS = {
    Moment.COLLECTION: frozenset({_S.ACCEPTED, _S.COLLECTED}),
    Moment.PRODUCT_SHIPMENT: frozenset({_S.MANUFACTURED, _S.RELEASED}),
    Moment.LYMPHODEPLETION: frozenset({_S.AT_SITE}),
}
Order = reads.OrderRow
Find = Callable[[Order, datetime], Sequence[Blocker]]


def _kit_offer(coi_id: UUID, by: Actor) -> Offer | None:
    """Offer the kit of a chain's order where its labels are wanted."""
    found = reads.find_order_of_chain(coi_id)
    if found is None or found.state not in _KIT_STATES:
        return None
    given = {"order_id": found.pk}
    return offer("orders.print_collection_kit", by=by, given=given, blockers=_kit(found, clock.now()))


register_kit_offer(_kit_offer)


def _only_copy(order: Order, at: datetime) -> Sequence[Blocker]:
    del at
    accepted = order.single_copy_accepted_at is not None
    held = frozenset({reads.definition_of(order).supply.back_up.accepted_by})
    return copies.acceptance_blockers(accepted_by=next(iter(held)), held=held, accepted=accepted)


def _none(order: Order, at: datetime) -> Sequence[Blocker]:
    del order, at
    return ()


def _prescription(order: Order, at: datetime) -> Sequence[Blocker]:
    return reads.prescription_blockers(order, at=at)


def _collection(order: Order, at: datetime) -> Sequence[Blocker]:
    return reads.collection_blockers(order, at=at)


def _clearance(order: Order, at: datetime) -> Sequence[Blocker]:
    return reads.clearance_blockers(order, at=at)


def _kit(order: Order, at: datetime) -> Sequence[Blocker]:
    del at
    coi_id = reads.coi_of(order)
    wishes = rules.kit_wishes(reads.definition_of(order), order.starting_material, spare=0)
    return kit_blockers(wishes, chain_open=True, unreconciled=has_open_kit(coi_id))


def _waiting_request(order: Order, at: datetime) -> Sequence[Blocker]:
    standing = order.date_requests.filter(state=DateRequestState.REQUESTED).exists()
    soon, planned = at + timedelta(minutes=1), order.collection_planned_at
    return wish_blockers(soon, planned_at=planned, at=at, standing=standing) if standing else ()


@dataclass(frozen=True, slots=True)
class _Next:
    """An action that a course offers in some states, with the rule that may grey it."""

    action: str
    states: frozenset[OrderState]
    blockers: Find = _none


NEXT = (
    _Next("orders.submit_order", frozenset({_S.DRAFTED}), _prescription),
    _Next("orders.accept_order", frozenset({_S.SUBMITTED}), _prescription),
    _Next("orders.decide_course", frozenset({_S.STOPPED})),
    _Next("orders.start_collection", frozenset({_S.ACCEPTED, _S.COLLECTED}), _collection),
    _Next("orders.print_collection_kit", _KIT_STATES, _kit),
    _Next("orders.activate_kit_label", frozenset({_S.COLLECTING})),
    _Next("orders.record_collection", frozenset({_S.COLLECTING})),
    _Next("orders.fail_collection", frozenset({_S.COLLECTING})),
    _Next("orders.clear_for_lymphodepletion", frozenset({_S.RELEASED, _S.DISPATCHED, _S.AT_SITE}), _clearance),
    _Next("orders.plan_infusion", frozenset({_S.RELEASED, _S.DISPATCHED, _S.AT_SITE, _S.CLEARED, _S.THAWED})),
    _Next("orders.report_lymphodepletion", _BEFORE_THAW - {_S.DRAFTED, _S.SUBMITTED}),
    _Next("orders.confirm_dose", frozenset({_S.AT_SITE, _S.CLEARED})),
    _Next("orders.thaw_product", frozenset({_S.CLEARED, _S.THAWED})),
    _Next("orders.match_at_bedside", frozenset({_S.THAWED})),
    _Next("orders.start_infusion", frozenset({_S.THAWED})),
    _Next("orders.record_infusion", frozenset({_S.THAWED})),
    _Next("orders.interrupt_infusion", frozenset({_S.THAWED})),
    _Next("orders.resume_infusion", frozenset({_S.THAWED})),
    _Next("orders.refuse_infusion", frozenset({_S.THAWED})),
    _Next("orders.record_visit", frozenset({_S.INFUSED})),
    _Next("orders.close_order", frozenset({_S.INFUSED})),
    _Next("orders.confirm_weight", _BEFORE_THAW | {_S.STOPPED}),
    _Next("orders.accept_single_copy", frozenset({_S.MANUFACTURED, _S.RELEASED}), _only_copy),
    _Next("orders.decide_unused", _LEFT),
    _Next("orders.destroy_unused", _LEFT),
    _Next("orders.renew_eligibility", _EARLY | {_S.STOPPED}),
    _Next("orders.request_date", frozenset({_S.ACCEPTED}), _waiting_request),
    _Next("orders.share_document", frozenset(_S)),
    _Next("orders.reschedule_collection", frozenset({_S.ACCEPTED})),
    _Next("orders.give_slot_back", frozenset({_S.ACCEPTED})),
    _Next("orders.cancel_order", _EARLY),
    _Next("orders.end_course", frozenset(ENDABLE)),
    _Next("orders.withdraw_consent", _NOT_OVER),
    _Next("orders.report_death", _NOT_OVER),
)


@require_GET
@kept
def orders(request: HttpRequest) -> HttpResponse:
    """List the orders that this person may see."""
    by = actor_of(request)
    asked = request.GET.get("state")
    state = OrderState(asked) if asked in list(OrderState) else None
    found = listed(
        request, lambda limit, after: reads.list_orders(state=state, limit=limit, after=after, newest=True, by=by)
    )
    therapies = list_definitions(state=DefinitionState.APPROVED, by=by)
    may_draft = by.has_any(spec_of("orders.draft_order").roles)
    context = {
        "orders": found.rows,
        "listed": found,
        "states": list(OrderState),
        "state": state,
        "therapies": therapies,
        "may_draft": may_draft,
    }
    return render(request, "orders/orders.html", context)


@require_GET
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show one treatment course: prescription, eligibility, dose, collection, infusion, visits, and what comes next."""
    by = actor_of(request)
    found = reads.get_order(order_id=OrderId(order_id), by=by)
    definition, at = reads.definition_of(found), clock.now()
    early = found.state in (OrderState.DRAFTED, OrderState.SUBMITTED)
    requests = hospital.list_date_requests(order_id=OrderId(found.pk), by=by)
    documents = hospital.list_documents(order_id=OrderId(found.pk), limit=200, by=by)
    context = {
        "order": found,
        "indication": _indication(definition, found.indication_code),
        "dose": reads.get_dose(order_id=OrderId(found.pk), by=by),
        "virology": found.virology.order_by("marker"),
        "prior_therapies": found.prior_therapies.order_by("drug_class"),
        "eligibility": [shown(one) for one in _eligibility(found, at)],
        "early": early or found.state == OrderState.ACCEPTED,
        "reconfirmations": found.reconfirmations.order_by("confirmed_at"),
        "collections": found.collections.select_related("container").order_by("ordinal"),
        "interruptions": found.interruptions.order_by("stopped_at"),
        "obstacles": found.obstacles.order_by("reported_at"),
        "only_copy": found.state == _S.RELEASED and [shown(one) for one in queues.only_copy_blockers(found)],
        "left": queues.unused_of(found),
        "bags": found.bags.select_related("container").order_by("id"),
        "beds": queues.list_beds(found),
        "beside": beside("order", found.pk, by),
        "infusions": found.infusions.select_related("bag__container").order_by("started_at"),
        "visits": found.visits.order_by("day"),
        "requests": [(one, _answers(one, by)) for one in requests],
        "documents": [(one, _take_back(one, by)) for one in documents],
        "offers": _offers(found, by, at),
        "due": _due(found),
    }
    return render(request, "orders/order.html", context)


def _answers(asked: hospital.DateRequestRow, by: Actor) -> list[Offer]:
    """Return the forms by which a request for another date is answered or withdrawn, for those who may."""
    if asked.state != DateRequestState.REQUESTED:
        return []
    given, shows = {"request_id": asked.pk}, {"collection_planned_at": asked.wished_at}
    found = [offer("orders.agree_date", by=by, given=given, shows=shows)]
    found += [offer(f"orders.{one}", by=by, given=given) for one in ("decline_date", "withdraw_date_request")]
    return [one for one in found if one.allowed]


def _take_back(document: hospital.DocumentRow, by: Actor) -> Offer | None:
    if document.withdrawn_at is not None or document.of_hospital != (by.sites is not None):
        return None
    found = offer("orders.withdraw_document", by=by, given={"document_id": document.pk})
    return found if found.allowed else None


@require_GET
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Return a document exactly as it was handed in, to be saved and never shown as a page of ours."""
    found = hospital.get_document(DocumentId(document_id), by=actor_of(request))
    answer = HttpResponse(found.content, content_type="application/octet-stream")
    named = f"filename=\"document.{found.format}\"; filename*=UTF-8''{quote(found.filename)}"
    answer["Content-Disposition"] = f"attachment; {named}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store"
    return answer


def _eligibility(found: Order, at: datetime) -> Sequence[Blocker]:
    if found.state in (OrderState.DRAFTED, OrderState.SUBMITTED):
        return reads.prescription_blockers(found, at=at)
    return queues.lapsed_blockers(found, reads.definition_of(found)) if found.state == OrderState.ACCEPTED else ()


def _indication(definition: Definition, code: str) -> str:
    found = next((one for one in definition.therapy.indications if one.id == code), None)
    return code if found is None else found.name.said_in(get_language() or "en")


def _offers(found: Order, by: Actor, at: datetime) -> list[Offer]:
    given = {"order_id": found.pk}
    offers = [
        offer("orders.reconfirm_site", by=by, given={**given, "moment": moment})
        for moment, states in _MOMENTS.items()
        if found.state in states
    ]
    broken = found.state in STOPPABLE and bool(queues.unused_of(found))
    for one in NEXT:
        if found.state in one.states or (broken and one.action == "orders.destroy_unused"):
            choices = _choices(one.action, found)
            if choices is not None and not choices.get("scanned_container", True):
                continue
            offers.append(offer(one.action, by=by, given=given, blockers=one.blockers(found, at), choices=choices))
    return offers + _obstacles(found, by)


def _due(found: Order) -> frozenset[str]:
    """Return what is a course's next act now, though it is an exception at other times."""
    due = set()
    if found.state == _S.CLEARED and found.lymphodepletion_started_at is None:
        due.add("orders.report_lymphodepletion")
    if found.state == _S.STOPPED or (found.state == _S.ACCEPTED and _eligibility(found, clock.now())):
        due.add("orders.renew_eligibility")
    if found.infusions.filter(interrupted_at__isnull=False).exists():
        due.add("orders.resume_infusion")
    return frozenset(due)


def _obstacles(found: Order, by: Actor) -> list[Offer]:
    """Return the forms by which obstacles are reported, or lifted where they stand."""
    if found.state in (*ENDED, _S.INFUSED):
        return []
    standing = set(found.obstacles.filter(lifted_at__isnull=True).values_list("kind", flat=True))
    physician = Role.PHYSICIAN in by.roles
    return [
        offer(
            "orders.lift_obstacle" if kind.value in standing else "orders.report_obstacle",
            by=by,
            given={"order_id": found.pk, "kind": kind},
            blockers=ways_out.obstacle_role_blockers(kind, physician=physician),
        )
        for kind in ObstacleKind
    ]


def _choices(action: str, found: Order) -> dict[str, list[tuple[str, str]]] | None:
    if action == "orders.record_visit":
        chinese = (get_language() or "").startswith("zh")
        visits = found.visits.exclude(state="held").order_by("day")
        outcomes = [(one.value, pgettext("visit", one.value)) for one in VisitOutcome]
        return {"visit": [(one.code, one.name_zh if chinese else one.name_en) for one in visits], "outcome": outcomes}
    if action == "orders.record_collection":
        known = reads.definition_of(found).therapy.starting_materials
        return {"alternative": [(one.id, one.name.said_in(get_language() or "en")) for one in known]}
    if action == "orders.decide_course":
        return {"decision": [(one.value, gettext(one.value)) for one in _possible(found)]}
    if action in ("orders.decide_unused", "orders.destroy_unused"):
        destroying = action == "orders.destroy_unused"
        codes = [one.container.code for one in queues.unused_of(found) if one.to_destroy == destroying]
        return {"scanned_container": [(code, code) for code in codes]}
    return None


def _possible(found: Order) -> list[CourseDecision]:
    """Return how a stopped course can go on as things stand."""
    at, left = clock.now(), reads.left_of(found)
    return [
        one
        for one in CourseDecision
        if not ways_out.decision_blockers(one, left, state=found.state, planned_at=at, at=at)
    ]


@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, therapy_code: str) -> HttpResponse:
    """Show the form of a new order, made from the definition in force, or draft the order."""
    by = actor_of(request)
    version = effective_definition(therapy_code, clock.now().date())
    if version is None:
        return redirect("orders:orders")
    definition = content_of(version)
    context: dict[str, Any] = {"version": version, "form": drafting.form_of(definition, get_language() or "en")}
    context |= {"routes": list(OrderRoute), "sexes": list(Sex), "results": list(VirologyResult)}
    if request.method == "POST":
        try:
            raw = drafting.raw_arguments(definition, request.POST.dict())
            arguments = parse_form(spec_of("orders.draft_order").body, raw)
            answer = perform("orders.draft_order", arguments, by=by, key=request.POST.get("_key") or None)
            return redirect("orders:order", answer.body["id"])
        except Refusal as refusal:
            context |= {"problem": problem(refusal), "entered": request.POST.dict(), "key": drafting.new_key()}
            return render(request, "orders/draft.html", context, status=refusal.http_status)
    context |= {"key": drafting.new_key(), "entered": {"hospital_code": _own_code(by)}}
    return render(request, "orders/draft.html", context)


def _own_code(by: Actor) -> str:
    return get_site_by_id(next(iter(by.sites))).code if by.sites is not None and len(by.sites) == 1 else ""


urlpatterns = [
    path("orders", orders, name="orders"),
    path("orders/new/<slug:therapy_code>", draft, name="draft"),
    path("orders/<uuid:order_id>", order, name="order"),
    path("orders/documents/<uuid:document_id>", document, name="document"),
]
