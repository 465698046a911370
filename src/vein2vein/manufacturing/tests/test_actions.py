"""Each act of the batch record: who may, what the journal says, and that a refusal leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from vein2vein import journal
from vein2vein.core.refusals import Conflict, NotAllowed, Refusal, Refused
from vein2vein.core.uploads import Upload
from vein2vein.engines.codes import Kind, make
from vein2vein.identity.models import Container
from vein2vein.journal.reads import EntryView, list_recent, list_stream
from vein2vein.manufacturing import actions, reads
from vein2vein.manufacturing.models import BatchStep, Hold, Occupancy, Recording
from vein2vein.manufacturing.states import Answer, ClockDecision
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.materials.models import Movement

SYSTEM = journal.system("test")
OUTSIDERS = ("physician.rj", "nurse.rj", "carrier.a", "planner", "admin")


def traces() -> tuple[Any, ...]:
    newest = list_recent(limit=1)
    return (
        newest[0].id if newest else 0,
        Recording.objects.count(),
        Container.objects.count(),
        Movement.objects.count(),
        Occupancy.objects.count(),
        Hold.objects.count(),
    )


def refused(kind: type[Refusal], code: str, act: Callable[[], Any]) -> Refusal:
    """The act is refused with this code and leaves nothing at all."""
    before = traces()
    with pytest.raises(kind) as caught:
        act()
    assert code in {blocker.code for blocker in caught.value.blockers}
    assert traces() == before
    return caught.value


def last(bench: Bench) -> EntryView:
    return list_stream(f"coi:{bench.batch.coi_id}")[-1]


def test_open_batch(bench: Bench) -> None:
    entry = next(one for one in list_stream(f"coi:{bench.batch.coi_id}") if one.fact == "manufacturing.BatchOpened")
    assert entry.action == "manufacturing.open_batch"
    assert f"batch:{bench.batch.pk}" in entry.payload["refs"]
    assert bench.batch.ordered_dose_cells == Decimal("18000000")
    order: dict[str, Any] = {"order_id": bench.batch.order_id}
    refused(Conflict, "journal.no_such_transition", lambda: actions.open_batch(**order, by=bench.find("supervisor")))
    for who in (*OUTSIDERS, "operator1", "qareviewer"):
        refused(NotAllowed, "people.role_needed", partial(actions.open_batch, **order, by=bench.find(who)))


def test_start_and_complete_operation(bench: Bench) -> None:
    operator = bench.find("operator1")
    batch: dict[str, Any] = {"batch_id": bench.id}
    refused(
        Refused,
        "manufacturing.earlier_operation_open",
        lambda: actions.start_operation(**batch, operation_code="wash", by=operator),
    )
    actions.start_operation(**batch, operation_code="receive", by=operator)
    assert last(bench).fact == "manufacturing.OperationStarted"
    refused(
        Conflict,
        "journal.no_such_transition",
        lambda: actions.start_operation(**batch, operation_code="receive", by=operator),
    )
    refused(
        Refused,
        "manufacturing.step_open",
        lambda: actions.complete_operation(**batch, operation_code="receive", by=operator),
    )
    for who in (*OUTSIDERS, "qareviewer", "warehouse"):
        refused(
            NotAllowed,
            "people.role_needed",
            partial(actions.start_operation, **batch, operation_code="receive", by=bench.find(who)),
        )


def test_record_step_in_its_order_once_by_its_role(bench: Bench) -> None:
    bench.to("check_bag_intact")
    batch: dict[str, Any] = {"batch_id": bench.id}
    operator = bench.find("operator1")
    check: dict[str, Any] = {**batch, "step_code": "check_bag_intact", "answer": Answer.YES}
    later: dict[str, Any] = {**batch, "step_code": "measure_haematocrit", "value": Decimal(1), "unit": "%"}
    refused(Refused, "manufacturing.earlier_step_open", lambda: actions.record_step(**later, by=operator))
    refused(NotAllowed, "manufacturing.wrong_role", lambda: actions.record_step(**check, by=bench.find("analyst")))
    for who in OUTSIDERS:
        refused(NotAllowed, "people.role_needed", partial(actions.record_step, **check, by=bench.find(who)))
    actions.record_step(**check, by=operator)
    entry = last(bench)
    assert (entry.fact, entry.data["step_code"], entry.data["answer"]) == (
        "manufacturing.StepRecorded",
        "check_bag_intact",
        "yes",
    )
    assert entry.data["out_of_limits"] is False
    refused(Conflict, "manufacturing.step_done", lambda: actions.record_step(**check, by=operator))
    refused(
        Refused,
        "manufacturing.operation_not_open",
        lambda: actions.record_step(**batch, step_code="scan_washer", equipment_code="EQP-CW-01-X", by=operator),
    )


def test_a_signed_step_takes_its_signature(bench: Bench) -> None:
    bench.to("clear_receipt_bench")
    code = bench.equipment("receipt_bench")
    step: dict[str, Any] = {"batch_id": bench.id, "step_code": "clear_receipt_bench", "equipment_code": code}
    operator = bench.find("operator1")
    refused(Refused, "manufacturing.other_action", lambda: actions.record_step(**step, by=operator))
    refused(NotAllowed, "journal.signature_required", lambda: actions.clear_line(**step, by=operator))
    clear = "manufacturing.clear_line"
    refused(Refused, "manufacturing.second_person_missing", lambda: bench.act(clear, operator, **step))
    bench.act(clear, operator, "operator2", **step)
    entry = next(one for one in reversed(list_stream(f"coi:{bench.batch.coi_id}")) if one.fact.endswith("StepRecorded"))
    assert [one["meaning"] for one in entry.payload["signatures"]] == ["cleared", "verified"]
    assert Occupancy.objects.filter(batch=bench.batch, workstation__code="RB-01").count() == 1


@pytest.mark.requirement("N14")
def test_two_people_at_an_identity_check(bench: Bench) -> None:
    bench.to("scan_leukapheresis")
    step: dict[str, Any] = {
        "batch_id": bench.id,
        "step_code": "scan_leukapheresis",
        "scanned": bench.container("leukapheresis_bag"),
    }
    operator = bench.find("operator1")
    record = "manufacturing.record_step"
    refused(Refused, "manufacturing.second_person_missing", lambda: actions.record_step(**step, by=operator))
    refused(NotAllowed, "journal.own_witness", lambda: bench.act(record, operator, "operator1", **step))
    refused(
        NotAllowed,
        "journal.signature_required",
        lambda: actions.record_step(**step, by=operator, witness=operator_two(bench)),
    )
    refused(NotAllowed, "manufacturing.checker_not_of_plant", lambda: bench.act(record, operator, "nurse.rj", **step))
    refused(NotAllowed, "people.not_trained", lambda: bench.act(record, operator, "analyst", **step))
    bench.act(record, operator, "operator2", **step)
    assert bench.guide("scan_leukapheresis").verified


def operator_two(bench: Bench) -> Any:
    return bench.find("operator2")


def test_measured_values(bench: Bench) -> None:
    bench.to("measure_received_viability")
    base: dict[str, Any] = {"batch_id": bench.id, "step_code": "measure_received_viability"}
    counter = bench.equipment("cell_counter")
    operator = bench.find("operator1")

    def record(**given: Any) -> Any:
        return actions.record_step(**(base | {"equipment_code": counter, "unit": "%"} | given), by=operator)

    refused(Refused, "manufacturing.value_missing", record)
    refused(Refused, "manufacturing.unit_wrong", lambda: record(value=Decimal(95), unit="mL"))
    refused(Refused, "manufacturing.value_impossible", lambda: record(value=Decimal(950)))
    refused(Refused, "manufacturing.too_many_decimals", lambda: record(value=Decimal("95.12")))
    refused(Refused, "manufacturing.scan_missing", lambda: record(value=Decimal(95), equipment_code=None))
    out_of_service = make(Kind.EQUIPMENT, "NC-03")
    refused(
        Refused, "network.equipment_out_of_service", lambda: record(value=Decimal(95), equipment_code=out_of_service)
    )
    other = make(Kind.EQUIPMENT, "BA-01")
    refused(Refused, "network.wrong_equipment", lambda: record(value=Decimal(95), equipment_code=other))
    refused(Refused, "codes.bad_code", lambda: record(value=Decimal(95), equipment_code="EQP-NC-01-Z"))
    refused(Refused, "manufacturing.comment_missing", lambda: record(value=Decimal(80)))
    record(value=Decimal(80), comment="counted twice")
    entry = last(bench)
    assert (entry.data["out_of_limits"], entry.data["verdict"], entry.data["value"]) == (True, "action", "80")
    assert entry.data["limits"] == "action ≥ 85 %; alert ≥ 90 %"


def test_calibration_due_is_looked_at_when_used(bench: Bench) -> None:
    bench.to("measure_received_volume")
    step: dict[str, Any] = bench.payload(bench.guide("measure_received_volume"))
    bench.clock.advance(timedelta(days=200))
    refused(Refused, "network.calibration_due", lambda: actions.record_step(**step, by=bench.find("operator1")))


def test_a_computed_value_is_never_typed(bench: Bench) -> None:
    bench.to("compute_received_cells")
    step: dict[str, Any] = {"batch_id": bench.id, "step_code": "compute_received_cells"}
    operator = bench.find("operator1")
    refused(
        Refused,
        "manufacturing.computed_not_typed",
        lambda: actions.record_step(**step, value=Decimal(1), unit="cell", by=operator),
    )
    actions.record_step(**step, by=operator)
    assert Decimal(last(bench).data["value"]) == Decimal("4.2e9")


def test_a_question_answered_with_no(bench: Bench) -> None:
    bench.to("check_bag_intact")
    step: dict[str, Any] = {"batch_id": bench.id, "step_code": "check_bag_intact"}
    operator = bench.find("operator1")
    refused(Refused, "manufacturing.answer_missing", lambda: actions.record_step(**step, by=operator))
    refused(
        Refused, "manufacturing.comment_missing", lambda: actions.record_step(**step, answer=Answer.NO, by=operator)
    )
    actions.record_step(**step, answer=Answer.NO, comment="a seal is torn", by=operator)
    assert last(bench).data["out_of_limits"] is True


def test_verify_step_later_by_another_person(bench: Bench) -> None:
    guide = bench.to("consume_beads")
    given: dict[str, Any] = bench.payload(guide)
    bench.act(guide.action, bench.find("operator1"), **given)
    step: dict[str, Any] = {"batch_id": bench.id, "step_code": "consume_beads"}
    verify = "manufacturing.verify_step"
    refused(NotAllowed, "manufacturing.own_work", lambda: bench.act(verify, bench.find("operator1"), **step))
    refused(NotAllowed, "journal.signature_required", lambda: actions.verify_step(**step, by=bench.find("operator2")))
    other: dict[str, Any] = {"batch_id": bench.id, "step_code": "scan_magnet"}
    refused(Refused, "manufacturing.nothing_to_verify", lambda: bench.act(verify, bench.find("operator2"), **other))
    views = reads.step_views(bench.batch, reads.definition_of(bench.batch))
    assert any(one.code == "consume_beads" and one.state == "done" and one.needs_second for one in views)
    bench.act(verify, bench.find("operator2"), **step)
    assert last(bench).fact == "manufacturing.StepVerified"
    assert bench.guide("consume_beads").verified


def test_correct_step_adds_and_computes_again(bench: Bench) -> None:
    bench.to("sign_receipt")
    step: dict[str, Any] = {"batch_id": bench.id, "step_code": "measure_received_volume"}
    operator = bench.find("operator1")
    correct = "manufacturing.correct_step"
    refused(
        Refused,
        "manufacturing.no_reason",
        lambda: actions.correct_step(**step, reason=" ", value=Decimal(120), unit="mL", by=operator),
    )
    refused(
        Refused,
        "manufacturing.not_correctable",
        lambda: bench.act(correct, operator, batch_id=bench.id, step_code="scan_leukapheresis", reason="x"),
    )
    refused(
        Conflict,
        "manufacturing.nothing_to_correct",
        lambda: bench.act(correct, operator, batch_id=bench.id, step_code="measure_washed_count", reason="x"),
    )
    actions.correct_step(**step, reason="misread the display", value=Decimal(120), unit="mL", by=operator)
    revisions = list(Recording.objects.filter(step__code="measure_received_volume", step__batch=bench.batch))
    assert sorted((one.revision, one.value) for one in revisions) == [(1, Decimal(210)), (2, Decimal(120))]
    again = Recording.objects.get(step__code="compute_received_cells", step__batch=bench.batch, revision=2)
    assert (again.value, again.recomputed) == (Decimal("2.4e9"), True)
    entries = list_stream(f"coi:{bench.batch.coi_id}")[-2:]
    assert [one.fact for one in entries] == ["manufacturing.StepCorrected"] * 2
    assert (entries[0].data["was"], entries[0].data["became"]) == ("210 mL", "120 mL")
    assert entries[0].data["affected"] == ["compute_received_cells"]
    kinds = {one.kind for one in reads.exceptions(bench.id, by=bench.find("qareviewer"))}
    assert {"corrected", "recomputed"} <= kinds


def test_place_and_lift_hold(bench: Bench) -> None:
    bench.to("check_bag_intact")
    batch: dict[str, Any] = {"batch_id": bench.id}
    hold = actions.place_hold(**batch, reason="seal torn", source="deviation:1", by=SYSTEM)
    assert last(bench).fact == "manufacturing.HoldPlaced"
    step: dict[str, Any] = {**batch, "step_code": "check_bag_intact", "answer": Answer.YES}
    operator = bench.find("operator1")
    refused(Refused, "manufacturing.on_hold", lambda: actions.record_step(**step, by=operator))
    with pytest.raises(NotAllowed):
        actions.place_hold(**batch, reason="x", by=operator)
    with pytest.raises(NotAllowed):
        actions.lift_hold(hold_id=hold.pk, reason="x", by=operator)
    actions.lift_hold(hold_id=hold.pk, reason="bag was resealed and tested", by=SYSTEM)
    assert last(bench).fact == "manufacturing.HoldLifted"
    actions.record_step(**step, by=operator)


@pytest.mark.requirement("N8")
def test_material_past_its_age_needs_quality(bench: Bench) -> None:
    bench.clock.advance(timedelta(hours=80))
    batch: dict[str, Any] = {"batch_id": bench.id}
    operator = bench.find("operator1")
    start: dict[str, Any] = {**batch, "operation_code": "receive"}
    refused(Refused, "manufacturing.clock_exceeded", lambda: actions.start_operation(**start, by=operator))
    ruling: dict[str, Any] = {**batch, "subject": "starting_material", "decision": ClockDecision.CONTINUE}
    rule = "manufacturing.rule_on_clock"
    qa, supervisor = bench.find("qareviewer"), bench.find("supervisor")
    refused(Refused, "manufacturing.no_reason", lambda: bench.act(rule, qa, **ruling, reason=""))
    refused(NotAllowed, "manufacturing.quality_decides", lambda: bench.act(rule, supervisor, **ruling, reason="x"))
    refused(NotAllowed, "people.role_needed", lambda: bench.act(rule, operator, **ruling, reason="x"))
    bench.act(rule, qa, **ruling, reason="viability was measured again: 93 %")
    assert last(bench).data["decision"] == "continue"
    actions.start_operation(**start, by=operator)
    assert last(bench).data["clock_exceeded"] is True
    refused(Conflict, "manufacturing.ruled_already", lambda: bench.act(rule, qa, **ruling, reason="again"))


def test_a_wait_is_neither_too_short_nor_too_long(bench: Bench) -> None:
    bench.to("wait_binding")
    step: dict[str, Any] = {"batch_id": bench.id, "step_code": "wait_binding"}
    operator, supervisor = bench.find("operator1"), bench.find("supervisor")
    refused(Refused, "manufacturing.too_early", lambda: actions.record_step(**step, by=operator))
    rule = "manufacturing.rule_on_clock"
    ruling: dict[str, Any] = {
        "batch_id": bench.id,
        "subject": "wait_binding",
        "decision": ClockDecision.CONTINUE,
        "reason": "binding is complete after 20 min",
    }
    refused(Refused, "manufacturing.clock_not_exceeded", lambda: bench.act(rule, supervisor, **ruling))
    bench.clock.advance(timedelta(minutes=46))
    refused(Refused, "manufacturing.clock_exceeded", lambda: actions.record_step(**step, by=operator))
    bench.act(rule, supervisor, **ruling)
    actions.record_step(**step, by=operator)
    assert last(bench).data["clock_exceeded"] is True


@pytest.mark.requirement("N7")
def test_vector_is_thawed_once_and_used_in_time(bench: Bench) -> None:
    guide = bench.to("consume_vector")
    given: dict[str, Any] = bench.payload(guide)
    operator = bench.find("operator1")
    refused(Refused, "materials.not_thawed", lambda: bench.act(guide.action, operator, "operator2", **given))
    bench.thaw(guide)
    assert last(bench).data["vials"] == 6
    refused(Refused, "materials.thawed_already", lambda: bench.thaw(guide))
    bench.clock.advance(timedelta(minutes=121))
    refused(Refused, "materials.thawed_too_long", lambda: bench.act(guide.action, operator, "operator2", **given))
    lot: dict[str, Any] = {"lot_code": given["lot_code"]}
    for lot_number, code in (("DEMO-LV-002", "materials.not_released"), ("DEMO-LV-003", "materials.wrong_market")):
        wrong = given | {"lot_code": make(Kind.LOT, lot_number)}
        refused(Refused, code, partial(bench.act, guide.action, operator, "operator2", **wrong))
    wrong = given | {"lot_code": make(Kind.LOT, "DEMO-CM-001")}
    refused(Refused, "manufacturing.not_computable", lambda: bench.act(guide.action, operator, "operator2", **wrong))
    from vein2vein.materials.actions import discard_thawed

    discard_thawed(**lot, holder=f"batch:{bench.batch.pk}", reason="thawed too long", by=operator)
    bench.thaw(guide)
    bench.act(guide.action, operator, "operator2", **given)
    assert last(bench).data["lot_number"] == "DEMO-LV-001"


def test_clear_out_and_terminate(bench: Bench) -> None:
    bench.to("check_bag_intact")
    batch: dict[str, Any] = {"batch_id": bench.id}
    operator = bench.find("operator1")
    station: dict[str, Any] = {**batch, "equipment_code": bench.equipment("receipt_bench")}
    refused(NotAllowed, "journal.signature_required", lambda: actions.clear_out(**station, by=operator))
    other: dict[str, Any] = {**batch, "equipment_code": bench.equipment("closed_workstation")}
    out = "manufacturing.clear_out"
    refused(Refused, "manufacturing.not_occupied", lambda: bench.act(out, operator, **other))
    bench.act(out, operator, **station)
    assert last(bench).fact == "manufacturing.WorkstationClearedOut"
    check: dict[str, Any] = {**batch, "step_code": "check_bag_intact", "answer": Answer.YES}
    refused(Refused, "manufacturing.no_line_clearance", lambda: actions.record_step(**check, by=operator))
    stop = "manufacturing.terminate_batch"
    refused(Refused, "manufacturing.no_reason", lambda: bench.act(stop, bench.find("supervisor"), **batch, reason=""))
    refused(NotAllowed, "people.role_needed", lambda: bench.act(stop, operator, **batch, reason="x"))
    bench.act(stop, bench.find("supervisor"), **batch, reason="the patient withdrew")
    told = [one.fact for one in list_stream(f"coi:{bench.batch.coi_id}")]
    assert told.index("manufacturing.BatchTerminated") < told.index("orders.CourseStopped") == len(told) - 1
    refused(Refused, "manufacturing.batch_not_open", lambda: actions.record_step(**check, by=operator))


def test_complete_and_review_batch(bench: Bench) -> None:
    batch: dict[str, Any] = {"batch_id": bench.id}
    supervisor = bench.find("supervisor")
    refused(Refused, "manufacturing.step_open", lambda: actions.complete_batch(**batch, by=supervisor))
    refused(NotAllowed, "people.role_needed", lambda: actions.complete_batch(**batch, by=bench.find("operator1")))
    review = "manufacturing.review_batch"
    qa = bench.find("qareviewer")
    refused(Conflict, "journal.no_such_transition", lambda: bench.act(review, qa, **batch, comment="x"))
    refused(NotAllowed, "people.role_needed", lambda: bench.act(review, supervisor, **batch, comment="x"))
    refused(NotAllowed, "journal.signature_required", lambda: actions.review_batch(**batch, comment="x", by=qa))


def test_attach_needs_the_right_file(bench: Bench) -> None:
    guide = bench.to("attach_harvest_count")
    step: dict[str, Any] = {"batch_id": bench.id, "step_code": guide.step_code}
    operator = bench.find("operator1")
    refused(Refused, "manufacturing.file_missing", lambda: actions.record_step(**step, by=operator))
    empty, picture = Upload("a.csv", b""), Upload("a.png", b"x")
    refused(Refused, "manufacturing.file_empty", lambda: actions.record_step(**step, upload=empty, by=operator))
    refused(Refused, "manufacturing.file_kind", lambda: actions.record_step(**step, upload=picture, by=operator))
    good = Upload("count.csv", b"count\n1\n")
    actions.record_step(**step, upload=good, by=operator)
    entry = last(bench)
    assert entry.data["attachment_sha256"] == good.sha256
    assert all("content" not in effect["became"] for effect in entry.payload["effects"])


def test_a_code_read_by_eye_is_entered_twice_before_a_witness(bench: Bench) -> None:
    bench.to("scan_leukapheresis")
    code = bench.container("leukapheresis_bag")
    step: dict[str, Any] = {
        "batch_id": bench.id,
        "step_code": "scan_leukapheresis",
        "scanned": code,
        "manual": True,
    }
    operator = bench.find("operator1")
    record = "manufacturing.record_step"
    refused(Refused, "manufacturing.second_person_missing", lambda: actions.record_step(**step, by=operator))
    differently: dict[str, Any] = step | {"scanned_again": code[:-1] + "?"}
    refused(
        Refused, "manufacturing.entered_differently", lambda: bench.act(record, operator, "operator2", **differently)
    )
    bench.act(record, operator, "operator2", **step, scanned_again=code)
    assert last(bench).data["manual"] is True


def test_steps_that_are_done_stay_done_for_the_rules(bench: Bench) -> None:
    bench.to("check_bag_intact")
    assert BatchStep.objects.filter(batch=bench.batch, state="verified").count() == 2
