"""Every way out that chance may bring is walked once, and leaves every invariant whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from vein2vein.core.ids import AccountId
from vein2vein.driver.telling import as_json, as_table, known_words
from vein2vein.driver.tests.forced import Fate, walk
from vein2vein.journal.reads import list_stream
from vein2vein.people.reads import get_account
from vein2vein.quality.models import Alert, Obligation

pytestmark = pytest.mark.requirement("W")
FOLLOWED = ("quality.Alert", "orders.InfusionRecorded")
TRIAL: dict[str, float] = {"treatment": 0, "hospital": 0}
NAMED, COMMERCIAL, TWO_STAGE = ({"treatment": one} for one in (2, 3, 4))


def told(
    tables: str, fates: list[Fate], site_wide: Iterable[str] = (), look: Callable[[], None] = lambda: None
) -> tuple[dict[str, int], dict[str, int]]:
    """Walk and return endings and happenings; nothing may be at fault, and every word is known in both languages."""
    made = walk(tables, fates, site_wide=site_wide, look=look)
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
            ({"cracked product", "reserve asked for"}, COMMERCIAL),
            ({"late material", "age permitted"}, NAMED | {"delay of material": 0.9, "transit of material": 0.9}),
        ],
    )
    assert happened["reserve released"] == happened["material used past its age limit"] == 1
    assert endings == {
        "infused": 2,
        "infusion refused": 1,
        "lost after collection: too ill": 1,
        "recalled for a late finding": 1,
    }
    assert happened["supplied out of specification"] == happened["infusion refused: patient refused"] == 1
    assert happened["late finding before the infusion"] == 2
    assert happened["held product recalled"] == happened["held product released again"] == 1
    assert happened["late finding escalated"] == happened["unused product returned"] == 1


def test_growth_found_after_the_infusion_calls_the_physician_until_they_know(tables: str) -> None:
    early = {"release tests": 0.01, "QA review": 0.01, "release to infusion": 0.01, "compendial tests": 0.99}
    endings, happened = told(
        tables,
        [
            ({"late growth at last", "physician out of reach"}, {**COMMERCIAL, "hospital": 0, **early}),
            ({"late growth at last", "growth was the laboratory's"}, {**COMMERCIAL, "hospital": 1, **early}),
        ],
        look=_told_treated_reported,
    )
    assert endings == {"infused": 2}
    assert happened["late finding after the infusion"] == 2
    assert happened["late finding escalated"] == 1
    assert "late finding before the infusion" not in happened


def _told_treated_reported() -> None:
    """The hospital's own physician knows and treats, others are called meanwhile, and nothing is left open."""
    alerts = list(Alert.objects.select_related("order__hospital").order_by("id"))
    assert {(one.moment, one.state, tuple(one.held_containers)) for one in alerts} == {("after_infusion", "closed", ())}
    for alert in alerts:
        assert alert.acknowledged_by_id is not None
        physician = get_account(AccountId(alert.acknowledged_by_id))
        assert physician.employer_id == alert.hospital_id
        assert "antibiotics" in alert.treatment
        assert alert.report_reference
        assert alert.order.state == "infused"
        facts = [one for one in list_stream(f"coi:{alert.coi_id}", limit=5000) if one.fact.startswith(FOLLOWED)]
        told = [one.fact.partition(".")[2] for one in facts]
        calls = ["AlertEscalated"] if alert.level else []
        later = ["AlertAcknowledged", "AlertReported", "AlertClosed"]
        assert told == ["InfusionRecorded", "AlertRaised", *calls, *later]
    assert [one.level for one in alerts].count(1) == 1
    assert not Obligation.objects.filter(code__contains="late_positive").exclude(state="fulfilled").exists()
    assert Obligation.objects.filter(code__contains="late_positive").count() == len(alerts)
