"""Pages of quality: deviations, and the disposition of a batch with every gate and its very blockers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId, DeviationId, OrderId
from vein2vein.core.numbers import written
from vein2vein.core.refusals import N_, Blocker
from vein2vein.core.uploads import Upload
from vein2vein.doors.keeping import kept
from vein2vein.doors.listing import listed
from vein2vein.doors.naming import chinese
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.presenting import shown
from vein2vein.doors.showing import version_of
from vein2vein.doors.work import Menu, place
from vein2vein.engines.assays import Overall
from vein2vein.engines.papers.model import Language
from vein2vein.manufacturing.reads import get_batch
from vein2vein.orders.queues import one_store_blockers
from vein2vein.quality import late_pages, reads, review_pages, rules
from vein2vein.quality import work as _work  # noqa: F401 - importing registers the work list
from vein2vein.quality.actions.completing import second_stage
from vein2vein.quality.actions.reserving import awaited as reserve_awaited
from vein2vein.quality.actions.reserving import reserve_gates
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.reads.papers import HOSPITAL_AND_QUALITY
from vein2vein.quality.states import Decision, DeviationState, ReserveDecision

place("quality:batches", N_("Batch disposition"), Menu.QUALITY, roles=frozenset(reads.READERS))
place("quality:deviations", N_("Deviations"), Menu.QUALITY, roles=frozenset(reads.READERS))


@dataclass(frozen=True, slots=True)
class GateShown:
    """A gate on the page."""

    code: str
    title: str
    met: bool
    blockers: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line of the verdict on the page."""

    test: str
    name: str
    limit: str
    result: str
    status: str
    why: str
    required: bool


@require_GET
def deviations(request: HttpRequest) -> HttpResponse:
    """List deviations, newest first, in a state where one is asked for, and offer to open one."""
    by = actor_of(request)
    asked = request.GET.get("state")
    state = DeviationState(asked) if asked in list(DeviationState) else None
    found = listed(
        request, lambda limit, after: reads.list_deviations(state=state, limit=limit, after=after, newest=True, by=by)
    )
    context = {
        "deviations": found.rows,
        "listed": found,
        "states": list(DeviationState),
        "state": state,
        "open": offer("quality.open_deviation", by=by),
    }
    return render(request, "quality/deviations.html", context)


@require_GET
def deviation(request: HttpRequest, deviation_id: UUID) -> HttpResponse:
    """Show one deviation with what can be done about it."""
    by = actor_of(request)
    found = reads.get_deviation(deviation_id=DeviationId(deviation_id), by=by)
    offers = list(_deviation_offers(found.pk, found.state, found.severity, found.involved, by))
    if found.hold is not None and found.hold.state == "open":
        offers.append(offer("quality.allow_to_continue", by=by, given={"deviation_id": found.pk}))
    return render(request, "quality/deviation.html", {"deviation": found, "offers": offers})


def _deviation_offers(deviation_id: UUID, state: str, severity: str, involved: list[str], by: Actor) -> Iterator[Offer]:
    given = {"deviation_id": deviation_id}
    if state == DeviationState.CLOSED:
        return
    yield offer("quality.classify_deviation", by=by, given=given)
    if state == DeviationState.OPEN:
        yield offer("quality.investigate_deviation", by=by, given=given)
        return
    shut = [
        *rules.closer_blockers(by=str(by.account_id), name=by.name, involved=involved),
        *rules.close_blockers(state=state, severity=severity, reason="."),
    ]
    yield offer("quality.close_deviation", by=by, given=given, blockers=shut)
    yield offer("quality.reopen_deviation", by=by, given=given)


@require_GET
@kept
def batches(request: HttpRequest) -> HttpResponse:
    """List the batches that are made, with how they stand."""
    by = actor_of(request)
    found = listed(request, lambda limit, after: reads.list_made(by, limit=limit, after=after))
    return render(request, "quality/batches.html", {"batches": found.rows, "listed": found})


