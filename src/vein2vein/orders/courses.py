"""Open treatment courses at a glance: how far each one is, since when, and what it must keep."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import N_
from vein2vein.doors.reading import page, read
from vein2vein.identity.reads import expiry_of_chains
from vein2vein.identity.states import ContainerKind
from vein2vein.journal.reads import EntryView, list_facts
from vein2vein.network.reads import begins_of
from vein2vein.orders.models import Order
from vein2vein.orders.queues import BED
from vein2vein.orders.states import OrderState


class Stage(StrEnum):
    """A stretch of the way from vein to vein, as the control room shows it."""

    ORDER = "order"
    COLLECTION = "collection"
    TO_THE_BASE = "to_the_base"
    MANUFACTURE = "manufacture"
    TESTING = "testing"
    DELIVERY = "delivery"
    BEDSIDE = "bedside"
    FOLLOW_UP = "follow_up"


_S = OrderState
STAGE_OF = {
    _S.DRAFTED: Stage.ORDER,
    _S.SUBMITTED: Stage.ORDER,
    _S.ACCEPTED: Stage.ORDER,
    _S.COLLECTING: Stage.COLLECTION,
    _S.COLLECTED: Stage.COLLECTION,
    _S.IN_TRANSIT: Stage.TO_THE_BASE,
    _S.RECEIVED: Stage.TO_THE_BASE,
    _S.MATERIAL_ACCEPTED: Stage.TO_THE_BASE,
    _S.IN_MANUFACTURE: Stage.MANUFACTURE,
    _S.MANUFACTURED: Stage.TESTING,
    _S.RELEASED: Stage.DELIVERY,
    _S.DISPATCHED: Stage.DELIVERY,
    _S.AT_SITE: Stage.BEDSIDE,
    _S.CLEARED: Stage.BEDSIDE,
    _S.THAWED: Stage.BEDSIDE,
    _S.INFUSED: Stage.FOLLOW_UP,
}
"""Where a course stands; a stopped one where it was stopped, one that is closed or cancelled nowhere."""

_SHOWN = (
    "code", "state", "therapy_code", "subject_number", "collection_planned_at", "drafted_at",
    "hospital__code", "coi__code", "slot__during",
)  # fmt: skip
"""What a course's line is made from."""
_BEGINS = {
    "orders.CollectionStarted": Stage.COLLECTION,
    "orders.ReleaseRecorded": Stage.DELIVERY,
    "orders.InfusionRecorded": Stage.FOLLOW_UP,
}
_ADVANCED = "orders.OrderAdvanced"


class Due(StrEnum):
    """What a course must be in time for."""

    COLLECTION = "collection"
    MATERIAL = "material"
    SLOT = "slot"
    INFUSION = "infusion"
    PRODUCT = "product"


DUE_WORDS = {
    Due.COLLECTION: N_("Planned collection"),
    Due.MATERIAL: N_("Starting material usable until"),
    Due.SLOT: N_("Manufacturing slot ends"),
    Due.INFUSION: N_("Planned infusion"),
    Due.PRODUCT: N_("Product usable until"),
}


FAR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Course:
    """An open treatment course: its stage, when each stage began, and the moment that it must keep."""

    order_id: UUID
    order_code: str
    coi_id: UUID | None
    coi: str
    therapy_code: str
    hospital_code: str
    subject_number: str
    state: str
    stage: Stage
    began: dict[Stage, datetime]
    due: Due | None
    due_at: datetime | None
    late: bool


@read("orders.list_courses")
def list_courses(
    *, stage: Stage | None = None, hospital: str = "", limit: int = 50, after: UUID | None = None, by: Actor
) -> list[Course]:
    """Return the open courses that the actor may see, oldest order first, 500 at most."""
    states = [state for state, one in STAGE_OF.items() if stage is None or one is stage]
    stopped = Q(interruptions__decided_at__isnull=True, interruptions__from_state__in=states)
    there = Q(state__in=states) | (Q(state=OrderState.STOPPED) & stopped)
    rows = Order.objects.select_related("hospital", "coi", "slot").only(*_SHOWN).filter(there)
    if by.sites is not None:
        rows = rows.filter(hospital_id__in=by.sites)
    if hospital:
        rows = rows.filter(hospital__code=hospital)
    found = page(rows, limit, after)
    chains = [one.coi_id for one in found if one.coi_id is not None]
    told: dict[str, list[EntryView]] = {}
    for entry in list_facts([*_BEGINS, _ADVANCED], [f"coi:{one}" for one in chains]):
        told.setdefault(entry.stream, []).append(entry)
    limits, now = _limits(found), clock.now()
    return [_course(one, told.get(f"coi:{one.coi_id}", ()), limits, now) for one in found]


