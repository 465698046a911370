"""What can be promised for an order: the best dates from the collection to the infusion, with what each costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from vein2vein.core.refusals import N_, Blocker, Conflict
from vein2vein.engines.scheduling import SchedulingProblem
from vein2vein.engines.scheduling.availability import Availability
from vein2vein.engines.scheduling.promising import Offer, Request, promise
from vein2vein.orders.reads import OrderRow, definition_of, prescription_blockers
from vein2vein.orders.states import OrderState
from vein2vein.planning import chains
from vein2vein.planning.bookable import Bookable
from vein2vein.planning.compiling import Stock
from vein2vein.planning.courses import Course
from vein2vein.planning.current import chain_as_json
from vein2vein.planning.free import kept

LOOK_AHEAD = timedelta(weeks=12)
COLLECTED_FROM_H, COLLECTED_UNTIL_H = 8, 16
"""In which hours of the hospital's day an apheresis begins."""
DAYS = 42
"""On how many days a collection is looked for."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A way through the whole chain that is free now: dates, slot, bed, and what it costs.

    `cost` is in the plant's currency at the assumed rates; `later_h` is how much later than the earliest infusion.
    """

    collection_at: datetime
    infusion_at: datetime
    slot: str
    slot_from_at: datetime
    slot_to_at: datetime
    bed: str
    bed_to_at: datetime | None
    waits_h: int
    later_h: int
    cost: int
    blockers: tuple[Blocker, ...] = ()
    chain: dict[str, Any] = field(default_factory=dict, repr=False)


class Desk:
    """What is free for one order, looked up once."""

    def __init__(self, order: OrderRow, now: datetime) -> None:
        self.order, self.now = order, now
        until = max(now, order.collection_planned_at) + LOOK_AHEAD
        here = kept()
        with here.lock:
            here.renew()
            self.course = Course(order, definition_of(order), ways=here.ways)
            ground = here.ground(self.course, now, until)
            self.frame, self.found = ground.frame, ground.found
            stock = Stock(self.frame, now, here.lots)
            self.chain, recipe, resources, able = ground.compiled(self.course, stock)
            free = ground.free_for(order.code, self.course.holder)
        self.problem = SchedulingProblem(
            horizon_min=self.frame.ceil(until),
            calendars=(),
            resources=resources,
            recipes=(recipe,),
            batches=(),
            lots=tuple(stock.lots.values()),
            now_min=self.frame.ceil(now),
            frozen_until_min=self.frame.ceil(now),
        )
        self.free = Availability(free, able)

    def offers(self, *, not_before: datetime | None, count: int) -> list[Offered]:
        """Return up to `count` offers on different days; raises `Refused` saying what stands against any."""
        ready = max(self.now, not_before or self.order.collection_planned_at)
        request = self._request(ready, tuple(self._days(ready)))
        found = promise(self.problem, self.free, request, count=count, each_end=True)
        return [self._told(one) for one in found]

    def offer_at(self, collection_at: datetime, infusion_at: datetime) -> Offered:
        """Return the offer of these two dates; raises `Conflict` where it is not free any more."""
        minute = self.frame.floor(collection_at)
        request = self._request(collection_at, ((minute, minute),))
        found = promise(self.problem, self.free, request, count=1)[0]
        told = self._told(found)
        if found.start_min != minute or told.infusion_at != infusion_at:
            raise Conflict(offer_gone(collection_at, told))
        return told

    def _request(self, ready: datetime, wishes: tuple[tuple[int, int], ...]) -> Request:
        return Request(
            batch=self.order.code,
            recipe=self.order.therapy_code,
            ready_min=max(self.frame.floor(ready), self.problem.now_min),
            wishes=wishes,
        )

    def _days(self, ready: datetime) -> Iterator[tuple[int, int]]:
        """Yield the hours of each day in which the hospital collects."""
        local = ready.astimezone(ZoneInfo(self.order.hospital.zone))
        for day in range(DAYS):
            first = local.replace(hour=COLLECTED_FROM_H, minute=0, second=0, microsecond=0) + timedelta(days=day)
            last = first.replace(hour=COLLECTED_UNTIL_H)
            if last > local:
                yield self.frame.ceil(max(first, local)), self.frame.floor(last)

    def _told(self, offer: Offer) -> Offered:
        frame = self.frame
        steps = {one.operation: one for one in offer.placed}
        lasts = {one.code: one for one in self.chain.operations}
        first = steps[self.chain.making[0]]
        line = _unit(self.found, first.resources, chains.SLOT)
        uses = [one for one in lasts[first.operation].uses if one.kind == chains.SLOT]
        slot_to = first.start_min + (uses[0].to_min if uses else lasts[first.operation].duration_min)
        infusion = steps[chains.INFUSION]
        beds = [one for one in lasts[chains.INFUSION].uses if one.kind == chains.BED]
        start = frame.at(offer.start_min)
        return Offered(
            collection_at=start,
            infusion_at=frame.at(infusion.start_min),
            slot=line,
            slot_from_at=frame.at(first.start_min),
            slot_to_at=frame.at(slot_to),
            bed=_unit(self.found, infusion.resources, chains.BED),
            bed_to_at=frame.at(infusion.start_min + beds[0].to_min) if beds else None,
            waits_h=offer.waits_min // 60,
            later_h=offer.later_min // 60,
            cost=offer.cents // 100,
            blockers=tuple(self._blockers(start)),
            chain=chain_as_json(offer.placed, offer.reservations, frame),
        )

    def _blockers(self, start: datetime) -> list[Blocker]:
        """Return why the order's eligibility does not hold for a collection then; a draft is looked at when signed."""
        if self.order.state == OrderState.DRAFTED:
            return []
        return prescription_blockers(self.order, at=self.now, planned_at=start)


def offer_gone(collection_at: datetime, now: Offered) -> Blocker:
    """Return that an offer is not free any more, and which is the next one."""
    return Blocker(
        "planning.offer_gone",
        N_("This is not free any more; now it would be collection %(collection)s, infusion %(infusion)s"),
        "collection_at",
        collection_at.isoformat(timespec="minutes"),
        N_("Ask for the dates again"),
        {
            "collection": now.collection_at.isoformat(timespec="minutes"),
            "infusion": now.infusion_at.isoformat(timespec="minutes"),
        },
    )


def _unit(found: Bookable, codes: tuple[str, ...], kind: str) -> str:
    return next((code for code in codes if found.units[code].kind == kind), "")
