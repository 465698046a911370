"""What a network is designed from: facilities, lanes, therapies and demand scenarios, each from JSON and back.

Time is in whole days, money in whole cents, probabilities in parts per million.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vein2vein.core import canonical, records
from vein2vein.core.refusals import N_, Blocker, refuse_any

FORMAT = "vein2vein network problem 1"
CERTAIN_PPM = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """A plant that may be opened: its parallel lines, its cost over the whole horizon, what it can make."""

    code: str
    lines: int
    fixed_cents: int
    therapies: tuple[str, ...] = ()
    """Codes of the therapies it can make; empty: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One way to travel between a hospital and a facility, either direction; a therapy may go and return by two."""

    hospital: str
    facility: str
    mode: str
    days: int
    out_cents: int
    back_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Therapy:
    """How long a therapy takes, what it costs and how long the cells may wait."""

    code: str
    collection_days: int
    line_days: int
    """Days that a line is occupied, clearance included."""
    control_days: int
    return_within_days: int
    """From the day of collection to the return to the hospital, at most."""
    cents: int = 0
    """Materials and quality control."""
    hold_loss_ppm: tuple[int, ...] = (0,)
    """Probability that the therapy is lost after 0, 1, … days of waiting for a line; no more days are allowed."""
    loss_cents: int = 0
    """What a lost therapy costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """So many therapies of one kind, collected at one hospital on one day."""

    hospital: str
    therapy: str
    day: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One demand that may come, with its probability; whatever is opened must serve each of them."""

    code: str
    demands: tuple[Demand, ...]
    weight_ppm: int = CERTAIN_PPM


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkProblem:
    """What may be opened, how one travels, what is asked for."""

    facilities: tuple[Facility, ...]
    lanes: tuple[Lane, ...]
    therapies: tuple[Therapy, ...]
    scenarios: tuple[Scenario, ...]
    at_most_open: int


def problem_from_json(text: str) -> NetworkProblem:
    """Read a problem; raises `Refused` naming place, value and mend of what is wrong."""
    problem = records.read_file(NetworkProblem, text, FORMAT)
    refuse_any(problem_blockers(problem))
    return problem


def problem_to_json(problem: NetworkProblem) -> str:
    """Return the problem as canonical JSON text."""
    return canonical.dumps({"format": FORMAT, **canonical.plain(problem)})


def problem_blockers(problem: NetworkProblem) -> list[Blocker]:
    """Return everything that keeps a problem from having a meaning: negative numbers, unknown or repeated codes."""
    found = [*_numbers(problem), *_repeated(problem), *_unknown(problem)]
    weights = sum(one.weight_ppm for one in problem.scenarios)
    if weights != CERTAIN_PPM:
        message = N_("The probabilities of the scenarios are 1000000 ppm together")
        found.append(Blocker("networks.weights", message, "scenarios", str(weights), _MEND))
    return found


_MEND = N_("Correct this value in the problem")


def _numbers(problem: NetworkProblem) -> Iterator[Blocker]:
    least = {"at_most_open": 1, "lines": 1, "days": 0, "line_days": 1, "return_within_days": 1, "day": 0, "count": 0}
    groups: dict[str, Iterable[object]] = {
        "facilities": problem.facilities,
        "lanes": problem.lanes,
        "therapies": problem.therapies,
    }
    groups |= {f"scenarios[{index}].demands": one.demands for index, one in enumerate(problem.scenarios)}
    for name, group in [("", [problem]), *groups.items()]:
        for index, one in enumerate(group):
            where = f"{name}[{index}]." if name else ""
            for item, value in _whole_numbers(one):
                if value < least.get(item, 0):
                    params = {"least": str(least.get(item, 0))}
                    message = N_("This number is %(least)s at least")
                    yield Blocker("networks.number", message, where + item, str(value), _MEND, params)
    for index, therapy in enumerate(problem.therapies):
        losses = therapy.hold_loss_ppm
        if not losses or any(not 0 <= one <= CERTAIN_PPM for one in losses):
            message = N_("Probabilities of loss are from 0 to 1000000 ppm, one for each day of waiting from 0 on")
            yield Blocker("networks.loss", message, f"therapies[{index}].hold_loss_ppm", str(losses), _MEND)


def _whole_numbers(one: object) -> Iterator[tuple[str, int]]:
    for name in getattr(type(one), "__slots__", ()):
        value = getattr(one, name)
        if isinstance(value, int):
            yield name, value


def _repeated(problem: NetworkProblem) -> Iterator[Blocker]:
    lanes = [f"{one.hospital} – {one.facility}: {one.mode}" for one in problem.lanes]
    for where, codes in {
        "facilities": [one.code for one in problem.facilities],
        "therapies": [one.code for one in problem.therapies],
        "scenarios": [one.code for one in problem.scenarios],
        "lanes": lanes,
    }.items():
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield Blocker("networks.repeated", N_("This stands there twice"), where, code, _MEND)


def _unknown(problem: NetworkProblem) -> Iterator[Blocker]:
    facilities = {one.code for one in problem.facilities}
    therapies = {one.code for one in problem.therapies}
    message = N_("Nothing of this code is in the problem")
    for index, lane in enumerate(problem.lanes):
        if lane.facility not in facilities:
            yield Blocker("networks.unknown", message, f"lanes[{index}].facility", lane.facility, _MEND)
    for index, facility in enumerate(problem.facilities):
        for code in sorted(set(facility.therapies) - therapies):
            yield Blocker("networks.unknown", message, f"facilities[{index}].therapies", code, _MEND)
    for number, scenario in enumerate(problem.scenarios):
        for code in sorted({one.therapy for one in scenario.demands} - therapies):
            yield Blocker("networks.unknown", message, f"scenarios[{number}].demands", code, _MEND)
