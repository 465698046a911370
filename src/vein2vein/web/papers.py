"""Labels and papers: a course's whole set seen before it is printed, and which labels are not accounted for yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from vein2vein.core.actor import Actor
from vein2vein.core.ids import CoiId, OrderId
from vein2vein.core.refusals import N_
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.work import Menu, place
from vein2vein.identity import reads, rules
from vein2vein.identity.actions.labels import LABEL_ROLES
from vein2vein.identity.printing import may_print
from vein2vein.identity.reads import LabelRow
from vein2vein.identity.states import ENDED, IN_FORCE, LabelKind, LabelState
from vein2vein.logistics.reads import list_shipments
from vein2vein.logistics.states import ShipmentState
from vein2vein.orders.reads import find_order_of_chain
from vein2vein.web.access import signed_in

place("reconciliation", N_("Label reconciliation"), Menu.TREATMENT, roles=frozenset(LABEL_ROLES))

_UNPACKED = frozenset({ShipmentState.PLANNED, ShipmentState.CANCELLED})
GROUPS = {
    "wristband": N_("Wristband"),
    "kit": N_("Collection kit"),
    "starting_material": N_("Starting material"),
    "intermediate": N_("Intermediate containers"),
    "final_product": N_("Final containers"),
    "sample": N_("Samples"),
    "retain": N_("Retained samples"),
}


@dataclass(frozen=True, slots=True)
class Printed:
    """A label on the page: whether its paper may be seen by this person, and the form that prints it again."""

    label: LabelRow
    seen: bool
    reprint: Offer | None


@require_GET
@signed_in
def papers(request: HttpRequest, coi_id: UUID) -> HttpResponse:
    """Show every label of a course as it is printed, what may be printed again, and the papers of its shipments."""
    by = actor_of(request)
    chain = reads.get_chain_by_id(CoiId(coi_id), by=by)
    groups: dict[str, list[Printed]] = {}
    for label in reads.list_chain_labels(CoiId(chain.pk)):
        groups.setdefault(_group(label), []).append(_printed(label, by))
    order = find_order_of_chain(chain.pk)
    shipments = [] if order is None else list_shipments(order_id=OrderId(order.pk), limit=100, by=by)
    context = {
        "chain": chain,
        "groups": [(gettext(title), groups[one]) for one, title in GROUPS.items() if one in groups],
        "shipments": [one for one in shipments if one.state not in _UNPACKED],
    }
    return render(request, "web/papers.html", context)


def _group(label: LabelRow) -> str:
    if label.kind == LabelKind.WRISTBAND:
        return "wristband"
    return "kit" if label.container is None else str(label.container.kind)


def _printed(label: LabelRow, by: Actor) -> Printed:
    container = label.container
    reprint = None
    if container is not None and label.state in IN_FORCE and container.state not in ENDED:
        found = rules.reprint_blockers(label_kind=label.kind, label_state=label.state, container_state=container.state)
        made = offer("identity.reprint_label", by=by, given={"label_id": label.pk}, blockers=found)
        reprint = made if made.allowed else None
    return Printed(label, may_print(label, by=by), reprint)


@require_GET
@signed_in
def reconciliation(request: HttpRequest) -> HttpResponse:
    """List the kits whose labels are not accounted for to the last one, oldest first, with how many are where."""
    by = actor_of(request)
    return render(request, "web/reconciliation.html", {"lines": list(_lines(by)), "states": list(LabelState)})


def _lines(by: Actor) -> Iterator[tuple[reads.KitRow, rules.LabelCount, list[Offer]]]:
    for kit in reads.list_open_kits(limit=200, by=by):
        count = reads.count_labels(kit)
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
        yield kit, count, [one for one in offers if one.allowed]
