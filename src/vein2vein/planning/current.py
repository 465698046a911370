"""Where operations are placed as things are: by the plan in force, and by the promises given since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from vein2vein.doors.preparing import Prepared
from vein2vein.engines.scheduling import Placed, SchedulingProblem, problem_from_json
from vein2vein.engines.scheduling.availability import Reservation, reservations_of
from vein2vein.engines.scheduling.plan import Plan as EnginePlan
from vein2vein.engines.scheduling.plan import plan_from_json
from vein2vein.planning.frame import Frame
from vein2vein.planning.models import Plan, Promise
from vein2vein.planning.states import PlanState, PromiseState

Chains = dict[str, tuple[Placed, ...]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a placed operation occupies: a unit from one time to another, for a course."""

    order: str
    operation: str
    unit: str
    starts_at: datetime
    ends_at: datetime
    units: int


class _Texts:
    """A plan's row whose texts are read when they are wanted; two with the same digests are the same."""

    def __init__(self, row: Plan) -> None:
        self.row, self.digests = row, (row.problem_digest, row.plan_digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Texts) and other.digests == self.digests

    def __hash__(self) -> int:
        return hash(self.digests)


@lru_cache(maxsize=8)
def _read(texts: _Texts) -> tuple[SchedulingProblem, EnginePlan]:
    return problem_from_json(texts.row.problem), plan_from_json(texts.row.plan)


def content_of(row: Plan) -> tuple[SchedulingProblem, EnginePlan]:
    """Return a stored plan and the problem that it was made for, as the engine has them."""
    return _read(_Texts(row))


def find_in_force(plant: str) -> Plan | None:
    """Return the plan that a plant works by, or None; its texts are read when they are wanted."""
    rows = Plan.objects.filter(site__code=plant, state=PlanState.ADOPTED).select_related("site")
    return rows.defer("problem", "plan", "changes").first()


def find_draft(plant: str) -> Plan | None:
    """Return the plan that a plant's planner is working on, or None."""
    return Plan.objects.filter(site__code=plant, state=PlanState.DRAFT).first()


def _newer(promise: Promise, row: Plan | None, planned: Iterable[str]) -> bool:
    return row is None or promise.order.code not in planned or promise.promised_at > row.made_at


def current_chains(plant: str, frame: Frame) -> Chains:
    """Return the placed operations of each course by its order's code, in a frame."""
    found: dict[str, list[Placed]] = {}
    row = find_in_force(plant)
    if row is not None:
        for one in _shifted(content_of(row)[1].placed, row.origin_at, frame):
            found.setdefault(one.batch, []).append(one)
    for promise in standing_promises():
        if promise.chain and _newer(promise, row, found):
            origin = datetime.fromisoformat(promise.chain["origin"])
            found[promise.order.code] = _shifted(_placed(promise.chain), origin, frame)
    return {code: tuple(placed) for code, placed in found.items()}


def planned_taken(plant: str) -> tuple[datetime | None, dict[str, list[Taken]]]:
    """Return when the plan in force was made, if there is one, and what each order occupies by it."""
    found: dict[str, list[Taken]] = {}
    row = find_in_force(plant)
    if row is None:
        return None, found
    problem, plan = content_of(row)
    for one in taken_by(problem, plan.placed, row.origin_at):
        found.setdefault(one.order, []).append(one)
    return row.made_at, found


def promised_taken(promises: Iterable[Promise]) -> dict[str, tuple[datetime, list[Taken]]]:
    """Return what standing promises occupy, with when they were given, by order."""
    return {
        one.order.code: (one.promised_at, _taken(one))
        for one in promises
        if one.chain and one.state == PromiseState.STANDING
    }


def standing_promises() -> list[Promise]:
    """Return all promises that stand, with their orders."""
    return list(_STANDING.all())


def promises_named(promises: Iterable[UUID]) -> list[Promise]:
    """Return some promises, with their orders."""
    return [one for key in promises for one in _NAMED.all(key)]


_STANDING = Prepared(lambda: Promise.objects.select_related("order").filter(state=PromiseState.STANDING))
_NAMED = Prepared(lambda key: Promise.objects.select_related("order").filter(pk=key), UUID)


def taken_by(problem: SchedulingProblem, placed: Iterable[Placed], origin: datetime) -> list[Taken]:
    """Return what placed operations occupy, in real times."""
    found = []
    for one in placed:
        for each in reservations_of(problem, [one]) if one.resources else ():
            span = (origin + timedelta(minutes=each.from_min), origin + timedelta(minutes=each.to_min))
            found.append(Taken(one.batch, one.operation, each.resource, *span, each.units))
    return found


def chain_as_json(placed: Iterable[Placed], taken: Iterable[Reservation], frame: Frame) -> dict[str, Any]:
    """Return a chain as a promise keeps it."""
    return {
        "origin": frame.origin.isoformat(),
        "placed": [[one.batch, one.operation, one.start_min, list(one.resources), list(one.lots)] for one in placed],
        "taken": [[one.resource, one.from_min, one.to_min, one.units] for one in taken],
    }


def _placed(chain: dict[str, Any]) -> tuple[Placed, ...]:
    return tuple(
        Placed(batch=batch, operation=operation, start_min=start, resources=tuple(resources), lots=tuple(lots))
        for batch, operation, start, resources, lots in chain["placed"]
    )


def _taken(promise: Promise) -> list[Taken]:
    origin = datetime.fromisoformat(promise.chain["origin"])
    return [
        Taken(promise.order.code, "", unit, origin + timedelta(minutes=first), origin + timedelta(minutes=last), units)
        for unit, first, last, units in promise.chain["taken"]
    ]


def _shifted(placed: tuple[Placed, ...], was: datetime, frame: Frame) -> list[Placed]:
    """Return placed operations in another frame; what lies before its minute 0 has a negative start."""
    minutes = int((was - frame.origin).total_seconds()) // 60
    return [replace(one, start_min=one.start_min + minutes) for one in placed]
