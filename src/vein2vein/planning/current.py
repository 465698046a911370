"""Where operations are placed as things are: by the plan in force, and by the promises given since."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from vein2vein.engines.scheduling import Placed
from vein2vein.engines.scheduling.plan import Plan as EnginePlan
from vein2vein.engines.scheduling.plan import plan_from_json
from vein2vein.planning.frame import Frame
from vein2vein.planning.models import Plan, Promise
from vein2vein.planning.states import PlanState, PromiseState

Chains = dict[str, tuple[Placed, ...]]


def shifted(placed: tuple[Placed, ...], was: datetime, frame: Frame) -> list[Placed]:
    """Return placed operations in another frame; what lies before its minute 0 has a negative start."""
    minutes = int((was - frame.origin).total_seconds()) // 60
    return [replace(one, start_min=one.start_min + minutes) for one in placed]


def plan_of(row: Plan) -> EnginePlan:
    """Return a stored plan as the engine has it."""
    return plan_from_json(row.plan)


def find_in_force(plant: str) -> Plan | None:
    """Return the plan that a plant works by, or None."""
    return Plan.objects.filter(site__code=plant, state=PlanState.ADOPTED).first()


def current_chains(plant: str, frame: Frame) -> Chains:
    """Return the placed operations of each course by its order's code, in a frame."""
    found: dict[str, list[Placed]] = {}
    row = find_in_force(plant)
    if row is not None:
        for one in shifted(plan_of(row).placed, row.origin_at, frame):
            found.setdefault(one.batch, []).append(one)
    promises = Promise.objects.select_related("order").filter(state=PromiseState.STANDING)
    for promise in promises:
        if row is None or promise.order.code not in found or promise.promised_at > row.made_at:
            found[promise.order.code] = shifted(
                placed_of(promise.chain), datetime.fromisoformat(promise.chain["origin"]), frame
            )
    return {code: tuple(placed) for code, placed in found.items()}


def chain_as_json(placed: tuple[Placed, ...], frame: Frame) -> dict[str, Any]:
    """Return placed operations as a promise keeps them."""
    return {
        "origin": frame.origin.isoformat(),
        "placed": [
            [one.batch, one.operation, one.start_min, list(one.resources), list(one.lots)] for one in placed
        ],
    }


def placed_of(chain: dict[str, Any]) -> tuple[Placed, ...]:
    """Return the placed operations that a promise keeps."""
    return tuple(
        Placed(batch=batch, operation=operation, start_min=start, resources=tuple(resources), lots=tuple(lots))
        for batch, operation, start, resources, lots in chain["placed"]
    )
