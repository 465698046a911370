"""Pages of planning: the board, a plan with what it changes, what happened, the dates that can be promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import OrderId, PlanId
from vein2vein.core.refusals import Blocker, Refusal
from vein2vein.doors.beside import Beside, register_beside
from vein2vein.doors.listing import listed
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.presenting import shown
from vein2vein.doors.templatetags.doors import stamp
from vein2vein.orders.reads import find_order, get_order, orders_seen
from vein2vein.orders.states import OrderState
from vein2vein.planning import allowances, board, reads, rules, telling
from vein2vein.planning.changes import Changes
from vein2vein.planning.courses import PLANT
from vein2vein.planning.current import find_draft, find_in_force
from vein2vein.planning.frame import Frame
from vein2vein.planning.naming import names_of
from vein2vein.planning.states import PlanState
from vein2vein.planning.working import TITLES

TABLE_DAYS = 7
"""How many days the table under the board tells."""


@require_GET
def planner(request: HttpRequest) -> HttpResponse:
    """Show the draft that is worked on, or the plan in force, or how the first one is made."""
    by = actor_of(request)
    row = find_draft(PLANT) or find_in_force(PLANT)
    return _show(request, row, by)


@require_GET
def plan(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Show one plan."""
    by = actor_of(request)
    return _show(request, reads.get_plan(plan_id=PlanId(plan_id), by=by), by)


def _show(request: HttpRequest, row: reads.PlanRow | None, by: Actor) -> HttpResponse:
    reads.list_plans(limit=1, by=by)  # refuses those who may not read plans
    context: dict[str, Any] = {"plan": row, "make": offer("planning.make_plan", by=by, given={"plant": PLANT})}
    context |= {"said": allowances.SAID, "happened": len(reads.list_open_disruptions())}
    if row is None:
        return render(request, "planning/board.html", context)
    bars = board.bars(row, by, days=TABLE_DAYS)
    changes = Changes.from_json(row.changes)
    names = names_of(orders_seen(by).filter(code__in=sorted({one.order_code for one in changes.moves})))
    context |= {
        "gap": reads.gap_of(row),
        "bars": bars,
        "moves": telling.lines(changes.moves, names),
        "dates": [
            (one, telling.why_said(one.why, names), _confirm(row, one, by)) for one in reads.changes_of_plan(row)
        ],
        "broken": [(one, telling.BREACHES[one["what"]], telling.why_said(one["why"], names)) for one in changes.broken],
        "told": _told(changes, by),
        "draft": row.state == PlanState.DRAFT,
        "offers": _offers(row, bars, by),
        "data_url": reverse("planning:board_data", args=[row.pk]),
        "check_url": reverse("planning:check", args=[row.pk]),
    }
    return render(request, "planning/board.html", context)


def _told(changes: Changes, by: Actor) -> list[Any]:
    codes = {*changes.told, *(one.order_code for one in changes.promises)}
    return list(orders_seen(by).filter(code__in=sorted(codes)))


def _confirm(row: reads.PlanRow, change: Any, by: Actor) -> Offer | None:
    if change.confirmed_at is not None or row.state != PlanState.DRAFT:
        return None
    return offer("planning.confirm_date", by=by, given={"plan_id": row.pk, "order_code": change.promise.order.code})


def _offers(row: reads.PlanRow, bars: list[board.Bar], by: Actor) -> list[Offer]:
    if row.state != PlanState.DRAFT:
        return []
    given = {"plan_id": row.pk}
    free = [one for one in bars if not one.fixed]
    orders = sorted({one.order_code for one in free})
    names = names_of(orders_seen(by).filter(code__in=orders))
    operations = {one.operation: telling.operation_name(one.operation, names) for one in free}
    found = [
        offer("planning.adopt_plan", by=by, given=given, blockers=reads.adoption_blockers(row)),
        offer(
            "planning.move_operation",
            by=by,
            given=given,
            choices={"order_code": [(one, one) for one in orders], "operation": list(operations.items())},
        ),
    ]
    if row.parent_id is not None:
        found.append(offer("planning.undo_move", by=by, given=given))
    return found


@require_GET
def board_data(request: HttpRequest, plan_id: UUID) -> JsonResponse:
    """Return a plan's rows and bars for the board's script."""
    by = actor_of(request)
    return JsonResponse(board.data_of(reads.get_plan(plan_id=PlanId(plan_id), by=by), by))


