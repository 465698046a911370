"""Who waits for what when a course does not go straight: the queues of hospital, planner, quality and stores."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, prefetch_related_objects

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import CoiId, ContainerId
from vein2vein.core.refusals import Blocker
from vein2vein.doors.preparing import Prepared, Scoped
from vein2vein.engines.definitions import Definition
from vein2vein.identity.reads import ContainerRow, cells_there, find_store, list_cells
from vein2vein.network.reads import ReservationRow, list_reservations_of
from vein2vein.orders import packs, reads, rules
from vein2vein.orders.models import DoseBag, Infusion, Obstacle, Order, PriorTherapy, Virology
from vein2vein.orders.rules import copies, ways_out
from vein2vein.orders.rules.copies import Copy
from vein2vein.orders.states import ENDED, CourseDecision, OrderState
from vein2vein.therapies.reads import get_definition

LISTED = 50
"""Of each queue the first are shown; what is done makes room for the next."""
LOOKED_AT = 200
"""How many of the soonest collections are looked at for an eligibility that lapsed."""
OVER = (*ENDED, OrderState.INFUSED)


@dataclass(frozen=True, slots=True)
class Unused:
    """A container that a course does not use any more, and whether it is decided that it is destroyed."""

    order: Order
    container: ContainerRow
    to_destroy: bool


def _seen(rows: QuerySet[Order], by: Actor) -> QuerySet[Order]:
    rows = rows.select_related("hospital__market", "coi", "definition", "patient").order_by("collection_planned_at")
    rows = rows.defer("definition__files", "definition__canonical", "coi__label_sets")
    return rows if by.sites is None else rows.filter(hospital_id__in=by.sites)


def stopped(by: Actor) -> list[Order]:
    """Return the courses that stand still until their physician decides."""
    return _STOPPED.of(by)


_STOPPED = Scoped[Order](lambda by: _seen(Order.objects.filter(state=OrderState.STOPPED), by)[:LISTED])


def early(by: Actor) -> list[Order]:
    """Return the courses whose lymphodepletion was begun without its clearance, while that is not settled (N12)."""
    return _EARLY.of(by)


def _early(by: Actor) -> QuerySet[Order]:
    begun = Order.objects.filter(lymphodepletion_started_at__isnull=False).exclude(state__in=OVER)
    uncleared = Q(cleared_at__isnull=True, clearance_kept_at__isnull=True)
    rows = begun.filter(uncleared | Q(cleared_at__gt=F("lymphodepletion_started_at")))
    return _seen(rows, by)[:LISTED]


_EARLY = Scoped(_early)


def without_time(by: Actor) -> list[Order]:
    """Return the accepted orders whose collection needs another time: no slot, or an obstacle stands."""
    return _WITHOUT_TIME.of(by)


def _without_time(by: Actor) -> QuerySet[Order]:
    standing = Obstacle.objects.filter(lifted_at__isnull=True).values("order_id")
    accepted = Order.objects.filter(state=OrderState.ACCEPTED)
    rows = accepted.filter(slot__isnull=True) | accepted.filter(pk__in=standing)
    return _seen(rows, by)[:LISTED]


_WITHOUT_TIME = Scoped(_without_time)


def lapsed(by: Actor) -> list[Order]:
    """Return the accepted orders whose eligibility pack does not hold for the planned collection."""
    soonest = _SOONEST.of(by)
    ids = [one.pk for one in soonest]
    virology, prior = defaultdict[UUID, list[Any]](list), defaultdict[UUID, list[Any]](list)
    for order_id, *told in Virology.objects.filter(order__in=ids).values_list(
        "order_id", "marker", "result", "tested_on"
    ):
        virology[order_id].append(told)
    for order_id, *told in PriorTherapy.objects.filter(order__in=ids).values_list("order_id", "drug_class", "ended_on"):
        prior[order_id].append(told)
    definitions = {pk: get_definition(pk) for pk in {one.definition_id for one in soonest}}
    found = []
    for one in soonest:
        pack = packs.pack_with(one, _day_of_collection(one), virology[one.pk], prior[one.pk])
        if _lapsed(one, definitions[one.definition_id], pack):
            found.append(one)
    return found[:LISTED]


def _soonest(by: Actor) -> QuerySet[Order]:
    rows = Order.objects.filter(state=OrderState.ACCEPTED).order_by("collection_planned_at")
    rows = rows.select_related("hospital", "coi", "patient").only(*_LOOKED_INTO)
    return (rows if by.sites is None else rows.filter(hospital_id__in=by.sites))[:LOOKED_AT]


_LOOKED_INTO = (
    "code", "therapy_code", "definition_id", "collection_planned_at", "consent_version", "consent_signed_on",
    "weight_kg", "weight_measured_at", "patient__birth_date", "hospital__zone", "coi__code",
)  # fmt: skip
"""What an eligibility pack is looked through by, and an order named."""
_SOONEST = Scoped(_soonest)


def lapsed_blockers(order: Order, definition: Definition) -> list[Blocker]:
    """Return what of an order's eligibility pack, as its definition asks for it, does not hold for its collection."""
    return _lapsed(order, definition, packs.pack_of(order, on=_day_of_collection(order)))


def _day_of_collection(order: Order) -> date:
    """Return the hospital's day for which the pack must hold: that of the planned collection, today at the earliest."""
    return reads.local_day(order, max(clock.now(), order.collection_planned_at))


def _lapsed(order: Order, definition: Definition, pack: rules.Pack) -> list[Blocker]:
    at = clock.now()
    return rules.eligibility_blockers(definition.therapy.eligibility, pack, at=at, today=reads.local_day(order, at))


