"""A recall holds what is open, tells the hospital, and waits for a physician's signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from vein2vein import journal
from vein2vein.core.refusals import Conflict, NotAllowed, NotFound, Refusal, Refused
from vein2vein.journal.reads import list_recent, list_stream
from vein2vein.journal.verification import verify_fold
from vein2vein.manufacturing.reads import open_hold_reasons
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.materials.models import Lot
from vein2vein.quality.models import Deviation
from vein2vein.tracing import reads
from vein2vein.tracing.models import RecallNotice

ACKNOWLEDGE = "tracing.acknowledge_recall"


@pytest.fixture
def recalled(bench: Bench) -> RecallNotice:
    """The recall of a plasmid from which the vector was made that went into the batch."""
    lot = Lot.objects.get(number="DEMO-PR-001")
    bench.act("materials.recall_lot", bench.find("qareviewer"), lot_id=lot.pk, reason="wrong sequence")
    journal.run_followers()
    journal.run_followers()
    return RecallNotice.objects.get(lot=lot)


def refused(kind: type[Refusal], code: str, act: Callable[[], Any]) -> None:
    before = list_recent(limit=1)[0].id
    with pytest.raises(kind) as caught:
        act()
    assert code in {one.code for one in caught.value.blockers}
    assert list_recent(limit=1)[0].id == before


def test_open_recall_notice(bench: Bench, recalled: RecallNotice) -> None:
    entry = next(one for one in list_stream(f"coi:{bench.batch.coi_id}") if one.fact == "tracing.RecallNoticeOpened")
    assert (entry.data["lot_number"], entry.data["standing"]) == ("DEMO-PR-001", "not_released")
    assert entry.data["batch_number"] == bench.batch.number
    assert f"lot:{recalled.lot_id}" in entry.payload["refs"]
    said = list_stream(f"lot:{recalled.lot_id}")[-1].data
    assert said["used_by"] == [f"batch:{bench.batch.pk}"]
    assert {"DEMO-LC-001", "DEMO-LV-001", "DEMO-LV-002", "DEMO-LV-003"} == set(said["made_into"])
    assert RecallNotice.objects.count() == 1
    assert verify_fold() == []


def test_the_open_batch_is_held_by_a_deviation(bench: Bench, recalled: RecallNotice) -> None:
    deviation = Deviation.objects.get(source=f"recall:{recalled.lot_id}:{bench.batch.pk}")
    assert deviation.blocks_release
    assert any("DEMO-PR-001" in one for one in open_hold_reasons(bench.batch))


def test_acknowledge_recall(bench: Bench, recalled: RecallNotice, page: Callable[[str], Client]) -> None:
    given: dict[str, Any] = {"notice_id": recalled.pk, "measures": "patient told, product kept back"}
    mine, theirs = bench.find("physician.rj"), bench.find("physician.bj")
    assert "DEMO-PR-001" in page("physician.rj").get("/").text
    assert "DEMO-PR-001" not in page("physician.bj").get("/").text
    refused(NotAllowed, "journal.signature_required", lambda: journal.ACTIONS[ACKNOWLEDGE].run(**given, by=mine))
    refused(NotAllowed, "people.role_needed", lambda: bench.act(ACKNOWLEDGE, bench.find("qareviewer"), **given))
    refused(NotFound, "tracing.no_notice", lambda: bench.act(ACKNOWLEDGE, theirs, **given))
    refused(Refused, "tracing.no_measures", lambda: bench.act(ACKNOWLEDGE, mine, **given | {"measures": " "}))
    bench.act(ACKNOWLEDGE, mine, **given)
    entry = list_stream(f"coi:{bench.batch.coi_id}")[-1]
    assert (entry.fact, entry.payload["signatures"][0]["meaning"]) == (
        "tracing.RecallNoticeAcknowledged",
        "recall acknowledged",
    )
    refused(Conflict, "journal.no_such_transition", lambda: bench.act(ACKNOWLEDGE, mine, **given))
    assert "DEMO-PR-001" not in page("physician.rj").get("/").text
    (course,) = reads.trace(code="DEMO-PR-001", by=bench.find("qareviewer")).touched
    assert course.notice == "acknowledged"


def test_the_notice_on_its_pages(recalled: RecallNotice, page: Callable[[str], Client]) -> None:
    mine = page("physician.rj")
    assert f'data-action="{ACKNOWLEDGE}"' in mine.get(f"/recalls/{recalled.pk}").text
    assert "DEMO-PR-001" in mine.get("/recalls").text
    assert page("physician.bj").get(f"/recalls/{recalled.pk}").status_code == 404
    assert page("operator1").get("/recalls").status_code == 200
    assert page("carrier.a").get("/recalls").status_code == 403
