"""A batch from its opening to its review, every step kind on the way."""

from __future__ import annotations

from vein2vein.engines import papers
from vein2vein.engines.papers.model import Words
from vein2vein.journal.reads import list_stream
from vein2vein.manufacturing import reads
from vein2vein.manufacturing.tests.bench import Bench


def english(words: Words) -> str:
    return words if isinstance(words, str) else str(words.en)


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
    paper = reads.batch_record(bench.id, by=qa)
    assert len([step for operation in paper.operations for step in operation.steps]) == batch.steps.count()
    assert {one.lot for one in paper.materials} >= {"DEMO-LV-001", "DEMO-CY-001"}
    assert [english(one.meaning) for one in paper.operations[0].steps[0].signatures] == ["cleared", "verified"]
    assert [english(one.meaning) for one in paper.review] == ["reviewed"]
    assert paper.exceptions == ()
    assert papers.batch_record(paper).startswith(b"%PDF")
    batch.refresh_from_db()
    assert (batch.state, batch.reviewed_by_id) == ("reviewed", qa.account_id)
