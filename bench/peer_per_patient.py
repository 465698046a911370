"""Network design with one decision for each patient, as a general solver takes it: the peer of `subject_network`."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

from vein2vein.engines.networks import NetworkProblem
from vein2vein.engines.networks.problem import CERTAIN_PPM
from vein2vein.engines.networks.routes import Route, groups_of, routes_of


@dataclass(frozen=True, slots=True)
class PerPatient:
    """Who can go where: the routes are folded already, in the peers' favour; patients stand one by one."""

    facilities: list[str]
    fixed: list[int]
    lines: list[int]
    at_most: int
    choices: list[list[tuple[int, int, int]]]
    """For each patient (facility, start day, cents)."""
    line_days: list[int]


@dataclass(frozen=True, slots=True)
class Answer:
    """The cost in cents if it was proven the least within the time, and how long it took, in processor seconds."""

    cents: int | None
    seconds: float


def per_patient(problem: NetworkProblem) -> PerPatient:
    """Return a one-scenario problem patient by patient."""
    codes = [one.code for one in problem.facilities]
    routes = routes_of(problem)
    choices, line_days = [], []
    for group in groups_of(problem, problem.scenarios[0]):
        ways: list[Route] = [way for each in routes[group.hospital, group.therapy.code].values() for way in each]
        made = [(codes.index(way.facility), group.day + way.start_after_days, way.cents) for way in ways]
        choices += [made] * group.count
        line_days += [group.therapy.line_days] * group.count
    fixed = [one.fixed_cents for one in problem.facilities]
    lines = [one.lines for one in problem.facilities]
    return PerPatient(codes, fixed, lines, problem.at_most_open, choices, line_days)


def by_cp_sat(given: PerPatient, limit_s: float) -> Answer:
    """Solve by CP-SAT, one worker."""
    began = time.process_time()
    model = cp_model.CpModel()
    opened = [model.new_bool_var("") for _ in given.facilities]
    model.add(sum(opened) <= given.at_most)
    cost = [cents * one for cents, one in zip(given.fixed, opened, strict=True)]
    load = defaultdict(list)
    for ways, days in zip(given.choices, given.line_days, strict=True):
        chosen = []
        for facility, start, cents in ways:
            one = model.new_bool_var("")
            chosen.append(one)
            model.add_implication(one, opened[facility])
            cost.append(cents * one)
            for day in range(start, start + days):
                load[facility, day].append(one)
        model.add_exactly_one(chosen)
    for (facility, _day), there in load.items():
        model.add(sum(there) <= given.lines[facility])
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit_s
    solver.parameters.num_workers = 1
    proven = solver.solve(model) == cp_model.OPTIMAL
    return Answer(round(solver.objective_value) if proven else None, time.process_time() - began)


def by_scip(given: PerPatient, limit_s: float) -> Answer:
    """Solve by SCIP, as OR-Tools carries it."""
    began = time.process_time()
    solver = pywraplp.Solver.CreateSolver("SCIP")
    solver.SetTimeLimit(int(limit_s * 1000))
    opened = [solver.BoolVar("") for _ in given.facilities]
    solver.Add(sum(opened) <= given.at_most)
    cost = [cents * one for cents, one in zip(given.fixed, opened, strict=True)]
    load = defaultdict(list)
    for ways, days in zip(given.choices, given.line_days, strict=True):
        chosen = []
        for facility, start, cents in ways:
            one = solver.BoolVar("")
            chosen.append(one)
            cost.append(cents * one)
            for day in range(start, start + days):
                load[facility, day].append(one)
        solver.Add(sum(chosen) == 1)
    for (facility, _day), there in load.items():
        solver.Add(sum(there) <= given.lines[facility] * opened[facility])
    solver.Minimize(sum(cost))
    parameters = pywraplp.MPSolverParameters()
    parameters.SetDoubleParam(parameters.RELATIVE_MIP_GAP, 1e-9)
    proven = solver.Solve(parameters) == pywraplp.Solver.OPTIMAL
    return Answer(round(solver.Objective().Value()) if proven else None, time.process_time() - began)


def by_highs(given: PerPatient, limit_s: float) -> Answer:
    """Solve by HiGHS, as SciPy carries it."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    began = time.process_time()
    first = len(given.facilities)
    cost = [float(cents) for cents in given.fixed]
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    load = defaultdict(list)
    for patient, (ways, days) in enumerate(zip(given.choices, given.line_days, strict=True)):
        for facility, start, cents in ways:
            column = len(cost)
            cost.append(float(cents))
            rows.append(patient)
            columns.append(column)
            values.append(1.0)
            for day in range(start, start + days):
                load[facility, day].append(column)
    patients = len(given.choices)
    low, high = [1.0] * patients, [1.0] * patients
    for row, ((facility, _day), there) in enumerate(load.items(), patients):
        rows += [row] * (len(there) + 1)
        columns += [*there, facility]
        values += [*([1.0] * len(there)), -float(given.lines[facility])]
        low.append(-np.inf)
        high.append(0.0)
    rows += [len(low)] * first
    columns += range(first)
    values += [1.0] * first
    low.append(0.0)
    high.append(float(given.at_most))
    matrix = csr_array((values, (rows, columns)), shape=(len(low), len(cost)))
    found = milp(
        np.array(cost),
        integrality=np.ones(len(cost)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, low, high),
        options={"time_limit": limit_s, "mip_rel_gap": 0.0},
    )
    least = round(float(np.round(found.x) @ np.array(cost))) if found.status == 0 else None
    return Answer(least, time.process_time() - began)


PEERS: dict[str, Callable[[PerPatient, float], Answer]] = {"CP-SAT": by_cp_sat, "SCIP": by_scip, "HiGHS": by_highs}


def in_ppm(cents: int) -> int:
    """Return cents as a design tells its cost."""
    return cents * CERTAIN_PPM