def unused(by: Actor) -> list[Unused]:
    """Return what courses that are over, or stand still, have left: to be decided on, or rejected and to be destroyed.

    Of a course that goes on only what was rejected is there, to be destroyed: a bag that broke, cells of a batch that
    was given up. Of an infused course only its bags are looked at; what the plant keeps in reserve stays.
    """
    found = _UNUSED.of(by)
    prefetch_related_objects(found, "bags")
    return [one for order in found for one in unused_of(order)]


def _unused(by: Actor) -> QuerySet[Order]:
    rejected = cells_there().filter(disposition="rejected").values("coi_id")
    left = Q(state__in=(*OVER, OrderState.STOPPED), coi__in=_with_cells_left())
    return _seen(Order.objects.filter(left | Q(coi__in=rejected)), by)[:LISTED]


_UNUSED = Scoped(_unused)


def _with_cells_left() -> QuerySet[Any, Any]:
    """Return the chains of which something is there still that is rejected, or a bag, or left by a cancelled order."""
    left = cells_there()
    bag = Exists(DoseBag.objects.filter(container=OuterRef("pk")).exclude(withdrawn_reason="return"))
    cancelled = Exists(Order.objects.filter(coi=OuterRef("coi_id"), state=OrderState.CANCELLED))
    return left.filter(Q(disposition="rejected") | bag | cancelled).values("coi_id")


def bags_returned() -> QuerySet[DoseBag]:
    """Return the bags that a hospital gives back and that are there still, to be narrowed by the contexts above."""
    rows = DoseBag.objects.filter(withdrawn_reason="return", container__state="active")
    return rows.exclude(container__disposition="rejected")


def unused_of(order: Order) -> list[Unused]:
    """Return what one course has left, as `unused` does."""
    if order.coi_id is None:
        return []
    there = [one for one in list_cells(CoiId(order.coi_id)) if one.state in ("active", "thawed")]
    rejected = [Unused(order, one, to_destroy=True) for one in there if one.disposition == "rejected"]
    if order.state not in OVER:
        return rejected
    bags = {one.container_id for one in order.bags.all()}
    returned = {one.container_id for one in order.bags.all() if one.withdrawn_reason == "return"}
    open_ = (one for one in there if one.disposition != "rejected" and one.pk not in returned)
    cancelled = order.state == OrderState.CANCELLED
    return [*rejected, *(Unused(order, one, to_destroy=False) for one in open_ if cancelled or one.pk in bags)]


def copies_of(order: Order, dose: set[UUID]) -> list[Copy]:
    """Return what there is of a course's product: `dose`, and the containers that the definition keeps in reserve."""
    if order.coi_id is None:
        return []
    role = reads.definition_of(order).supply.back_up.container
    cells = [one for one in list_cells(CoiId(order.coi_id)) if one.kind == "final_product"]
    there = [one for one in cells if one.state == "active" and one.disposition != "rejected"]
    kept = [one for one in there if one.pk in dose or one.role == role]
    return [Copy(one.code, one.pk in dose, find_store(ContainerId(one.pk))) for one in kept]


def only_copy_blockers(order: Order) -> list[Blocker]:
    """Return why the dose may not leave: no reserve stays behind, and nobody accepted that by name (N19)."""
    dose = {one.container_id for one in order.dose_bags}
    accepted = order.single_copy_accepted_at is not None
    return copies.only_copy_blockers(copies_of(order, dose), accepted=accepted)


def awaits_reserve(order: Order) -> bool:
    """Say whether a course waits for the reserve of its released batch: its physician asked for it."""
    last = order.interruptions.order_by("-id").first() if order.state == OrderState.MANUFACTURED else None
    return last is not None and last.decision == CourseDecision.RESERVE


def awaiting_reserve() -> list[Order]:
    """Return every course that waits for the reserve of its released batch, whoever asks."""
    return [one for one in _AWAITING_RESERVE.all() if awaits_reserve(one)]


_AWAITING_RESERVE = Prepared(
    lambda: Order.objects.filter(
        state=OrderState.MANUFACTURED, interruptions__decision=CourseDecision.RESERVE
    ).distinct()
)


def reserve_codes(order: Order, at: datetime) -> frozenset[str]:
    """Return the codes of the reserve that may still be released."""
    return frozenset(one.code for one in ways_out.reserve_left(reads.left_of(order), at))


def one_store_blockers(order: Order, dose: set[UUID]) -> list[Blocker]:
    """Return why a product is not released: its reserve is known to be in the same store."""
    accepted = order.single_copy_accepted_at is not None
    return copies.one_store_blockers(copies_of(order, dose), accepted=accepted)


SLOT = "manufacturing_slot"
"""The kind of resource that a manufacturing slot is booked of."""
BED = "infusion_bed"
"""The kind of resource that a bed for infusions is; a hospital enters its own."""


def list_beds(order: Order) -> list[ReservationRow]:
    """Return the beds that are kept for an order; there is at most one."""
    kept = [one for one in list_reservations_of(f"order:{order.pk}") if one.state == "held"]
    return [one for one in kept if one.resource.kind == BED]


def find_kept_slot(order: Order, site_id: UUID) -> ReservationRow | None:
    """Return the slot that is kept for an order at a site, still to come, or None."""
    kept = [one for one in list_reservations_of(f"order:{order.pk}") if one.state == "held"]
    slots = [one for one in kept if one.resource.kind == SLOT and one.resource.site_id == site_id]
    return next((one for one in slots if one.during.lower >= clock.now()), None)


def part_given(order: Order) -> bool:
    """Say whether a bag of the released dose was infused, or began to be."""
    return Infusion.objects.filter(order=order, bag__withdrawn_at__isnull=True).exclude(bag=None).exists()
