"""Where operations are placed as things are: by the plan in force, and by the promises given since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

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


@lru_cache(maxsize=8)
def _read(digest: str, problem: str, plan: str) -> tuple[SchedulingProblem, EnginePlan]:  # noqa: ARG001 - the key
    return problem_from_json(problem), plan_from_json(plan)


def content_of(row: Plan) -> tuple[SchedulingProblem, EnginePlan]:
    """Return a stored plan and the problem that it was made for, as the engine has them."""
    return _read(row.plan_digest, row.problem, row.plan)


def find_in_force(plant: str) -> Plan | None:
    """Return the plan that a plant works by, or None."""
    return Plan.objects.filter(site__code=plant, state=PlanState.ADOPTED).first()


def find_draft(plant: str) -> Plan | None:
    """Return the plan that a plant's planner is working on, or None."""
    return Plan.objects.filter(site__code=plant, state=PlanState.DRAFT).first()


def _newer(promise: Promise, row: Plan | None, planned: Iterable[str]) -> bool:
    return row is None or promise.order.code not in planned or promise.promised_at > row.made_at


def _standing() -> list[Promise]:
    return list(Promise.objects.select_related("order").filter(state=PromiseState.STANDING).order_by("id"))


def current_chains(plant: str, frame: Frame) -> Chains:
    """Return the placed operations of each course by its order's code, in a frame."""
    found: dict[str, list[Placed]] = {}
    row = find_in_force(plant)
    if row is not None:
        for one in _shifted(content_of(row)[1].placed, row.origin_at, frame):
            found.setdefault(one.batch, []).append(one)
    for promise in _standing():
        if promise.chain and _newer(promise, row, found):
            origin = datetime.fromisoformat(promise.chain["origin"])
            found[promise.order.code] = _shifted(_placed(promise.chain), origin, frame)
    return {code: tuple(placed) for code, placed in found.items()}


def current_taken(plant: str) -> list[Taken]:
    """Return what is occupied by the plan in force and the promises given since."""
    found: dict[str, list[Taken]] = {}
    row = find_in_force(plant)
    if row is not None:
        problem, plan = content_of(row)
        for one in taken_by(problem, plan.placed, row.origin_at):
            found.setdefault(one.order, []).append(one)
    for promise in _standing():
        if promise.chain and _newer(promise, row, found):
            found[promise.order.code] = _taken(promise)
    return [one for taken in found.values() for one in taken]


def taken_by(problem: SchedulingProblem, placed: Iterable[Placed], origin: datetime) -> list[Taken]:
    """Return what placed operations occupy, in real times."""
    found = []
    for one in placed:
        for each in reservations_of(problem, [one]) if one.resources else ():
            span = (origin + timedelta(minutes=each.from_min), origin + timedelta(minutes=each.to_min))
            found.append(Taken(one.batch, one.operation, each.resource, *span, each.units))
    return found


def as_reservations(taken: Iterable[Taken], frame: Frame, *, without: str) -> list[Reservation]:
    """Return what is occupied as the engine counts it, one order's own left out."""
    return [
        Reservation(one.unit, frame.floor(one.starts_at), frame.ceil(one.ends_at), one.units)
        for one in taken
        if one.order != without and one.ends_at > frame.origin
    ]


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
