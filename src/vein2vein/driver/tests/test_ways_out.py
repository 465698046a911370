"""Every way out that chance may bring is walked once, and leaves every invariant whole."""

from __future__ import annotations

from vein2vein.driver.telling import as_json
from vein2vein.driver.tests.forced import Fate, walk

RUIJIN: dict[str, int] = {"treatment": 0, "hospital": 0}
LUPUS = "expanded product"


def told(tables: str, fates: list[Fate]) -> tuple[dict[str, int], dict[str, int]]:
    """Walk and return endings and happenings; nothing may be at fault."""
    made = walk(tables, fates)
    assert made.faults == []
    found = as_json(made)
    return found["endings"], found["happened"]


def test_ways_that_go_wrong(tables: str) -> None:
    endings, happened = told(
        tables,
        [
            ({"late material", "tipped material", "late product", "excursion of product", "site not ready"}, RUIJIN),
            ({"lost material", "collected again", "cracked product"}, RUIJIN),
            ({"excursion of material", "material rejected at its review"}, RUIJIN),
            ({"cracked material"}, RUIJIN),
            ({LUPUS, "cracked product", "reduced dose"}, {}),
            ({"excursion of product", "product rejected at its review", "tipped product"}, RUIJIN),
        ],
    )
    assert endings == {}, (endings, happened)
