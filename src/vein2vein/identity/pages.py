"""Pages of the thread: chains, one chain, one container, and labels to print."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from vein2vein.core.actor import Actor
from vein2vein.core.ids import CoiId, ContainerId, LabelId
from vein2vein.core.refusals import N_, Refusal
from vein2vein.doors.keeping import kept
from vein2vein.doors.listing import listed
from vein2vein.doors.naming import named
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.work import Menu, place
from vein2vein.identity import reads, rules
from vein2vein.identity.printing import get_label_paper, get_label_picture, may_print
from vein2vein.identity.states import ENDED, ChainState, KitState, Occasion

place("identity:chains", N_("Chains of identity"), Menu.TREATMENT)


@require_GET
@kept
def chains(request: HttpRequest) -> HttpResponse:
    """List the chains of identity that this person may see."""
    by = actor_of(request)
    found = listed(request, lambda limit, after: reads.list_chains(limit=limit, after=after, newest=True, by=by))
    return render(request, "identity/chains.html", {"chains": found.rows, "listed": found})


@require_GET
def chain(request: HttpRequest, coi_id: UUID) -> HttpResponse:
    """Show one chain: patient at the own hospital only, containers, kits, checks, and what may be done."""
    by = actor_of(request)
    found = reads.get_chain_by_id(CoiId(coi_id), by=by)
    kits = reads.list_kit_views(CoiId(found.pk), by=by)
    wristband = reads.find_wristband_in_force(CoiId(found.pk))
    labels = [*(one for kit in kits for one in kit.labels), *([wristband] if wristband else [])]
    context = {
        "chain": found,
        "bedside": _bedside(CoiId(found.pk), by),
        "wristband": wristband,
        "printable": {one.pk for one in labels if may_print(one, by=by)},
        "containers": reads.list_containers(coi_id=CoiId(found.pk), limit=500, by=by),
        "kits": [_kit(view, by) for view in kits],
        "checks": reads.list_identity_checks(coi_id=CoiId(found.pk), limit=100, by=by),
        "print_kit": _print_kit(CoiId(found.pk), by),
        "offers": [
            offer(
                "identity.issue_wristband",
                by=by,
                given={"coi_id": found.pk},
                blockers=[] if found.state == ChainState.OPEN else [rules.chain_closed()],
            ),
            offer(
                "identity.record_identity_check",
                by=by,
                given={"coi_id": found.pk},
                choices={
                    "occasion": [(one.value, named(one.value)) for one in (Occasion.COLLECTION, Occasion.RECEIPT)]
                },
            ),
            offer("identity.void_label", by=by),
        ],
    }
    return render(request, "identity/chain.html", context)


def _bedside(coi_id: CoiId, by: Actor) -> reads.Bedside | None:
    try:
        return reads.bedside(coi_id, by=by)
    except Refusal:
        return None


_kit_offer: Callable[[UUID, Actor], Offer | None] | None = None


def register_kit_offer(find: Callable[[UUID, Actor], Offer | None]) -> None:
    """Install how the kit of a chain is printed: the context that knows the order and its definition offers it."""
    global _kit_offer  # noqa: PLW0603 - set once at start-up
    _kit_offer = find


def _print_kit(coi_id: CoiId, by: Actor) -> Offer | None:
    return None if _kit_offer is None else _kit_offer(coi_id, by)


def _kit(view: reads.KitView, by: Actor) -> dict[str, object]:
    kit, count = view.kit, view.count
    offers: list[Offer] = []
    if kit.state == KitState.PRINTED:
        found = rules.reconciliation_blockers(count, counted_used=count.used, counted_voided=count.voided)
        offers = [
            offer(
                "identity.void_spare_labels",
                by=by,
                given={"kit_id": kit.pk},
                blockers=rules.spare_blockers(count.spare),
            ),
            offer("identity.reconcile_labels", by=by, given={"kit_id": kit.pk}, blockers=found),
        ]
    return {"kit": kit, "count": count, "labels": view.labels, "offers": offers}


@require_GET
def container(request: HttpRequest, container_id: UUID) -> HttpResponse:
    """Show one container: where it came from, what came from it, its labels, who has and had it."""
    by = actor_of(request)
    found = reads.get_container(ContainerId(container_id), by=by)
    labels = reads.list_container_labels(ContainerId(found.pk))
    context = {
        "container": found,
        "parents": reads.list_parents(ContainerId(found.pk)),
        "children": reads.list_children(ContainerId(found.pk)),
        "labels": labels,
        "printable": {one.pk for one in labels if may_print(one, by=by)},
        "custodies": reads.list_custody(container_id=ContainerId(found.pk), limit=100, by=by),
        "offers": _container_offers(ContainerId(found.pk), found.state, by),
    }
    return render(request, "identity/container.html", context)


def _container_offers(container_id: ContainerId, state: str, by: Actor) -> list[Offer]:
    label = reads.find_label_in_force(container_id)
    gone = rules.hand_over_blockers([state])
    offers = [
        offer("identity.store_container", by=by, blockers=gone),
        offer("identity.take_container", by=by, blockers=gone),
    ]
    if label is not None and state not in ENDED:
        blockers = rules.reprint_blockers(label_kind=label.kind, label_state=label.state, container_state=state)
        offers.append(offer("identity.reprint_label", by=by, given={"label_id": label.pk}, blockers=blockers))
    return offers


@require_GET
def label(request: HttpRequest, label_id: UUID) -> HttpResponse:
    """Give a label as PDF to those who print labels; a void one is refused."""
    by = actor_of(request)
    paper = get_label_paper(label_id=LabelId(label_id), by=by)
    answer = HttpResponse(paper.content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{paper.filename}"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
def label_picture(request: HttpRequest, label_id: UUID) -> HttpResponse:
    """Give a label as it will be printed, to be looked at before it is."""
    picture = get_label_picture(label_id=LabelId(label_id), by=actor_of(request))
    answer = HttpResponse(picture.content, content_type="image/png")
    answer["Cache-Control"] = "no-store"
    return answer


urlpatterns = [
    path("chains", chains, name="chains"),
    path("chains/<uuid:coi_id>", chain, name="chain"),
    path("containers/<uuid:container_id>", container, name="container"),
    path("labels/<uuid:label_id>.pdf", label, name="label"),
    path("labels/<uuid:label_id>.png", label_picture, name="label_picture"),
]
