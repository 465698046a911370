"""The same problem, one decision for each patient, given to CP-SAT: what the design must equal."""

from __future__ import annotations

from collections import defaultdict

from ortools.sat.python import cp_model

from vein2vein.engines.networks import NetworkProblem
from vein2vein.engines.networks.problem import CERTAIN_PPM


def cheapest_by_patient(problem: NetworkProblem, limit_s: float = 60.0) -> int | None:
    """Return the proven least cost in ppm-cents, or None where nothing is feasible; asserts that it was proven."""
    model = cp_model.CpModel()
    opened = {one.code: model.new_bool_var(one.code) for one in problem.facilities}
    model.add(sum(opened.values()) <= problem.at_most_open)
    model.add(sum(opened.values()) >= 1)
    cost = [CERTAIN_PPM * one.fixed_cents * opened[one.code] for one in problem.facilities]
    therapies = {one.code: one for one in problem.therapies}
    lines = {one.code: one.lines for one in problem.facilities}
    able = {one.code: one.therapies or tuple(therapies) for one in problem.facilities}
    for scenario in problem.scenarios:
        load = defaultdict(list)
        for demand in scenario.demands:
            kind = therapies[demand.therapy]
            for _patient in range(demand.count):
                choices = []
                for out in problem.lanes:
                    for back in problem.lanes:
                        if (out.hospital, out.facility) != (back.hospital, back.facility):
                            continue
                        if out.hospital != demand.hospital or kind.code not in able[out.facility]:
                            continue
                        for hold, ppm in enumerate(kind.hold_loss_ppm):
                            start = demand.day + kind.collection_days + out.days + hold
                            home = start + kind.line_days + kind.control_days + back.days
                            if home - demand.day > kind.return_within_days:
                                continue
                            chosen = model.new_bool_var("")
                            choices.append(chosen)
                            model.add_implication(chosen, opened[out.facility])
                            for day in range(start, start + kind.line_days):
                                load[out.facility, day].append(chosen)
                            lost = -(-kind.loss_cents * ppm // CERTAIN_PPM)
                            price = kind.cents + out.out_cents + back.back_cents + lost
                            cost.append(scenario.weight_ppm * price * chosen)
                model.add_exactly_one(choices)
        for (facility, _day), there in load.items():
            model.add(sum(there) <= lines[facility])
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit_s
    solver.parameters.num_workers = 1
    solver.parameters.relative_gap_limit = 0
    solver.parameters.absolute_gap_limit = 0
    status = solver.solve(model)
    assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE), solver.status_name(status)
    return round(solver.objective_value) if status == cp_model.OPTIMAL else None
