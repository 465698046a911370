"""A batch from its opening to its review, every step kind on the way."""

from __future__ import annotations

from vein2vein.journal.reads import list_stream
from vein2vein.manufacturing import reads
from vein2vein.manufacturing.tests.bench import Bench


def test_a_batch_is_made_step_by_step(bench: Bench) -> None:
    batch = bench.finish()
    assert batch.state == "completed"
    facts = [entry.fact for entry in list_stream(f"coi:{batch.coi_id}")]
    assert facts.count("manufacturing.SampleTaken") == 4
    assert facts.count("manufacturing.LineCleared") == 6
    assert facts[-1] == "orders.OrderAdvanced"
    values = reads.values_of(batch)
    assert str(values["fill_volume"]) == "15.0 mL"
    assert str(values["vector_volume"].to("mL").magnitude.normalize()) == "6"
    qa = bench.find("qareviewer")
    bench.act("manufacturing.review_batch", qa, batch_id=batch.pk, comment="nothing to object")
    batch.refresh_from_db()
    assert (batch.state, batch.reviewed_by_id) == ("reviewed", qa.account_id)
