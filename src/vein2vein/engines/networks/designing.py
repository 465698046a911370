"""Which facilities to open, and which lane each therapy takes: the cheapest network, to proven optimality.

Sets of facilities are taken in the order of a lower bound (their fixed cost and the cheapest routes with lines without
end); a closed form drops most of those that are too small; a small linear program answers for each that is left; the
first bound that is not below the best cost found proves it. The manner is that of the i-SHIPMENT problem
(Triantafyllou et al., Scientific Reports 12:17365, 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations

import numpy as np

from vein2vein.core import canonical
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.networks.capacity import started_by_each
from vein2vein.engines.networks.flows import Flow, cheapest_flows
from vein2vein.engines.networks.problem import CERTAIN_PPM, NetworkProblem, problem_blockers
from vein2vein.engines.networks.routes import Group, Route, Routes, groups_of, routes_of


@dataclass(frozen=True, slots=True)
class Sent:
    """So many therapies of a scenario, collected alike, sent alike."""

    scenario: str
    hospital: str
    therapy: str
    day: int
    facility: str
    out_mode: str
    hold_days: int
    back_mode: str
    count: int
    cents: int
    """The cost of each."""


@dataclass(frozen=True, slots=True)
class Design:
    """A network proven to be the cheapest: what is opened, what each scenario sends, what it costs on average.

    Costs are in parts per million of a cent, so that averages over scenarios stay whole: divide by 1000000.
    """

    open: tuple[str, ...]
    cost_ppm_cents: int
    sent: tuple[Sent, ...]
    sets_in_all: int
    sets_too_small: int
    sets_solved: int


def design_to_json(design: Design) -> str:
    """Return the design as canonical JSON text."""
    return canonical.dumps({"format": "vein2vein network design 1", **canonical.plain(design)})


def design(problem: NetworkProblem) -> Design:
    """Return the cheapest network; raises `Refused` naming the binding reason where there is none."""
    refuse_any(problem_blockers(problem))
    routes = routes_of(problem)
    scenarios = [_Served(one.code, one.weight_ppm, groups_of(problem, one), routes) for one in problem.scenarios]
    refuse_any([blocker for one in scenarios for blocker in one.unreached()])
    fixed = {one.code: one.fixed_cents for one in problem.facilities}
    lines = {one.code: one.lines for one in problem.facilities}
    sets = _ordered(fixed, scenarios, problem.at_most_open)
    best: tuple[int, tuple[str, ...], list[list[Flow]]] | None = None
    small = solved = 0
    for bound, opened in sets:
        if best is not None and bound >= best[0]:
            break
        if any(one.shortage(opened, lines) for one in scenarios):
            small += 1
            continue
        solved += 1
        flows = _flows(scenarios, opened, lines)
        if flows is None:
            continue
        cost = CERTAIN_PPM * sum(fixed[one] for one in opened)
        cost += sum(one.weight_ppm * _cents(flow) for one, flow in zip(scenarios, flows, strict=True))
        if best is None or cost < best[0]:
            best = (cost, opened, flows)
    if best is None:
        raise Refused(_why_none(scenarios, lines, problem.at_most_open))
    cost, opened, flows = best
    sent = tuple(_sent(one.code, flow) for one, each in zip(scenarios, flows, strict=True) for flow in each)
    return Design(opened, cost, sent, len(sets), small, solved)


class _Served:
    """One scenario with the routes of each of its groups."""

    def __init__(self, code: str, weight_ppm: int, groups: list[Group], routes: Routes) -> None:
        self.code, self.weight_ppm, self.groups = code, weight_ppm, groups
        self.ways = [routes.get((one.hospital, one.therapy.code), {}) for one in groups]
        self.days = 1 + max((one.day + one.therapy.return_within_days for one in groups), default=0)

    def unreached(self) -> list[Blocker]:
        """Return a blocker for each hospital and therapy that no facility can serve within the limit."""
        found = {}
        for group, ways in zip(self.groups, self.ways, strict=True):
            if not ways:
                found[group.hospital, group.therapy.code] = Blocker(
                    "networks.out_of_reach",
                    N_("From %(hospital)s no lane to a facility and back keeps the limit of %(days)s days"),
                    field="therapies",
                    value=group.therapy.code,
                    mend=N_("Add a faster lane or a nearer facility, or raise the limit"),
                    params={"hospital": group.hospital, "days": str(group.therapy.return_within_days)},
                )
        return list(found.values())

    def cheapest(self, facilities: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """Return the cheapest cost of each group (rows) at each facility (columns), in cents; infinite: no route."""
        # Groups of one hospital and therapy share their routes, and so their row.
        each: dict[int, list[float]] = {}
        for ways in self.ways:
            if id(ways) not in each:
                cents = [min((route.cents for route in ways.get(code, ())), default=np.inf) for code in facilities]
                each[id(ways)] = cents
        table = np.array([each[id(ways)] for ways in self.ways]).reshape(len(self.groups), len(facilities))
        counts = np.array([group.count for group in self.groups], dtype=float)
        costs: np.ndarray[tuple[int, int], np.dtype[np.float64]] = table * counts[:, None]
        return costs

    def shortage(self, opened: Sequence[str], lines: dict[str, int]) -> tuple[int, int, int, int] | None:
        """Return (first day, last day, must start, can start) where all lines together are too few, or None.

        Necessary only: lines are pooled, every therapy takes the least days on a line, waits and limits are the widest
        among the facilities.
        """
        if not self.groups:
            return None
        arrive, must = [0] * self.days, [0] * self.days
        spans: dict[int, tuple[int, int]] = {}
        for group, ways in zip(self.groups, self.ways, strict=True):
            if id(ways) not in spans:
                starts = [route.start_after_days for code in opened for route in ways.get(code, ())]
                if not starts:
                    return group.day, group.day, group.count, 0
                spans[id(ways)] = (min(starts), max(starts))
            earliest, latest = spans[id(ways)]
            arrive[group.day + earliest] += group.count
            must[group.day + latest] += group.count
        least_days = min(group.therapy.line_days for group in self.groups)
        started = started_by_each(arrive, sum(lines[code] for code in opened), least_days)
        arrived, due = list(accumulate(arrive)), list(accumulate(must))
        last = next((day for day in range(self.days) if started[day] < due[day]), None)
        if last is None:
            return None
        first = last
        while first > 0 and started[first - 1] < arrived[first - 1]:
            first -= 1
        before = started[first - 1] if first else 0
        return first, last, due[last] - before, started[last] - before


def _ordered(fixed: dict[str, int], scenarios: list[_Served], at_most: int) -> list[tuple[int, tuple[str, ...]]]:
    codes = list(fixed)
    tables = [(one.weight_ppm, one.cheapest(codes)) for one in scenarios]
    found = []
    for size in range(1, min(at_most, len(codes)) + 1):
        for chosen in combinations(range(len(codes)), size):
            carried = [(weight, table[:, chosen].min(axis=1).sum()) for weight, table in tables]
            if all(np.isfinite(cents) for _weight, cents in carried):
                bound = CERTAIN_PPM * sum(fixed[codes[index]] for index in chosen)
                bound += sum(weight * int(cents) for weight, cents in carried)
                found.append((bound, tuple(codes[index] for index in chosen)))
    return sorted(found)


def _flows(scenarios: list[_Served], opened: tuple[str, ...], lines: dict[str, int]) -> list[list[Flow]] | None:
    found = []
    for one in scenarios:
        ways: list[list[Route]] = [[route for code in opened for route in way.get(code, ())] for way in one.ways]
        flows = cheapest_flows(one.groups, ways, lines)
        if flows is None:
            return None
        found.append(flows)
    return found


def _cents(flows: list[Flow]) -> int:
    return sum(flow.count * flow.route.cents for flow in flows)


def _sent(scenario: str, flow: Flow) -> Sent:
    group, route = flow.group, flow.route
    ways = (route.facility, route.out_mode, route.hold_days, route.back_mode, flow.count, route.cents)
    return Sent(scenario, group.hospital, group.therapy.code, group.day, *ways)


def _why_none(scenarios: list[_Served], lines: dict[str, int], at_most: int) -> Blocker:
    largest = tuple(sorted(lines, key=lambda code: (-lines[code], code))[:at_most])
    named = ", ".join(largest)
    mend = N_("Allow more facilities, or larger ones, or a longer wait before the start")
    for one in scenarios:
        short = one.shortage(largest, lines)
        if short is not None:
            first, last, must, can = (str(number) for number in short)
            message = N_(
                "From day %(first)s to day %(last)s %(must)s therapies must start; "
                "the largest facilities allowed together (%(largest)s) can start %(can)s"
            )
            params = {"first": first, "last": last, "must": must, "can": can, "largest": named}
            return Blocker("networks.too_few_lines", message, "scenarios", one.code, mend, params)
    message = N_("No set of at most %(count)s facilities can serve every scenario: their lanes and lines do not match")
    codes = ", ".join(one.code for one in scenarios)
    return Blocker("networks.no_set", message, "at_most_open", codes, mend, {"count": str(at_most)})
