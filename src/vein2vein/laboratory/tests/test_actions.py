"""Every act of the laboratory: who may, what it leaves in the journal, and that a refusal leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from vein2vein.core.actor import Actor
from vein2vein.core.refusals import Conflict, NotAllowed, Refusal, Refused
from vein2vein.core.uploads import Upload
from vein2vein.engines.codes import Kind, make
from vein2vein.journal.reads import EntryView, list_stream
from vein2vein.laboratory import reads
from vein2vein.laboratory.models import RawFile, Result, Test
from vein2vein.laboratory.states import Conclusion
from vein2vein.laboratory.tests.assays import Laboratory

STRANGERS = ("physician.rj", "operator1", "warehouse", "planner", "admin", "carrier.a")


def entries(lab: Laboratory) -> list[EntryView]:
    return list_stream(f"coi:{lab.batch.coi_id}", limit=5000)


def refused(lab: Laboratory, act: Callable[[], Any], kind: type[Refusal], code: str = "") -> Refusal:
    """Require that an act is refused and leaves neither entry, result nor file."""
    before = (len(entries(lab)), Result.objects.count(), RawFile.objects.count())
    with pytest.raises(kind) as caught:
        act()
    assert (len(entries(lab)), Result.objects.count(), RawFile.objects.count()) == before
    if code:
        assert code in [one.code for one in caught.value.blockers]
    return caught.value


def investigation(lab: Laboratory, code: str = "endotoxin", conclusion: str = "laboratory_error") -> Any:
    """Have a result recorded, suspected, and the investigation of it concluded."""
    lab.receive()
    lab.record(code)
    opened = lab.act("laboratory.open_investigation", lab.analyst, test_id=lab.test(code).pk, suspicion="spiked twice")
    given = {
        "investigation": opened.code,
        "conclusion": Conclusion(conclusion),
        "finding": "pipette out of calibration",
    }
    return lab.act("laboratory.conclude_investigation", lab.reviewer, **given)


def test_each_act_is_for_its_roles_alone(lab: Laboratory) -> None:
    lab.receive()
    lab.record("appearance")
    opened = lab.act(
        "laboratory.open_investigation", lab.analyst, test_id=lab.test("appearance").pk, suspicion="light was off"
    )
    test = {"test_id": lab.test("appearance").pk}
    raw = Upload("a.csv", b"a")
    acts: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
        (
            "laboratory.receive_sample",
            {"batch_id": lab.batch.pk, "scanned_sample": lab.sample("qc_cells").container.code},
            STRANGERS,
        ),
        ("laboratory.record_result", lab.payload("rcl"), (*STRANGERS, "qcreviewer", "qp")),
        ("laboratory.read_counter_result", lab.counting(), (*STRANGERS, "qcreviewer", "qp")),
        ("laboratory.correct_result", test | {"raw_file": raw, "reason": "r"}, (*STRANGERS, "qcreviewer")),
        ("laboratory.review_result", test, (*STRANGERS, "analyst")),
        ("laboratory.open_investigation", test | {"suspicion": "s"}, STRANGERS),
        (
            "laboratory.conclude_investigation",
            {"investigation": opened.code, "conclusion": Conclusion.LABORATORY_ERROR, "finding": "f"},
            (*STRANGERS, "analyst"),
        ),
        ("laboratory.invalidate_result", test | {"investigation": opened.code}, (*STRANGERS, "analyst")),
    ]
    for action, given, people in acts:
        for who in people:
            refused(lab, partial(lab.act, action, lab.find(who), **given), NotAllowed)


def test_a_sample_is_received_once_by_its_own_label(lab: Laboratory) -> None:
    lab.receive("qc_cells")
    entry = entries(lab)[-1]
    assert (entry.action, entry.fact) == ("laboratory.receive_sample", "laboratory.SampleReceived")
    assert entry.data["container_code"] == lab.sample("qc_cells").container.code
    given = {"batch_id": lab.batch.pk, "scanned_sample": lab.sample("qc_cells").container.code}
    again = partial(lab.act, "laboratory.receive_sample", lab.analyst, **given)
    refused(lab, again, Refused, "laboratory.sample_received_already")
    for scanned in ("qc_cells", "SMP-0000-0000-0000-0", lab.batch.coi.code, ""):
        wrong = given | {"scanned_sample": scanned}
        refused(lab, partial(lab.act, "laboratory.receive_sample", lab.analyst, **wrong), Refusal)


def test_a_result_stands_with_its_raw_file(lab: Laboratory) -> None:
    lab.receive()
    result = lab.record("car_positive", "31.5")
    entry = entries(lab)[-1]
    assert (entry.action, entry.fact) == ("laboratory.record_result", "laboratory.ResultRecorded")
    assert (entry.data["value"], entry.data["unit"], entry.data["instrument_code"]) == ("31.5", "%", "FC-01")
    assert entry.data["raw_sha256"] == lab.payload("car_positive", "31.5")["raw_file"].sha256
    raw = reads.get_raw_file(raw_file_id=result.raw_file_id, by=lab.reviewer)
    assert raw == lab.payload("car_positive", "31.5")["raw_file"]


@pytest.mark.parametrize(
    ("code", "changed", "blocker"),
    [
        ("vcn", {"unit": "copy"}, "laboratory.unit"),
        ("vcn", {"value": Decimal("-1")}, "laboratory.not_measurable"),
        ("vcn", {"value": None}, "laboratory.number_needed"),
        ("vcn", {"replicates": None}, "laboratory.replicates"),
        ("vcn", {"replicates": [Decimal(2), Decimal(2), Decimal(9)]}, "laboratory.mean"),
        ("car_positive", {"value": Decimal("300")}, "laboratory.above_hundred"),
        ("car_positive", {"scanned_instrument": ""}, "laboratory.no_instrument"),
        ("car_positive", {"scanned_instrument": make(Kind.EQUIPMENT, "NC-01")}, "network.wrong_equipment"),
        ("car_positive", {"method_version": "1.9"}, "laboratory.method_version"),
        ("sterility", {"outcome": "looks fine"}, "laboratory.outcome"),
        ("sterility", {"value": Decimal(0)}, "laboratory.outcome"),
    ],
)
def test_what_a_test_cannot_give_is_refused(lab: Laboratory, code: str, changed: Any, blocker: str) -> None:
    lab.receive()
    given = lab.payload(code) | changed
    refused(lab, lambda: lab.act("laboratory.record_result", lab.analyst, **given), Refused, blocker)


def test_sample_and_time_must_be_those_of_the_test(lab: Laboratory) -> None:
    given = lab.payload("car_positive")

    def record(given: dict[str, Any]) -> Callable[[], Any]:
        return partial(lab.act, "laboratory.record_result", lab.analyst, **given)

    refused(lab, record(given), Refused, "laboratory.sample_not_received")
    lab.receive()
    other = given | {"scanned_sample": lab.sample("qc_suspension").container.code}
    refused(lab, record(other), Refused, "laboratory.wrong_sample")
    refused(lab, record(given | {"measured_at": lab.clock.at + timedelta(days=1)}), Refused, "laboratory.measured_at")
    refused(lab, record(given | {"measured_at": lab.clock.at - timedelta(days=90)}), Refused, "laboratory.measured_at")
    early = lab.payload("satellite_vcn")
    refused(lab, record(early), Refused, "laboratory.culture_not_grown")


def test_a_count_is_read_from_the_file_and_nothing_else(lab: Laboratory) -> None:
    lab.receive()
    results = lab.count()
    assert {one.test.code: str(Decimal(one.value or 0).normalize()) for one in results} == {
        "viability": "90.9",
        "viable_cell_concentration": "4E+6",
    }
    assert {one.second_raw_file_id is not None for one in results} == {True}
    refused(lab, lab.count, Refused, "laboratory.nothing_to_count")


def test_a_count_of_another_sample_instrument_or_time_is_refused(lab: Laboratory) -> None:
    lab.receive()
    other = lab.sample("qc_cells").container.code
    cases: list[tuple[dict[str, Any], str]] = [
        ({"export": lab.export(sample_id=other)}, "laboratory.other_sample_in_file"),
        ({"export": lab.export(serial="DEMO-NC200-0002")}, "laboratory.other_instrument_in_file"),
        ({"export": lab.export(at=lab.clock.at - timedelta(days=60))}, "laboratory.measured_at"),
        ({"export": lab.export(at=lab.clock.at + timedelta(hours=3))}, "counter.future"),
        ({"export": Upload("x.csv", b"")}, "laboratory.no_raw_data"),
        ({"export": Upload("x.csv", lab.export().content[:300])}, ""),
        ({"second_export": None}, "laboratory.replicates"),
        ({"second_export": lab.export()}, "laboratory.same_file_twice"),
        ({"scanned_instrument": make(Kind.EQUIPMENT, "NC-03")}, "network.equipment_out_of_service"),
    ]
    for changed, code in cases:
        refused(lab, partial(lab.count, **changed), Refused, code)


def test_nobody_reviews_a_result_of_their_own(lab: Laboratory) -> None:
    lab.receive()
    lab.record("appearance")
    entry_count = len(entries(lab))
    lab.review("appearance")
    entry = entries(lab)[entry_count]
    assert (entry.action, entry.fact) == ("laboratory.review_result", "laboratory.ResultReviewed")
    assert entry.payload["signatures"][0]["meaning"] == "result reviewed against its raw data"
    refused(lab, lambda: lab.review("appearance"), Refused, "laboratory.test_state")
    lab.record("rcl")
    result = reads.latest_result(lab.test("rcl"))
    assert result is not None
    Result.objects.filter(pk=result.pk).update(recorded_by_id=lab.reviewer.account_id)
    refused(lab, lambda: lab.review("rcl"), NotAllowed, "laboratory.own_review")


def test_a_correction_reads_the_same_raw_file_again(lab: Laboratory) -> None:
    lab.receive()
    lab.record("purity_cd3", "79.1")
    raw = lab.payload("purity_cd3", "79.1")["raw_file"]
    given = {
        "test_id": lab.test("purity_cd3").pk,
        "raw_file": raw,
        "value": Decimal("97.1"),
        "reason": "digits swapped",
    }

    def correct(given: dict[str, Any]) -> Callable[[], Any]:
        return partial(lab.act, "laboratory.correct_result", lab.analyst, **given)

    refused(lab, correct(given | {"raw_file": Upload("b.csv", b"b")}), Refused, "laboratory.other_raw_data")
    refused(lab, correct(given | {"reason": " "}), Refused, "laboratory.no_reason")
    correct(given)()
    entry = entries(lab)[-1]
    assert (entry.fact, entry.data["was"], entry.data["became"]) == (
        "laboratory.ResultCorrected",
        "79.1 %",
        "97.1 %",
    )
    assert [
        str(Decimal(one.value or 0).normalize()) for one in lab.test("purity_cd3").results.order_by("revision")
    ] == [
        "79.1",
        "97.1",
    ]
    lab.review("purity_cd3")
    refused(lab, correct(given), Refused, "laboratory.test_state")


def test_an_error_of_the_laboratory_allows_one_repeat(lab: Laboratory) -> None:
    found = investigation(lab)
    given = {"test_id": lab.test("endotoxin").pk, "investigation": found.code}
    again = lab.act("laboratory.invalidate_result", lab.reviewer, **given)
    assert (again.attempt, again.state) == (2, "planned")
    assert [one.fact for one in entries(lab)[-2:]] == ["laboratory.ResultInvalidated", "laboratory.RetestPlanned"]
    lab.record("endotoxin", "0.30")
    assert reads.view_result(lab.test("endotoxin")).shown == "0.3 EU/mL"


def test_the_second_invalid_result_is_not_repeated(lab: Laboratory) -> None:
    for _ in range(2):
        found = investigation(lab)
        given = {"test_id": lab.test("endotoxin").pk, "investigation": found.code}
        last = lab.act("laboratory.invalidate_result", lab.reviewer, **given)
    assert (last.attempt, last.state) == (2, "invalidated")
    assert Test.objects.filter(batch=lab.batch, code="endotoxin").count() == 2


def test_an_investigation_of_some_tests_is_concluded_by_quality(lab: Laboratory) -> None:
    lab.receive()
    lab.record("rcl", "detected")
    opened = lab.act("laboratory.open_investigation", lab.analyst, test_id=lab.test("rcl").pk, suspicion="carry-over")
    given = {"investigation": opened.code, "conclusion": Conclusion.LABORATORY_ERROR, "finding": "blank positive"}

    def conclude(who: Actor) -> Callable[[], Any]:
        return partial(lab.act, "laboratory.conclude_investigation", who, **given)

    refused(lab, conclude(lab.reviewer), NotAllowed, "laboratory.quality_concludes")
    conclude(lab.find("qareviewer"))()
    assert entries(lab)[-1].fact == "laboratory.InvestigationConcluded"
    refused(lab, conclude(lab.find("qareviewer")), Conflict)


def test_computed_results_fall_with_what_they_rest_on(lab: Laboratory) -> None:
    lab.receive()
    lab.count()
    lab.record("car_positive")
    for code in ("viability", "viable_cell_concentration", "car_positive"):
        lab.review(code)
    assert lab.test("car_positive_cells").state == "reviewed"
    opened = lab.act(
        "laboratory.open_investigation", lab.analyst, test_id=lab.test("car_positive").pk, suspicion="gate moved"
    )
    given = {"investigation": opened.code, "conclusion": Conclusion.LABORATORY_ERROR, "finding": "wrong gate"}
    lab.act("laboratory.conclude_investigation", lab.reviewer, **given)
    lab.act(
        "laboratory.invalidate_result",
        lab.reviewer,
        test_id=lab.test("car_positive").pk,
        investigation=opened.code,
    )
    assert lab.test("car_positive_cells").state == "planned"
    assert reads.reviewed_result(lab.batch.pk, "car_positive_cells") is None
    lab.record("car_positive", "25.0")
    lab.review("car_positive")
    again = reads.reviewed_result(lab.batch.pk, "car_positive_cells")
    assert again is not None
    assert (again.value, again.revision) == (Decimal("15000000"), 2)
