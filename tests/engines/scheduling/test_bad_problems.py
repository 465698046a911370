"""What cannot be planned is answered by the reason that binds, never by an empty plan or a guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.engines.scheduling.small_bases import DAY, HOUR, small_base
from vein2vein.core.refusals import Refused
from vein2vein.engines.scheduling import (
    Calendar,
    Limit,
    Lot,
    Placed,
    SchedulingProblem,
    problem_from_json,
    problem_to_json,
)
from vein2vein.engines.scheduling.conflicts import conflict_of, explain
from vein2vein.engines.scheduling.proving import prove
from vein2vein.engines.scheduling.solving import solve

Change = Callable[[SchedulingProblem], SchedulingProblem]


def operation(problem: SchedulingProblem, number: int, **values: object) -> SchedulingProblem:
    recipe = problem.recipes[0]
    made = list(recipe.operations)
    made[number] = replace(made[number], **values)  # type: ignore[arg-type]  # a test's shorthand
    return replace(problem, recipes=(replace(recipe, operations=tuple(made)),))


WRONG: dict[str, tuple[Change, str, str]] = {
    "no calendar": (
        lambda one: replace(one, calendars=one.calendars[1:]),
        "resources[1].calendar",
        "The resource WS-1 has no calendar",
    ),
    "negative duration": (
        lambda one: operation(one, 1, duration_min=-5),
        "recipes[0].operations[1].duration_min",
        "0 at least",
    ),
    "critical path over shelf life": (
        lambda one: replace(
            one, recipes=(replace(one.recipes[0], limits=(Limit(after="collect", before="test", most_min=60),)),)
        ),
        "recipes[0].limits[0].most_min",
        "more than allowed",
    ),
    "nobody qualified": (
        lambda one: replace(one, resources=tuple(replace(each, qualifications=()) for each in one.resources)),
        "recipes[0].operations[1].uses[1].qualification",
        "qualified",
    ),
    "never open so long": (
        lambda one: replace(
            one,
            calendars=tuple(
                Calendar(code=each.code, weekly=((0, 120),)) if each.code == "day" else each for each in one.calendars
            ),
        ),
        "recipes[0].operations[0].uses[0].to_min",
        "no chair is ever open so long",
    ),
    "no lot": (
        lambda one: replace(one, lots=(Lot(code="V", material="vector", quantity=0),)),
        "recipes[0].operations[1].draws",
        "no lot has so many",
    ),
    "a window that ends before it begins": (
        lambda one: replace(one, calendars=(*one.calendars[:2], Calendar(code="night", weekly=((60, 0),)))),
        "calendars[2].weekly[0]",
        "ends after it begins",
    ),
    "a hole in what is fixed": (
        lambda one: replace(
            one, fixed=(Placed(batch="B0", operation="make", start_min=0, resources=("WS-1", "Li", "Wang")),)
        ),
        "batches[0]",
        "Only the first operations",
    ),
    "a batch of no recipe": (
        lambda one: replace(one, batches=(replace(one.batches[0], recipe="X"),)),
        "batches[0].recipe",
        "Nothing of this code",
    ),
    "a code that stands there twice": (
        lambda one: replace(one, batches=(one.batches[0], one.batches[0])),
        "batches",
        "twice",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_has_no_meaning_is_named_by_field_value_and_mend(name: str) -> None:
    change, field, said = WRONG[name]
    problem = change(small_base(1))
    with pytest.raises(Refused) as refusal:
        problem_from_json(problem_to_json(problem))
    found = {one.field: one for one in refusal.value.blockers}
    assert field in found, sorted(found)
    assert said in str(found[field])
    assert found[field].mend
    with pytest.raises(Refused):
        solve(problem)
    assert explain(problem)


@pytest.mark.parametrize(
    ("was", "becomes", "field"),
    [
        ('"duration_min":240', '"duration_min":240.5', "recipes[0].operations[0].duration_min"),
        ('"duration_min":240', '"duration_min":"240"', "recipes[0].operations[0].duration_min"),
        ('"batches":[', '"batchs":[', "batchs"),
        ('"weekly":[[0,10080]]', '"weekly":[[0]]', "calendars[0].weekly[0]"),
        ('"format":"vein2vein scheduling problem 1",', "", "format"),
    ],
)
def test_a_file_that_is_none_is_refused_by_its_place(was: str, becomes: str, field: str) -> None:
    text = problem_to_json(small_base(1))
    assert was in text
    with pytest.raises(Refused) as refusal:
        problem_from_json(text.replace(was, becomes, 1))
    assert refusal.value.blockers[0].field == field


def test_a_problem_is_a_file_and_comes_back_equal() -> None:
    problem = small_base(5)
    assert problem_from_json(problem_to_json(problem)) == problem


def crowded() -> SchedulingProblem:
    """Six batches, of which any one can end in time and not all."""
    problem = small_base(2, batches=6)
    batches = tuple(
        replace(one, ready_min=0, latest_min=(3 * DAY if number < 5 else 13 * DAY), due_min=None)
        for number, one in enumerate(problem.batches)
    )
    return replace(problem, batches=batches, lots=(Lot(code="V", material="vector", quantity=100),))


def test_a_conflict_is_irreducible_and_names_what_binds() -> None:
    problem = crowded()
    conflict = conflict_of(problem, seconds=60)
    assert conflict is not None
    assert conflict.irreducible
    assert conflict.proven
    assert "B5" not in conflict.batches
    only = {one.code: one for one in problem.batches}
    for left_out in conflict.batches:
        fewer = tuple(only[code] for code in conflict.batches if code != left_out)
        assert not fewer or conflict_of(replace(problem, batches=fewer), seconds=30) is None
    assert any("patients' limits" in str(one) for one in conflict.binding)


def test_a_limit_before_the_chain_can_end_is_told_of_that_batch_alone() -> None:
    problem = small_base(1)
    batches = (replace(problem.batches[0], latest_min=10 * HOUR), *problem.batches[1:])
    conflict = conflict_of(replace(problem, batches=batches))
    assert conflict is not None
    assert conflict.batches == ("B0",)


def test_a_lot_that_runs_out_is_named() -> None:
    problem = small_base(1, batches=4)
    short = replace(problem, lots=(Lot(code="V", material="vector", quantity=3, expires_min=10 * DAY),))
    found = explain(short)
    assert any("vector" in one.params["what"] for one in found), [str(one) for one in found]


def test_where_there_is_a_plan_there_is_nothing_to_explain() -> None:
    assert explain(small_base(1)) == []


def test_a_search_stopped_half_way_says_so() -> None:
    with pytest.raises(Refused, match="stopped after 1e-09 s"):
        prove(small_base(1, batches=30), seconds=1e-9)
