"""Pages for hospital and base alike: late findings, and how a treatment course stands with quality."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from vein2vein.core.actor import HOSPITAL_ROLES, Actor
from vein2vein.core.ids import AlertId, BatchId, OrderId
from vein2vein.core.refusals import N_
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.work import Menu, place
from vein2vein.orders.queues import part_given
from vein2vein.orders.reads import get_order
from vein2vein.quality import reads, rules
from vein2vein.quality.states import AlertMoment, AlertState, ObligationState, ProductHold, RequestState

place("quality:alerts", N_("Late findings"), Menu.TREATMENT, roles=frozenset({*HOSPITAL_ROLES, *reads.READERS}))


@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """List the late findings that this person may see, those that nobody acknowledged first."""
    found = reads.list_alerts(limit=200, by=actor_of(request))
    order = list(AlertState)
    return render(
        request, "quality/alerts.html", {"alerts": sorted(found, key=lambda one: order.index(AlertState(one.state)))}
    )


@require_GET
def alert(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Show one late finding: who was called, who acknowledged it, what was done, and what is next."""
    by = actor_of(request)
    found = reads.get_alert(alert_id=AlertId(alert_id), by=by)
    context = {
        "alert": found,
        "part_given": part_given(found.order),
        "called": sorted(role.value for role in rules.called_at(found.level)),
        "offers": list(_alert_offers(found, by)),
    }
    return render(request, "quality/alert.html", context)


def _alert_offers(alert: reads.AlertRow, by: Actor) -> Iterator[Offer]:
    given = {"alert_id": alert.pk}
    deviations = [one.code for one in reads.blocking_deviations(alert.batch_id, alert.coi_id)]
    if alert.state == AlertState.RAISED:
        yield offer("quality.acknowledge_alert", by=by, given=given)
    if alert.state in (AlertState.RAISED, AlertState.ACKNOWLEDGED):
        shut = rules.report_blockers(state=alert.state, reference=".")
        yield offer("quality.report_alert", by=by, given=given, blockers=shut)
    if alert.moment == AlertMoment.BEFORE_INFUSION and not alert.product_decision:
        stands = reads.finding_stands(alert)
        for decision in ProductHold:
            shut = rules.held_blockers(
                moment=alert.moment,
                decided="",
                decision=decision,
                finding_stands=stands,
                deviations=deviations,
                reason=".",
            )
            yield offer("quality.decide_held_product", by=by, given=given | {"decision": decision}, blockers=shut)
    if alert.state != AlertState.CLOSED:
        shut = rules.close_alert_blockers(
            state=alert.state,
            moment=alert.moment,
            product_decision=alert.product_decision,
            deviations=deviations,
            reason=".",
        )
        yield offer("quality.close_alert", by=by, given=given, blockers=shut)


@require_GET
def course(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show how a course stands with quality: conformity, the exceptional request, late findings, obligations."""
    by = actor_of(request)
    order = get_order(order_id=OrderId(order_id), by=by)
    rows = []
    obligations = []
    for standing in reads.list_course_standings(order_id=OrderId(order_id), by=by):
        batch = BatchId(standing.batch_id)
        asked = reads.list_requests(batch_id=batch, by=by)
        rows.append((standing, asked, list(_request_offers(standing, asked, by))))
        for one in reads.list_obligations(batch_id=batch, by=by):
            due = one.state == ObligationState.OPEN
            fulfil = offer("quality.fulfil_obligation", by=by, given={"obligation_id": one.pk}) if due else None
            obligations.append((one, fulfil))
    context = {
        "order": order,
        "standings": rows,
        "alerts": reads.list_alerts(order_id=OrderId(order_id), by=by),
        "obligations": obligations,
    }
    return render(request, "quality/course.html", context)


def _request_offers(standing: reads.BatchStanding, requests: list[reads.RequestRow], by: Actor) -> Iterator[Offer]:
    """Offer the next step of a request, greyed by the hard block where the route knows no exceptional release."""
    if standing.decided or standing.overall != "does_not_conform":
        return
    live = next((one for one in requests if one.state != RequestState.DECLINED), None)
    if live is None:
        shut = rules.route_blockers(
            market=standing.market, route=standing.route, rule_found=standing.exceptional_release
        )
        given = {"batch_id": standing.batch_id}
        yield offer("quality.request_exceptional_release", by=by, given=given, blockers=shut)
        return
    given = {"request_id": live.pk}
    if live.state == RequestState.REQUESTED:
        own = rules.second_physician_blockers(
            by=str(by.account_id), requested_by=str(live.requested_by_id), name=by.name
        )
        yield offer("quality.support_exceptional_request", by=by, given=given, blockers=own)
    if live.state == RequestState.SUPPORTED:
        yield offer("quality.evaluate_exceptional_risk", by=by, given=given)
    yield offer("quality.decline_exceptional_request", by=by, given=given)
