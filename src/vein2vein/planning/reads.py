"""Reading plans, promises and disruptions; the planner's and the quality unit's, hospitals see their own dates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Max, QuerySet

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import HOSPITAL_ROLES, Actor, Role
from vein2vein.core.ids import DisruptionId, OrderId, PlanId
from vein2vein.core.refusals import N_, Blocker, NotFound, refuse_any
from vein2vein.doors.preparing import Prepared
from vein2vein.doors.reading import first_rows, page, read
from vein2vein.orders.reads import OrderRow, find_order, get_order, orders_seen
from vein2vein.planning import rules
from vein2vein.planning.changes import Moved as Moved  # noqa: PLC0414 - pages name what they show
from vein2vein.planning.current import content_of, find_in_force, taken_by
from vein2vein.planning.models import Absence, DateChange, Disruption, Plan, Promise
from vein2vein.planning.offers import Desk, Offered
from vein2vein.planning.rules import ChangeView
from vein2vein.planning.states import DisruptionState, PlanState, PromiseState

READERS = frozenset(
    {Role.PLANNER, Role.SUPERVISOR, Role.QA_REVIEWER, Role.QUALIFIED_PERSON, Role.OPERATOR, Role.WAREHOUSE}
)
PROMISERS = frozenset({Role.PLANNER, *HOSPITAL_ROLES})
PlanRow = Plan
"""A plan as reads return it, for those who only name its type."""
PromiseRow = Promise
DisruptionRow = Disruption


def _missing(what: str, field: str, value: object) -> NotFound:
    return NotFound(
        Blocker(
            code="planning.not_found",
            message=N_("There is no such %(what)s"),
            field=field,
            value=str(value)[:80],
            mend=N_("Choose one from the planner's pages"),
            params={"what": what},
        )
    )


def _plans() -> QuerySet[Plan]:
    return Plan.objects.select_related("site")


@read("planning.get_plan", roles=READERS)
def get_plan(*, plan_id: PlanId, by: Actor) -> Plan:
    """Return a plan with its problem, certificate and changes, or raise `NotFound`."""
    found = _plans().filter(pk=plan_id).first()
    if found is None:
        raise _missing("plan", "plan_id", plan_id)
    return found


def get_draft(plan_id: PlanId) -> Plan:
    """Return a plan that is being worked on; raises `Refused` for any other."""
    found = _plans().filter(pk=plan_id).first()
    if found is None:
        raise _missing("plan", "plan_id", plan_id)
    refuse_any(rules.draft_blockers(found.state))
    return found


@read("planning.list_plans", roles=READERS)
def list_plans(*, state: PlanState | None = None, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Plan]:
    """Return plans without their texts, newest first."""
    rows = _plans().defer("problem", "plan", "changes")
    return page(rows if state is None else rows.filter(state=state), limit, after, newest=True)


def list_drafts(plant: str) -> list[Plan]:
    """Return what is being worked on at a plant, earlier drafts of a draft included."""
    return list(_plans().filter(site__code=plant, state__in=(PlanState.DRAFT, PlanState.REVISED)).order_by("number"))


def next_number(plant: str) -> int:
    """Return the number of a plant's next plan."""
    newest = Plan.objects.filter(site__code=plant).aggregate(found=Max("number"))["found"]
    return int(newest or 0) + 1


@dataclass(frozen=True, slots=True)
class Booked:
    """An operation of a course on a unit, as a plan has it."""

    order_code: str
    operation: str
    unit: str
    starts_at: datetime
    ends_at: datetime


@read("planning.list_bookings", roles=READERS)
def list_bookings(*, plan_id: PlanId, by: Actor) -> list[Booked]:
    """Return what a plan has on which unit, by time."""
    row = get_plan(plan_id=plan_id, by=by)
    problem, plan = content_of(row)
    taken = taken_by(problem, plan.placed, row.origin_at)
    found = [Booked(one.order, one.operation, one.unit, one.starts_at, one.ends_at) for one in taken]
    return sorted(found, key=lambda one: (one.starts_at, one.unit))


@read("planning.list_date_changes", roles=READERS)
def list_date_changes(*, plan_id: PlanId, by: Actor) -> list[DateChange]:
    """Return the promised dates that a plan moves, confirmed or not."""
    return changes_of_plan(get_plan(plan_id=plan_id, by=by))


def changes_of_plan(row: Plan) -> list[DateChange]:
    """Return the promised dates that a plan moves, the soonest first."""
    return list(row.date_changes.select_related("promise__order").order_by("was_at", "id"))


def view_change(one: DateChange) -> ChangeView:
    """Return a moved date as the rules see it."""
    return ChangeView(one.promise.order.code, one.was_at, one.becomes_at, one.confirmed_at is not None)


def adoption_blockers(row: Plan) -> list[Blocker]:
    """Return why a plan cannot be signed now."""
    since = Disruption.objects.filter(state=DisruptionState.OPEN, happened_at__gt=row.as_of_at).count()
    return rules.adoption_blockers(
        row.state,
        as_of_at=row.as_of_at,
        now=clock.now(),
        changes=[view_change(one) for one in changes_of_plan(row)],
        happened_since=since,
    )


def promises_of(order_ids: Iterable[str | UUID]) -> dict[str, Promise]:
    """Return the standing promises of orders by the id of their order."""
    rows = Promise.objects.select_related("order").filter(state=PromiseState.STANDING, order_id__in=list(order_ids))
    return {str(one.order_id): one for one in rows}


