"""Pages of materials: lots, and one lot with its ledger."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import LotId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.doors.arranging import RECALL, fold
from vein2vein.doors.keeping import kept
from vein2vein.doors.labels import title
from vein2vein.doors.listing import listed
from vein2vein.doors.naming import known_of, named
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.work import Menu, WorkItem, place, work
from vein2vein.journal import ACTIONS
from vein2vein.materials import reads, rules
from vein2vein.materials.states import LotState

place("materials:lots", N_("Lots"), Menu.PLANT, roles=frozenset(reads.PLANT_ROLES))
fold(RECALL, "materials.reject_lot", "materials.recall_lot", "materials.adjust_lot")


@require_GET
@kept
def lots(request: HttpRequest) -> HttpResponse:
    """List the lots and offer to receive one."""
    by = actor_of(request)
    found = listed(request, lambda limit, after: reads.list_lots(limit=limit, after=after, newest=True, by=by))
    context = {"lots": found.rows, "listed": found, "receive": offer("materials.receive_lot", by=by)}
    return render(request, "materials/lots.html", context)


@require_GET
def lot(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Show one lot: where it may be used, its ledger, and what may be decided."""
    by = actor_of(request)
    found = reads.get_lot(LotId(lot_id), by=by)
    movements, reservations, thaws = (
        reads.list_movements(LotId(found.pk), limit=500, by=by),
        reads.list_reservations(found),
        reads.list_thaws(found),
    )
    holders = {str(one.holder) for rows in (movements, reservations, thaws) for one in rows}
    context = {
        "lot": found,
        "known": known_of(_ids(holders)),
        "markets": sorted(found.markets.values_list("market", flat=True)),
        "ledger": [_row(one) for one in movements],
        "reservations": reservations,
        "thaws": thaws,
        "parents": reads.list_parents(found),
        "children": reads.list_made_from(found),
        "vials": int(found.on_hand // found.vial_quantity),
        "offers": list(_offers(found, by)),
    }
    return render(request, "materials/lot.html", context)


def _ids(references: Iterable[str]) -> set[UUID]:
    found = set()
    for one in references:
        with contextlib.suppress(ValueError):
            found.add(UUID(one.partition(":")[2]))
    return found


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row of the ledger as it is shown: quantities in full, and the act where no reason was given."""

    row: reads.Movement
    quantity: str
    reserved: str
    balance: str
    kept: str
    reason: str


def _row(one: reads.Movement) -> LedgerRow:
    reason = one.reason or ""
    if reason in ACTIONS:
        reason = gettext(title(ACTIONS[reason].verb))
    return LedgerRow(
        row=one,
        quantity=rules.plain(one.quantity),
        reserved=rules.plain(one.reserved),
        balance=rules.plain(one.on_hand_after),
        kept=rules.plain(one.reserved_after),
        reason=reason,
    )


@require_GET
def certificate(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Return a lot's certificate as it was received; refused when it is not what its hash says."""
    found = reads.get_lot(LotId(lot_id), by=actor_of(request))
    content = bytes(found.certificate)
    refuse_any(rules.certificate_blockers(sha256(content).hexdigest(), found.certificate_sha256))
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.certificate_filename)
    return answer


def _offers(found: reads.Lot, by: Actor) -> Iterator[Offer]:
    given = {"lot_id": found.pk}
    names = {
        LotState.QUARANTINED: ("release_lot", "reject_lot", "recall_lot"),
        LotState.RELEASED: ("release_lot_to_market", "recall_lot"),
    }.get(LotState(found.state), ())
    for name in (*names, "adjust_lot"):
        yield offer(f"materials.{name}", by=by, given=given)


@work("materials.lots")
def waiting(by: Actor) -> list[WorkItem]:
    """Return the lots in quarantine to whoever may release them."""
    if not by.has_any(frozenset({Role.QA_REVIEWER, Role.QUALIFIED_PERSON})):
        return []
    found = reads.list_lots(state=LotState.QUARANTINED, limit=100, by=by)
    decide = gettext("Decide on the lot")
    return [
        WorkItem(decide, f"{named(one.material_code)} {one.number}", reverse("materials:lot", args=[one.pk]))
        for one in found
    ]


@work("materials.reservations")
def endangered(by: Actor) -> list[WorkItem]:
    """Return the reservations whose lot was recalled, to whoever sees that another one is released in time."""
    if not by.has_any(frozenset({Role.PLANNER, Role.QUALIFIED_PERSON, Role.QA_REVIEWER})):
        return []
    needed = gettext("Release another lot: the reserved one was recalled")
    return [
        WorkItem(
            needed,
            f"{named(one.lot.material_code)} {one.lot.number}",
            reverse("materials:lot", args=[one.lot_id]),
            due_at=one.needed_until_at,
            urgent=True,
        )
        for one in reads.list_endangered()
    ]


urlpatterns = [
    path("lots", lots, name="lots"),
    path("lots/<uuid:lot_id>", lot, name="lot"),
    path("lots/<uuid:lot_id>/certificate", certificate, name="certificate"),
]