@require_GET
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show a batch before its disposition: gates green and red, the verdict, the dose, and what can be signed."""
    by = actor_of(request)
    found = get_batch(BatchId(batch_id), by=by)
    dossier = Dossier(found, by=by, at=clock.now())
    awaited = dossier.awaited
    decisions = reads.dispositions_of(found.pk)
    gates = dossier.gates(awaited[0]) if awaited and not any(one.final for one in decisions) else []
    reserve = reserve_gates(dossier) if not gates and reserve_awaited(dossier) else []
    copies = _copies(dossier) if gates else []
    shut = [*rules.blockers_of(gates or reserve), *copies]
    route_knows, exceptional = _exceptional(dossier, by)
    context = {
        "batch": found,
        "order": dossier.order,
        "awaited": awaited,
        "gates": [
            GateShown(one.code, gettext(one.title), not one.blockers, tuple(shown(each) for each in one.blockers))
            for one in gates or reserve
        ]
        + [GateShown("copies", gettext("Dose and reserve in two stores"), not copies, tuple(map(shown, copies)))]
        * bool(gates),
        "overall": dossier.verdict.overall.value,
        "lines": list(_lines(dossier)),
        "assessment": dossier.assessment,
        "dose": reads.latest_dose(found.pk),
        "decisions": decisions,
        "shows_release": by.has_any(frozenset(HOSPITAL_AND_QUALITY)),
        "final": next((one for one in decisions if one.final), None),
        "deviations": reads.list_deviations(batch_id=BatchId(batch_id), limit=200, by=by),
        "environment": reads.list_environment_records(batch_id=BatchId(batch_id), by=by),
        "windows": dossier.windows(),
        "shut": [shown(one) for one in shut],
        "offers": [
            (one, _unfolded(one)) for one in (*_reserve_offers(dossier, reserve, by), *_batch_offers(dossier, shut, by))
        ],
        "reserve": bool(reserve),
        "version": version_of(f"coi:{found.coi_id}"),
        "exceptional": exceptional,
        "route_knows": route_knows,
        "asked": reads.standing_request(found.pk),
        "obligations": reads.list_obligations(batch_id=BatchId(batch_id), by=by),
        "alerts": reads.list_alerts(order_id=OrderId(found.order_id), by=by),
    }
    return render(request, "quality/batch.html", context)


def _copies(dossier: Dossier) -> list[Blocker]:
    """Return why the last release of a batch will be refused: its reserve is in the same store (N19)."""
    dose = reads.latest_dose(dossier.batch.pk)
    if dose is None or len(dossier.awaited) != 1:
        return []
    return one_store_blockers(dossier.order, {UUID(str(bag["container_id"])) for bag in dose.bags})


def _lines(dossier: Dossier) -> Iterator[LineShown]:
    for line in dossier.verdict.lines:
        rule = dossier.definition.specification.test(line.test)
        told = {} if rule is None else {one.id: one.name.zh if chinese() else one.name.en for one in rule.outcomes}
        number = "" if line.rounded is None else written(line.rounded, line.unit)
        result = told.get(line.outcome, line.outcome) or number
        limit = " / ".join(told.get(one, one) for one in line.limit.split(" / "))
        name = line.name_zh if chinese() else line.name_en
        yield LineShown(line.test, name, limit, result, line.status.value, gettext(line.why), line.required)


def _unfolded(one: Offer) -> bool:
    """Say whether a form is shown unfolded: a decision that can be signed now, and is no rejection."""
    decides = one.action in ("quality.dispose_batch", "quality.decide_reserve")
    rejects = any(value == "reject" for name, value in one.given if name == "decision")
    return decides and one.allowed and not one.blockers and not rejects


def _exceptional(dossier: Dossier, by: Actor) -> tuple[bool, list[Offer]]:
    """Return whether the route knows a release of what does not conform, and its forms, greyed by their gates."""
    given = {"batch_id": dossier.batch.pk}
    if dossier.verdict.overall is not Overall.DOES_NOT_CONFORM or reads.final_disposition(dossier.batch.pk) is not None:
        return False, []
    other = Dossier(dossier.batch, by=by, at=dossier.at, exceptional=True)
    known = rules.route_blockers(
        market=dossier.batch.market, route=dossier.batch.route, rule_found=other.rule is not None
    )
    found = []
    for decision in other.awaited[:1] or (Decision.EXCEPTIONAL_BY_MANUFACTURER,):
        shut = known or rules.blockers_of(other.gates(decision))
        seen = given | {"decision": decision, "record_version": version_of(f"coi:{dossier.batch.coi_id}")}
        found.append(offer("quality.dispose_batch", by=by, given=seen, blockers=shut))
    if other.request is not None:
        named = {"request_id": other.request.pk}
        found += [offer(f"quality.{verb}", by=by, given=named) for verb in _WITH_A_REQUEST]
    return not known, found


_WITH_A_REQUEST = ("evaluate_exceptional_risk", "decline_exceptional_request")


def _batch_offers(dossier: Dossier, blockers: list[Blocker], by: Actor) -> Iterator[Offer]:
    given = {"batch_id": dossier.batch.pk}
    seen = given | {"record_version": version_of(f"coi:{dossier.batch.coi_id}")}
    final = reads.final_disposition(dossier.batch.pk)
    if final is not None:
        stages = second_stage(dossier, final)
        if not any(one.code == "quality.no_second_stage" for one in stages):
            yield offer("quality.complete_second_stage", by=by, given=given, blockers=stages)
        return
    yield offer("quality.record_environment", by=by, given=given)
    yield offer("quality.assess_batch", by=by, given=given)
    yield offer("quality.declare_dose", by=by, given=given)
    for decision in dossier.awaited[:1]:
        yield offer("quality.dispose_batch", by=by, given=seen | {"decision": decision}, blockers=blockers)
    shut = rules.rejection_blockers(done=reads.decisions_of(dossier.batch.pk), final=False, signer=dossier.signer(by))
    yield offer("quality.dispose_batch", by=by, given=seen | {"decision": Decision.REJECT}, blockers=shut)


def _reserve_offers(dossier: Dossier, gates: list[rules.Gate], by: Actor) -> Iterator[Offer]:
    """Offer the decision about the reserve that a physician asks for: released once its gates are met, or rejected."""
    if not gates:
        return
    signer = rules.signer_blockers(dossier.signer(by))
    for decision, shut in ((ReserveDecision.RELEASE, rules.blockers_of(gates)), (ReserveDecision.REJECT, signer)):
        given = {"batch_id": dossier.batch.pk, "decision": decision}
        yield offer("quality.decide_reserve", by=by, given=given, blockers=shut)


@require_GET
def case(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Return the case of a batch, from which anyone can compute the verdict again."""
    found = reads.get_case(batch_id=BatchId(batch_id), by=actor_of(request))
    return _file(found, "application/json")


