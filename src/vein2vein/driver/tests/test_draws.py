"""Chance is counted: it depends on seed, patient and name, and on nothing that others do."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from vein2vein.driver import figures
from vein2vein.driver.draws import Draws, LogNormal, Triangular, Typical, Uniform
from vein2vein.driver.hidden import hidden
from vein2vein.driver.transport import transit_of


def test_the_same_seed_patient_and_name_give_the_same() -> None:
    one, other = Draws(1, 7), Draws(1, 7)
    other.share("something else")
    assert [one.share("transit") for _ in range(3)] == [other.share("transit") for _ in range(3)]


@pytest.mark.parametrize("draws", [Draws(2, 7), Draws(1, 8)])
def test_another_seed_or_patient_gives_another(draws: Draws) -> None:
    assert draws.share("transit") != Draws(1, 7).share("transit")


def test_shares_are_spread_evenly() -> None:
    shares = [Draws(1, number).share("transit") for number in range(2000)]
    assert 0.48 < sum(shares) / len(shares) < 0.52
    assert 0.18 < sum(share < 0.2 for share in shares) / len(shares) < 0.22


@pytest.mark.parametrize(
    ("spread", "low", "middle", "high"),
    [
        (Triangular(4, 12, 36), 4, 16.4, 36),
        (Uniform(22, 36), 22, 29, 36),
        (LogNormal(192, 0.5, floor=144), 144, 192, 2000),
    ],
)
def test_quantiles(spread: Triangular | Uniform | LogNormal, low: float, middle: float, high: float) -> None:
    assert low <= spread.at(0.0001) <= spread.at(0.5) <= spread.at(0.9999) <= high
    assert spread.at(0.5) == pytest.approx(middle, abs=0.2)


def test_typical_is_the_middle_and_nothing_goes_wrong() -> None:
    assert Typical().span("transit", figures.REFERRAL_TO_COLLECTION) == timedelta(days=22)
    assert not Typical().happens("transit", 1.0)


@pytest.mark.parametrize(("text", "digits"), [("2.5", -1), ("97", 0), ("0.25", -2)])
def test_a_value_is_written_as_exactly_as_it_was(text: str, digits: int) -> None:
    moved = Draws(1, 1).around("x", Decimal(text), 0.2)
    assert moved.as_tuple().exponent == digits
    assert abs(moved / Decimal(text) - 1) < Decimal("0.3")


def test_a_value_with_an_exponent_has_three_digits() -> None:
    assert len(Draws(1, 1).around("x", Decimal("6e9"), 0.2).as_tuple().digits) == 3


def test_the_customs_come_on_top_of_a_journey_across_a_border() -> None:
    home, across = (transit_of("material", Typical(), abroad=abroad) for abroad in (False, True))
    assert home == Typical().span("transit", figures.TRANSIT_DOMESTIC)
    assert across == Typical().span("transit", figures.TRANSIT_CROSS_BORDER) + timedelta(hours=4)


def test_every_figure_is_drawn_from() -> None:
    sources = [one.read_text() for one in Path(figures.__file__).parent.glob("*.py") if one.stem != "figures"]
    named = {name for name in vars(figures) if name.isupper() and name != "DAY"}
    assert named - {word for text in sources for word in re.findall(r"\b[A-Z_]{3,}\b", text)} == set()


def test_a_hidden_world_is_the_same_for_a_seed_and_ends_with_its_run() -> None:
    known = figures.QA_REVIEW, figures.MADE_AGAIN, dict(figures.OUT_OF_SPECIFICATION)
    with hidden(7):
        first = figures.QA_REVIEW, figures.MADE_AGAIN, dict(figures.OUT_OF_SPECIFICATION)
        assert figures.RELEASE_TO_INFUSION.floor == 6 * 24
        assert figures.RAPID_RELEASE_TESTS.low >= 7 * 24
    with hidden(7):
        assert first == (figures.QA_REVIEW, figures.MADE_AGAIN, dict(figures.OUT_OF_SPECIFICATION))
    assert first != known
    assert known == (figures.QA_REVIEW, figures.MADE_AGAIN, dict(figures.OUT_OF_SPECIFICATION))
