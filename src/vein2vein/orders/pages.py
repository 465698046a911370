"""Pages of orders: the list, a new order, one treatment course with what may be done next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods

from vein2vein.core import clock
from vein2vein.core.actor import HOSPITAL_ROLES, Actor, Role
from vein2vein.core.ids import OrderId
from vein2vein.core.refusals import N_, Blocker, Refusal
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.parsing import parse_form
from vein2vein.doors.performing import perform, spec_of
from vein2vein.doors.presenting import problem, shown
from vein2vein.doors.work import WorkItem, place, work
from vein2vein.engines.definitions import Definition
from vein2vein.identity.states import Sex
from vein2vein.network.reads import get_site_by_id
from vein2vein.orders import drafting, reads
from vein2vein.orders.states import Moment, OrderRoute, OrderState, VirologyResult
from vein2vein.therapies.reads import content_of, effective_definition, list_definitions
from vein2vein.therapies.states import DefinitionState

place("orders:orders", N_("Orders"))

_S = OrderState
_BEFORE_THAW = frozenset(state for state in _S if state not in (_S.THAWED, _S.INFUSED, _S.CLOSED, _S.CANCELLED))
_MOMENTS = {
    Moment.COLLECTION: frozenset({_S.ACCEPTED}),
    Moment.PRODUCT_SHIPMENT: frozenset({_S.MANUFACTURED, _S.RELEASED}),
    Moment.LYMPHODEPLETION: frozenset({_S.AT_SITE}),
}
Order = reads.OrderRow
Find = Callable[[Order, datetime], Sequence[Blocker]]


def _none(order: Order, at: datetime) -> Sequence[Blocker]:
    del order, at
    return ()


def _prescription(order: Order, at: datetime) -> Sequence[Blocker]:
    return reads.prescription_blockers(order, at=at)


def _collection(order: Order, at: datetime) -> Sequence[Blocker]:
    return reads.reconfirmation_blockers(order, reads.definition_of(order), moment=Moment.COLLECTION, at=at)


def _clearance(order: Order, at: datetime) -> Sequence[Blocker]:
    return reads.clearance_blockers(order, at=at)


@dataclass(frozen=True, slots=True)
class _Next:
    """An action that a course offers in some states, with the rule that may grey it."""

    action: str
    states: frozenset[OrderState]
    blockers: Find = _none


NEXT = (
    _Next("orders.submit_order", frozenset({_S.DRAFTED}), _prescription),
    _Next("orders.accept_order", frozenset({_S.SUBMITTED}), _prescription),
    _Next("orders.start_collection", frozenset({_S.ACCEPTED}), _collection),
    _Next("orders.activate_kit_label", frozenset({_S.COLLECTING})),
    _Next("orders.record_collection", frozenset({_S.COLLECTING})),
    _Next("orders.clear_for_lymphodepletion", frozenset({_S.RELEASED, _S.DISPATCHED, _S.AT_SITE}), _clearance),
    _Next("orders.report_lymphodepletion", _BEFORE_THAW - {_S.DRAFTED, _S.SUBMITTED}),
    _Next("orders.confirm_dose", frozenset({_S.AT_SITE, _S.CLEARED})),
    _Next("orders.thaw_product", frozenset({_S.CLEARED, _S.THAWED})),
    _Next("orders.match_at_bedside", frozenset({_S.THAWED})),
    _Next("orders.start_infusion", frozenset({_S.THAWED})),
    _Next("orders.record_infusion", frozenset({_S.THAWED})),
    _Next("orders.record_visit", frozenset({_S.INFUSED})),
    _Next("orders.close_order", frozenset({_S.INFUSED})),
    _Next("orders.confirm_weight", _BEFORE_THAW),
    _Next("orders.cancel_order", _BEFORE_THAW),
)


@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """List the orders that this person may see."""
    by = actor_of(request)
    after, state = request.GET.get("after"), request.GET.get("state")
    found = reads.list_orders(
        state=OrderState(state) if state in list(OrderState) else None,
        limit=100,
        after=UUID(after) if after else None,
        by=by,
    )
    therapies = list_definitions(state=DefinitionState.APPROVED, by=by)
    may_draft = by.has_any(spec_of("orders.draft_order").roles)
    context = {
        "orders": found,
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
    context = {
        "order": found,
        "indication": _indication(definition, found.indication_code),
        "dose": reads.get_dose(order_id=OrderId(found.pk), by=by),
        "virology": found.virology.order_by("marker"),
        "prior_therapies": found.prior_therapies.order_by("drug_class"),
        "eligibility": [shown(one) for one in reads.prescription_blockers(found, at=at)] if early else [],
        "early": early,
        "reconfirmations": found.reconfirmations.order_by("confirmed_at"),
        "collection": reads.find_collection(found),
        "bags": found.bags.select_related("container").order_by("id"),
        "infusions": found.infusions.select_related("bag__container").order_by("started_at"),
        "visits": found.visits.order_by("day"),
        "offers": _offers(found, by, at),
    }
    return render(request, "orders/order.html", context)


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
    for one in NEXT:
        if found.state in one.states:
            blockers = one.blockers(found, at)
            offers.append(offer(one.action, by=by, given=given, blockers=blockers, choices=_choices(one.action, found)))
    return sorted(offers, key=lambda one: not one.allowed)


def _choices(action: str, found: Order) -> dict[str, list[tuple[str, str]]] | None:
    if action == "orders.record_visit":
        chinese = (get_language() or "").startswith("zh")
        visits = found.visits.exclude(state="held").order_by("day")
        return {"visit": [(one.code, one.name_zh if chinese else one.name_en) for one in visits]}
    if action == "orders.record_collection":
        known = reads.definition_of(found).therapy.starting_materials
        return {"alternative": [(one.id, one.name.said_in(get_language() or "en")) for one in known]}
    return None


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


_WORK: tuple[tuple[Role, OrderState, str], ...] = (
    (Role.PHYSICIAN, _S.DRAFTED, N_("Prescribe")),
    (Role.PLANNER, _S.SUBMITTED, N_("Accept order")),
    (Role.COORDINATOR, _S.ACCEPTED, N_("Prepare the collection")),
    (Role.APHERESIS_NURSE, _S.ACCEPTED, N_("Start collection")),
    (Role.APHERESIS_NURSE, _S.COLLECTING, N_("Finish collection")),
    (Role.PHYSICIAN, _S.RELEASED, N_("Reconfirm before the product is shipped")),
    (Role.PHYSICIAN, _S.AT_SITE, N_("Clear to lymphodeplete")),
    (Role.PHYSICIAN, _S.CLEARED, N_("Confirm the dose")),
    (Role.CELL_LAB, _S.CLEARED, N_("Thaw product")),
    (Role.INFUSION_NURSE, _S.THAWED, N_("Match at the bedside and infuse")),
)


@work("orders")
def work_here(by: Actor) -> list[WorkItem]:
    """List the courses that wait for this person."""
    if not by.has_any(HOSPITAL_ROLES | {Role.PLANNER}):
        return []
    found = []
    for role, state, title in _WORK:
        if role in by.roles:
            found += [
                WorkItem(
                    title=gettext(title),
                    subject=one.code if one.coi is None else f"{one.code} · {one.coi.code}",
                    url=reverse("orders:order", args=[one.pk]),
                    due_at=one.collection_planned_at if state in (_S.ACCEPTED, _S.SUBMITTED, _S.DRAFTED) else None,
                    urgent=state in (_S.COLLECTING, _S.THAWED),
                )
                for one in reads.list_orders(state=state, limit=50, by=by)
            ]
    return found


urlpatterns = [
    path("orders", orders, name="orders"),
    path("orders/new/<slug:therapy_code>", draft, name="draft"),
    path("orders/<uuid:order_id>", order, name="order"),
]
