"""A plan put in force: by signature, every moved date confirmed by name, all that it moves booked in one deed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import OrderId, PlanId, ReservationId, ResourceId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.engines.scheduling import Placed
from vein2vein.network import actions as network
from vein2vein.network.reads import list_standing, list_units_of_site
from vein2vein.orders import actions as orders
from vein2vein.orders.states import OrderState
from vein2vein.planning import chains, facts, reads, rules
from vein2vein.planning.actions.drafting import PLANNER, stream_of
from vein2vein.planning.courses import BEFORE_MANUFACTURE, Course, open_courses
from vein2vein.planning.current import content_of, find_in_force
from vein2vein.planning.frame import GRID_MIN, Frame
from vein2vein.planning.models import DateChange, Plan, Promise

SLIGHTLY = timedelta(minutes=GRID_MIN)
SNUG = timedelta(minutes=2 * GRID_MIN)
"""By how much a booked span gives way to one that was booked off the grid of plans."""


@journal.action("planning.confirm_date", roles=PLANNER)
def confirm_date(*, plan_id: PlanId, order_code: str, reason: str, by: Actor) -> DateChange:
    """Confirm by name that a promised date moves with a draft: what the hospital was told, and what it said."""
    row = reads.get_draft(plan_id)
    refuse_any(rules.reason_blockers(reason))
    line = reads.get_date_change(row, order_code)
    refuse_any(rules.gone_blockers(line.confirmed_at is not None))
    order = line.promise.order
    journal.record(
        facts.DateChangeConfirmed(
            plan_id=row.pk,
            promise_id=line.promise_id,
            order_code=order.code,
            was_at=line.was_at,
            becomes_at=line.becomes_at,
            reason=reason,
        ),
        stream=order.stream,
        refs=order.refs,
        changes=[
            (
                line,
                {
                    "confirmed_at": journal.current().at,
                    "confirmed_by": by.account_id,
                    "confirmed_reason": reason,
                },
            )
        ],
    )
    return line


@journal.action("planning.adopt_plan", roles=PLANNER, signed=N_("plan adopted"))
def adopt_plan(*, plan_id: PlanId, by: Actor) -> Plan:
    """Put a draft in force by signature: slots and beds that it moves are booked, or nothing is.

    Refused while a promised date moves unconfirmed, after four hours, or when something happened since it was made.
    """
    row = reads.get_draft(plan_id)
    refuse_any(reads.adoption_blockers(row))
    wanted = list(_wanted(row))
    _book(wanted, row, by)
    told = {*(one.course.order.code for one in wanted), *row.changes.get("told", ())}
    stream = stream_of(row.site.code)
    before = find_in_force(row.site.code)
    if before is not None:
        journal.transition(
            before, "supersede", facts.PlanSuperseded(plan_id=before.pk, number=before.number), stream=stream
        )
    for one in reads.list_drafts(row.site.code):
        if one.pk != row.pk:
            journal.transition(one, "withdraw", facts.PlanWithdrawn(plan_id=one.pk, number=one.number), stream=stream)
    journal.transition(
        row,
        "adopt",
        facts.PlanAdopted(
            plan_id=row.pk,
            number=row.number,
            site=row.site.code,
            slots_moved=len(wanted),
            told=len(told),
            problem_digest=row.problem_digest,
            plan_digest=row.plan_digest,
        ),
        stream=stream,
        adopted_at=journal.current().at,
        adopted_by=by.account_id,
    )
    _settle(row, by)
    return row


@dataclass(frozen=True)
class Wanted:
    """What a plan moves of a course that is booked: its slot, its collection, its promised date and bed."""

    course: Course
    line: str
    slot_at: datetime
    slot_to: datetime
    collection_at: datetime
    infusion_at: datetime
    bed: str
    bed_to: datetime | None
    promise: Promise | None
    why: str


def _wanted(row: Plan) -> Iterator[Wanted]:
    """Yield what of the booked courses is elsewhere in a plan; what began since stays as it is."""
    problem, plan = content_of(row)
    frame = Frame(row.origin_at)
    placed: dict[str, dict[str, Placed]] = {}
    for one in plan.placed:
        placed.setdefault(one.batch, {})[one.operation] = one
    recipes = {one.code: one for one in problem.recipes}
    kinds = {one.code: one.kind for one in problem.resources}
    recipe_of = {one.code: recipes[one.recipe] for one in problem.batches}
    courses = open_courses(row.site.code)
    promises = reads.promises_of([one.order.pk for one in courses])
    reasons = {one["order_code"]: one["why"].get("code", "") for one in row.changes.get("moves", ())}
    for course in courses:
        order = course.order
        if order.code not in placed or order.state == OrderState.SUBMITTED or order.state not in BEFORE_MANUFACTURE:
            continue
        mine, uses = placed[order.code], {one.code: one.uses for one in recipe_of[order.code].operations}
        first = next((code for code, each in uses.items() if any(use.kind == chains.SLOT for use in each)), "")
        if not first:
            continue
        spans = {use.kind: use.to_min for use in (*uses[first], *uses[chains.INFUSION])}
        start, infusion = mine[first], mine[chains.INFUSION]
        found = Wanted(
            course=course,
            line=_of_kind(start, kinds, chains.SLOT),
            slot_at=frame.at(start.start_min),
            slot_to=frame.at(start.start_min + spans[chains.SLOT]),
            collection_at=_collection(course, frame.at(mine[chains.COLLECTION].start_min)),
            infusion_at=frame.at(infusion.start_min),
            bed=_of_kind(infusion, kinds, chains.BED),
            bed_to=frame.at(infusion.start_min + spans[chains.BED]) if chains.BED in spans else None,
            promise=promises.get(str(order.pk)),
            why=reasons.get(order.code, ""),
        )
        if _differs(found):
            yield found


def _of_kind(one: Placed, kinds: dict[str, str], kind: str) -> str:
    return next((code for code in one.resources if kinds.get(code) == kind), "")


def _collection(course: Course, planned: datetime) -> datetime:
    """Return when the collection is planned now: as before where it began, or moves less than the grid."""
    was = course.order.collection_planned_at
    moves = course.order.state == OrderState.ACCEPTED and abs(planned - was) >= SLIGHTLY
    return planned if moves else was


def _differs(one: Wanted) -> bool:
    order, slot = one.course.order, one.course.order.slot
    same = slot is not None and slot.resource.code == one.line and abs(slot.during.lower - one.slot_at) <= SNUG
    late = one.promise is not None and one.infusion_at > one.promise.infusion_at + SLIGHTLY
    return not same or one.collection_at != order.collection_planned_at or late


def _book(wanted: list[Wanted], row: Plan, by: Actor) -> None:
    """Give everything back that moves, then reserve all anew in resource order, then tell the orders."""
    reason = f"plan {row.number}"
    for one in wanted:
        slot = one.course.order.slot
        bed = None if one.promise is None else one.promise.bed
        for held in (slot, bed):
            if held is not None and held.state == "held":
                network.release_reservation(reservation_id=ReservationId(held.pk), reason=reason, by=by)
    units = _units(wanted, row.site.code)
    booked: dict[tuple[str, str], Any] = {}
    for one, kind, code, first, last in sorted(_spans(wanted), key=lambda each: (each[1], each[2], each[3])):
        order = one.course.order
        starts_at, ends_at = _beside(units[kind, code], first, last)
        booked[order.code, kind] = network.reserve_units(
            resource_ids=[units[kind, code]],
            starts_at=starts_at,
            ends_at=ends_at,
            holder=one.course.holder,
            held_for=order.code,
            by=by,
        )[0]
    for one in wanted:
        _plan(one, booked, row, by)


def _beside(unit: ResourceId, first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """Return a span cut to what stands beside it: a booking off the grid may reach a little into the plan's."""
    for one in list_standing([unit], first, last):
        if one.during.upper is not None and one.during.lower <= first < one.during.upper <= first + SNUG:
            first = one.during.upper
        elif last - SNUG <= one.during.lower < last:
            last = one.during.lower
    return first, last


