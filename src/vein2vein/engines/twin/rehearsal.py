"""Rehearsal: virtual patients carried through a model before anybody is, the difficult ones one by one.

Each difficult patient is alone on the base: everything takes its middle time, or nearly its longest, and exactly one
thing goes wrong, once. Then a crowd comes by chance. Whoever gets nowhere, waits for ever or runs into a limit although
nothing went wrong is a blocker; what only the slow or the crowd meet is a warning.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vein2vein.core.records import digest, text_of
from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.twin import model as m
from vein2vein.engines.twin.compiling import compiled, operations_of
from vein2vein.engines.twin.draws import quantile
from vein2vein.engines.twin.measures import measure_names, measured
from vein2vein.engines.twin.models import checked
from vein2vein.engines.twin.running import Run, Runner
from vein2vein.engines.twin.table import Code, Row, Shape

CODE = "twin.rehearsal"
ORDINARY, SLOW = "ordinary", "slow"
MIDDLE, NEARLY_LONGEST = 0.5, 0.99
JUMPS = (Code.BRANCH, Code.LIMIT, Code.ATTRITION)
FULL = 0.98
"""A resource that is used more than this cannot catch up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualPatient:
    """One virtual patient: what befell them, how it ended, by which operations.

    `difficulty` is `ordinary`, `slow`, or the operation and figure that went against them once. `outcome` is empty for
    a course that never ended; days are from arrival, and vein to vein where there was an infusion.
    """

    demand: str
    difficulty: str
    outcome: str
    days: float | None
    vein_to_vein_d: float | None
    passed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rehearsal found: it passes when there is no blocker. `crowd` holds the means of the crowd's measures."""

    passes: bool
    model: str
    seed: int
    patients: int
    blockers: tuple[Blocker, ...]
    warnings: tuple[Blocker, ...]
    virtual: tuple[VirtualPatient, ...]
    crowd: dict[str, float | None]


def rehearse(model: m.Model, *, seed: int, patients: int = 500) -> Verdict:
    """Return the verdict on a model; raises `Refused` for one with faults. The same seed gives the same verdict."""
    checked(model)
    blockers, warnings, virtual = list[Blocker](), list[Blocker](), list[VirtualPatient]()
    for demand in model.demand:
        for one in _difficult(model, demand, seed):
            virtual.append(one)
            _judge(model, one, blockers, warnings)
    crowd, count = _crowd(model, seed, patients)
    warnings.extend(_crowded(model, crowd))
    return Verdict(
        passes=not blockers,
        model=digest(model),
        seed=seed,
        patients=count,
        blockers=tuple(blockers),
        warnings=tuple(warnings),
        virtual=tuple(virtual),
        crowd=crowd,
    )


def verdict_to_json(verdict: Verdict) -> str:
    """Return the one JSON text of a verdict."""
    return text_of(verdict)


def _difficult(model: m.Model, demand: m.Demand, seed: int) -> Iterator[VirtualPatient]:
    alone = dataclasses.replace(demand, patients_per_year=1.0, growth_per_year=0.0, pattern="even")
    table = compiled(
        dataclasses.replace(
            model, demand=(alone,), warm_up_days=0.0, days=365.0, run_out_days=max(model.run_out_days, 730.0)
        )
    )
    rows = table.rows
    forced = [(place, row) for place, row in enumerate(rows) if row.code in JUMPS]
    for name, against in [(ORDINARY, -1), (SLOW, -1), *((f"{row.name}: {row.figure}", place) for place, row in forced)]:
        share = NEARLY_LONGEST if name == SLOW else MIDDLE
        table.rows = [_certain(row, share, once=place == against) for place, row in enumerate(rows)]
        table.operations = operations_of(table.rows)
        run = Runner(table).run(seed, 0, traced=True)
        if against < 0 or any(row == against for _, _, row, _ in run.trace):
            yield _told(run, demand.name, name)


