"""Offline packs: who issues one, what it says, and when it is accounted for (N20)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.engines.papers.reading import barcodes, text
from vein2vein import journal
from vein2vein.core.refusals import NotAllowed, Refused
from vein2vein.journal.reads import list_stream
from vein2vein.manufacturing import reads, rules
from vein2vein.manufacturing.models import OfflinePack
from vein2vein.manufacturing.tests.bench import Bench

ISSUE, RECONCILE = "manufacturing.issue_offline_pack", "manufacturing.reconcile_offline_pack"


def test_paper_is_accounted_for_as_it_was_used() -> None:
    for used, entries, code in (
        (True, 0, "manufacturing.pack_not_entered"),
        (False, 2, "manufacturing.pack_was_used"),
        (True, 2, ""),
        (False, 0, ""),
    ):
        found = rules.reconcile_blockers("DOC-1", used=used, late_entries=entries)
        assert [one.code for one in found] == ([code] if code else [])


@pytest.mark.requirement("N20")
def test_a_pack_is_issued_used_late_and_reconciled(bench: Bench) -> None:
    guide = bench.to("measure_received_volume")
    given: dict[str, Any] = {"batch_id": bench.id}
    operator = bench.find("operator1")
    with pytest.raises(NotAllowed):
        bench.act(ISSUE, bench.find("planner"), **given)
    assert not OfflinePack.objects.exists()
    bench.act(ISSUE, operator, **given)
    pack = bench.act(ISSUE, operator, **given)
    facts = [one.fact for one in list_stream(f"coi:{bench.batch.coi_id}")][-2:]
    assert facts == ["manufacturing.OfflinePackSuperseded", "manufacturing.OfflinePackIssued"]
    content = reads.get_offline_pack(bench.id, by=operator).content
    assert hashlib.sha256(content).hexdigest() == pack.attachment.sha256
    said = text(content)
    assert "Weigh the bag" in said
    assert "称量单采袋" in said
    assert "Clear the receipt bench" not in said
    assert f"]d1{bench.batch.coi.code}" in barcodes(content, 300)[0]
    assert [one.code for one in reads.completion_blockers(bench.batch, reads.definition_of(bench.batch))][-1] == (
        "manufacturing.pack_open"
    )
    account: dict[str, Any] = {"pack_id": pack.pk, "used": True, "note": "folder 7"}
    with pytest.raises(Refused, match="nothing of it is entered"):
        bench.act(RECONCILE, operator, "operator2", **account)
    bench.clock.advance(timedelta(hours=1))
    step = bench.payload(guide) | {"value": Decimal(210)}
    for minutes, fault in ((300, "done later"), (30, "")):
        witness = bench.sign(bench.find("operator2"), guide.action, **step)
        entry = journal.LateEntry(bench.clock.at - timedelta(minutes=minutes), "paper", witness)
        with journal.late(entry):
            if fault:
                with pytest.raises(Refused, match=fault):
                    bench.act(guide.action, operator, **step)
            else:
                bench.act(guide.action, operator, **step)
    with pytest.raises(Refused, match="entered late since"):
        bench.act(ISSUE, operator, **given)
    with pytest.raises(Refused, match="where the paper is kept"):
        bench.act(RECONCILE, operator, "operator2", **account | {"note": ""})
    done = bench.act(RECONCILE, operator, "operator2", **account)
    assert (done.state, done.late_entries) == ("reconciled", 1)
    newest = list_stream(f"coi:{bench.batch.coi_id}")[-1]
    assert newest.fact == "manufacturing.OfflinePackReconciled"
    assert newest.data["late_entries"] == 1
    assert reads.find_open_pack(bench.batch) is None
