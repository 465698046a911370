"""The closed loop: a plan is made, lived in many futures, and made again with what they showed, until promises keep.

Planning engine and twin do not know each other; here they meet. Pure: a scheduling problem in, plans and what became of
them out. Allowances are quantiles of how long operations take; the least of them is taken with which, in the futures
lived, as many batches as wanted end by their planned, that is promised, time.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vein2vein.engines.scheduling.compiled.layout import lay_out
from vein2vein.engines.scheduling.plan import Plan
from vein2vein.engines.scheduling.problem import WEEK_MIN, Calendar, Operation, Placed, SchedulingProblem
from vein2vein.engines.scheduling.solving import anneal, first_plan
from vein2vein.engines.twin.draws import quantile, stream
from vein2vein.engines.twin.figures import STARTING
from vein2vein.engines.twin.model import Figure
from vein2vein.engines.twin.plans import Lived, PlanInArrays, live
from vein2vein.engines.twin.spreads import Triangular
from vein2vein.engines.twin.table import Row, shaped

FUTURES, WANTED = 300, 0.9
ALLOWANCES = (0.5, 0.65, 0.8, 0.9)
"""The quantiles that are tried in turn, the first one being what operations take as a rule."""
GRACE_MIN = 24 * 60
"""A promise is a day: an end within so many minutes after the planned one keeps it."""
SLOT_MIN = 30
_ROUNDS = 300
_USUAL = Figure(value=Triangular(low=0.9, mode=1.0, high=1.4), unit="h", source="assumed: a little under, more over")
SPREADS: Mapping[str, str] = {
    "collect": "apheresis", "ship-in": "transit", "receive": "receipt", "activate": "setup", "culture": "culture",
    "harvest": "finish", "test": "sterility_rapid", "review": "review", "release": "decision",
}  # fmt: skip
"""The starting figure after which an operation's duration spreads; others a little under, more over."""


LOST: Mapping[str, str] = {"harvest": "terminated", "review": "oos_myeloma"}
"""After which operations a batch is lost, by which starting figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of the loop: the allowance, the plan, and what the futures made of it.

    `kept` is the share of batches not lost that ended by a day after the planned end; `planned_d` and `lived_d` the
    mean days from ready to the planned and to the real end; `weak` the operation that was waited for longest.
    """

    allowance: float
    plan: Plan
    kept: float
    planned_d: float
    lived_d: float
    weak: str


def close_loop(
    problem: SchedulingProblem, *, seed: int = 1, futures: int = FUTURES, wanted: float = WANTED
) -> tuple[Turn, ...]:
    """Return the turns of the loop, the last one the plan to be taken; raises `Refused` where no plan can be."""
    turns: list[Turn] = []
    for allowance in ALLOWANCES:
        asked = _with(problem, allowance)
        plan = _planned(asked, seed)
        lived = live(in_arrays(problem, plan), seed=seed, futures=futures, batches=len(problem.batches))
        turns.append(_told(asked, plan, lived, allowance))
        if turns[-1].kept >= wanted:
            break
    return tuple(turns)


def _planned(problem: SchedulingProblem, seed: int) -> Plan:
    layout = lay_out(problem)
    first_plan(layout)
    objective = anneal(layout, rounds=_ROUNDS, seed=seed)
    return Plan(placed=layout.placed(), objective=objective)


def _with(problem: SchedulingProblem, allowance: float) -> SchedulingProblem:
    """Return a problem whose operations are planned to take the quantile of their durations.

    What they use is booked no longer: slack is time, and no occupancy.
    """
    recipes = tuple(
        dataclasses.replace(
            recipe, operations=tuple(_longer(one, _quantile(one.code, allowance)) for one in recipe.operations)
        )
        for recipe in problem.recipes
    )
    return dataclasses.replace(problem, recipes=recipes)


def _quantile(operation: str, share: float) -> float:
    """Return a quantile of an operation's duration as a part of its median, which stands for what is planned."""
    row = shaped(_figure(operation))
    return _at(row, share) / _at(row, 0.5)


def _longer(one: Operation, by: float) -> Operation:
    more = math.ceil(one.duration_min * (by - 1.0) / SLOT_MIN) * SLOT_MIN
    return dataclasses.replace(one, duration_min=one.duration_min + more)


def _told(problem: SchedulingProblem, plan: Plan, lived: Lived, allowance: float) -> Turn:
    numbers = {one.code: place for place, one in enumerate(problem.batches)}
    lengths = {one.code: {step.code: step.duration_min for step in one.operations} for one in problem.recipes}
    promised = np.zeros(len(problem.batches))
    for placed in plan.placed:
        batch = numbers[placed.batch]
        length = lengths[problem.batches[batch].recipe][placed.operation]
        promised[batch] = max(promised[batch], placed.start_min + length)
    ready = np.array([one.ready_min for one in problem.batches])
    given = ~np.isnan(lived.ends)
    kept = float((lived.ends <= promised + GRACE_MIN)[given].mean()) if given.any() else 0.0
    waits = np.nan_to_num(np.nanmean(lived.took[:20], axis=0))
    by_name = defaultdict[str, list[float]](list)
    for one, wait in zip(_ordered(plan), waits, strict=True):
        length = lengths[problem.batches[numbers[one.batch]].recipe][one.operation]
        by_name[one.operation].append(float(wait - 1.0) * length)
    return Turn(
        allowance=allowance,
        plan=plan,
        kept=kept,
        planned_d=float((promised - ready).mean()) / 1440.0,
        lived_d=float(np.nanmean(lived.ends - ready)) / 1440.0,
        weak=max(sorted(by_name), key=lambda name: sum(by_name[name]) / len(by_name[name])),
    )