def _certain(row: Row, share: float, *, once: bool) -> Row:
    """Return a row that leaves nothing to chance: it jumps once, or never but over a limit."""
    if once:
        return dataclasses.replace(row, code=Code.ONCE)
    if row.code in {Code.BRANCH, Code.ATTRITION}:
        return dataclasses.replace(row, numbers=(0.0, 0.0, 0.0, 0.0, 0.0))
    if row.code not in {Code.DELAY, Code.WORK}:
        return row
    numbers = (0.0, float(len(row.points)), 0.0, 0.0, 0.0) if row.points else row.numbers
    hours = quantile(int(row.shape), *numbers, np.array(row.points or (0.0,)), share)
    fixed = (min(max(hours, row.least), row.most), 0.0, 0.0, 0.0, 0.0)
    return dataclasses.replace(row, shape=Shape.FIXED, numbers=fixed, points=())


def _told(run: Run, demand: str, difficulty: str) -> VirtualPatient:
    table = run.table
    outcome = table.outcomes[int(run.outcome[0])] if run.outcome[0] >= 0 else ""
    out, given = (_time(run, name) for name in (table.model.vein_out, table.model.vein_in))
    names = [table.rows[row].operation or table.rows[row].code.name.lower() for _, _, row, _ in run.trace]
    passed = tuple(name for place, name in enumerate(names) if place == 0 or names[place - 1] != name)
    return VirtualPatient(
        demand=demand,
        difficulty=difficulty,
        outcome=outcome,
        days=float(run.ended[0] - run.arrived[0]) / 24.0 if outcome else None,
        vein_to_vein_d=(given - out) / 24.0 if outcome == table.model.infused else None,
        passed=passed,
    )


def _time(run: Run, milestone: str) -> float:
    names = run.table.milestones
    return float(run.times[0, names.index(milestone)]) if milestone in names else math.nan


def _judge(model: m.Model, one: VirtualPatient, blockers: list[Blocker], warnings: list[Blocker]) -> None:
    params = {"demand": one.demand, "difficulty": one.difficulty, "last": one.passed[-1] if one.passed else ""}
    field, value = f"demand[{one.demand}]", one.difficulty
    if not one.outcome:
        message = N_("a virtual patient of %(demand)s never ends (%(difficulty)s): the course stands at “%(last)s”")
        mend = N_("give what it waits for there a capacity or a delivery, or the circle a way out")
        (warnings if one.difficulty == SLOW else blockers).append(Blocker(CODE, message, field, value, mend, params))
    elif one.outcome != model.infused and one.difficulty in {ORDINARY, SLOW}:
        params["outcome"] = one.outcome
        message = N_("a virtual patient of %(demand)s to whom nothing happens (%(difficulty)s) ends as “%(outcome)s”")
        mend = N_("lengthen the limit that is passed, or shorten what comes before it")
        (blockers if one.difficulty == ORDINARY else warnings).append(
            Blocker(CODE, message, field, value, mend, params)
        )


def _crowd(model: m.Model, seed: int, patients: int) -> tuple[dict[str, float | None], int]:
    runner = Runner(compiled(model))
    found, count, replication = [], 0, 0
    while count < patients and replication < patients:
        (run,) = runner.each(seed, range(replication, replication + 1))
        found.append(measured(run, runner.window))
        count, replication = count + len(run.arrived), replication + 1
    values = np.array(found)
    means = {}
    for place, name in enumerate(measure_names(runner.table)):
        there = values[~np.isnan(values[:, place]), place]
        means[name] = math.fsum(there) / len(there) if len(there) else None
    return means, count


def _crowded(model: m.Model, crowd: dict[str, float | None]) -> Iterator[Blocker]:
    for resource in model.resources:
        used = crowd.get(f"utilisation[{resource.name}]") or 0.0
        if used > FULL:
            message, mend = (
                N_("%(resource)s is asked for more than there is: %(used)s %% used"),
                N_("add capacity or shifts"),
            )
            params = {"resource": resource.name, "used": f"{100.0 * used:.0f}"}
            yield Blocker(CODE, message, f"resources[{resource.name}]", params["used"], mend, params)
    unfinished = crowd.get("unfinished") or 0.0
    if unfinished > 0.0:
        message = N_("%(count)s courses of a year had not ended when the simulation did")
        mend = N_("lengthen run_out_days; if they still do not end, add what they wait for")
        params = {"count": f"{unfinished:.1f}"}
        yield Blocker(CODE, message, "model.run_out_days", str(model.run_out_days), mend, params)
