"""Scenarios are labelled from their own numbers; a file that is none is refused by line and column."""

from __future__ import annotations

import pytest

from vein2vein.core.refusals import Refused
from vein2vein.engines.networks import label
from vein2vein.engines.networks.labels import DAYS, facility_sets

HEAD = ",".join(["profile", *(f"t{day}" for day in range(1, DAYS + 1))])


def scenario(name: str, **counts: int) -> str:
    return ",".join([name, *(str(counts.get(f"t{day}", 0)) for day in range(1, DAYS + 1))])


def labelled(*rows: str) -> list[str]:
    return [",".join(one.row()) for one in label([HEAD, *rows])]


def test_no_therapy_needs_the_smallest_facility_all_the_same() -> None:
    assert labelled(scenario("none")) == ["none,1,0,0,0,0,0,0"]


@pytest.mark.parametrize(
    ("on_one_day", "row"),
    [
        (4, "1,0,0,0,0,0,0"),
        (5, "1,0,0,1,0,0,0"),
        (9, "0,0,1,0,0,0,0"),
        (14, "1,0,1,0,0,0,0"),
        (20, "0,0,1,0,0,1,0"),
        (31, "0,1,0,0,0,0,0"),
        (35, "1,1,0,0,0,0,0"),
        (41, "0,1,1,0,0,0,0"),
        (62, "0,1,0,0,1,0,0"),
        (63, "0,0,0,0,0,0,1"),
    ],
)
def test_the_cheapest_sufficient_set_is_opened(on_one_day: int, row: str) -> None:
    assert labelled(scenario("x", t30=on_one_day)) == [f"x,{row}"]


def test_the_slower_way_out_puts_a_start_off_by_one_day_and_no_more() -> None:
    assert labelled(scenario("x", t10=4, t16=4)) == ["x,1,0,0,0,0,0,0"]
    assert labelled(scenario("x", t10=4, t15=4)) == ["x,1,0,0,1,0,0,0"]


def test_the_last_day_counts() -> None:
    assert labelled(scenario("x", t90=5)) == ["x,1,0,0,1,0,0,0"]


def test_among_equal_sets_the_lowest_numbers_come_first() -> None:
    order = facility_sets()
    assert order.index((3,)) < order.index((6,))
    assert order.index((1, 3)) < order.index((1, 6)) < order.index((3, 4))


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ([], "profile"),
        (["profile,t1"], "t2"),
        ([HEAD, "x,1"], "line 2"),
        ([HEAD, scenario("x").replace(",0", ",-1", 1)], "line 2, t1"),
        ([HEAD, scenario("x").replace(",0", ",1.5", 1)], "line 2, t1"),
        ([HEAD, scenario("x").replace(",0", ",1e9", 1)], "line 2, t1"),
        ([HEAD, scenario("x").replace(",0", ",²", 1)], "line 2, t1"),
    ],
)
def test_a_file_that_is_none_is_refused_by_its_place(lines: list[str], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        list(label(lines))
    (blocker,) = refusal.value.blockers
    assert blocker.field == field
    assert blocker.mend