def _ordered(plan: Plan) -> list[Placed]:
    """Return a plan's operations in the order in which they are begun; those of one batch in theirs."""
    place = {id(one): number for number, one in enumerate(plan.placed)}
    return sorted(plan.placed, key=lambda one: (one.start_min, place[id(one)]))


def in_arrays(problem: SchedulingProblem, plan: Plan) -> PlanInArrays:
    """Return a plan of a problem as the twin lives it."""
    arrays = _Arrays(problem)
    last: dict[str, int] = {}
    columns = defaultdict[str, list[int]](list)
    uses = defaultdict[str, list[int]](list)
    firsts = [0]
    numbers = {one.code: number for number, one in enumerate(problem.batches)}
    recipe_of = {one.code: one.recipe for one in problem.batches}
    for place, one in enumerate(_ordered(plan)):
        row = arrays.row_of[recipe_of[one.batch], one.operation]
        step = arrays.steps[row]
        columns["batch"].append(numbers[one.batch])
        columns["before"].append(last.get(one.batch, -1))
        columns["start"].append(one.start_min)
        columns["duration"].append(step.duration_min)
        columns["wait"].append(step.wait_least_min)
        columns["row"].append(row)
        last[one.batch] = place
        for use, resource in zip(step.uses, one.resources, strict=True):
            uses["pool"].append(arrays.pool_of[resource])
            uses["from"].append(use.from_min)
            uses["to"].append(use.to_min)
            uses["fit"].append(arrays.fit(resource, use.to_min - use.from_min))
        firsts.append(len(uses["pool"]))
    whole = {name: np.array(values, np.int64) for name, values in columns.items()}
    used = {name: np.array(uses[name], np.int64) for name in ("pool", "from", "to", "fit")}
    rows = [shaped(_figure(one.code)) for one in arrays.steps]
    return PlanInArrays(
        batch=whole["batch"],
        before=whole["before"],
        start=whole["start"],
        duration=whole["duration"],
        wait=whole["wait"],
        row=whole["row"],
        use_first=np.array(firsts, np.int64),
        use_pool=used["pool"],
        use_from=used["from"],
        use_to=used["to"],
        use_fit=used["fit"],
        pool_first=np.cumsum([0, *(one.capacity for one in problem.resources)]).astype(np.int64),
        fits=np.array(arrays.fits, np.int32),
        slot_min=SLOT_MIN,
        shape=np.array([int(one.shape) for one in rows], np.int64),
        numbers=np.array([one.numbers for one in rows]),
        points=np.zeros(1),
        median=np.array([_at(one, 0.5) for one in rows]),
        lost=np.array([_lost(one.code) for one in arrays.steps]),
        stream=np.array([stream(one.code) for one in arrays.steps], np.uint64),
    )


def _figure(operation: str) -> Figure:
    return STARTING.get(SPREADS.get(operation, ""), _USUAL)


def _at(row: Row, share: float) -> float:
    return float(quantile(int(row.shape), *row.numbers, np.zeros(1), share))


def _lost(operation: str) -> float:
    """Return how often a batch is lost after an operation."""
    chance = STARTING[LOST[operation]].value if operation in LOST else 0.0
    return chance / 100.0 if isinstance(chance, float) else 0.0


class _Arrays:
    """The parts of a problem that all plans of it share."""

    def __init__(self, problem: SchedulingProblem) -> None:
        self.problem = problem
        self.steps = [one for recipe in problem.recipes for one in recipe.operations]
        codes = [(recipe.code, one.code) for recipe in problem.recipes for one in recipe.operations]
        self.row_of = {code: row for row, code in enumerate(codes)}
        self.pool_of = {one.code: place for place, one in enumerate(problem.resources)}
        self.calendar_of = {one.code: one.calendar for one in problem.resources}
        self.calendars = {one.code: one for one in problem.calendars}
        self.fits: list[NDArray[np.int32]] = []
        self._known: dict[tuple[str, int], int] = {}

    def fit(self, resource: str, length_min: int) -> int:
        """Return the line in `fits` of a use of so many minutes on a resource."""
        known = self.calendar_of[resource], length_min
        if known not in self._known:
            self._known[known] = len(self.fits)
            self.fits.append(self._fits(self.calendars[known[0]], length_min))
        return self._known[known]

    def _fits(self, calendar: Calendar, length_min: int) -> NDArray[np.int32]:
        slots = self.problem.horizon_min // SLOT_MIN + 1
        minutes = np.arange(slots) * SLOT_MIN
        opened = np.zeros(slots, bool)
        for begins, until in calendar.weekly:
            opened |= (minutes % WEEK_MIN >= begins) & (minutes % WEEK_MIN < until)
        for begins, until in calendar.closed:
            opened &= (minutes < begins) | (minutes >= until)
        ahead = np.concatenate([[0], np.cumsum(~opened)])
        length = max(-(-length_min // SLOT_MIN), 1)
        ends = np.minimum(np.arange(slots) + length, slots)
        fitting = np.where(ahead[ends] == ahead[:-1], np.arange(slots), slots - 1)
        return np.minimum.accumulate(fitting[::-1])[::-1].astype(np.int32)