def _file(found: Upload, kind: str) -> HttpResponse:
    made = HttpResponse(found.content, content_type=kind)
    made["Content-Disposition"] = f'inline; filename="{found.filename}"'
    return made


PAPERS: dict[str, Callable[..., Upload]] = {
    "certificate": reads.get_certificate,
    "dose-report": reads.get_dose_report,
    "release-for-infusion": reads.get_release_for_infusion,
}


@require_GET
def paper(request: HttpRequest, batch_id: UUID, kind: str) -> HttpResponse:
    """Return a paper of a batch as PDF, in English, Chinese or both."""
    wanted = request.GET.get("language", "both")
    language = Language(wanted) if wanted in set(Language) else Language.BOTH
    found = PAPERS.get(kind, reads.get_certificate)(batch_id=BatchId(batch_id), language=language, by=actor_of(request))
    return _file(found, "application/pdf")


urlpatterns = [
    path("quality/deviations", deviations, name="deviations"),
    path("quality/deviations/<uuid:deviation_id>", deviation, name="deviation"),
    path("quality/batches", batches, name="batches"),
    path("quality/batches/<uuid:batch_id>", batch, name="batch"),
    path("quality/batches/<uuid:batch_id>/review", review_pages.review, name="review"),
    path("quality/batches/<uuid:batch_id>/case.json", case, name="case"),
    path("quality/batches/<uuid:batch_id>/<slug:kind>.pdf", paper, name="paper"),
    path("quality/alerts", late_pages.alerts, name="alerts"),
    path("quality/alerts/<uuid:alert_id>", late_pages.alert, name="alert"),
    path("quality/courses/<uuid:order_id>", late_pages.course, name="course"),
]