@require_GET
def check(request: HttpRequest, plan_id: UUID) -> JsonResponse:
    """Say what speaks against a move, while it is dragged."""
    by = actor_of(request)
    row = reads.get_plan(plan_id=PlanId(plan_id), by=by)
    asked = request.GET
    try:
        at = datetime.fromisoformat(asked.get("starts_at", "").replace("Z", "+00:00"))
        found = list(rules.draft_blockers(row.state)) or board.proposal_blockers(
            row,
            order_code=asked.get("order_code", ""),
            operation=asked.get("operation", ""),
            starts_at=at,
            unit=asked.get("unit", ""),
        )
    except (ValueError, TypeError):
        return JsonResponse({"blockers": [gettext("This is no time")]}, status=400)
    local = timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")
    said = _sentences(found, row, asked.get("order_code", ""), by)
    return JsonResponse({"blockers": said, "local": local})


def _sentences(found: list[Blocker], row: reads.PlanRow, order_code: str, by: Actor) -> list[str]:
    """Return what the checker says in the planner's words, each thing once."""
    names, frame = names_of(orders_seen(by).filter(code=order_code)), Frame(row.origin_at)
    said = (telling.against(one, frame.at, names) or shown(one)["message"] for one in found)
    return list(dict.fromkeys(said))[:6]


@require_GET
def disruptions(request: HttpRequest) -> HttpResponse:
    """Show what happened to the plan, who is off, and how it is answered."""
    by = actor_of(request)
    reads.list_disruptions(limit=1, by=by)  # refuses those who may not
    waiting = reads.list_open_disruptions()
    found = listed(request, lambda limit, after: reads.list_disruptions(limit=limit, after=after, by=by))
    draft = find_draft(PLANT)
    context = {
        "open": [(one, TITLES[one.kind], _settle(one, by)) for one in waiting],
        "settled": [(one, TITLES[one.kind]) for one in found.rows if one.settled_at is not None],
        "listed": found,
        "absences": [(one, _there_again(one, by)) for one in reads.list_absences(by=by)],
        "absence": offer("planning.record_absence", by=by, given={"plant": PLANT}),
        "make": offer("planning.make_plan", by=by, given={"plant": PLANT}),
        "draft": draft,
    }
    return render(request, "planning/disruptions.html", context)


def _settle(one: reads.DisruptionRow, by: Actor) -> Offer:
    return offer("planning.settle_disruption", by=by, given={"disruption_id": one.pk})


def _there_again(one: Any, by: Actor) -> Offer:
    return offer("planning.withdraw_absence", by=by, given={"absence_id": one.pk, "plant": PLANT})


@require_GET
def promises(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show the dates that can be promised for an order, each with what it costs and the act that promises it."""
    by = actor_of(request)
    order = get_order(order_id=OrderId(order_id), by=by)
    offered: list[tuple[Any, Offer]] = []
    blockers: list[dict[str, str]] = []
    try:
        for one in reads.list_promises(order_id=OrderId(order_id), by=by):
            given = {
                "order_id": order.pk,
                "collection_at": one.collection_at,
                "infusion_at": one.infusion_at,
            }
            offered.append((one, offer("planning.promise_date", by=by, given=given, blockers=one.blockers)))
    except Refusal as refusal:
        blockers = [shown(one) for one in refusal.blockers]
    standing = reads.find_promise(order.pk)
    context = {
        "order": order,
        "offered": offered,
        "blockers": blockers,
        "promise": standing,
        "release": None
        if standing is None
        else offer(
            "planning.release_promise",
            by=by,
            given={"order_id": order.pk},
            blockers=rules.release_blockers(order.state, planner=Role.PLANNER in by.roles),
        ),
        "now": clock.now(),
    }
    return render(request, "planning/promises.html", context)


def _beside_order(order_id: UUID, by: Actor) -> list[Beside]:
    """Tell an order's page its promised date, or that one can be promised."""
    order = find_order(order_id)
    url = reverse("planning:promises", args=[order_id])
    promise = reads.find_promise(order_id)
    if promise is not None:
        text = gettext("infusion %(at)s, collection %(collection)s") % {
            "at": stamp(promise.infusion_at),
            "collection": stamp(promise.collection_at),
        }
        return [Beside(gettext("Promised date"), text, url)]
    if order is None or not by.has_any(reads.PROMISERS) or order.state not in rules.PROMISABLE:
        return []
    if order.state == OrderState.ACCEPTED and Role.PLANNER not in by.roles:
        ask = reverse("act", args=["orders.request_date"]) + f"?order_id={order_id}"
        return [Beside(gettext("Promised date"), gettext("none was promised: ask the base for another date"), ask)]
    return [Beside(gettext("Promised date"), gettext("none yet: see the dates that are free"), url)]


register_beside("order", _beside_order)

urlpatterns = [
    path("planning", planner, name="board"),
    path("planning/plans/<uuid:plan_id>", plan, name="plan"),
    path("planning/plans/<uuid:plan_id>/board.json", board_data, name="board_data"),
    path("planning/plans/<uuid:plan_id>/check.json", check, name="check"),
    path("planning/disruptions", disruptions, name="disruptions"),
    path("planning/promises/<uuid:order_id>", promises, name="promises"),
]
