"""The ways one therapy can go: out, wait, line, control, back, folded into one cost for each day it can start.

Therapies of one kind, collected at one hospital on one day, are interchangeable: they make one group with a count.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from vein2vein.engines.networks.problem import CERTAIN_PPM, Facility, Lane, NetworkProblem, Scenario, Therapy


@dataclass(frozen=True, slots=True)
class Route:
    """The cheapest way to have a therapy start so many days after collection at a facility."""

    facility: str
    start_after_days: int
    cents: int
    out_mode: str
    hold_days: int
    back_mode: str


@dataclass(frozen=True, slots=True)
class Group:
    """Interchangeable therapies: the same hospital, kind and day of collection."""

    hospital: str
    therapy: Therapy
    day: int
    count: int


Routes = dict[tuple[str, str], dict[str, tuple[Route, ...]]]
"""By (hospital, therapy), then by facility."""


def groups_of(problem: NetworkProblem, scenario: Scenario) -> list[Group]:
    """Return the groups of a scenario, by day; demands that are alike are added up."""
    therapies = {one.code: one for one in problem.therapies}
    counts: dict[tuple[int, str, str], int] = defaultdict(int)
    for one in scenario.demands:
        counts[one.day, one.hospital, one.therapy] += one.count
    return [Group(place, therapies[code], day, count) for (day, place, code), count in sorted(counts.items()) if count]


def routes_of(problem: NetworkProblem) -> Routes:
    """Return all routes that keep the return limit, by hospital and therapy, then by facility, the earliest first."""
    lanes: dict[tuple[str, str], list[Lane]] = defaultdict(list)
    for lane in problem.lanes:
        lanes[lane.hospital, lane.facility].append(lane)
    found: Routes = {}
    for hospital in sorted({one.hospital for one in problem.lanes}):
        for therapy in problem.therapies:
            found[hospital, therapy.code] = {
                facility.code: ways
                for facility in problem.facilities
                if not facility.therapies or therapy.code in facility.therapies
                if (ways := _ways(therapy, facility, lanes[hospital, facility.code]))
            }
    return found


def _ways(therapy: Therapy, facility: Facility, lanes: list[Lane]) -> tuple[Route, ...]:
    best: dict[int, Route] = {}
    made_days = therapy.line_days + therapy.control_days
    for out in lanes:
        for hold_days, loss_ppm in enumerate(therapy.hold_loss_ppm):
            start = therapy.collection_days + out.days + hold_days
            backs = [one for one in lanes if start + made_days + one.days <= therapy.return_within_days]
            if not backs:
                break
            back = min(backs, key=lambda one: (one.back_cents, one.mode))
            lost_cents = -(-therapy.loss_cents * loss_ppm // CERTAIN_PPM)
            cents = therapy.cents + out.out_cents + back.back_cents + lost_cents
            if start not in best or cents < best[start].cents:
                best[start] = Route(facility.code, start, cents, out.mode, hold_days, back.mode)
    return tuple(best[start] for start in sorted(best))
