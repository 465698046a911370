"""Open treatment courses at a glance: how far each one is, since when, and what it must keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
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
from vein2vein.orders.models import Order
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
    PRODUCT = "product"


DUE_WORDS = {
    Due.COLLECTION: N_("Planned collection"),
    Due.MATERIAL: N_("Starting material usable until"),
    Due.SLOT: N_("Manufacturing slot ends"),
    Due.PRODUCT: N_("Product usable until"),
}


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
    expiry = {
        kind: expiry_of_chains(chains, kind) for kind in (ContainerKind.STARTING_MATERIAL, ContainerKind.FINAL_PRODUCT)
    }
    now = clock.now()
    return [_course(one, told.get(f"coi:{one.coi_id}", ()), expiry, now) for one in found]


def _course(
    order: Order, told: Sequence[EntryView], expiry: dict[ContainerKind, dict[UUID, datetime]], now: datetime
) -> Course:
    stage = STAGE_OF[OrderState(_standing(order))]
    due, due_at = _due(order, stage, expiry)
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


def _due(
    order: Order, stage: Stage, expiry: dict[ContainerKind, dict[UUID, datetime]]
) -> tuple[Due | None, datetime | None]:
    if stage is Stage.ORDER:
        return Due.COLLECTION, order.collection_planned_at
    if order.coi_id is None or stage in (Stage.TESTING, Stage.FOLLOW_UP):
        return None, None
    if stage in (Stage.COLLECTION, Stage.TO_THE_BASE):
        at = expiry[ContainerKind.STARTING_MATERIAL].get(order.coi_id)
        return (Due.MATERIAL, at) if at is not None else (None, None)
    if stage is Stage.MANUFACTURE:
        slot = order.slot
        return (None, None) if slot is None else (Due.SLOT, slot.during.upper)
    at = expiry[ContainerKind.FINAL_PRODUCT].get(order.coi_id)
    return (Due.PRODUCT, at) if at is not None else (None, None)
