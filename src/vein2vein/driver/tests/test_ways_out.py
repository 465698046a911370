"""Every way out that chance may bring is walked once, and leaves every invariant whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from vein2vein.driver.telling import as_json, as_table, known_words
from vein2vein.driver.tests.forced import Fate, walk

pytestmark = pytest.mark.requirement("W")
TRIAL: dict[str, int] = {"treatment": 0, "hospital": 0}
NAMED, COMMERCIAL, TWO_STAGE = ({"treatment": one} for one in (2, 3, 4))


def told(tables: str, fates: list[Fate], site_wide: Iterable[str] = ()) -> tuple[dict[str, int], dict[str, int]]:
    """Walk and return endings and happenings; nothing may be at fault, and every word is known in both languages."""
    made = walk(tables, fates, site_wide=site_wide)
    assert made.faults == []
    found: dict[str, Any] = as_json(made)
    assert list(as_table(made))
    assert {*found["endings"], *(name.partition(": ")[0] for name in found["happened"])} <= known_words()
    return found["endings"], found["happened"]


def test_on_the_way_and_in_the_queue(tables: str) -> None:
    mild = {"late material", "tipped material", "late product", "excursion of product", "site not ready"}
    remade = {"frozen material", "several collections", "terminated", "made again"}
    endings, happened = told(
        tables,
        [
            (set(), TRIAL),
            ({"lost material", "collected again", "cracked material@2"}, TRIAL),
            ({"excursion of material", "material rejected at its review"}, TRIAL),
            (mild | remade | {"infusion interrupted", "infusion stopped"}, TRIAL),
            ({"lost in the queue"}, TRIAL | {"cause of the loss": 1}),
            ({"put off", "lapsed for good"}, TRIAL),
            ({"put off", "lost"}, TRIAL | {"leaving": 0, "cause of the loss": 0}),
        ],
        site_wide=["lot recalled@4"],
    )
    assert endings == {
        "a recalled lot was used": 1,
        "eligibility lapsed": 1,
        "infused in part": 1,
        "lost after collection: died": 1,
        "lost in the queue: too ill": 1,
        "starting material rejected": 2,
    }
    for kind in ("late", "tipped", "lost", "cracked"):
        assert happened[f"{kind} on its way: starting material"] == 1
    assert happened["late on its way: product"] == happened["temperature excursion: product"] == 1
    assert happened["site not ready for the product"] == happened["collected again"] == 1
    assert happened["made again from what is left"] == happened["collected on two days"] == 1
    assert happened["batch terminated"] == happened["a recalled lot was used"] == 1
    assert happened["collection put off: patient unfit"] == 2
    assert sum(count for name, count in happened.items() if name.startswith("lot recalled")) == 1


def test_releases_late_findings_and_the_bedside(tables: str) -> None:
    endings, happened = told(
        tables,
        [
            (
                {"out of specification", "asked for all the same", "infusion refused"},
                NAMED | {"cause of the refusal": 0},
            ),
            ({"late growth at last", "physician out of reach"}, COMMERCIAL),
            (
                {"late growth", "growth was the laboratory's", "lost", "unused returned"},
                TWO_STAGE | {"leaving": 3, "cause of the loss": 1},
            ),
        ],
    )
    assert endings == {
        "infusion refused": 1,
        "lost after collection: too ill": 1,
        "recalled for a late finding": 1,
    }
    assert happened["supplied out of specification"] == happened["infusion refused: patient refused"] == 1
    assert happened["late finding before the infusion"] == 2
    assert happened["held product recalled"] == happened["held product released again"] == 1
    assert happened["late finding escalated"] == happened["unused product returned"] == 1
