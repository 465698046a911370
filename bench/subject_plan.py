"""Planning a base: list schedule, ruin and recreate against a stated relaxation, small windows, promise and replan."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from bench.registry import Figure, Options, Report
from vein2vein.core.refusals import Refused
from vein2vein.engines.scheduling import Plan, SchedulingProblem, check
from vein2vein.engines.scheduling.availability import Availability, reservations_of
from vein2vein.engines.scheduling.bounding import bound_by_prices
from vein2vein.engines.scheduling.compiled.layout import Layout, lay_out
from vein2vein.engines.scheduling.compiled.ruin import costs_of_all
from vein2vein.engines.scheduling.invented import invented_base
from vein2vein.engines.scheduling.promising import Request, promise
from vein2vein.engines.scheduling.proving import prove
from vein2vein.engines.scheduling.replanning import replan
from vein2vein.engines.scheduling.solving import anneal, first_plan, solve

DAY_MIN = 24 * 60
SEEDS = (1, 2, 3, 4, 5)
WINDOWS = ((50, 60), (75, 90), (100, 120))
"""Batches, and the days within which they are ready."""
STEPS = {2_000: 400, 10_000: 150}
LIVE = 700
"""Batches whose plan makes ten thousand reservations."""
NOTES = """\
bases of `engines/scheduling/invented.py`: twelve operations a batch, each pool busy for three quarters of its time
a gap is to a Lagrangian relaxation: capacities are priced, not enforced; calendars, chains and waits are kept
seconds are those of one core; the smallest gap is what the relaxation itself lacks, and no plan can close it
every plan was held against the independent checker before its figure was taken
""".splitlines()


def measure(options: Options) -> Report:
    """Measure everything; ruin and recreate gets three times `--seconds` of a core for each seed."""
    solve(invented_base(20, seed=1), rounds=10, price_steps=2)
    seconds = 3 * options.seconds
    figures = [
        *_year(2_000, SEEDS, seconds, most_percent=3.0),
        *_year(10_000, SEEDS[:1], 1.0, most_percent=None),
        *_year(10_000, SEEDS[:1], seconds, most_percent=1.5),
        *_windows(options.seconds),
        *_cold(2 * seconds),
        *_live(),
    ]
    return Report("Planning", figures, NOTES)


def _first(problem: SchedulingProblem) -> tuple[Layout, float]:
    """Return a list-scheduled base, and the least processor time it took in three goes."""
    best = float("inf")
    for _go in range(3):
        layout = lay_out(problem)
        began = time.process_time()
        first_plan(layout)
        best = min(best, time.process_time() - began)
    return layout, best


def _year(batches: int, seeds: tuple[int, ...], seconds: float, *, most_percent: float | None) -> list[Figure]:
    gaps, first_gaps, lists = [], [], []
    for seed in seeds:
        problem = invented_base(batches, seed=seed)
        layout, list_s = _first(problem)
        first = int(costs_of_all(layout.chains, layout.places).sum())
        objective = anneal(layout, seconds=seconds, seed=seed, clock=time.thread_time)
        _held(problem, Plan(placed=layout.placed(), objective=objective))
        bound = bound_by_prices(problem, objective, STEPS[batches])
        assert bound is not None
        gaps.append(100 * (objective - bound) / bound)
        first_gaps.append(100 * (first - bound) / bound)
        lists.append(1000 * list_s)
    what = f"{batches:,} batches a year, {seconds:g} s, {len(seeds)} seed{'s' if len(seeds) > 1 else ''}"
    figures = [Figure(f"{what}: largest gap", max(gaps), "%")]
    if most_percent is None:
        return figures
    figures.append(Figure(f"{what}: room below {most_percent:g} %", most_percent - max(gaps), "%", least=0.0))
    figures.append(Figure(f"{batches:,} batches: list schedule alone, largest gap", max(first_gaps), "%"))
    figures.append(Figure(f"{batches:,} batches: list schedule, feasible in", min(lists), "ms of a core"))
    if batches == 10_000:
        figures.append(Figure("of ten milliseconds for that left", 10 - min(lists), "ms", least=0.0))
    return figures


def _held(problem: SchedulingProblem, plan: Plan) -> None:
    faults = check(problem, plan)
    if faults:
        raise AssertionError(str(faults[0]))


def _windows(seconds: float) -> list[Figure]:
    figures = []
    for batches, days in WINDOWS:
        problem = invented_base(batches, seed=1, span_min=days * DAY_MIN)
        began = time.process_time()
        ours = solve(problem, rounds=20_000, price_steps=1_500)
        ours_s = time.process_time() - began
        proof = prove(problem, seconds=seconds, hint=ours)
        _held(problem, proof)
        bound = max(ours.bound, proof.bound)
        gap = 100 * (ours.objective - bound) / bound
        what = f"{batches} batches in {days} days, {ours_s:.0f} s"
        figures.append(Figure(f"{what}: above the best bound known", gap, "%"))
        figures.append(Figure(f"{what}: room below 0.5 %", 0.5 - gap, "%", least=0.0))
        theirs = 100 * (proof.objective - proof.bound) / proof.bound
        figures.append(Figure(f"the same, CP-SAT from our plan on, {seconds:g} s: its own gap", theirs, "%"))
        figures.append(Figure("and what it gained on our plan", 100 * (1 - proof.objective / ours.objective), "%"))
    return figures


def _cold(seconds: float) -> list[Figure]:
    problem = invented_base(2_000, seed=1)
    try:
        found = 100 * prove(problem, seconds=seconds).gap
    except Refused:
        return [Figure(f"2,000 batches: plans that CP-SAT alone finds in {seconds:g} s", 0, "plans")]
    return [Figure(f"2,000 batches: CP-SAT alone, gap after {seconds:g} s", found, "%")]


def _live() -> list[Figure]:
    problem = invented_base(LIVE, seed=3)
    plan = solve(problem, rounds=60_000)
    live = reservations_of(problem, plan.placed)
    waits = []
    for number in range(200):
        ready = number * 37 % 330 * DAY_MIN
        request = Request(batch="new", recipe=f"rapid-{number % 4 + 1}", ready_min=ready)
        began = time.process_time()
        free = Availability.of(problem, live, from_min=ready, until_min=ready + 120 * DAY_MIN)
        promise(problem, free, request)
        waits.append(1000 * (time.process_time() - began))
    slowest = float(np.percentile(waits, 99))
    year = invented_base(2_000, seed=2, promised=True)
    before = solve(year, rounds=100_000)
    now = _without_a_workstation(year, 100 * DAY_MIN)
    replan(now, before.placed, rounds=1)
    began = time.process_time()
    new = replan(now, before.placed, freeze_min=2 * DAY_MIN)
    took_s = time.process_time() - began
    _held(new.problem, new.plan)
    return [
        Figure(f"promise beside {len(live):,} reservations: 99 % within", slowest, "ms of a core"),
        Figure("room below 50 ms", 50 - slowest, "ms", least=0.0),
        Figure(f"replan of a 2,000-batch year, workstations shut for a day: {len(new.moves)} moves", took_s, "s"),
        Figure("room below 2 s", 2 - took_s, "s", least=0.0),
    ]


def _without_a_workstation(problem: SchedulingProblem, at_min: int) -> SchedulingProblem:
    """Return the problem at a time, its workstations shut for the next day."""
    calendars = {one.code: one for one in problem.calendars}
    station = next(one for one in problem.resources if one.kind == "workstation")
    shut = replace(calendars[station.calendar], code="shut", closed=((at_min, at_min + DAY_MIN),))
    resources = tuple(replace(one, calendar="shut") if one is station else one for one in problem.resources)
    return replace(problem, resources=resources, calendars=(*problem.calendars, shut), now_min=at_min)
