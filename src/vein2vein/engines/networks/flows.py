"""The cheapest way to bring one scenario's therapies through given facilities: one small linear program."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from vein2vein.engines.networks.routes import Group, Route

TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Flow:
    """So many therapies of a group by one route."""

    group: Group
    route: Route
    count: int


def cheapest_flows(groups: list[Group], ways: list[list[Route]], lines: dict[str, int]) -> list[Flow] | None:
    """Return the cheapest flows that no facility's lines are too few for, or None where there are none.

    `ways[i]` are the routes of `groups[i]`. Exact: where the linear program's solution is not whole, the same
    program is solved in whole numbers.
    """
    easiest = [Flow(group, min(routes, key=_cost), group.count) for group, routes in zip(groups, ways, strict=True)]
    if not _overloaded(easiest, lines):
        return easiest
    columns = [(index, route) for index, routes in enumerate(ways) for route in routes]
    return _solve(groups, columns, lines)


def _cost(route: Route) -> tuple[int, int]:
    return route.cents, route.start_after_days


def _overloaded(flows: list[Flow], lines: dict[str, int]) -> bool:
    load: dict[tuple[str, int], int] = defaultdict(int)
    for flow in flows:
        start = flow.group.day + flow.route.start_after_days
        for day in range(start, start + flow.group.therapy.line_days):
            load[flow.route.facility, day] += flow.count
    return any(count > lines[facility] for (facility, _day), count in load.items())


def _solve(groups: list[Group], columns: list[tuple[int, Route]], lines: dict[str, int]) -> list[Flow] | None:
    from scipy.optimize import Bounds, LinearConstraint, linprog, milp
    from scipy.sparse import csr_array

    used: dict[tuple[str, int], list[int]] = defaultdict(list)
    reach: dict[tuple[str, int], dict[int, int]] = defaultdict(dict)
    for column, (index, route) in enumerate(columns):
        start = groups[index].day + route.start_after_days
        for day in range(start, start + groups[index].therapy.line_days):
            used[route.facility, day].append(column)
            reach[route.facility, day][index] = groups[index].count
    # A day on which even all who could be there fit is no constraint.
    tight = [place for place in used if sum(reach[place].values()) > lines[place[0]]]
    whom = [index for index, _route in columns]
    each = csr_array((np.ones(len(columns)), (whom, range(len(columns)))), shape=(len(groups), len(columns)))
    rows = np.repeat(range(len(tight)), [len(used[place]) for place in tight])
    over = np.concatenate([np.array(used[place]) for place in tight])
    load = csr_array((np.ones(len(over)), (rows, over)), shape=(len(tight), len(columns)))
    cost = np.array([route.cents for _index, route in columns], dtype=float)
    counts = np.array([group.count for group in groups], dtype=float)
    room = np.array([lines[place[0]] for place in tight], dtype=float)
    found = linprog(cost, A_ub=load, b_ub=room, A_eq=each, b_eq=counts, method="highs-ds")
    if found.status == 2:
        return None
    amounts = found.x
    if amounts is None or np.abs(amounts - np.round(amounts)).max() > TOLERANCE:
        limits = [LinearConstraint(each, counts, counts), LinearConstraint(load, -np.inf, room)]
        whole = milp(cost, integrality=np.ones(len(columns)), bounds=Bounds(0, np.inf), constraints=limits)
        if whole.status == 2:
            return None
        if whole.x is None or not whole.success:
            raise ArithmeticError(whole.message)
        amounts = whole.x
    made = [round(float(amount)) for amount in amounts]
    return [Flow(groups[index], route, made[n]) for n, (index, route) in enumerate(columns) if made[n]]