def _spans(wanted: Iterable[Wanted]) -> Iterator[tuple[Wanted, str, str, datetime, datetime]]:
    for one in wanted:
        yield one, chains.SLOT, one.line, one.slot_at, one.slot_to
        if one.promise is not None and one.bed and one.bed_to is not None:
            yield one, chains.BED, one.bed, one.infusion_at, one.bed_to


def _units(wanted: Iterable[Wanted], plant: str) -> dict[tuple[str, str], ResourceId]:
    sites = {plant, *(one.course.order.hospital.code for one in wanted)}
    rows = [each for site in sorted(sites) for each in list_units_of_site(site)]
    return {(each.kind, each.code): ResourceId(each.pk) for each in rows}


def _plan(one: Wanted, booked: dict[tuple[str, str], Any], row: Plan, by: Actor) -> None:
    order = one.course.order
    was = order.slot
    orders.take_slot(
        order_id=OrderId(order.pk),
        reservation_id=ReservationId(booked[order.code, chains.SLOT].pk),
        collection_planned_at=one.collection_at,
        reason=f"plan {row.number}",
        by=by,
    )
    stream, refs = order.stream, [*order.refs, f"site:{row.site_id}"]
    journal.record(
        facts.CoursePlanned(
            plan_id=row.pk,
            order_id=order.pk,
            order_code=order.code,
            slot=one.line,
            was_slot_at=None if was is None else was.during.lower,
            slot_at=one.slot_at,
            infusion_at=one.infusion_at,
            why=one.why,
        ),
        stream=stream,
        refs=refs,
    )
    if one.promise is not None:
        promise = one.promise
        became = max(one.infusion_at, promise.infusion_at)
        journal.record(
            facts.DateMoved(
                promise_id=promise.pk,
                order_id=order.pk,
                order_code=order.code,
                was_at=promise.infusion_at,
                infusion_at=became,
                reason=f"plan {row.number}",
            ),
            stream=stream,
            refs=refs,
            changes=[
                (
                    promise,
                    {
                        "infusion_at": became,
                        "collection_at": one.collection_at,
                        "slot": booked[order.code, chains.SLOT],
                        "bed": booked.get((order.code, chains.BED)),
                    },
                )
            ],
        )


def _settle(row: Plan, by: Actor) -> None:
    """Close what the plan answers: everything that had happened when it was made."""
    for one in reads.list_open_disruptions():
        if one.happened_at <= row.as_of_at:
            journal.transition(
                one,
                "settle",
                facts.DisruptionSettled(
                    disruption_id=one.pk,
                    kind=one.kind,
                    subject=one.subject,
                    plan_number=row.number,
                    reason=f"plan {row.number} adopted",
                ),
                stream=stream_of(row.site.code),
                settled_at=journal.current().at,
                settled_by=by.account_id,
                settled_reason=f"plan {row.number} adopted",
                plan=row,
            )