def dues_of(order_ids: Iterable[UUID], of: Collection[Due] = tuple(Due)) -> dict[UUID, datetime]:
    """Return, by order, the moment that an open course must keep where it stands now.

    Only moments of these kinds count, and none that is further away than `FAR`: what is frozen waits for years.
    """
    rows = Order.objects.select_related("slot").only("state", "coi", "collection_planned_at", "slot__during")
    orders = list(rows.filter(pk__in=list(order_ids), state__in=STAGE_OF))
    limits = _limits(orders)
    found = ((one.pk, _due(one, STAGE_OF[OrderState(one.state)], limits)) for one in orders)
    far = clock.now() + FAR
    return {key: at for key, (due, at) in found if at is not None and due in of and at < far}


@dataclass(frozen=True, slots=True)
class _Limits:
    """What is known of many courses at once: by chain when its cells and its product expire, by holder its bed."""

    material: dict[UUID, datetime]
    product: dict[UUID, datetime]
    beds: dict[str, datetime]


def _limits(orders: Sequence[Order]) -> _Limits:
    chains = [one.coi_id for one in orders if one.coi_id is not None]
    return _Limits(
        material=expiry_of_chains(chains, ContainerKind.STARTING_MATERIAL),
        product=expiry_of_chains(chains, ContainerKind.FINAL_PRODUCT),
        beds=begins_of(BED, [f"order:{one.pk}" for one in orders]),
    )


def _course(order: Order, told: Sequence[EntryView], limits: _Limits, now: datetime) -> Course:
    stage = STAGE_OF[OrderState(_standing(order))]
    due, due_at = _due(order, stage, limits)
    return Course(
        order_id=order.pk,
        order_code=order.code,
        coi_id=order.coi_id,
        coi="" if order.coi is None else order.coi.code,
        therapy_code=order.therapy_code,
        hospital_code=order.hospital.code,
        subject_number=order.subject_number,
        state=order.state,
        stage=stage,
        began={Stage.ORDER: order.drafted_at} | began(told),
        due=due,
        due_at=due_at,
        late=due_at is not None and due_at < now,
    )


def _standing(order: Order) -> str:
    """Return an order's state; of a stopped course the one in which it was stopped."""
    if order.state != OrderState.STOPPED:
        return str(order.state)
    return str(order.interruptions.get(decided_at__isnull=True).from_state)


def began(told: Iterable[EntryView]) -> dict[Stage, datetime]:
    """Return when each stage last began, from the facts that a course's journal tells, oldest first."""
    found: dict[Stage, datetime] = {}
    for entry in told:
        stage = _BEGINS.get(entry.fact)
        if entry.fact == _ADVANCED:
            stage = STAGE_OF.get(OrderState(entry.data["to_state"]))
            if stage is not None and STAGE_OF.get(OrderState(entry.data["from_state"])) is stage:
                continue  # a step within the stage
        if stage is not None:
            found[stage] = entry.performed_at
    return found


def _due(order: Order, stage: Stage, limits: _Limits) -> tuple[Due | None, datetime | None]:
    """Return what a course must be in time for at a stage, and when that is: of two moments the earlier."""
    if stage is Stage.ORDER:
        return Due.COLLECTION, order.collection_planned_at
    if order.coi_id is None or stage is Stage.FOLLOW_UP:
        return None, None
    known: list[tuple[Due, datetime | None]] = []
    if stage in (Stage.COLLECTION, Stage.TO_THE_BASE):
        known = [(Due.MATERIAL, limits.material.get(order.coi_id))]
    elif stage is Stage.MANUFACTURE:
        known = [(Due.SLOT, None if order.slot is None else order.slot.during.upper)]
    else:
        bed = limits.beds.get(f"order:{order.pk}")
        expiry = None if stage is Stage.TESTING else limits.product.get(order.coi_id)
        known = [(Due.INFUSION, bed), (Due.PRODUCT, expiry)]
    there = [(at, due) for due, at in known if at is not None]
    at, due = min(there, default=(None, None))
    return due, at