def find_promise(order_id: UUID) -> Promise | None:
    """Return an order's standing promise, or None."""
    return _OF_ORDER.first(order_id)


_OF_ORDER = Prepared(
    lambda order_id: Promise.objects.select_related("order__hospital", "slot__resource", "bed__resource").filter(
        order_id=order_id, state=PromiseState.STANDING
    ),
    UUID,
)


def get_promise(order: OrderRow) -> Promise:
    """Return an order's standing promise, or raise `NotFound`."""
    found = find_promise(order.pk)
    if found is None:
        raise _missing("promise", "order_id", order.code)
    return found


def get_date_change(row: Plan, order_code: str) -> DateChange:
    """Return the line of an order's promised date that a plan moves, or raise `NotFound`."""
    found = next((one for one in changes_of_plan(row) if one.promise.order.code == order_code), None)
    if found is None:
        raise _missing("promise", "order_code", order_code)
    return found


@read("planning.list_promises", roles=PROMISERS)
def list_promises(*, order_id: OrderId, not_before: datetime | None = None, count: int = 5, by: Actor) -> list[Offered]:
    """Return the best dates for an order that are free now, on different days, with what each costs; books nothing.

    Raises `Refused` with what stands against any date. The collection is not before the planned one, or `not_before`.
    """
    order = get_order(order_id=order_id, by=by)
    refuse_any(rules.promise_blockers(order.state, planner=Role.PLANNER in by.roles))
    return Desk(order, clock.now()).offers(not_before=not_before, count=max(1, min(count, 14)))


@read("planning.list_standing_promises", roles=PROMISERS)
def list_standing_promises(*, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Promise]:
    """Return the promised dates that stand and that the actor may see."""
    rows = Promise.objects.select_related("order").filter(state=PromiseState.STANDING, order__in=orders_seen(by))
    return page(rows, limit, after)


def list_expired(now: datetime) -> list[Promise]:
    """Return the promises whose order was not accepted in time."""
    rows = Promise.objects.select_related("order").filter(state=PromiseState.STANDING, expires_at__lt=now)
    return list(rows.filter(order__state__in=("drafted", "submitted")).order_by("expires_at")[:100])


@read("planning.list_disruptions", roles=READERS)
def list_disruptions(
    *, state: DisruptionState | None = None, limit: int = 50, after: UUID | None = None, by: Actor
) -> list[Disruption]:
    """Return what happened to the plan, newest first."""
    rows = Disruption.objects.select_related("order", "plan")
    return page(rows if state is None else rows.filter(state=state), limit, after, newest=True)


def list_open_disruptions() -> list[Disruption]:
    """Return what waits for the planner, oldest first."""
    rows = Disruption.objects.select_related("order").filter(state=DisruptionState.OPEN)
    return first_rows(rows.order_by("happened_at", "id"), 200)


def get_disruption(disruption_id: DisruptionId) -> Disruption:
    """Return a disruption, or raise `NotFound`."""
    found = Disruption.objects.select_related("order", "plan").filter(pk=disruption_id).first()
    if found is None:
        raise _missing("disruption", "disruption_id", disruption_id)
    return found


def is_told(source: str) -> bool:
    """Say whether what happened is in the inbox already."""
    return Disruption.objects.filter(source=source).exists()


@read("planning.list_absences", roles=READERS)
def list_absences(*, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Absence]:
    """Return who is off and what is closed now or later."""
    return page(Absence.objects.filter(ends_at__gt=clock.now(), withdrawn_at__isnull=True), limit, after)


def get_absence(absence_id: UUID) -> Absence:
    """Return an absence that stands, or raise `NotFound`."""
    found = Absence.objects.filter(pk=absence_id, withdrawn_at__isnull=True).first()
    if found is None:
        raise _missing("absence", "absence_id", absence_id)
    return found


def refs_of_order(code: str) -> list[str]:
    """Return what an entry about an order's place in a plan refers to."""
    found = _order(code)
    return [] if found is None else [f"order:{found.pk}"]


def _order(code: str) -> OrderRow | None:
    return orders_seen(journal.system("planning")).filter(code=code).first()


def order_ids_of(codes: Iterable[str]) -> dict[str, str]:
    """Return the ids of orders by their codes."""
    rows = orders_seen(journal.system("planning")).filter(code__in=list(codes))
    return {code: str(pk) for code, pk in rows.values_list("code", "pk")}


def touched_by(unit: str, starts_at: datetime, ends_at: datetime, plant: str) -> list[str]:
    """Return the orders that the plan in force has on a unit within a time."""
    row = find_in_force(plant)
    if row is None:
        return []
    problem, plan = content_of(row)
    found = taken_by(problem, plan.placed, row.origin_at)
    return sorted(
        {one.order for one in found if one.unit == unit and one.starts_at < ends_at and one.ends_at > starts_at}
    )


def is_planned(order_id: UUID, plant: str) -> bool:
    """Say whether the plan in force has an order, or a date was promised for it."""
    if Promise.objects.filter(order_id=order_id).exists():
        return True
    row, order = find_in_force(plant), find_order(order_id)
    return row is not None and order is not None and order.code in {one.batch for one in content_of(row)[1].placed}


def gap_of(row: Plan) -> Decimal:
    """Return by how much a plan may be dearer than the best one, in per cent to one place."""
    if row.objective <= row.bound or not row.bound:
        return Decimal(0)
    return (Decimal(row.objective - row.bound) * 100 / row.bound).quantize(Decimal("0.1"))
