"""The cheapest network equals the referee's, keeps its own limits, and says why where there is none."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from random import Random

import pytest

from tests.engines.networks.referee import cheapest_by_patient
from vein2vein.core.refusals import Refused
from vein2vein.engines.networks import (
    Demand,
    Design,
    Facility,
    Lane,
    NetworkProblem,
    Scenario,
    Therapy,
    design,
    problem_from_json,
    problem_to_json,
)
from vein2vein.engines.networks.invented import invented_network


def small(seed: int) -> NetworkProblem:
    draw = Random(seed)  # noqa: S311 - invented data
    facilities = draw.choice((2, 3, 4))
    kinds = draw.choice((1, 1, 2, 3))
    problem = invented_network(
        draw.randrange(8, 26),
        seed=seed,
        days=draw.choice((10, 20)),
        hospitals=2,
        facilities=facilities,
        therapies=kinds,
    )
    if draw.random() < 0.4:
        other = invented_network(draw.randrange(8, 20), seed=seed + 1, days=15, hospitals=2, therapies=kinds)
        both = (
            replace(problem.scenarios[0], weight_ppm=700_000),
            Scenario(code="more", weight_ppm=300_000, demands=other.scenarios[0].demands),
        )
        problem = replace(problem, scenarios=both)
    if draw.random() < 0.3:
        only = replace(problem.facilities[0], therapies=("T1",))
        problem = replace(problem, facilities=(only, *problem.facilities[1:]))
    if draw.random() < 0.4:
        tight = tuple(replace(one, lines=max(1, one.lines - 1)) for one in problem.facilities)
        problem = replace(problem, facilities=tight)
    return problem


def kept(problem: NetworkProblem, found: Design) -> None:
    """Assert, from the problem alone, that the design serves everybody within every limit at the cost it says."""
    plants = {one.code: one for one in problem.facilities}
    kinds = {one.code: one for one in problem.therapies}
    lanes = {(one.hospital, one.facility, one.mode): one for one in problem.lanes}
    served: dict[tuple[str, str, str, int], int] = defaultdict(int)
    load: dict[tuple[str, str, int], int] = defaultdict(int)
    cost = 1_000_000 * sum(plants[code].fixed_cents for code in found.open)
    weight = {one.code: one.weight_ppm for one in problem.scenarios}
    assert len(found.open) <= problem.at_most_open
    for one in found.sent:
        kind = kinds[one.therapy]
        out, back = lanes[one.hospital, one.facility, one.out_mode], lanes[one.hospital, one.facility, one.back_mode]
        assert one.facility in found.open
        assert not plants[one.facility].therapies or one.therapy in plants[one.facility].therapies
        start = one.day + kind.collection_days + out.days + one.hold_days
        assert start + kind.line_days + kind.control_days + back.days - one.day <= kind.return_within_days
        lost = -(-kind.loss_cents * kind.hold_loss_ppm[one.hold_days] // 1_000_000)
        assert one.cents == kind.cents + out.out_cents + back.back_cents + lost
        cost += weight[one.scenario] * one.count * one.cents
        served[one.scenario, one.hospital, one.therapy, one.day] += one.count
        for day in range(start, start + kind.line_days):
            load[one.scenario, one.facility, day] += one.count
    wanted: dict[tuple[str, str, str, int], int] = defaultdict(int)
    for scenario in problem.scenarios:
        for demand in scenario.demands:
            wanted[scenario.code, demand.hospital, demand.therapy, demand.day] += demand.count
    assert served == wanted
    assert all(count <= plants[code].lines for (_s, code, _d), count in load.items())
    assert cost == found.cost_ppm_cents


@pytest.mark.parametrize("seed", range(30))
def test_the_cost_equals_the_referees(seed: int) -> None:
    problem = small(seed)
    least = cheapest_by_patient(problem)
    if least is None:
        with pytest.raises(Refused):
            design(problem)
        return
    found = design(problem)
    kept(problem, found)
    assert found.cost_ppm_cents == least


def test_a_year_of_a_thousand_patients_is_designed_and_kept() -> None:
    problem = invented_network(1000, seed=5, therapies=3)
    kept(problem, design(problem))


def test_a_problem_is_a_file_and_comes_back_equal() -> None:
    problem = small(3)
    assert problem_from_json(problem_to_json(problem)) == problem


def plain() -> NetworkProblem:
    return NetworkProblem(
        facilities=(Facility(code="F1", lines=2, fixed_cents=100), Facility(code="F2", lines=1, fixed_cents=60)),
        lanes=tuple(
            Lane(hospital="H", facility=code, mode="road", days=1, out_cents=1, back_cents=1) for code in ("F1", "F2")
        ),
        therapies=(Therapy(code="T", collection_days=1, line_days=7, control_days=7, return_within_days=17),),
        scenarios=(Scenario(code="s", demands=(Demand(hospital="H", therapy="T", day=4, count=3),)),),
        at_most_open=2,
    )


def test_two_facilities_are_opened_where_one_is_too_small() -> None:
    assert design(plain()).open == ("F1", "F2")


def test_too_few_lines_are_told_with_the_days_and_the_numbers() -> None:
    with pytest.raises(Refused, match=r"From day 6 to day 6 3 therapies must start; .*F1.* can start 2"):
        design(replace(plain(), at_most_open=1))


def test_a_limit_that_no_lane_keeps_is_told_with_the_hospital() -> None:
    therapy = replace(plain().therapies[0], return_within_days=16)
    with pytest.raises(Refused, match=r"From H no lane to a facility and back keeps the limit of 16 days"):
        design(replace(plain(), therapies=(therapy,)))


@pytest.mark.parametrize(
    ("was", "becomes", "field"),
    [
        ('"lines":2', '"lines":-2', "facilities[0].lines"),
        ('"lines":2', '"lines":2.5', "facilities[0].lines"),
        ('"lines":2', '"lines":"2"', "facilities[0].lines"),
        ('"lines":2', '"lines":true', "facilities[0].lines"),
        ('"lines":2', '"linse":2', "facilities[0].linse"),
        ('"line_days":7', '"line_days":0', "therapies[0].line_days"),
        ('"count":3', '"count":-3', "scenarios[0].demands[0].count"),
        ('"therapy":"T"', '"therapy":"U"', "scenarios[0].demands"),
        ('"facility":"F2"', '"facility":"F1"', "lanes"),
        ('"weight_ppm":1000000', '"weight_ppm":1', "scenarios"),
        ("vein2vein network problem 1", "another", "format"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(was: str, becomes: str, field: str) -> None:
    text = problem_to_json(plain())
    assert was in text
    with pytest.raises(Refused) as refusal:
        problem_from_json(text.replace(was, becomes))
    (blocker, *_) = refusal.value.blockers
    assert blocker.field == field
    assert blocker.mend
